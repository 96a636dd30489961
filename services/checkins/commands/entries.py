"""Statements with everything that is known about them, looked up once for all of a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from chassis import cadence
from chassis.tables import PEOPLE
from chassis.unit import Unit
from services.checkins.commands.statement import Statement
from services.checkins.models import CheckIn
from services.checkins.models.standing import Subject, subject_and_zone, subjects


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement with its place in the request and what is known about it."""

    place: int
    pointer: str
    said: Statement
    subject: Subject | None
    author_id: str | None
    zone: str | None
    """The author's time zone; None where the author is not known here."""
    existing: CheckIn | None

    @property
    def about(self) -> Subject:
        """The key result, once it has been checked that it is known."""
        if self.subject is None:
            raise LookupError(self.said.key_result_id)
        return self.subject

    @property
    def id(self) -> str:
        return f"{self.place:06d}"

    def as_of(self, now: datetime) -> date:
        return self.said.as_of or cadence.local_day(now, self.zone or "UTC")

    def submitted_at(self, now: datetime) -> datetime:
        """Those made in one call follow one another."""
        return self.said.submitted_at or now + timedelta(microseconds=self.place)

    def print(self) -> str:
        """The fingerprint of the statement as an import."""
        return self.said.print(self.author_id or "")

    def content(self, otherwise: date) -> dict[str, Any]:
        """What is stored of the statement; where it names no day, the other one stands."""
        return self.said.content(self.about.definition(), self.said.as_of or otherwise)

    def is_about(self, known: CheckIn) -> bool:
        """Whether a known check-in is of the same key result and author."""
        return (known.key_result_id, known.author_id) == (self.said.key_result_id, self.author_id)

    def repeats(self, known: CheckIn) -> bool:
        """Whether a known check-in was imported just so, or says just that by now."""
        if known.fingerprint == self.print():
            return True
        return not known.withdrawn and self.is_about(known) and not known.differs(self.content(known.as_of))


def entry_of(unit: Unit, said: Statement) -> Entry | None:
    """The only statement of a call; None where its key result is not known here."""
    author = said.author_id or _self(unit)
    found = subject_and_zone(unit.look_up, said.key_result_id, author)
    if found is None:
        return None
    subject, zone = found
    return Entry(0, "", said, subject, author, zone, _existing(unit, [said]).get(said.external_id))


def entries_of(unit: Unit, statements: Sequence[Statement], pointers: Sequence[str]) -> list[Entry]:
    """The statements of one call; what is known by its external id is locked."""
    about = subjects(unit.look_up, [said.key_result_id for said in statements])
    authors = [said.author_id or _self(unit) for said in statements]
    zones = _zones(unit, {author for author in authors if author})
    existing = _existing(unit, statements)
    return [
        Entry(
            place,
            pointers[place],
            said,
            about.get(said.key_result_id),
            author,
            zones.get(author or ""),
            existing.get(said.external_id),
        )
        for place, (said, author) in enumerate(zip(statements, authors, strict=True))
    ]


def _self(unit: Unit) -> str | None:
    return unit.actor.id if unit.actor.kind == "person" else None


def _zones(unit: Unit, person_ids: set[str]) -> dict[str, str]:
    rows = unit.look_up(_ZONES, {"ids": list(person_ids)}).all()
    return {row.id: row.time_zone for row in rows}


_ZONES = select(PEOPLE.c.id, PEOPLE.c.time_zone).where(PEOPLE.c.id.in_(bindparam("ids", expanding=True)))


def _existing(unit: Unit, statements: Sequence[Statement]) -> dict[str | None, CheckIn]:
    external_ids = [said.external_id for said in statements if said.external_id]
    if not external_ids:
        return {}
    rows = unit.session.scalars(select(CheckIn).where(CheckIn.external_id.in_(external_ids)).with_for_update())
    return {row.external_id: row for row in rows}
