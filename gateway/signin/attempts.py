"""Wrong tokens, counted by where they come from: after ten in a row that source waits.

Tokens that were good a moment ago go on being read, so that one broken script does not lock out everybody behind the
same address. Kept in this process only, in bounded space; forgotten when it ends.
"""

import hashlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from chassis.problems import TooManyRequests

MOST_WRONG = 10
WAIT_SECONDS = 30.0
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
        self._good: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, source: str, token: str) -> None:
        """Pass, or raise TooManyRequests saying when to come back."""
        row = self._rows.get(source)
        if row is None or row.wrong < MOST_WRONG or _digest(token) in self._good:
            return
        left = row.last + WAIT_SECONDS - self._now()
        if left > 0:
            raise TooManyRequests(
                "Too many wrong tokens came from your address; check the token, then try again later.",
                kind="wrong-tokens",
                headers={"Retry-After": str(math.ceil(left))},
            )

    def wrong(self, source: str, token: str) -> None:
        """Count a refused token. A source that has waited starts from zero."""
        with self._lock:
            now = self._now()
            row = self._rows.pop(source, None)
            waited = row is None or now - row.last >= WAIT_SECONDS
            self._rows[source] = _Row(1 if waited or row is None else row.wrong + 1, now)
            self._good.pop(_digest(token), None)
            _cut(self._rows)

    def right(self, source: str, token: str) -> None:
        """Note an accepted token; the row of wrong ones ends with it."""
        digest = _digest(token)
        if source not in self._rows and digest in self._good:
            return
        with self._lock:
            self._rows.pop(source, None)
            self._good[digest] = None
            self._good.move_to_end(digest)
            _cut(self._good)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _cut(kept: "OrderedDict[str, _Row] | OrderedDict[bytes, None]") -> None:
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)
