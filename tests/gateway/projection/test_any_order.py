"""However events arrive, the read model ends the same."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chassis.service import Runtime
from chassis.tables import INBOX
from contracts import checkins, goals, notifications, people
from gateway.projection.models import FRESHNESS
from gateway.projection.rebuild import CHILDREN, VERSIONED, checksum
from tests.support.gateway import History, fold, supports


def wander(chance: random.Random, steps: int) -> History:
    """A history in which everything that can happen happens at random, each step consistent with those before."""
    told = Told(chance)
    for _ in range(steps):
        chance.choice(told.possible())()
        told.history.now += timedelta(hours=chance.randrange(200))
    return told.history


class Told:
    """The latest state of everything in a history, and what may happen to it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.history = History()
        self.now: dict[str, list[Any]] = {
            "people": [self.history.person("Ada Ames")],
            "teams": [self.history.team()],
            "cycles": [self.history.cycle()],
            "objectives": [],
            "key_results": [],
            "check_ins": [],
            "notifications": [],
        }

    def possible(self) -> list[Callable[[], None]]:
        always = [self.join, self.move, self.found, self.rename, self.plan, self.aim, self.praise, self.notify]
        return (
            always
            + [self.change_aim, self.measure] * 2 * bool(self.now["objectives"])
            + [self.progress, self.check_in] * 3 * bool(self.now["key_results"])
            + [self.correct] * bool(self.now["check_ins"])
            + [self.read] * bool(self.now["notifications"])
        )

    def any(self, what: str) -> Any:
        return self.chance.choice(self.now[what])

    def some(self, what: str) -> list[str]:
        return [one.id for one in self.chance.sample(self.now[what], k=min(len(self.now[what]), 2))]

    def became(self, what: str, kind: type, /, **changes: Any) -> None:
        place = self.chance.randrange(len(self.now[what]))
        self.now[what][place] = self.history.again(self.now[what][place], kind, **changes)

    def join(self) -> None:
        name = self.chance.choice(["Änne Öst", "Bo", "Cy Dee"])
        self.now["people"].append(self.history.person(name, team_ids=self.some("teams")))

    def move(self) -> None:
        active = self.chance.random() < 0.8
        kind = people.PersonChanged if active else people.PersonDeactivated
        self.became("people", kind, team_ids=self.some("teams"), manager_id=self.any("people").id, active=active)

    def found(self) -> None:
        self.now["teams"].append(self.history.team("Night", parent_id=self.any("teams").id))

    def rename(self) -> None:
        self.became("teams", people.TeamChanged, name=f"Team {self.chance.randrange(9)}", lead_id=self.any("people").id)

    def plan(self) -> None:
        self.became("cycles", goals.CycleChanged, state=self.chance.choice(["active", "closed"]))

    def aim(self) -> None:
        owner = self.any(self.chance.choice(["people", "teams"]))
        self.now["objectives"].append(
            self.history.objective(self.any("cycles"), owner, co_owner_ids=self.some("people"))
        )

    def change_aim(self) -> None:
        kind = self.chance.choice([goals.ObjectiveChanged, goals.ObjectiveProgressed, goals.ObjectiveAssigned])
        state = self.chance.choice(["active", "closed", "draft"])
        parents = [supports(one) for one in self.chance.sample(self.now["objectives"], k=1)]
        change = {"parents": parents, "co_owner_ids": self.some("people"), "progress": self.chance.random()}
        self.became("objectives", kind, state=state, **change)

    def measure(self) -> None:
        self.now["key_results"].append(self.history.key_result(self.any("objectives")))

    def progress(self) -> None:
        kind = self.chance.choice([goals.KeyResultProgressed, goals.KeyResultChanged, goals.KeyResultFellAtRisk])
        removed = self.chance.random() < 0.1
        self.became("key_results", kind, value=self.chance.randrange(99), removed=removed, open=not removed)

    def check_in(self) -> None:
        self.now["check_ins"].append(self.history.check_in(self.any("key_results"), self.any("people")))

    def correct(self) -> None:
        kind = self.chance.choice([checkins.CheckInCorrected, checkins.CheckInWithdrawn])
        self.became("check_ins", kind, withdrawn=kind is checkins.CheckInWithdrawn)

    def praise(self) -> None:
        visibility = self.chance.choice(["public", "recipient"])
        self.history.feedback(self.any("people"), self.any("people"), visibility=visibility)

    def notify(self) -> None:
        self.now["notifications"].append(self.history.notification(self.any("people")))

    def read(self) -> None:
        self.became("notifications", notifications.NotificationRead, read_at=self.history.now)


def empty(runtime: Runtime) -> None:
    with runtime.db.writing() as session:
        for table in (*VERSIONED, *(child for child, _, _ in CHILDREN), INBOX, FRESHNESS):
            session.execute(table.delete())


def folded(runtime: Runtime, said: list[Any], batch: int) -> str:
    empty(runtime)
    fold(runtime, said, batch)
    with runtime.db.reading() as session:
        return checksum(session)


@settings(
    max_examples=12,
    deadline=None,
    # Shrinking against a real database takes minutes and these histories read badly even when short.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(chance=st.randoms(use_true_random=False), steps=st.integers(10, 120), batch=st.integers(1, 60))
def test_events_shuffled_and_doubled_fold_to_the_same_read_model(
    runtime: Runtime, chance: random.Random, steps: int, batch: int
) -> None:
    said = wander(chance, steps).said
    in_order = folded(runtime, said, 60)
    mixed = [*said, *said]
    chance.shuffle(mixed)
    assert folded(runtime, mixed, batch) == in_order
