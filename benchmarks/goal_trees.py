"""Objectives by the hundred thousand, written straight into the tables of goals, and where they should end up."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg

from chassis.ids import new_id
from contracts.checkins import CheckInSubmitted
from services.goals.rules.measuring import Reading, measure
from services.goals.rules.metrics import Metric
from services.goals.rules.rollup import Standing, measured_standing, roll_up

CYCLE = "0190b6a4-9d5c-7002-8000-000000000000"
OWNER = "0190b6a4-9d5c-7003-8000-000000000000"
STARTS, ENDS = date(2026, 4, 1), date(2026, 6, 30)
EACH = 4
"""Key results of an objective."""
_OBJECTIVE = "'0190b6a4-9d5c-7000-8000-' || lpad(to_hex({}), 12, '0')"
_KEY_RESULT = "'0190b6a4-9d5c-7001-8000-' || lpad(to_hex({}), 12, '0')"
METRIC = Metric("increase", start=Decimal(0), target=Decimal(100))


@dataclass(frozen=True, slots=True)
class Tree:
    """Objectives numbered level by level; every one has so many below it."""

    objectives: int
    children: int

    @property
    def depth(self) -> int:
        """Levels below the top."""
        last, levels = self.objectives - 1, 0
        while last:
            last, levels = (last - 1) // self.children, levels + 1
        return levels


def seed(conninfo: str, tree: Tree) -> None:
    """Write the tree into a migrated, empty database."""
    with psycopg.connect(conninfo) as connection:
        for statement in _statements(tree):
            connection.execute(statement)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _statements(tree: Tree) -> Sequence[str]:
    all_of_them = f"generate_series(0, {tree.objectives - 1}) AS i"
    return (
        "INSERT INTO cycles (id, version, name, starts_on, ends_on, state) "  # noqa: S608
        f"VALUES ('{CYCLE}', 1, '2026 Q2', '{STARTS}', '{ENDS}', 'active')",
        "INSERT INTO objectives (id, version, edition, title, cycle_id, owner_kind, owner_id, co_owner_ids, "  # noqa: S608
        "kind, state, progress, status, attributes) "
        f"SELECT {_OBJECTIVE.format('i')}, 1, 1, 'Guests come back to house ' || i, '{CYCLE}', 'person', '{OWNER}', "
        f"'[]', 'aspirational', 'active', 0, 'not_started', '{{}}' FROM {all_of_them}",
        "INSERT INTO objective_links (child_id, parent_id, parent_kind, kind, weight) "  # noqa: S608
        f"SELECT {_OBJECTIVE.format('i')}, {_OBJECTIVE.format(f'(i - 1) / {tree.children}')}, 'objective', "
        f"'contributes', 1 + i % 3 FROM {all_of_them} WHERE i > 0",
        "INSERT INTO key_results (id, version, edition, objective_id, title, owner_id, metric, unit, start, target, "  # noqa: S608
        "milestones, weight, attributes, removed, milestones_done, progress_raw, progress, status, opened_at) "
        f"SELECT {_KEY_RESULT.format(f'i * {EACH} + k')}, 1, 1, {_OBJECTIVE.format('i')}, 'Returning guests ' || k, "
        f"'{OWNER}', 'increase', 'percent', 0, 100, '[]', 1 + k % 2, '{{}}', false, '[]', 0, 0, 'not_started', now() "
        f"FROM {all_of_them}, generate_series(0, {EACH - 1}) AS k",
    )


def check_in(tree: Tree, chance: random.Random, turn: int) -> CheckInSubmitted:
    """A check-in on any key result of the tree; later turns are true for later days."""
    number = chance.randrange(tree.objectives * EACH)
    objective = number // EACH
    return CheckInSubmitted(
        id=new_id(),
        version=1,
        key_result_id=f"0190b6a4-9d5c-7001-8000-{number:012x}",
        objective_id=f"0190b6a4-9d5c-7000-8000-{objective:012x}",
        author_id=OWNER,
        value=Decimal(chance.randrange(10_001)).scaleb(-2),
        confidence=chance.randrange(11) / 10,
        note="Two coaches more than last week; the second house is still closed for repairs.",
        as_of=date(2026, 4, 10 + turn),
        submitted_at=datetime(2026, 4, 10 + turn, 9, 0, tzinfo=UTC),
    )


def recomputed(conninfo: str) -> dict[str, Standing]:
    """Where every objective of a database should stand, from the readings up, one after the other."""
    with psycopg.connect(conninfo) as connection:
        readings = _readings(connection.execute("SELECT key_result_id, id, as_of, submitted_at, value FROM readings"))
        children: dict[str, list[tuple[Decimal, Standing]]] = defaultdict(list)
        for owner, one, weight in connection.execute("SELECT objective_id, id, weight FROM key_results"):
            said = measured_standing(METRIC, measure(METRIC, readings.get(one, ())), STARTS, ENDS)
            children[owner].append((weight, said or Standing(Decimal(0))))
        upward = connection.execute("SELECT child_id, parent_id, weight FROM objective_links ORDER BY child_id DESC")
        found: dict[str, Standing] = {}
        for child, parent, weight in upward:  # ids are numbered from the top: whoever is below comes first
            found[child] = roll_up(children.pop(child))
            children[parent].append((weight, found[child]))
    found.update({top: roll_up(lines) for top, lines in children.items()})
    return found


def _readings(rows: Any) -> dict[str, list[Reading]]:
    found: dict[str, list[Reading]] = defaultdict(list)
    for key_result, one, as_of, submitted_at, value in rows:
        found[key_result].append(Reading(one, as_of, submitted_at, value))
    return found


def stored(conninfo: str) -> dict[str, Standing]:
    """Where every objective of a database stands."""
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute("SELECT id, trim_scale(progress), status FROM objectives")
        return {row[0]: Standing(row[1], row[2]) for row in rows}
