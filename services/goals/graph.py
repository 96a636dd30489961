"""The graph of objectives and key results as the database sees it: locks, what lies above, many rows at once.

One lock orders everybody who writes. Commands hold it alone from their first word, so links, definitions and states
stand still while a roll-up runs; roll-ups share it and lock the rows they change in one order. Hence no two of them
can wait for each other in a ring. SQLite has one writer at a time and needs none of this.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, TextClause, bindparam, func, select, text, union_all, update
from sqlalchemy.orm import Session

from chassis.db import listed, on_sqlite
from chassis.rows import document, select_from_document
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


def above(session: Session, ids: Collection[str], *, supports: bool = False) -> list[str]:
    """These nodes and everything above them, in order of id; along supporting lines only if asked."""
    reached = listed(session, ids).cte("above", recursive=True)
    line = LINKS.c.child_id == reached.c.id
    if not supports:
        line &= LINKS.c.kind == "contributes"
    upward = (
        select(func.coalesce(KEY_RESULTS.c.objective_id, LINKS.c.parent_id))
        .select_from(
            reached.outerjoin(KEY_RESULTS, (KEY_RESULTS.c.id == reached.c.id) & ~KEY_RESULTS.c.removed).outerjoin(
                LINKS, line
            )
        )
        .where(KEY_RESULTS.c.id.is_not(None) | LINKS.c.child_id.is_not(None))
    )
    return sorted(session.execute(select(reached.union(upward).c.id)).scalars())


def loop_through(session: Session, child_id: str, parent_id: str) -> tuple[str, ...] | None:
    """The loop that a link from an objective up to this parent would close, from the child back to the child."""
    higher = listed(session, above(session, [parent_id], supports=True))
    owned = select(KEY_RESULTS.c.id, KEY_RESULTS.c.objective_id).where(KEY_RESULTS.c.id.in_(higher))
    linked = select(LINKS.c.child_id, LINKS.c.parent_id).where(LINKS.c.child_id.in_(higher))
    edges = [(lower, upper) for lower, upper in session.execute(union_all(owned, linked))]
    return would_cycle(edges, child_id, parent_id)


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
