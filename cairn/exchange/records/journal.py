"""The file of one import: an intent before each write, its outcome after it.

A line is an intent (`n`, `do`, `of`, …), its outcome (`n` and `made`, each thing written, or `refused`), the taking
back of a step (`undoing`, then `undone`), `finished` or `taken back`. The first line says whose import it is.
"""

import json
import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, TypeVar

from cairn.exchange.client import ApiRefused
from cairn.exchange.layouts.native import CHECK_IN, CYCLE, KEY_RESULT, OBJECTIVE

T = TypeVar("T")
Made = Sequence[tuple[str, str, int, str]]
"""Kind, id, edition (a version, where a thing has no editions) and fingerprint of what was written."""
WRITTEN = {
    CYCLE: ("external_id", "name", "starts_on", "ends_on", "state"),
    OBJECTIVE: (
        "external_id", "title", "description", "cycle_id", "owner_kind", "owner_id", "co_owner_ids", "kind", "parents",
        "attributes", "state", "grade", "grade_note",
    ),
    KEY_RESULT: (
        "external_id", "title", "owner_id", "metric", "unit", "currency", "start", "target", "lower", "upper",
        "milestones", "weight", "attributes",
    ),
    CHECK_IN: (
        "external_id", "value", "milestones_done", "confidence", "status", "note", "blockers", "as_of", "withdrawn"
    ),
}  # fmt: skip
CREATE, CHANGE, PUBLISH, CLOSE = "create", "change", "publish", "close"


def folder() -> Path:
    """Where records are kept: `cairn/imports` below XDG_STATE_HOME."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "cairn" / "imports"


class Journal:
    """Notes what one import does. The file begins with the first write; without a folder nothing is kept."""

    def __init__(self, kept_in: Path | None, head: Mapping[str, Any]) -> None:
        now = datetime.now(UTC)
        self.id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        self._path = kept_in / f"{self.id}.jsonl" if kept_in else None
        self._head = {"import": self.id, "at": now.isoformat(timespec="seconds"), **head}
        self._file: IO[bytes] | None = None
        self._steps = 0
        self.wrote = False

    def write(self, intent: Mapping[str, Any], act: Callable[[], T], made: Callable[[T], Made]) -> T:
        """Note the intent, act, note what came of it. Raises what `act` raises, and OSError."""
        self._steps += 1
        number = self._steps
        self._append({"n": number, **intent}, safely=True)
        try:
            answer = act()
        except ApiRefused:
            self._append({"n": number, "refused": True})
            raise
        self.wrote = True
        self._append({"n": number, "made": made(answer)})
        return answer

    def finish(self) -> None:
        """Note that the import came to its end, and close the file."""
        if self._file is not None:
            self._append({"finished": True})
            self._file.close()
            self._file = None

    def _append(self, line: Mapping[str, Any], *, safely: bool = False) -> None:
        if self._path is None:
            return
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = _opened(self._path, "xb")
            append(self._file, self._head)
        append(self._file, line, safely=safely)


def _opened(path: Path, mode: str) -> IO[bytes]:
    """For the owner's eyes only: what people wrote is in it."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))


def append(file: IO[bytes], line: Mapping[str, Any], *, safely: bool = False) -> None:
    """Add a line; `safely` only returns once a power cut cannot take it."""
    file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    file.flush()
    if safely:
        os.fsync(file.fileno())


def lines_of(path: Path) -> Iterable[dict[str, Any]]:
    """The lines of a record; a last one that was cut off is left out. Raises ValueError where it is no record."""
    with path.open("rb") as file:
        for number, line in enumerate(file):
            try:
                found = json.loads(line)
            except ValueError as fault:
                if not line.endswith(b"\n"):
                    return
                raise ValueError(f"{path}, line {number + 1}, is not JSON") from fault
            if not isinstance(found, dict) or (number == 0 and "import" not in found):
                raise ValueError(f"{path} is no record of an import")
            yield found


def as_made(kind: str, answer: Mapping[str, Any]) -> Made:
    """What an answer of the API says was written: a thing, and an objective's key results with it."""
    nested = [
        (KEY_RESULT, one["id"], one["edition"], print_of(KEY_RESULT, one)) for one in answer.get("key_results", ())
    ]
    return [(kind, answer["id"], answer.get("edition", answer["version"]), print_of(kind, answer)), *nested]


def print_of(kind: str, thing: Mapping[str, Any]) -> str:
    """A fingerprint of everything people write in a thing: the same again once a change has been taken back."""
    written = json.dumps([thing[name] for name in WRITTEN[kind]], sort_keys=True)
    return blake2b(written.encode(), digest_size=8).hexdigest()
