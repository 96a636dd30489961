"""Persons and teams. A change is a set of values laid over the present ones; the version grows by one for each change
that changes something, and the event tells the whole state."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Boolean, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from chassis import db
from chassis.ids import new_id
from contracts.people import PersonState, TeamState
from services.people.rules import fields

LONGEST_KEY = 100
"""So much of a folded name decides its place in a list; the id decides the rest."""

P = TypeVar("P", bound=PersonState)
T = TypeVar("T", bound=TeamState)


class Base(DeclarativeBase):
    metadata = db.metadata()


class Membership(Base):
    __tablename__ = "memberships"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    team_id: Mapped[str] = mapped_column(ForeignKey("teams.id"), primary_key=True, index=True)


# References between people, and from people to teams and back, are checked at commit: a file names them in any order.
_LATER: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}


class Person(Base):
    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer)
    external_id: Mapped[str | None] = mapped_column(String(fields.LONGEST_EXTERNAL_ID), unique=True)
    email: Mapped[str] = mapped_column(String(fields.LONGEST_EMAIL))
    """As written; `email_key` is what must be unique."""
    email_key: Mapped[str] = mapped_column(String(3 * fields.LONGEST_EMAIL), unique=True)
    display_name: Mapped[str] = mapped_column(String(fields.LONGEST_NAME))
    given_name: Mapped[str | None] = mapped_column(String(fields.LONGEST_NAME))
    family_name: Mapped[str | None] = mapped_column(String(fields.LONGEST_NAME))
    title: Mapped[str | None] = mapped_column(String(fields.LONGEST_NAME))
    manager_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", **_LATER), index=True)
    roles: Mapped[list[str]] = mapped_column(db.Json)
    time_zone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(fields.LONGEST_LOCALE))
    active: Mapped[bool] = mapped_column(Boolean)
    start_date: Mapped[date | None] = mapped_column(Date)
    end_date: Mapped[date | None] = mapped_column(Date)
    name_key: Mapped[str] = mapped_column(String(LONGEST_KEY), index=True)
    search_text: Mapped[str] = mapped_column(Text)

    manager: Mapped["Person | None"] = relationship(remote_side=id, viewonly=True)
    memberships: Mapped[list[Membership]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by=Membership.team_id
    )

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012 - SQLAlchemy's way

    @property
    def team_ids(self) -> list[str]:
        return sorted(membership.team_id for membership in self.memberships)

    @team_ids.setter
    def team_ids(self, team_ids: list[str]) -> None:
        kept = {membership.team_id: membership for membership in self.memberships}
        self.memberships = [kept.get(team) or Membership(team_id=team) for team in sorted(set(team_ids))]

    @classmethod
    def register(cls, values: Mapping[str, Any], person_id: str | None = None) -> "Person":
        """A new person of version 1; `values` hold at least email and display_name."""
        person = cls(id=person_id or new_id(), version=1)
        person._set({**NEW_PERSON, **values})
        return person

    def differences(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the values that are not the present ones."""
        return {name: value for name, value in values.items() if getattr(self, name) != value}

    def change(self, values: Mapping[str, Any]) -> bool:
        """Take over these values; False, and the same version, where nothing differs."""
        changed = self.differences(values)
        if changed:
            self._set(changed)
            self.version += 1
        return bool(changed)

    def _set(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        for name, value in derived(self).items():
            setattr(self, name, value)

    def told(self, kind: type[P]) -> P:
        """The present state as an event of this kind."""
        return kind(**{name: getattr(self, name) for name in PersonState.__struct_fields__})


def derived(person: Person | PersonState) -> dict[str, str]:
    """The columns that follow from others: the unique key of the address, and what lists are sorted and searched by."""
    names = person.display_name, person.given_name, person.family_name
    return {
        "email_key": fields.folded(person.email),
        "name_key": fields.searchable(person.display_name)[:LONGEST_KEY],
        "search_text": fields.searchable(*names, person.email, person.title),
    }


class Team(Base):
    __tablename__ = "teams"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer)
    external_id: Mapped[str | None] = mapped_column(String(fields.LONGEST_EXTERNAL_ID), unique=True)
    name: Mapped[str] = mapped_column(String(fields.LONGEST_NAME))
    description: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("teams.id", **_LATER), index=True)
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", **_LATER), index=True)
    archived: Mapped[bool] = mapped_column(Boolean)
    name_key: Mapped[str] = mapped_column(String(LONGEST_KEY), index=True)
    search_text: Mapped[str] = mapped_column(Text)

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012 - SQLAlchemy's way

    @classmethod
    def create(cls, values: Mapping[str, Any], team_id: str | None = None) -> "Team":
        """A new team of version 1; `values` hold at least the name."""
        team = cls(id=team_id or new_id(), version=1)
        team._set({**_NEW_TEAM, **values})
        return team

    def differences(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the values that are not the present ones."""
        return {name: value for name, value in values.items() if getattr(self, name) != value}

    def change(self, values: Mapping[str, Any]) -> bool:
        """Take over these values; False, and the same version, where nothing differs."""
        changed = self.differences(values)
        if changed:
            self._set(changed)
            self.version += 1
        return bool(changed)

    def _set(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.name_key = fields.searchable(self.name)[:LONGEST_KEY]
        self.search_text = fields.searchable(self.name, self.description)

    def told(self, kind: type[T]) -> T:
        """The present state as an event of this kind."""
        return kind(**{name: getattr(self, name) for name in TeamState.__struct_fields__})


class ScheduledChange(Base):
    """What a file says will hold of a person from a day ahead, kept until then as the row said it."""

    __tablename__ = "scheduled_changes"
    __table_args__ = (UniqueConstraint("person_id", "day", "kind"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    day: Mapped[date] = mapped_column(Date, index=True)
    kind: Mapped[str] = mapped_column(String(10))
    """`row`: a row of a file; `start`: the person becomes active on the first working day."""
    cells: Mapped[dict[str, str]] = mapped_column(db.Json)
    """The cells of the row by native column; managers and teams are looked up on the day."""
    may_give_roles: Mapped[bool] = mapped_column(Boolean)
    """Whether whoever sent the file might give roles, so that waiting lends nobody more power."""
    source: Mapped[str | None] = mapped_column(String(300))
    """The file it came from, and the line."""
    kept_at: Mapped[datetime] = mapped_column(db.Moment)
    problem: Mapped[str | None] = mapped_column(Text)
    """Why it could not be applied when its day came; null while it waits."""


NEW_PERSON: Mapping[str, Any] = {
    "external_id": None,
    "given_name": None,
    "family_name": None,
    "title": None,
    "manager_id": None,
    "team_ids": [],
    "roles": fields.canonical_roles([]),
    "time_zone": "UTC",
    "locale": "en",
    "active": True,
    "start_date": None,
    "end_date": None,
}
_NEW_TEAM: Mapping[str, Any] = {
    "external_id": None,
    "description": None,
    "parent_id": None,
    "lead_id": None,
    "archived": False,
}
