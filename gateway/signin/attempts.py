"""Wrong tokens, counted by where they come from: from the eleventh in a row on, that source is told to wait.

A right token is never refused for the company it keeps: a whole organisation may come from one address, and tokens
have 256 random bits or a signature, so counting is against noise, not guessing. Kept in this process only, in bounded
space, and forgotten when it ends.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from chassis.problems import TooManyRequests

MOST_WRONG = 10
WAIT_SECONDS = 30
REMEMBERED = 4096


@dataclass(slots=True)
class _Row:
    wrong: int
    last: float


class Attempts:
    """Safe between threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._rows: OrderedDict[str, _Row] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many sources are remembered."""
        return len(self._rows)

    def wrong(self, source: str) -> None:
        """Count a refused token; raises TooManyRequests beyond ten in a row. A source that has waited starts anew."""
        if self._count(source) > MOST_WRONG:
            raise TooManyRequests(
                "Too many wrong tokens in a row came from your address; mend the token, or wait before the next.",
                kind="wrong-tokens",
                headers={"Retry-After": str(WAIT_SECONDS)},
            )

    def right(self, source: str) -> None:
        """An accepted token ends the row."""
        if source in self._rows:
            with self._lock:
                self._rows.pop(source, None)

    def _count(self, source: str) -> int:
        with self._lock:
            now = self._now()
            row = self._rows.pop(source, None)
            if row is None or now - row.last >= WAIT_SECONDS:
                row = _Row(0, now)
            self._rows[source] = _Row(row.wrong + 1, now)
            while len(self._rows) > REMEMBERED:
                self._rows.popitem(last=False)
            return row.wrong + 1
