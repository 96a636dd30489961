"""How somebody stands to key results: the local copies answer who owns them, leads the team or manages the owners."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple, cast

from sqlalchemy import Executable, Result, Table, bindparam, select
from sqlalchemy.orm import Session

from chassis import replica
from chassis.access import Actor, Thing
from chassis.tables import PEOPLE
from services.checkins.models.copies import KeyResultCopy, ObjectiveCopy
from services.checkins.rules.stating import Metric


class Subject(NamedTuple):
    """A key result, as far as that decides who may check in on it and what they may say.

    What belongs to its objective is None where that is not known here yet.
    """

    id: str
    objective_id: str
    metric: str
    milestones: list[dict[str, Any]]
    removed: bool
    open: bool
    owner_id: str | None
    objective_state: str | None
    objective_owner_kind: str | None
    objective_owner_id: str | None
    objective_co_owner_ids: list[str] | None

    @classmethod
    def of(cls, key_result: KeyResultCopy, objective: ObjectiveCopy | None) -> "Subject":
        """Of copies that were read for more than that."""
        ours = [getattr(key_result, name) for name in KEY_RESULT_FIELDS]
        return cls(*ours, *(getattr(objective, name, None) for name in OBJECTIVE_FIELDS))

    @property
    def owners(self) -> frozenset[str]:
        """The persons who own it, without a team."""
        owners = {self.owner_id, *(self.objective_co_owner_ids or ())}
        owners.add(None if self.team_id else self.objective_owner_id)
        return frozenset(owner for owner in owners if owner)

    @property
    def team_id(self) -> str | None:
        """The team that owns the objective, if one does."""
        return self.objective_owner_id if self.objective_owner_kind == "team" else None

    def definition(self) -> Metric:
        """What can be measured."""
        return Metric(self.metric, tuple(milestone["id"] for milestone in self.milestones))


KEY_RESULT_FIELDS = ("id", "objective_id", "metric", "milestones", "removed", "open", "owner_id")
OBJECTIVE_FIELDS = ("state", "owner_kind", "owner_id", "co_owner_ids")

# Made once: building a statement costs as much as running it.
_COPIES, _OBJECTIVES = cast(Table, KeyResultCopy.__table__), cast(Table, ObjectiveCopy.__table__)
_SUBJECTS = select(
    *(_COPIES.c[name] for name in KEY_RESULT_FIELDS), *(_OBJECTIVES.c[name] for name in OBJECTIVE_FIELDS)
).select_from(_COPIES.outerjoin(_OBJECTIVES, _OBJECTIVES.c.id == _COPIES.c.objective_id))
_THESE = _SUBJECTS.where(_COPIES.c.id.in_(bindparam("ids", expanding=True)))
_WITH_ZONE = (
    _SUBJECTS.add_columns(PEOPLE.c.time_zone)
    .outerjoin(PEOPLE, PEOPLE.c.id == bindparam("person"))
    .where(_COPIES.c.id == bindparam("id"))
)

LookUp = Callable[[Executable, Mapping[str, Any]], Result[Any]]
"""Carries out a query: a session's `execute`, a unit's `look_up`."""


def subjects(look_up: LookUp, key_result_ids: Iterable[str]) -> dict[str, Subject]:
    """The key results known here, by id."""
    return {row.id: Subject._make(row) for row in look_up(_THESE, {"ids": list(set(key_result_ids))})}


def subject_and_zone(look_up: LookUp, key_result_id: str, person_id: str | None) -> tuple[Subject, str | None] | None:
    """The key result and where the person is; None where it is not known here, no zone where they are not."""
    row = look_up(_WITH_ZONE, {"id": key_result_id, "person": person_id}).one_or_none()
    return None if row is None else (Subject._make(row[:-1]), row.time_zone)


class Standing:
    """One actor's relations, looked up once and used for many key results. The session is asked for if they decide."""

    def __init__(self, session: Callable[[], Session], actor: Actor) -> None:
        self._session = session
        self._actor = actor
        self._person = actor.kind == "person"
        self._above: dict[frozenset[str], bool] = {}
        self._leads: dict[str, str | None] = {}

    def thing(self, subject: Subject, author_id: str | None = None) -> Thing:
        """The key result, or a check-in on it by this author, reduced to how the actor stands to it."""
        owners = subject.owners | ({author_id} if author_id else set())
        lead = self._lead(subject.team_id)
        me = frozenset({self._actor.id})
        return Thing(
            "check_in",
            owners=owners,
            # Above oneself or not: whoever owns it may do what those above may.
            chain=me if not owners & me and self._is_above(owners | {lead} if lead else owners) else frozenset(),
            members=me if subject.team_id is not None and subject.team_id in self._teams else frozenset(),
        )

    @cached_property
    def _teams(self) -> frozenset[str]:
        return replica.teams_of(self._session(), [self._actor.id]) if self._person else frozenset()

    def _is_above(self, accountable: frozenset[str]) -> bool:
        if not self._person:
            return False
        if accountable not in self._above:
            self._above[accountable] = self._actor.id in replica.chain(self._session(), accountable)
        return self._above[accountable]

    def _lead(self, team_id: str | None) -> str | None:
        if team_id is not None and team_id not in self._leads:
            row = replica.team(self._session(), team_id)
            self._leads[team_id] = row.lead_id if row else None
        return self._leads[team_id] if team_id is not None else None
