"""Dead letters: events that could not be handled wait in a table of the consumer's own database.

Everything of an aggregate stays in line behind its first parked event. `retry` runs them again in that order and
stops at the first that still fails; `drop` gives one up for good.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.orm import Session

from chassis.statements import among
from chassis.tables import DEAD_LETTERS
from chassis.unit import Unit


@dataclass(frozen=True, slots=True)
class Letter:
    topic: str
    partition: int
    offset: int
    key: str
    type: str
    headers: dict[str, str]
    payload: bytes | None
    reason: str
    """behind, handler_failed, malformed_envelope, unknown_version or unreadable."""
    detail: str


def park(unit: Unit, letter: Letter) -> None:
    """Put an event aside, in the transaction that marks it as received."""
    unit.session.execute(insert(DEAD_LETTERS).values(parked_at=unit.now(), **asdict(letter)))


def parked_keys(session: Session, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these aggregates (topic, key) have something parked."""
    if session.execute(_ANY).first() is None:
        return set()
    wanted = set(keys)
    alike = among(session, DEAD_LETTERS.c.key, {key for _, key in wanted})
    rows = session.execute(select(DEAD_LETTERS.c.topic, DEAD_LETTERS.c.key).where(alike))
    return wanted & {(row.topic, row.key) for row in rows}


_ANY = select(DEAD_LETTERS.c.id).limit(1)


def parked(session: Session, limit: int = 200) -> Sequence[Row[Any]]:
    """What is parked, oldest first."""
    return session.execute(select(DEAD_LETTERS).order_by(DEAD_LETTERS.c.id).limit(limit)).all()


def drop(session: Session, letter_id: int) -> bool:
    """Give one event up; False if there is no such letter."""
    return bool(session.execute(delete(DEAD_LETTERS).where(DEAD_LETTERS.c.id == letter_id)).rowcount)  # type: ignore[attr-defined]
