"""What a roll-up reads: the affected rows, locked in order of id, their latest readings, and all lines into them.

Lines between affected nodes are read one by one. Of all others, which are many, PostgreSQL sends the sums.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Result, String, Table, bindparam, select, text
from sqlalchemy.orm import Session

from chassis.db import on_sqlite
from chassis.rows import named
from chassis.statements import Texts, constant, listed
from services.goals.graph import KEY_RESULTS, LINKS, OBJECTIVES
from services.goals.models import ACTIVE, FROZEN, OBJECTIVE_FIELDS, Cycle, Reading, metric_of
from services.goals.rules import measuring
from services.goals.rules.pace import PRECEDENCE
from services.goals.rules.rollup import CONTRIBUTES, COUNTED_STATES, Contribution, Standing, Sum, summed

CYCLES: Table = Cycle.__table__  # type: ignore[assignment]
READINGS: Table = Reading.__table__  # type: ignore[assignment]
ROLLED_FIELDS = (*OBJECTIVE_FIELDS, "progress", "grade")

_MOVES = OBJECTIVES.c.state.not_in([constant(state) for state in FROZEN])


@dataclass(frozen=True, slots=True)
class Affected:
    """The rows to compute, locked, and what they are computed from."""

    key_results: Sequence[Any]
    objectives: Sequence[Any]
    measured: Mapping[str, measuring.Measured]
    links: Mapping[str, Sequence[Any]]
    """The lines upward of each node."""
    others: Mapping[str, Sum]
    """What comes from children that are not affected, by the node it goes to."""

    def lines(self) -> list[Contribution]:
        """The lines upward of the rows."""
        own = [Contribution(row.objective_id, row.id, row.weight) for row in self.key_results]
        return own + [
            Contribution(link.parent_id, row.id, link.weight, link=link.kind, child_state=row.state)
            for row in self.objectives
            for link in self.links.get(row.id, ())
        ]


def load(session: Session, marked: Iterable[str], upward: Sequence[Any]) -> Affected:
    """Lock these nodes and those above them, except the frozen ones, and read what they are computed from."""
    ids = sorted({*marked, *(line.parent_id for line in upward if line.kind == CONTRIBUTES)})
    key_results = _lock_key_results(session, ids)
    objectives = _lock_objectives(session, ids)
    return Affected(
        key_results,
        objectives,
        _measure(session, key_results),
        _by_child(upward),
        _others(session, [row.id for row in key_results], [row.id for row in objectives]),
    )


def _lock_key_results(session: Session, ids: Sequence[str]) -> Sequence[Any]:
    objective = OBJECTIVES.c
    statement = (
        select(
            *(column for column in KEY_RESULTS.c if column.name != "attributes"),
            objective.cycle_id,
            (objective.state == ACTIVE).label("open"),
            objective.owner_kind.label("objective_owner_kind"),
            objective.owner_id.label("objective_owner_id"),
            objective.co_owner_ids.label("objective_co_owner_ids"),
            CYCLES.c.starts_on,
            CYCLES.c.ends_on,
        )
        .join(OBJECTIVES, objective.id == KEY_RESULTS.c.objective_id)
        .join(CYCLES, CYCLES.c.id == objective.cycle_id)
        .where(KEY_RESULTS.c.id.in_(listed(session, ids)), ~KEY_RESULTS.c.removed, _MOVES)
        .order_by(KEY_RESULTS.c.id)
        .with_for_update(of=KEY_RESULTS)
    )
    return named(session.execute(statement))


def _lock_objectives(session: Session, ids: Sequence[str]) -> Sequence[Any]:
    statement = (
        select(*(OBJECTIVES.c[name] for name in ROLLED_FIELDS))
        .where(OBJECTIVES.c.id.in_(listed(session, ids)), _MOVES)
        .order_by(OBJECTIVES.c.id)
        .with_for_update()
    )
    return named(session.execute(statement))


def _measure(session: Session, key_results: Sequence[Any]) -> dict[str, measuring.Measured]:
    latest = _latest_readings(session, [row.id for row in key_results])
    metrics = {row.id: metric_of(row) for row in key_results}
    measured = {key: measuring.measure(metric, latest.get(key, ())) for key, metric in metrics.items()}
    # The latest cannot be used where the metric was changed since; then an older one may.
    unusable = [key for key in latest if not measured[key].started]
    if unusable:
        for key, readings in readings_of(session, unusable).items():
            measured[key] = measuring.measure(metrics[key], readings)
    return measured


def _latest_readings(session: Session, ids: Sequence[str]) -> dict[str, list[measuring.Reading]]:
    wanted = listed(session, ids).subquery("wanted")
    newest = (
        select(READINGS.c.id)
        .where(READINGS.c.key_result_id == wanted.c.id, ~READINGS.c.withdrawn)
        .order_by(READINGS.c.as_of.desc(), READINGS.c.submitted_at.desc(), READINGS.c.id.desc())
        .limit(1)
        .correlate(wanted)
        .scalar_subquery()
    )
    return _by_key_result(session.execute(select(READINGS).select_from(wanted).join(READINGS, READINGS.c.id == newest)))


def _by_key_result(rows: Result[Any]) -> dict[str, list[measuring.Reading]]:
    found: dict[str, list[measuring.Reading]] = defaultdict(list)
    for row in named(rows):
        found[row.key_result_id].append(
            measuring.Reading(
                check_in_id=row.id,
                as_of=row.as_of,
                submitted_at=row.submitted_at,
                value=row.value,
                milestones_done=None if row.milestones_done is None else tuple(row.milestones_done),
                confidence=row.confidence,
                status=row.status,
                withdrawn=row.withdrawn,
                version=row.version,
            )
        )
    return found


def lines_into(session: Session, ids: Iterable[str]) -> list[Contribution]:
    """Everything that contributes to these objectives and key results, as stored."""
    parents = listed(session, ids)
    own = select(
        KEY_RESULTS.c.objective_id, KEY_RESULTS.c.id, KEY_RESULTS.c.weight, KEY_RESULTS.c.progress, KEY_RESULTS.c.status
    ).where(KEY_RESULTS.c.objective_id.in_(parents), ~KEY_RESULTS.c.removed)
    linked = (
        select(
            LINKS.c.parent_id,
            LINKS.c.child_id,
            LINKS.c.weight,
            OBJECTIVES.c.progress,
            OBJECTIVES.c.status,
            OBJECTIVES.c.state,
        )
        .join(OBJECTIVES, OBJECTIVES.c.id == LINKS.c.child_id)
        .where(LINKS.c.parent_id.in_(parents), LINKS.c.kind == "contributes")
    )
    return [
        Contribution(parent, child, weight, Standing(progress, status))
        for parent, child, weight, progress, status in session.execute(own).all()
    ] + [
        Contribution(parent, child, weight, Standing(progress, status), child_state=state)
        for parent, child, weight, progress, status, state in session.execute(linked).all()
    ]


def _others(session: Session, key_results: Sequence[str], objectives: Sequence[str]) -> dict[str, Sum]:
    known = {*key_results, *objectives}
    if on_sqlite(session):  # which has no exact numbers to add up
        return summed(line for line in lines_into(session, known) if line.child_id not in known)
    given = {"key_results": key_results, "objectives": objectives, "counted": sorted(COUNTED_STATES)}
    rows = session.execute(_OTHERS, given | {"precedence": PRECEDENCE}).all()
    return {parent: Sum(weight, progress, _MOST_WORRYING[place]) for parent, weight, progress, place in rows}


# What is stored has been clamped. Of the statuses the most worrying is enough, and it needs no sorting. `NOT IN` a
# query and not `<> ALL`, which looks through the whole array each time.
_OTHERS = text(
    """
    SELECT parent_id, coalesce(sum(weight) FILTER (WHERE progress IS NOT NULL), 0),
        coalesce(sum(weight * progress), 0), min(array_position(:precedence, status))
    FROM (
        SELECT objective_id AS parent_id, weight, progress, status FROM key_results
        WHERE objective_id = ANY(:objectives) AND NOT removed AND id NOT IN (SELECT unnest(:key_results))
        UNION ALL
        SELECT link.parent_id, link.weight, child.progress, child.status
        FROM objective_links AS link JOIN objectives AS child ON child.id = link.child_id
        WHERE link.parent_id = ANY(:objectives || :key_results) AND link.kind = 'contributes'
            AND child.state = ANY(:counted) AND link.child_id NOT IN (SELECT unnest(:objectives))
    ) AS line GROUP BY parent_id"""
).bindparams(*(bindparam(name, type_=Texts(String)) for name in ("key_results", "objectives", "counted", "precedence")))
_MOST_WORRYING = {place: frozenset({status}) for place, status in enumerate(PRECEDENCE, start=1)}


def readings_of(session: Session, key_result_ids: Iterable[str]) -> dict[str, list[measuring.Reading]]:
    """All readings of these key results, withdrawn ones too."""
    statement = select(READINGS).where(READINGS.c.key_result_id.in_(listed(session, key_result_ids)))
    return _by_key_result(session.execute(statement))


def _by_child(lines: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for line in lines:
        found[line.child_id].append(line)
    return found
