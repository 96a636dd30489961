"""One service as the gateway reaches it: in this process or over HTTP, bounded in time and in how many ask at once,
behind a breaker."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from chassis.problems import Malformed
from gateway.proxy.breaker import Breaker, unavailable
from gateway.proxy.headers import outward

CONNECT_SECONDS = 1.0
AT_ONCE = 4
"""Requests a process may have at one service. Its other threads are left for everybody else's."""
PLACE_SECONDS = 1.0
"""How long one may wait for a place there, out of the time the service has."""
PROBLEM = "application/problem+json"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Upstream:
    """Safe between threads. The client is used for every request and closed by whoever made it."""

    def __init__(self, service: str, client: httpx.Client, now: Callable[[], float] = time.monotonic) -> None:
        self._service = service
        self._client = client
        self._now = now
        self._breaker = Breaker(service, now)
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
        """The service's answer. Raises Unavailable where there is none, or none that makes sense."""
        self._breaker.admit()
        try:
            with self._place(seconds) as left:
                answer = self._sent(self._request(method, target, headers, body, left), left)
        except (httpx.LocalProtocolError, httpx.InvalidURL) as fault:
            raise Malformed("The request cannot be passed on as it is; check its address and headers.") from fault
        except httpx.TimeoutException as fault:
            self._breaker.failed()
            raise unavailable(self._service, "takes too long to answer") from fault
        except httpx.HTTPError as fault:
            self._breaker.failed()
            log.warning("%s cannot be reached: %s", self._service, type(fault).__name__)
            raise unavailable(self._service, "cannot be reached") from fault
        self._breaker.succeeded()
        return self._sensible(answer)

    @contextmanager
    def _place(self, seconds: float) -> Iterator[float]:
        """One of the few places at the service, with what is left of these seconds.

        A short wait is for bursts, a longer one says that the service is slow. Raises Unavailable.
        """
        full = "has as many requests as it can take"
        deadline = self._now() + seconds
        if not self._places.acquire(timeout=PLACE_SECONDS):
            raise unavailable(self._service, full)
        try:
            # On a machine that is busy enough a short wait is a long one.
            if (left := deadline - self._now()) <= 0:
                raise unavailable(self._service, full)
            yield left
        finally:
            self._places.release()

    def _request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> httpx.Request:
        """Made by hand: the client would add what it keeps between requests, such as cookies of another caller's."""
        base = self._client.base_url
        url = base.copy_with(raw_path=base.raw_path.rstrip(b"/") + target.encode())
        timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS)
        return httpx.Request(method, url, headers=headers, content=body, extensions={"timeout": timeout.as_dict()})

    def _sent(self, request: httpx.Request, seconds: float) -> Answer:
        deadline = self._now() + seconds
        response = self._client.send(request, stream=True, follow_redirects=False)
        try:
            chunks = []
            for chunk in response.iter_raw():
                chunks.append(chunk)
                if self._now() > deadline:
                    raise httpx.ReadTimeout("the answer did not end in time", request=request)
        finally:
            response.close()
        return Answer(response.status_code, outward(response.headers.multi_items()), b"".join(chunks))

    def _sensible(self, answer: Answer) -> Answer:
        if answer.status == 401:
            # The caller was proved by us; it is our own pass that the service does not believe.
            log.error("%s does not accept the gateway's tokens; do the keys match?", self._service)
            raise unavailable(self._service, "does not accept the gateway's requests", 5)
        kind = {name.lower(): value for name, value in answer.headers}.get("content-type", "")
        if answer.status >= 500 and kind != PROBLEM:
            log.warning("%s answered %d without a problem document", self._service, answer.status)
            raise unavailable(self._service, "has a fault")
        return answer
