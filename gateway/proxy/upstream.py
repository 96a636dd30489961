"""One service as the gateway reaches it: in this process or over HTTP, bounded in time and in how many ask at once,
behind a breaker."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPException, InvalidURL

from chassis.problems import Malformed
from gateway.proxy.breaker import Breaker, unavailable
from gateway.proxy.headers import outward
from gateway.proxy.places import Places
from gateway.proxy.wire import Answer, Exchange

AT_ONCE = 4
"""Requests a process may have at one service. Its other threads are left for everybody else's."""
PLACE_SECONDS = 1.0
"""How long one may wait for a place there, out of the time the service has."""
PROBLEM = "application/problem+json"

log = logging.getLogger(__name__)


class Upstream:
    """Safe between threads."""

    def __init__(self, service: str, exchange: Exchange, now: Callable[[], float] = time.monotonic) -> None:
        self._service = service
        self._exchange = exchange
        self._now = now
        self._breaker = Breaker(service, now)
        self._places = Places(AT_ONCE)

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
        """The service's answer. Raises Unavailable where there is none, or none that makes sense."""
        self._breaker.admit()
        try:
            with self._place(seconds) as left:
                answer = self._exchange(method, target, headers, body, left)
        except (ValueError, InvalidURL) as fault:
            raise Malformed("The request cannot be passed on as it is; check its address and headers.") from fault
        except TimeoutError as fault:
            self._breaker.failed()
            raise unavailable(self._service, "takes too long to answer") from fault
        except (OSError, HTTPException) as fault:
            self._breaker.failed()
            log.warning("%s cannot be reached: %s", self._service, type(fault).__name__)
            raise unavailable(self._service, "cannot be reached") from fault
        self._breaker.succeeded()
        self._refuse_nonsense(answer)
        return replace(answer, headers=outward(answer.headers))

    @contextmanager
    def _place(self, seconds: float) -> Iterator[float]:
        """One of the few places at the service, with what is left of these seconds.

        A short wait is for bursts, a longer one says that the service is slow. Raises Unavailable.
        """
        full = "has as many requests as it can take"
        deadline = self._now() + seconds
        if not self._places.take(PLACE_SECONDS):
            raise unavailable(self._service, full)
        try:
            # On a machine that is busy enough a short wait is a long one.
            if (left := deadline - self._now()) <= 0:
                raise unavailable(self._service, full)
            yield left
        finally:
            self._places.give()

    def _refuse_nonsense(self, answer: Answer) -> None:
        if answer.status == 401:
            # The caller was proved by us; it is our own pass that the service does not believe.
            log.error("%s does not accept the gateway's tokens; do the keys match?", self._service)
            raise unavailable(self._service, "does not accept the gateway's requests", 5)
        kind = {name.lower(): value for name, value in answer.headers}.get("content-type", "")
        if answer.status >= 500 and kind != PROBLEM:
            log.warning("%s answered %d without a problem document", self._service, answer.status)
            raise unavailable(self._service, "has a fault")
