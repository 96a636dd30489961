"""Who should check in on a key result: the nearest person to it who is still here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

LAST_RESORT = frozenset({"hr", "admin"})
"""The roles of those who see to what nobody is here for any more."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person as far as answering goes."""

    id: str
    active: bool
    manager_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns a key result, from near to far. What does not apply or is unknown is None."""

    key_result_owner_id: str | None = None
    objective_owner_id: str | None = None
    """The owner of the objective where that is a person."""
    team_lead_id: str | None = None
    """The lead of the owner of the objective where that is a team."""
    team_id: str | None = None

    def named(self) -> tuple[str, ...]:
        """The persons named, nearest first."""
        return tuple(
            one for one in (self.key_result_owner_id, self.objective_owner_id, self.team_lead_id) if one is not None
        )


Find = Callable[[str], Member | None]


def answerable(owned: Ownership, find: Find, members: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """The persons who should check in, usually one.

    Owner of the key result, else of the objective, else the team's lead, else every member of the team; where all of
    them have left, the nearest manager above who has not. Somebody not known here yet counts as being here.
    """
    for one in owned.named():
        if _here(find(one)):
            return frozenset({one})
    if owned.team_id is not None:
        team = frozenset(one for one in members(owned.team_id) if _here(find(one)))
        if team:
            return team
    above = (_manager_here(one, find) for one in owned.named())
    return frozenset(one for one in [next(filter(None, above), None)] if one)


def _here(person: Member | None) -> bool:
    return person is None or person.active


def _manager_here(person_id: str, find: Find) -> str | None:
    """The nearest manager who has not left. Safe on a copy that is for a moment cyclic."""
    passed: set[str] = set()
    found: str | None = person_id
    while found is not None and found not in passed:
        person = find(found)
        if person is None or person.active:
            return found
        passed.add(found)
        found = person.manager_id
    return None
