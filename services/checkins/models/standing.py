"""How somebody stands to key results: the local copies answer who owns them, leads the team or manages the owners."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from chassis import replica
from chassis.access import Actor, Thing
from services.checkins.models.copies import KeyResultCopy, ObjectiveCopy


@dataclass(frozen=True, slots=True)
class Subject:
    """A key result and, where it is known here already, its objective."""

    key_result: KeyResultCopy
    objective: ObjectiveCopy | None

    @property
    def owners(self) -> frozenset[str]:
        """The persons who own it, without a team."""
        owners = {self.key_result.owner_id}
        if self.objective is not None:
            owners.update(self.objective.co_owner_ids)
            owners.add(None if self.team_id else self.objective.owner_id)
        return frozenset(owner for owner in owners if owner)

    @property
    def team_id(self) -> str | None:
        """The team that owns the objective, if one does."""
        objective = self.objective
        return objective.owner_id if objective is not None and objective.owner_kind == "team" else None


def subjects(session: Session, key_result_ids: Iterable[str]) -> dict[str, Subject]:
    """The key results known here, by id."""
    rows = session.execute(_SUBJECTS, {"ids": list(set(key_result_ids))})
    return {key_result.id: Subject(key_result, objective) for key_result, objective in rows}


# Made once: building a statement costs as much as running it.
_SUBJECTS = (
    select(KeyResultCopy, ObjectiveCopy)
    .outerjoin(ObjectiveCopy, ObjectiveCopy.id == KeyResultCopy.objective_id)
    .where(KeyResultCopy.id.in_(bindparam("ids", expanding=True)))
)


class Standing:
    """One actor's relations, looked up once and used for many key results."""

    def __init__(self, session: Session, actor: Actor) -> None:
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
        return replica.teams_of(self._session, [self._actor.id]) if self._person else frozenset()

    def _is_above(self, accountable: frozenset[str]) -> bool:
        if not self._person:
            return False
        if accountable not in self._above:
            self._above[accountable] = self._actor.id in replica.chain(self._session, accountable)
        return self._above[accountable]

    def _lead(self, team_id: str | None) -> str | None:
        if team_id is not None and team_id not in self._leads:
            row = replica.team(self._session, team_id)
            self._leads[team_id] = row.lead_id if row else None
        return self._leads[team_id] if team_id is not None else None
