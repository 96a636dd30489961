"""What has changed, for those who keep answers: every transaction that changes what can be read has an edition.

A change names the ids it is about: of the thing itself and of all it refers to. Whoever keeps an answer together with
the ids it was made of knows by this whether it still holds. Editions are in the order of the commits, because whoever
takes the next one is waited for until it has committed.
"""

from collections.abc import Collection

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from chassis.db import on_sqlite
from chassis.unit import Unit
from gateway.projection.models import CHANGES, FRESHNESS

ABOUT = "about"
"""What handlers and commands mark: ids that their change is about."""
EVERYTHING = "*"
MOST_NAMED = 500
"""A change about more than so many things is about everything."""
KEPT = 1000
"""So many changes stay; who has not looked for longer has to forget all it kept."""

MOVED = "cairn_edition"
"""The channel on which PostgreSQL tells, at each commit of a change, that the edition has moved."""

_NEXT = (
    "INSERT INTO edition (id, edition) VALUES (1, 1) "
    "ON CONFLICT (id) DO UPDATE SET edition = edition.edition + 1 RETURNING edition"
)
_NEXT_TOLD = text(f"{_NEXT}, pg_notify('{MOVED}', '')")
_NEXT_UNTOLD = text(_NEXT)
_WRITE = insert(CHANGES).values(newest=select(FRESHNESS.c.newest).scalar_subquery())


def touch(unit: Unit, *ids: str | None) -> None:
    """Note that this unit changes what is known of these."""
    for one in ids:
        if one is not None:
            unit.mark(ABOUT, one)


def write(unit: Unit) -> None:
    """Write down what was touched, once a unit."""
    ids = unit.take_marks(ABOUT)
    if ids:
        note(unit.session, ids.keys())


def note(session: Session, ids: Collection[str]) -> None:
    """Write down a change about these. Last in its transaction, for it makes other writers wait for the commit."""
    edition = session.execute(_NEXT_UNTOLD if on_sqlite(session) else _NEXT_TOLD).scalar_one()
    named = [EVERYTHING] if EVERYTHING in ids or len(ids) > MOST_NAMED else list(ids)
    session.execute(_WRITE, {"edition": edition, "about": named})
    if edition % 100 == 0:
        session.execute(delete(CHANGES).where(CHANGES.c.edition <= edition - KEPT))
