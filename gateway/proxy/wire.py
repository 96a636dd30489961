"""How a request gets to a service: over HTTP with the standard library's client, or by a call in this process.

Nothing is added and nothing remembered between requests, such as cookies of another caller's. A client that does more
took a third of the gateway's work for every request it passed on.
"""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

from chassis.connections import stands

CONNECT_SECONDS = 1.0
IDLE_SECONDS = 4.0
"""A connection that was not used for so long is not used again: the other side may be about to close it."""
PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


Exchange = Callable[[str, str, Mapping[str, str], bytes, float], Answer]
"""Method, target, headers, body, and seconds until the answer must be there; answers whatever the service says.

Raises ValueError or InvalidURL for what HTTP cannot carry, TimeoutError, and OSError or HTTPException where there is no
answer.
"""


class Wire:
    """An `Exchange` over HTTP/1.1 with connections kept between requests. Safe between threads."""

    def __init__(self, address: str) -> None:
        """`address` is `http://host:port`, or https, perhaps with a path that all targets are below."""
        parts = urlsplit(address)
        self._host, self._port, self._path = parts.hostname or "", parts.port, parts.path.rstrip("/")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: list[tuple[_Whole, float]] = []

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
        deadline = time.monotonic() + seconds
        connection = self._taken(seconds)
        try:
            connection.request(method, self._path + target, body or None, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.getheaders(), _body(response, deadline))
            response.close()
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            self._idle.append((connection, time.monotonic()))
        return answer

    def close(self) -> None:
        """Close what is idle; whatever is under way comes to its end."""
        while self._idle:
            self._idle.pop()[0].close()

    def _taken(self, seconds: float) -> "_Whole":
        """A connection nobody else uses now, the one used last if it still stands."""
        while self._idle:
            connection, used = self._idle.pop()
            if time.monotonic() - used < IDLE_SECONDS and stands(connection.sock):
                break
            connection.close()
        else:
            connection = self._connected(min(seconds, CONNECT_SECONDS))
        connection.sock.settimeout(seconds)
        return connection

    def _connected(self, seconds: float) -> "_Whole":
        if self._tls is None:
            connection = _Whole(self._host, self._port, timeout=seconds)
        else:
            connection = _WholeSecure(self._host, self._port, timeout=seconds, context=self._tls)
        connection.connect()
        return connection


class _Whole(HTTPConnection):
    """Sends a request in one piece, which wakes the other side once."""

    def request(self, *given: Any, **named: Any) -> None:
        self._pieces: list[bytes] = []
        super().request(*given, **named)
        self.sock.sendall(b"".join(self._pieces))

    def send(self, data: Any) -> None:
        self._pieces.append(data)


class _WholeSecure(_Whole, HTTPSConnection):
    """The same over TLS."""


def _body(response: HTTPResponse, deadline: float) -> bytes:
    length, pieces, size = response.length, [], 0
    while length is None or size < length:
        try:
            piece = response.read1(PIECE)
        except ValueError as fault:
            raise HTTPException("a chunk without a size") from fault
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
        if time.monotonic() > deadline:
            raise TimeoutError("the answer did not end in time")
    if length is not None and size < length:
        raise IncompleteRead(b"", length - size)
    return b"".join(pieces)


def inside(app: Callable[..., Any]) -> Exchange:
    """An `Exchange` with an application of this process, which takes the time it takes."""
    import httpx

    transport, base = httpx.WSGITransport(app=app), httpx.URL("http://inside.internal")

    def exchange(method: str, target: str, headers: Mapping[str, str], body: bytes, _seconds: float) -> Answer:
        try:
            url = base.copy_with(raw_path=target.encode())
        except httpx.InvalidURL as fault:
            raise ValueError(str(fault)) from fault
        response = transport.handle_request(httpx.Request(method, url, headers=headers, content=body))
        return Answer(response.status_code, response.headers.multi_items(), response.read())

    return exchange
