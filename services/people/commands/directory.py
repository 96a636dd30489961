"""Everybody in memory: the state of each person as it was last told, and by which keys they are found.

An organisation of a hundred thousand has to fit, so this holds no model objects, and what many people have in common
(managers, titles, roles, time zones) is held once.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.people import PersonState
from services.people.models import Membership, Person
from services.people.rules.fields import folded

CHUNK = 5000
_FIELDS = tuple(name for name in PersonState.__struct_fields__ if name != "team_ids")
_REPEATED = tuple(_FIELDS.index(name) for name in ("title", "manager_id", "time_zone", "locale"))
_ROLES = _FIELDS.index("roles")


class Directory:
    """Everybody who is here, locked until the commit, and what is laid over them meanwhile."""

    def __init__(self, session: Session) -> None:
        self.people: dict[str, PersonState] = {}
        self.by_external: dict[str, str] = {}
        self.by_email: dict[str, str] = {}
        """Ids by the folded address."""
        for state in _everyone(session):
            self._enter(state)

    def lay(self, state: PersonState) -> None:
        """From now on this is how the person is."""
        old = self.people[state.id]
        # In a swap of addresses the key may be another's by now.
        if self.by_email.get(folded(old.email)) == old.id:
            del self.by_email[folded(old.email)]
        self._enter(state)

    def _enter(self, state: PersonState) -> None:
        self.people[state.id] = state
        self.by_email[folded(state.email)] = state.id
        if state.external_id is not None:
            self.by_external[state.external_id] = state.id

    def above(self) -> dict[str, str | None]:
        return {state.id: state.manager_id for state in self.people.values()}


def _everyone(session: Session) -> Iterator[PersonState]:
    columns = [getattr(Person, name) for name in _FIELDS]
    statement = select(*columns).with_for_update(of=Person).execution_options(yield_per=CHUNK)
    teams = _teams(session)
    same: dict[Any, Any] = {}
    none: list[str] = []
    for row in session.execute(statement):
        values = list(row)
        for place in _REPEATED:
            values[place] = same.setdefault(values[place], values[place])
        values[_ROLES] = same.setdefault(tuple(values[_ROLES]), values[_ROLES])
        yield PersonState(**dict(zip(_FIELDS, values, strict=True)), team_ids=teams.get(values[0], none))


def _teams(session: Session) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    rows = select(Membership.person_id, Membership.team_id).order_by(Membership.person_id, Membership.team_id)
    same: dict[str, str] = {}
    for person_id, team_id in session.execute(rows.execution_options(yield_per=CHUNK)):
        found[person_id].append(same.setdefault(team_id, team_id))
    return found
