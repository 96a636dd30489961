"""A lease: a row that says who may do a thing now, and until when by the database's clock.

Whoever holds it renews it while working; when they die, it runs out and another takes over. A holder that was
frozen past the expiry finds out when it marks something, because what marks looks at the row.
"""

from sqlalchemy import (
    BigInteger,
    Cast,
    ColumnElement,
    Integer,
    cast,
    delete,
    extract,
    func,
    literal_column,
    or_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.tables import LEASES


def database_milliseconds(session: Session) -> ColumnElement[int]:
    """The database's own clock, in milliseconds since 1970, as an SQL expression."""
    if session.get_bind().dialect.name == "sqlite":
        days: Cast[int] = cast((func.julianday("now") - 2440587.5) * 86_400_000, Integer)
        return days
    return cast(extract("epoch", func.clock_timestamp()) * literal_column("1000"), BigInteger)


def acquire(session: Session, name: str, owner: str, seconds: float) -> bool:
    """Take or renew the lease for this long; False while somebody else holds it."""
    now = database_milliseconds(session)
    expires = now + int(seconds * 1000)
    ours = or_(LEASES.c.owner == owner, LEASES.c.expires < now)
    taken = session.execute(update(LEASES).where(LEASES.c.name == name, ours).values(owner=owner, expires=expires))
    if taken.rowcount:  # type: ignore[attr-defined]
        return True
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    fresh = (
        insert(LEASES).values(name=name, owner=owner, expires=expires).on_conflict_do_nothing().returning(LEASES.c.name)
    )
    # An INSERT's row count means nothing on PostgreSQL; what it returns does.
    return session.execute(fresh.returning(LEASES.c.name)).first() is not None


def held(name: str, sqlite: bool) -> str:
    """A condition in SQL: the lease is still the `:owner`'s, and nobody takes it before the transaction ends."""
    locked = "" if sqlite else " FOR SHARE"
    return f"EXISTS (SELECT 1 FROM leases WHERE name = '{name}' AND owner = :owner{locked})"  # noqa: S608 - our own name


def release(session: Session, name: str, owner: str) -> None:
    """Give the lease back if it is ours, so that the next one need not wait."""
    session.execute(delete(LEASES).where(LEASES.c.name == name, LEASES.c.owner == owner))
