"""What the people service publishes: persons with their reporting line and roles, and teams."""

from datetime import date
from typing import ClassVar

import msgspec

from contracts.event import Event


class PersonState(Event, frozen=True, kw_only=True):
    """A person as everyone in the organisation may see them."""

    external_id: str | None = None
    """The id in the system it was imported from; null where it was made here."""
    email: str
    """Unique among all persons, those who left included; also the name to sign in with."""
    display_name: str
    given_name: str | None = None
    family_name: str | None = None
    title: str | None = None
    """The job title."""
    manager_id: str | None = None
    """The person this one reports to; null at the top."""
    team_ids: list[str] = msgspec.field(default_factory=list)
    """All teams the person belongs to."""
    roles: list[str] = msgspec.field(default_factory=list)
    """Any of: employee, hr, admin, auditor."""
    time_zone: str = "UTC"
    """IANA name, such as Europe/Lisbon."""
    locale: str = "en"
    """BCP 47 language tag."""
    active: bool = True
    """False after the person left; an inactive person cannot sign in."""
    start_date: date | None = None
    """The first working day."""
    end_date: date | None = None
    """The last working day, known or planned."""


class PersonRegistered(PersonState, frozen=True, kw_only=True):
    """A person is known for the first time."""

    TYPE: ClassVar[str] = "cairn.people.person.registered.v1"


class PersonChanged(PersonState, frozen=True, kw_only=True):
    """Name, title, manager, teams, roles or any other field of a person changed."""

    TYPE: ClassVar[str] = "cairn.people.person.changed.v1"


class PersonDeactivated(PersonState, frozen=True, kw_only=True):
    """A person left: `active` is false and nothing of theirs signs in any more."""

    TYPE: ClassVar[str] = "cairn.people.person.deactivated.v1"


class PersonReactivated(PersonState, frozen=True, kw_only=True):
    """A person who had left is back, with the same id and history."""

    TYPE: ClassVar[str] = "cairn.people.person.reactivated.v1"


class TeamState(Event, frozen=True, kw_only=True):
    """A team: a node of the organisation's tree of teams."""

    external_id: str | None = None
    """The id in the system it was imported from; null where it was made here."""
    name: str
    description: str | None = None
    parent_id: str | None = None
    """The team above; null at the top."""
    lead_id: str | None = None
    """The person who leads it."""
    archived: bool = False
    """True when the team no longer exists; its past stays readable."""


class TeamCreated(TeamState, frozen=True, kw_only=True):
    """A team is known for the first time."""

    TYPE: ClassVar[str] = "cairn.people.team.created.v1"


class TeamChanged(TeamState, frozen=True, kw_only=True):
    """A team was renamed, moved in the tree, got another lead, was archived or restored."""

    TYPE: ClassVar[str] = "cairn.people.team.changed.v1"


EVENTS = (PersonRegistered, PersonChanged, PersonDeactivated, PersonReactivated, TeamCreated, TeamChanged)
