"""The client against a server that has its bad moments: busy, away for a while, refusing, or no Cairn at all."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cairn.exchange.client import ApiRefused, Client, NotCairn, TokenRefused, Unreachable, fitting
from tests.support.stack import free_port

Answer = tuple[int, dict[str, str], Any] | None
"""None: the connection breaks before the answer."""


@dataclass
class Script:
    """What the server answers, one after the other, and the headers it was asked with."""

    answers: list[Answer]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    url: str = ""

    def client(self) -> Client:
        """A client that notes its pauses, and for which time passes only while it pauses."""
        return Client(self.url, "token", pause=self.pauses.append, clock=lambda: sum(self.pauses))


@pytest.fixture
def serving() -> Iterator[Callable[..., Script]]:
    servers: list[ThreadingHTTPServer] = []

    def serve(*answers: Answer) -> Script:
        script = Script(list(answers))
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
        script.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return script

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def _handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.asked.append((f"{self.command} {self.path}", dict(self.headers)))
            said = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            if said is None:
                self.close_connection = True
                return
            status, headers, body = said
            content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = answer

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler


BUSY = (429, {"Retry-After": "7"}, {"detail": "Too many requests."})
BEHIND = (503, {"Retry-After": "1"}, {"detail": "Your last change has not arrived here."})
DONE = (201, {}, {"id": "x"})


def test_a_busy_server_is_asked_again_when_it_says(serving: Callable[..., Script]) -> None:
    script = serving(BUSY, BEHIND, DONE)
    assert script.client().post("cycles", {}) == {"id": "x"}
    assert script.pauses == [7.0, 1.0]


def test_a_repeated_write_keeps_its_key_and_the_next_one_has_its_own(serving: Callable[..., Script]) -> None:
    script = serving(BUSY, DONE, DONE)
    client = script.client()
    client.post("cycles", {})
    client.post("cycles", {})
    keys = [headers["Idempotency-Key"] for _, headers in script.asked]
    assert keys[0] == keys[1] != keys[2]


def test_a_lost_answer_is_asked_for_again_with_the_same_key(serving: Callable[..., Script]) -> None:
    script = serving(DONE, None, None, DONE)
    client = script.client()
    client.get("cycles")
    assert client.post("cycles", {}) == {"id": "x"}
    assert len({headers["Idempotency-Key"] for _, headers in script.asked[1:]}) == 1


def test_a_write_still_at_work_is_waited_for_and_a_real_conflict_is_told(serving: Callable[..., Script]) -> None:
    at_work = (409, {}, {"detail": "still being worked on", "type": "urn:cairn:problem:conflict"})
    assert serving(BUSY, at_work, DONE).client().post("cycles", {}) == {"id": "x"}
    with pytest.raises(ApiRefused):
        serving(BUSY, (409, {}, {"detail": "taken", "type": "urn:cairn:problem:taken"})).client().post("cycles", {})


def test_what_is_sent_at_once_is_few_enough_and_small_enough() -> None:
    assert list(fitting([{}] * 120, 50)) == [50, 50, 20]
    assert list(fitting(["x" * 400_000, "y" * 200_000, "z"], 50)) == [1, 2]
    assert list(fitting([], 50)) == []


def test_patience_ends(serving: Callable[..., Script]) -> None:
    script = serving(BUSY)
    with pytest.raises(Unreachable, match=r"too busy: Too many requests\. Is Cairn running"):
        script.client().get("cycles")
    assert sum(script.pauses) <= 90


def test_nobody_listening_is_told_soon() -> None:
    script = Script([], url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unreachable, match="does not answer"):
        script.client().get("cycles")
    assert sum(script.pauses) <= 2


def test_a_request_carries_what_all_services_have_answered(serving: Callable[..., Script]) -> None:
    tokens = [(200, {"Cairn-Consistency": f"{name}"}, {}) for name in ("goals:a,b", "goals:c", "people:d")]
    script = serving(*tokens, (200, {}, {}))
    client = script.client()
    for _ in range(4):
        client.post("cycles", {})
    assert [headers.get("Cairn-Consistency") for _, headers in script.asked] == [
        None, "goals:a,b", "goals:a,b,c", "goals:a,b,c;people:d",
    ]  # fmt: skip


def test_settling_reads_from_the_services_and_then_carries_nothing(serving: Callable[..., Script]) -> None:
    script = serving((200, {"Cairn-Consistency": "goals:a"}, {}), (200, {}, {}))
    client = script.client()
    client.post("cycles", {})
    client.settle()
    client.get("cycles")
    assert [asked for asked, _ in script.asked] == [
        "POST /api/v1/cycles", "GET /api/v1/cycles?limit=1", "GET /api/v1/check-ins?limit=1", "GET /api/v1/cycles",
    ]  # fmt: skip
    assert [headers.get("Cairn-Consistency") for _, headers in script.asked] == [None, "goals:a", "goals:a", None]


def test_many_writes_are_waited_for_before_the_header_grows_too_long(serving: Callable[..., Script]) -> None:
    ids = ",".join(f"{number:022}" for number in range(64))
    script = serving((200, {"Cairn-Consistency": f"goals:{ids}"}, {}))
    client = script.client()
    for _ in range(10):
        client.post("cycles", {})
    assert max(len(headers.get("Cairn-Consistency", "")) for _, headers in script.asked) < 8000
    assert any(asked.startswith("GET") for asked, _ in script.asked)


def test_all_pages_of_a_list_are_read(serving: Callable[..., Script]) -> None:
    script = serving((200, {}, {"items": [{"id": 1}], "next": "n/2"}), (200, {}, {"items": [{"id": 2}], "next": None}))
    assert [one["id"] for one in script.client().items("cycles")] == [1, 2]
    assert script.asked[1][0] == "GET /api/v1/cycles?limit=200&cursor=n%2F2"


def test_a_refusal_tells_every_place(serving: Callable[..., Script]) -> None:
    errors = [{"pointer": "/title", "detail": "Write something here."}]
    script = serving((422, {}, {"detail": "1 field is wrong.", "errors": errors}))
    with pytest.raises(ApiRefused, match=r"1 field is wrong\.\n  /title: Write something here\."):
        script.client().post("cycles", {})


def test_a_bad_token_is_told_with_the_way_to_a_good_one(serving: Callable[..., Script]) -> None:
    with pytest.raises(TokenRefused, match="cairn token"):
        serving((401, {}, {"detail": "It has expired."})).client().get("cycles")


@pytest.mark.parametrize("body", ["<html>", "[]", '{"other": 1}'])
def test_something_else_that_answers_is_not_taken_for_cairn(serving: Callable[..., Script], body: str) -> None:
    with pytest.raises(NotCairn, match="Check --url"):
        serving((404, {}, body)).client().get("cycles")


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://x", "http://", "http://[", "nonsense"])
def test_an_address_that_cannot_be_called_is_no_trace_of_python(url: str) -> None:
    with pytest.raises((NotCairn, Unreachable), match=r"cannot be called|does not answer"):
        Script([], url=url).client().get("cycles")
