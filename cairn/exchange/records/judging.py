"""What taking an import back would do, decided from its record and what is there now.

Steps are taken back in reverse. A thing that somebody has edited since stays as it is. An objective the import made
stays whole, with its key results and check-ins, as soon as anybody has touched one of them or built upon it; so do
then its parents and its cycle.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cairn.exchange.client import Client
from cairn.exchange.layouts.native import CHECK_IN, CYCLE, KEY_RESULT, OBJECTIVE
from cairn.exchange.layouts.wrong import shortened
from cairn.exchange.okrs.register import Present, Standing
from cairn.exchange.records.journal import CHANGE, CLOSE, CREATE, PUBLISH, as_made
from cairn.exchange.records.record import Record, Step, edition_of, told

CHANGED_SINCE = "it was changed since"
REMOVE, RESTORE, REOPEN, UNPUBLISH, WITHDRAW = "removed", "changed back", "reopened", "made a draft", "withdrawn"


@dataclass(frozen=True, slots=True)
class Action:
    """One step to take back: what is done to the thing, and the step it answers."""

    step: Step
    what: str
    present: Present

    def line(self) -> str:
        """The action for people to read."""
        return f"  {self.what} {self.step.name}"


@dataclass
class Verdict:
    """What is done, in this order, and what is left, with reasons. Everything else is as it was already."""

    actions: list[Action] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def summary(self, refused: int = 0) -> list[str]:
        """In a few lines, for people; `refused` of the actions were not possible."""
        counts = Counter((action.step.of, action.what) for action in self.actions)
        lines = [f"{told(kind)}s {what}: {count}" for (kind, what), count in counts.items()]
        left = len(self.left) + refused
        return [*lines, *([f"left as they are: {left}"] if left else [])]


class Now:
    """Everything Cairn has, by id."""

    def __init__(self, standing: Standing, check_ins: Iterable[Present]) -> None:
        self.things: dict[str, dict[str, Present]] = {
            CYCLE: {one["id"]: one for one in standing.cycles},
            OBJECTIVE: {one["id"]: one for one in standing.objectives},
            KEY_RESULT: {one["id"]: one for above in standing.objectives for one in above["key_results"]},
            CHECK_IN: {one["id"]: one for one in check_ins},
        }
        self.check_ins: dict[str, list[Present]] = defaultdict(list)
        """Those that stand, by key result."""
        for one in self.things[CHECK_IN].values():
            if not one["withdrawn"]:
                self.check_ins[one["key_result_id"]].append(one)

    @classmethod
    def read(cls, client: Client) -> "Now":
        return cls(Standing.read(client), client.items("check-ins", withdrawn="true"))

    def objective_of(self, id: str) -> str | None:
        """The objective a node of the alignment is, or is a key result of."""
        found = self.things[KEY_RESULT].get(id)
        return found["objective_id"] if found else id if id in self.things[OBJECTIVE] else None


def judge(record: Record, now: Now, *, force: bool) -> Verdict:
    """Decide for every step that has not been taken back. `force` also takes back what was changed since."""
    _find_lost(record, now)
    return _Judge(record, now, force).verdict()


def _find_lost(record: Record, now: Now) -> None:
    """What was created without the import learning its id is found by its name, where nobody has edited it since."""
    named = {
        (kind, one["external_id"] or one.get("name")): one
        for kind, things in now.things.items()
        for one in things.values()
    }
    for step in record.open:
        found = named.get((step.of, step.said["name"])) if step.do == CREATE and not step.made else None
        if found is not None and edition_of(found) == 1:
            step.made = [one for one in as_made(step.of, found) if one[2] == 1]
            record.wrote(step.made)


class _Judge:
    def __init__(self, record: Record, now: Now, force: bool) -> None:
        self._record, self._now, self._force = record, now, force
        self._created = {id for step in record.open if step.do == CREATE for _, id, *_ in step.made}
        self._restored = {
            step.id: step.said["before"]
            for step in reversed(record.open)
            if step.do == CHANGE
            and (present := now.things[OBJECTIVE].get(step.id)) is not None
            and self._own(OBJECTIVE, present)
        }
        self._kept = self._kept_objectives()
        self._reopened: set[str] = set()

    def verdict(self) -> Verdict:
        found = Verdict()
        for step in reversed(self._record.open):
            present = self._now.things[step.of].get(step.id)
            outcome = None if present is None else self._of(step, present)
            if isinstance(outcome, str):
                found.left.append(f"{step.name}: {outcome}")
            elif outcome is not None:
                found.actions.append(outcome)
        return found

    def _own(self, kind: str, present: Present) -> bool:
        return self._force or self._record.is_own(kind, present)

    def _of(self, step: Step, present: Present) -> Action | str | None:
        """What becomes of a step; a text says why it stays, None that there is nothing to do."""
        if step.do == CREATE:
            judges = {CYCLE: self._cycle, OBJECTIVE: self._objective, KEY_RESULT: self._key_result}
            return judges[step.of](step, present) if step.of in judges else self._check_in(step, present)
        if step.do in (PUBLISH, CLOSE):
            return self._moved(step, present)
        return self._changed(step, present)

    def _objective(self, step: Step, present: Present) -> Action | str:
        return self._kept.get(present["id"]) or Action(step, REMOVE, present)

    def _key_result(self, step: Step, present: Present) -> Action | str | None:
        if present["objective_id"] in self._created:
            return None  # it goes or stays with its objective
        if not self._own(KEY_RESULT, present):
            return CHANGED_SINCE
        reason = self._foreign_check_ins([present]) or self._aligned.get(present["id"])
        return reason or Action(step, REMOVE, present)

    def _cycle(self, step: Step, present: Present) -> Action | str:
        inside = next((one for one in self._remaining() if self._cycle_of(one) == present["id"]), None)
        if inside is not None:
            return f"“{shortened(inside['title'])}” is in it"
        return Action(step, REMOVE, present) if self._own(CYCLE, present) else CHANGED_SINCE

    def _cycle_of(self, objective: Present) -> str:
        return str(self._restored.get(objective["id"], {}).get("cycle_id", objective["cycle_id"]))

    def _check_in(self, step: Step, present: Present) -> Action | str | None:
        if present["withdrawn"] or present["objective_id"] in self._kept:
            return None
        if not self._own(CHECK_IN, present):
            return CHANGED_SINCE
        return self._closed(present) or Action(step, WITHDRAW, present)

    def _closed(self, check_in: Present) -> str | None:
        objective = self._now.things[OBJECTIVE].get(check_in["objective_id"])
        if objective is None or objective["state"] != "closed" or objective["id"] in self._reopened:
            return None
        return "its objective was closed since"

    def _moved(self, step: Step, present: Present) -> Action | str | None:
        if present["id"] in self._kept:
            return None
        before, what = ("draft", UNPUBLISH) if step.do == PUBLISH else ("active", REOPEN)
        if present["state"] == before or (step.do == PUBLISH and present["id"] in self._created):
            return None
        if not self._own(OBJECTIVE, present):
            return CHANGED_SINCE
        if step.do == CLOSE:
            self._reopened.add(present["id"])
        return (self._foreign_check_ins(present["key_results"]) if step.do == PUBLISH else None) or Action(
            step, what, present
        )

    def _changed(self, step: Step, present: Present) -> Action | str | None:
        if present["id"] in self._created or _as_before(step.said["before"], present):
            return None
        if step.of == CHECK_IN and present["withdrawn"]:
            return "it was withdrawn since"
        if not self._own(step.of, present):
            return CHANGED_SINCE
        return (self._closed(present) if step.of == CHECK_IN else None) or Action(step, RESTORE, present)

    def _kept_objectives(self) -> dict[str, str]:
        """The import's own objectives that stay, with the reason."""
        own = [one for id, one in self._now.things[OBJECTIVE].items() if id in self._created]
        kept = {one["id"]: reason for one in own if (reason := self._touched(one))}
        waiting = [one for id, one in self._now.things[OBJECTIVE].items() if id not in self._created or id in kept]
        while waiting:
            child = waiting.pop()
            for parent in self._parents(child):
                above = self._now.objective_of(parent["parent_id"])
                if above in self._created and above not in kept:
                    kept[above] = f"“{shortened(child['title'])}” is aligned to it"
                    waiting.append(self._now.things[OBJECTIVE][above])
        return kept

    def _touched(self, objective: Present) -> str | None:
        if not self._own(OBJECTIVE, objective):
            return CHANGED_SINCE
        for one in objective["key_results"]:
            if one["id"] not in self._created:
                return f"the key result “{shortened(one['title'])}” was added to it"
            if not self._own(KEY_RESULT, one):
                return f"its key result “{shortened(one['title'])}” was changed since"
        return self._foreign_check_ins(objective["key_results"])

    def _foreign_check_ins(self, key_results: Sequence[Present]) -> str | None:
        standing = [one for key_result in key_results for one in self._now.check_ins[key_result["id"]]]
        foreign = [one for one in standing if one["id"] not in self._created or not self._own(CHECK_IN, one)]
        return f"{len(foreign)} check-ins on it are not this import's, or were corrected since" if foreign else None

    def _remaining(self) -> Iterator[Present]:
        """The objectives that will still be there."""
        everything = self._now.things[OBJECTIVE].items()
        return (one for id, one in everything if id not in self._created or id in self._kept)

    def _parents(self, child: Present) -> Sequence[Mapping[str, Any]]:
        """What an objective will be aligned to."""
        found: Sequence[Mapping[str, Any]] = self._restored.get(child["id"], {}).get("parents", child["parents"])
        return found

    @cached_property
    def _aligned(self) -> dict[str, str]:
        """By key result or objective, what will still be aligned to it."""
        return {
            parent["parent_id"]: f"“{shortened(child['title'])}” is aligned to it"
            for child in self._remaining()
            for parent in self._parents(child)
        }


def _as_before(before: Mapping[str, Any], present: Present) -> bool:
    return all(present[name] == value for name, value in before.items())
