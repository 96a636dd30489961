"""What clients did and heard: one line of JSON for every attempt, written as it ends.

`ok` was answered 2xx, `fail` was refused for good (4xx), `info` is everything of which nobody can say whether it
happened: time-outs, cut connections, 5xx, and a key whose first request is still being worked on.
"""

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

OK, FAIL, INFO = "ok", "fail", "info"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request. `start` and `end` are seconds since the run began; `answer` is a digest of the body."""

    process: int
    start: float
    end: float
    op: str
    key: str
    type: str
    status: int = 0
    id: str = ""
    answer: str = ""


class History:
    """Attempts of all clients; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w")
        self._turn = threading.Lock()
        self.attempts: list[Attempt] = []

    def add(self, attempt: Attempt) -> None:
        with self._turn:
            self.attempts.append(attempt)
            self._file.write(json.dumps(asdict(attempt)) + "\n")

    def close(self) -> None:
        self._file.close()


def by_key(history: Iterable[Attempt]) -> dict[str, list[Attempt]]:
    """The attempts under each idempotency key, in their order."""
    found: dict[str, list[Attempt]] = {}
    for attempt in history:
        found.setdefault(attempt.key, []).append(attempt)
    return found
