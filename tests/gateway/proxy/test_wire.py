"""The gateway's connections to a service: kept while that is safe, and never taken for an answer when they are none."""

import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from http.client import HTTPException, IncompleteRead, InvalidURL, RemoteDisconnected

import pytest

from gateway.proxy.wire import Wire

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Kept: yes\r\n\r\nhello"


class Server:
    """Gives one connection after the other its answers, each in pieces, and hangs up after the last of them."""

    def __init__(self, connections: Sequence[Sequence[Sequence[bytes]]]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.hung_up = threading.Event()
        self.released = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(connections,))
        self._thread.start()

    def _serve(self, connections: Sequence[Sequence[Sequence[bytes]]]) -> None:
        for answers in connections:
            taken, _ = self._listener.accept()
            with taken:
                taken.settimeout(10)
                for pieces in answers:
                    request = _request(taken)
                    if not request:
                        break
                    self.requests.append(request)
                    for piece in pieces:
                        if not piece:
                            self.released.wait(10)
                        taken.sendall(piece)
            self.hung_up.set()

    def close(self) -> None:
        self.released.set()
        self._thread.join(10)
        self._listener.close()


def _request(taken: socket.socket) -> bytes:
    """One request with its body, or nothing where there is none."""
    text = b""
    while b"\r\n\r\n" not in text or len(text.partition(b"\r\n\r\n")[2]) < _length(text):
        piece = taken.recv(65536)
        if not piece:
            return b""
        text += piece
    return text


def _length(request: bytes) -> int:
    found = re.search(rb"Content-Length: ([0-9]+)", request)
    return int(found[1]) if found else 0


@contextmanager
def serving(*connections: Sequence[Sequence[bytes]]) -> Iterator[tuple[Server, Wire]]:
    with closing(Server(connections)) as server, closing(Wire(server.address + "/below/")) as wire:
        yield server, wire


def test_a_connection_is_used_again_and_everything_arrives() -> None:
    with serving([[HELLO], [HELLO]]) as (server, wire):
        first = wire("POST", "/a?b=c", {"X-One": "1"}, b"body", 5.0)
        second = wire("GET", "/", {}, b"", 5.0)
    assert first == second
    assert (first.status, dict(first.headers)["X-Kept"], first.body) == (200, "yes", b"hello")
    assert server.requests[0].startswith(b"POST /below/a?b=c HTTP/1.1\r\n")
    assert b"X-One: 1\r\n" in server.requests[0]
    assert b"Content-Length: 4\r\n" in server.requests[0]
    assert server.requests[1].startswith(b"GET /below/ HTTP/1.1\r\n")


def test_a_connection_the_service_has_ended_is_not_used_again() -> None:
    with serving([[HELLO]], [[HELLO]]) as (server, wire):
        assert wire("GET", "/", {}, b"", 5.0).body == b"hello"
        assert server.hung_up.wait(5)
        assert wire("POST", "/", {}, b"x", 5.0).body == b"hello"


def test_a_connection_that_ends_without_an_answer_is_told() -> None:
    with serving([[]]) as (_, wire), pytest.raises(RemoteDisconnected):
        wire("POST", "/", {}, b"x", 5.0)


def test_half_an_answer_is_none_and_its_connection_is_gone() -> None:
    with serving([[HELLO[:-2]]], [[HELLO]]) as (_, wire):
        with pytest.raises(IncompleteRead):
            wire("GET", "/", {}, b"", 5.0)
        assert wire("GET", "/", {}, b"", 5.0).body == b"hello"


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 2x0 OK\r\n\r\n", b"hello\r\n\r\n"],
)
def test_an_answer_that_is_no_http_is_the_services_fault(answer: bytes) -> None:
    with serving([[answer]]) as (_, wire), pytest.raises(HTTPException):
        wire("GET", "/", {}, b"", 5.0)


def test_an_answer_that_does_not_come_is_given_up_in_time() -> None:
    with serving([[b"", HELLO]]) as (_, wire), pytest.raises(TimeoutError):
        wire("GET", "/", {}, b"", 0.1)


def test_an_answer_that_does_not_end_is_given_up_in_time() -> None:
    with serving([[HELLO[:-2], b"", b"lo"]]) as (_, wire), pytest.raises(TimeoutError):
        wire("GET", "/", {}, b"", 0.1)


@pytest.mark.parametrize(
    ("method", "answer", "body"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b""),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", b""),
        ("DELETE", b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", b"hello"),
    ],
)
def test_every_kind_of_answer_ends_where_it_ends(method: str, answer: bytes, body: bytes) -> None:
    with serving([[answer], [HELLO]]) as (server, wire):
        assert wire(method, "/", {}, b"", 5.0).body == body
        assert wire("GET", "/", {}, b"", 5.0).body == b"hello"
    assert len(server.requests) == 2


def test_an_answer_that_ends_with_its_connection_is_whole() -> None:
    with serving([[b"HTTP/1.1 200 OK\r\n\r\n", b"hello"]], [[HELLO]]) as (_, wire):
        assert wire("GET", "/", {}, b"", 5.0).body == b"hello"
        assert wire("GET", "/", {}, b"", 5.0).body == b"hello"


@pytest.mark.parametrize(("target", "headers"), [("/a b", {}), ("/", {"X-One": "1\r\nX-Two: 2"})])
def test_what_http_cannot_carry_is_not_sent(target: str, headers: dict[str, str]) -> None:
    with serving([[HELLO]]) as (server, wire), pytest.raises((ValueError, InvalidURL)):
        wire("GET", target, headers, b"", 5.0)
    assert server.requests == []
