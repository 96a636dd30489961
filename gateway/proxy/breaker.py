"""A circuit breaker: a service that has failed several times in a row is left alone for a while, so that a dead
service costs its callers an answer at once instead of a timeout."""

import math
import threading
import time
from collections.abc import Callable

from chassis.problems import Unavailable

FAILURES = 5
OPEN_SECONDS = 5.0


class Breaker:
    """Of one service. Safe between threads."""

    def __init__(self, service: str, now: Callable[[], float] = time.monotonic) -> None:
        self._service = service
        self._now = now
        self._failures = 0
        self._open_until = float("-inf")
        self._lock = threading.Lock()

    @property
    def open(self) -> bool:
        return self._failures >= FAILURES

    def admit(self) -> None:
        """Pass, or raise Unavailable while it is open. When its time is over, one call at a time tries again."""
        with self._lock:
            if not self.open:
                return
            left = self._open_until - self._now()
            if left <= 0:
                self._open_until = self._now() + OPEN_SECONDS
                return
        raise unavailable(self._service, "is not answering", math.ceil(left))

    def succeeded(self) -> None:
        if self._failures:
            with self._lock:
                self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self.open:
                self._open_until = self._now() + OPEN_SECONDS


def unavailable(service: str, what: str, retry_after: int = 1) -> Unavailable:
    """The answer for a service that cannot be reached; it names the service and when to come back."""
    return Unavailable(
        f"The {service} service {what}; try again shortly. Everything else works meanwhile.",
        retry_after=retry_after,
        kind="service-unavailable",
    )
