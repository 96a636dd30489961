"""Taking an import back: the actions of a verdict, one after the other, each noted in the record."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import IO, Any

from cairn.exchange.client import ApiFailure, ApiRefused, Client
from cairn.exchange.layouts.native import CHECK_IN, CYCLE, KEY_RESULT, OBJECTIVE
from cairn.exchange.records.journal import append, as_made
from cairn.exchange.records.judging import REMOVE, REOPEN, RESTORE, UNPUBLISH, WITHDRAW, Action, Verdict
from cairn.exchange.records.record import Record, edition_of

AT_ONCE = 50
PATHS = {CYCLE: "cycles", OBJECTIVE: "objectives", KEY_RESULT: "key-results", CHECK_IN: "check-ins"}
REASON = "An import was taken back"


class Interrupted(Exception):
    """Taking back stopped; `done` steps are taken back. Doing it again goes on from there."""

    def __init__(self, done: int, cause: ApiFailure) -> None:
        super().__init__(str(cause))
        self.done, self.cause = done, cause


@dataclass
class Undoing:
    """Takes back one import. With `force` also what others have changed since."""

    client: Client
    record: Record
    force: bool = False
    done: int = 0
    left: list[str] = field(default_factory=list)
    """What Cairn would not let go, with its words."""
    _tags: dict[str, int] = field(default_factory=dict)

    def carry_out(self, verdict: Verdict, advance: Callable[[int], None]) -> None:
        """Take all actions, and wait until goals and check-ins know. Raises Interrupted, OSError."""
        with self.record.path.open("ab") as file:
            for of_check_ins, actions in groupby(verdict.actions, lambda action: action.step.of == CHECK_IN):
                # what goals said must have reached check-ins, or the other way round
                self.client.settle("check-ins?limit=1" if of_check_ins else "cycles?limit=1")
                for batch in _batches(actions):
                    self._take_batch(file, batch)
                    advance(len(batch))
            self.client.settle()
            if not verdict.left and not self.left:
                append(file, {"taken back": True})

    def _take_batch(self, file: IO[bytes], batch: Sequence[Action]) -> None:
        for action in batch:
            append(file, {"undoing": action.step.key, "id": action.step.id}, safely=action is batch[-1])
        if len(batch) > 1 and self._withdraw_all(batch):
            undone: list[tuple[Action, list[Any] | None]] = [(action, []) for action in batch]
        else:
            undone = [(action, self._take(action)) for action in batch]
        for action, made in undone:
            if made is not None:
                append(file, {"undone": action.step.key, "made": made})

    def _withdraw_all(self, batch: Sequence[Action]) -> bool:
        """Withdraw them at once; False where one of them cannot be and none was."""
        wanted = [{"id": one.step.id, "version": edition_of(one.present)} for one in batch]
        try:
            self.client.post("check-ins/withdrawals", {"check_ins": wanted, "reason": REASON, "release": True})
        except ApiRefused:
            return False
        except ApiFailure as cause:
            raise Interrupted(self.done, cause) from cause
        self.done += len(batch)
        return True

    def _take(self, action: Action) -> list[Any] | None:
        """What the answer says was written; None where it was refused."""
        try:
            answer = self._act(action)
        except ApiRefused as refusal:
            if refusal.status != 404:
                self.left.append(f"{action.step.name}: {refusal}")
                return None
            answer = None
        except ApiFailure as cause:
            raise Interrupted(self.done, cause) from cause
        self.done += 1
        if answer is None:
            return []
        self._tags[action.step.id] = edition_of(answer)
        return [*as_made(action.step.of, answer)][:1]

    def _act(self, action: Action) -> Mapping[str, Any] | None:
        path, tag = f"{PATHS[action.step.of]}/{action.step.id}", self._tag(action)
        if action.what == REMOVE:
            self.client.delete(path, tag=tag)
            return None
        answer: Mapping[str, Any] | None
        if action.what == RESTORE:
            answer = self._restore(action, path, tag)
        else:
            words = {REOPEN: "reopen", UNPUBLISH: "unpublish", WITHDRAW: "withdraw"}
            body = {"reason": REASON, "release": True} if action.what == WITHDRAW else None
            answer = self.client.post(f"{path}/{words[action.what]}", body, tag=tag)
        return answer

    def _restore(self, action: Action, path: str, tag: str) -> Any:
        before, same = action.step.said["before"], action.step.said.get("same")
        if same and same["external_id"]:
            said = {name: value for name, value in {**before, **same}.items() if value is not None}
            answer = self.client.post("check-ins?upsert=true", {"check_ins": [said]})
            return answer["check_ins"][0]
        reason = {"reason": REASON} if action.step.of in (KEY_RESULT, CHECK_IN) else {}
        return self.client.patch(path, {**before, **reason}, tag=tag)

    def _tag(self, action: Action) -> str:
        """The ETag it has by what we know; any will do where others' changes are overruled."""
        edition = self._tags.get(action.step.id, edition_of(action.present))
        numbered = action.step.of in (OBJECTIVE, KEY_RESULT)
        return "*" if self.force else f'"{edition}.0"' if numbered else f'"{edition}"'


def _batches(actions: Iterable[Action]) -> Iterator[list[Action]]:
    """What is withdrawn goes together, everything else one by one."""
    for withdrawn, group in groupby(actions, lambda action: action.what == WITHDRAW):
        left = iter(group)
        while batch := list(islice(left, AT_ONCE if withdrawn else 1)):
            yield batch
