"""Rebuilding the read model while it goes on being served.

`begin` takes every row's version back to 0, so that whatever its owner says about it next takes; then the services
publish the present state of everything they own; `finish` deletes what nobody spoke for. Until then readers see the
old rows. Left unfinished it does no harm: rows are confirmed one by one as their owners speak.
"""

import hashlib

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.orm import Session

from chassis.tables import MEMBERS, PEOPLE, TEAMS
from gateway.projection import changes
from gateway.projection.models import (
    CHECK_INS,
    CYCLES,
    FEEDBACK,
    KEY_RESULTS,
    LINKS,
    NOTIFICATIONS,
    OBJECTIVES,
    OWNERS,
    SEARCH,
)

VERSIONED: tuple[Table, ...] = (
    PEOPLE,
    TEAMS,
    CYCLES,
    OBJECTIVES,
    KEY_RESULTS,
    CHECK_INS,
    FEEDBACK,
    NOTIFICATIONS,
    SEARCH,
)
CHILDREN = (
    (MEMBERS, MEMBERS.c.person_id, PEOPLE),
    (OWNERS, OWNERS.c.objective_id, OBJECTIVES),
    (LINKS, LINKS.c.objective_id, OBJECTIVES),
)
"""Rows without a version of their own: table, the column that names their aggregate, the aggregate's table."""
UNCONFIRMED = 0


def begin(session: Session) -> None:
    """Let the next word of every owner take, whatever its version."""
    for table in VERSIONED:
        session.execute(update(table).values(version=UNCONFIRMED))


def unconfirmed(session: Session) -> dict[str, int]:
    """How many rows of each table nobody has spoken for since `begin`; tables without any are left out."""
    counts = {
        table.name: session.execute(select(func.count()).where(table.c.version == UNCONFIRMED)).scalar_one()
        for table in VERSIONED
    }
    return {name: count for name, count in counts.items() if count}


def finish(session: Session) -> dict[str, int]:
    """Delete what nobody spoke for, and what hung on it; answers how many rows of each table went.

    Call it only when everything that was republished has been applied.
    """
    gone = unconfirmed(session)
    for table in VERSIONED:
        session.execute(delete(table).where(table.c.version == UNCONFIRMED))
    for table, names, aggregate in CHILDREN:
        session.execute(delete(table).where(names.not_in(select(aggregate.c.id))))
    changes.note(session, [changes.EVERYTHING])
    return gone


def checksum(session: Session) -> str:
    """A fingerprint of all that was folded: equal read models, equal text."""
    digest = hashlib.sha256()
    for table in (*VERSIONED, *(child for child, _, _ in CHILDREN)):
        digest.update(table.name.encode())
        for row in session.execute(select(table).order_by(*table.primary_key.columns)):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()
