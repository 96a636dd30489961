"""The graph of objectives and key results as the database sees it: locks, what lies above, many rows at once.

One lock orders everybody who writes. Commands hold it alone from their first word, so links, definitions and states
stand still while a roll-up runs; roll-ups share it and lock the rows they change in one order. Hence no two of them
can wait for each other in a ring. SQLite has one writer at a time and needs none of this.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Table, TextClause, bindparam, select, text, union_all, update
from sqlalchemy.orm import Session

from chassis.db import on_sqlite
from chassis.rows import document, named, select_from_document
from chassis.statements import listed, over_ids
from services.goals.models import KeyResult, Objective, ObjectiveLink
from services.goals.rules.alignment import would_cycle

OBJECTIVES: Table = Objective.__table__  # type: ignore[assignment]
KEY_RESULTS: Table = KeyResult.__table__  # type: ignore[assignment]
LINKS: Table = ObjectiveLink.__table__  # type: ignore[assignment]


def hold(session: Session) -> None:
    """Be the only one who writes to the graph until the transaction ends. Comes before any row is locked."""
    _take(session, "pg_advisory_xact_lock")


def share(session: Session) -> None:
    """Keep commands out until the transaction ends, beside other roll-ups."""
    _take(session, "pg_advisory_xact_lock_shared")


def _take(session: Session, lock: str) -> None:
    if not on_sqlite(session):
        session.execute(text(f"SELECT {lock}(hashtext('cairn goals graph')), {_BY_INDEX}"))


# We ask for a few hundred rows by key. The planner, who cannot see how many ids an array holds, would rather read
# whole tables into hashes once they are large, and a check-in would cost more the more objectives there are.
_BY_INDEX = ", ".join(f"set_config('enable_{way}', 'off', true)" for way in ("hashjoin", "mergejoin", "seqscan"))


def lines_above(session: Session, ids: Collection[str], *, supports: bool = False) -> list[Any]:
    """All lines upward of these nodes and of whatever lies above them, in order of the parents' ids.

    Supporting lines are told, but followed only if asked.
    """
    climb = _CLIMB_ON_SQLITE if on_sqlite(session) else _CLIMB_ON_POSTGRES
    found = named(session.execute(climb, {"supports": supports, "ids": list(ids)}))
    return sorted(found, key=attrgetter("parent_id"))


# Of what a line ends in it is known which of the two it is, so key results are looked for only where there is one.
_CLIMB = """
    WITH RECURSIVE line(child_id, parent_id, parent_kind, kind, weight) AS (
        SELECT id, objective_id, 'objective', 'contributes', weight FROM key_results WHERE id IN ({ids}) AND NOT removed
        UNION ALL
        SELECT child_id, parent_id, parent_kind, kind, weight FROM objective_links WHERE child_id IN ({ids})
        UNION
        SELECT line.parent_id, coalesce(own.objective_id, link.parent_id), coalesce(link.parent_kind, 'objective'),
            coalesce(link.kind, 'contributes'), coalesce(link.weight, own.weight)
        FROM line
        LEFT JOIN key_results AS own ON own.id = CASE line.parent_kind WHEN 'key_result' THEN line.parent_id END
            AND NOT own.removed
        LEFT JOIN objective_links AS link
            ON link.child_id = CASE line.parent_kind WHEN 'objective' THEN line.parent_id END
        WHERE (line.kind = 'contributes' OR :supports) AND coalesce(own.objective_id, link.parent_id) IS NOT NULL
    )
    SELECT * FROM line"""


_CLIMB_ON_SQLITE, _CLIMB_ON_POSTGRES = (
    over_ids(_CLIMB, sqlite=sqlite).columns(weight=LINKS.c.weight.type) for sqlite in (True, False)
)


def loop_through(session: Session, child_id: str, parent_id: str) -> tuple[str, ...] | None:
    """The loop that a link from an objective up to this parent would close, from the child back to the child."""
    lines = lines_above(session, [parent_id], supports=True)
    return would_cycle([(line.child_id, line.parent_id) for line in lines], child_id, parent_id)


def titles(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Objectives' and key results' titles by id."""
    wanted = listed(session, ids)
    both = union_all(
        *(select(table.c.id, table.c.title).where(table.c.id.in_(wanted)) for table in (OBJECTIVES, KEY_RESULTS))
    )
    return {row.id: row.title for row in session.execute(both)}


def write(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Update many rows by their `id`, each with its own values and all with the same columns."""
    if not rows:
        return
    if not on_sqlite(session):
        session.execute(_update(table, tuple(rows[0])), {"rows": document(rows)})
        return
    names = [name for name in rows[0] if name != "id"]
    one = update(table).where(table.c.id == bindparam("row_id")).values({name: bindparam(name) for name in names})
    session.connection().execute(one, [{**row, "row_id": row["id"]} for row in rows])


@cache
def _update(table: Table, names: tuple[str, ...]) -> TextClause:
    changed = ", ".join(f'"{name}" = new."{name}"' for name in names if name != "id")
    source = f"({select_from_document(table, names)}) AS new"
    return text(f"UPDATE {table.name} SET {changed} FROM {source} WHERE {table.name}.id = new.id")  # noqa: S608
