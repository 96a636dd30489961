"""One pass over everything that a unit has marked."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

from chassis.trace import Trace
from chassis.unit import Unit
from services.goals import graph
from services.goals.models import KEY_RESULT, OBJECTIVE, metric_of
from services.goals.rollup.hearing import store
from services.goals.rollup.loading import Affected, load
from services.goals.rollup.telling import keep_key_results, keep_objectives
from services.goals.rules.rollup import Contribution, Node, measured_standing, recompute


def settle(unit: Unit) -> None:
    """Bring everything above the unit's marks up to date and tell what changed."""
    marks = {**unit.take_marks(KEY_RESULT), **unit.take_marks(OBJECTIVE)}
    if not marks:
        return
    unit.session.flush()
    store(unit.session)
    graph.share(unit.session)
    affected = load(unit.session, marks, graph.lines_above(unit.session, marks))
    lines = affected.lines()
    standings = recompute(_nodes(affected), lines, affected.others)
    causes = _causes(marks, lines)
    keep_key_results(unit, affected, standings, causes)
    keep_objectives(unit, affected, standings, causes)
    unit.session.expire_all()


def _nodes(affected: Affected) -> list[Node]:
    own = [
        Node(
            row.id,
            KEY_RESULT,
            measured_standing(metric_of(row), affected.measured[row.id], row.starts_on, row.ends_on),
        )
        for row in affected.key_results
    ]
    return own + [Node(row.id) for row in affected.objectives]


def _causes(marks: Mapping[str, Trace], lines: Iterable[Contribution]) -> dict[str, Trace]:
    """What led to each node's change: the first mark that reaches it going up."""
    upward: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        upward[line.child_id].append(line.parent_id)
    causes = dict(marks)
    waiting = deque(marks)
    while waiting:
        node = waiting.popleft()
        for parent in upward[node]:
            if parent not in causes:
                causes[parent] = causes[node]
                waiting.append(parent)
    return causes
