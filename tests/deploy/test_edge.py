"""What the edge does with a request that an instance has taken and not answered: repeated only where that is safe."""

import os
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from cairn import topology
from deploy import debian, environment
from deploy.kafka.broker import free_ports
from deploy.local import compose, processes
from deploy.local.processes import ROOT, Place
from deploy.local.running import Instance
from tests.support import servers
from tests.support.stack import until

NETWORK = f"127.{200 + os.getpid() % 50}"
EDGE, GOOD, BROKEN, NOBODY = (f"{NETWORK}.{number}.1" for number in range(1, 5))


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PATCH = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


class Dies(socketserver.BaseRequestHandler):
    """Takes a request and is gone before the answer, as a killed process is."""

    def handle(self) -> None:
        assert self.request.recv(65536)
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.request.close()


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[None]:
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """nginx before a part of which one instance works and one dies, and another part of which none is there."""
    folder = tmp_path_factory.mktemp("edge")
    environment.write(folder / ".env")
    variables = {**compose.variables(folder / ".env"), "CAIRN_EDGE_PORT": str(free_ports(1)[0])}
    container = compose.read(ROOT / "docker-compose.yml", variables, {"core"})["edge"]
    there = ("gateway", "people")
    addresses = {f"{part}-web": [BROKEN, GOOD] if part in there else [NOBODY] for part in topology.PARTS}
    place = Place(container, "edge", EDGE, folder / "edge", addresses)
    try:
        instance = Instance(place, processes.process(place), folder / "edge.log")
    except debian.Unavailable as missing:
        servers.absent(str(missing), "CAIRN_REQUIRE_POSTGRES")
    with ExitStack() as ending:
        ending.enter_context(serving(ThreadingHTTPServer((GOOD, 8080), Answers)))
        ending.enter_context(serving(socketserver.ThreadingTCPServer((BROKEN, 8080), Dies)))
        ending.callback(instance.stop)
        instance.start()
        until(instance.well, 30, f"nginx answers: {instance.tail()}")
        yield f"http://{EDGE}"


def asked(address: str, method: str, **headers: str) -> set[int]:
    """The answers to several requests, of which some go to the instance that dies."""
    with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
        return {client.request(method, "/api/v1/persons").status_code for _ in range(8)}


@pytest.mark.parametrize("port", [8080, 8101])
def test_what_an_instance_died_with_is_repeated_only_where_that_is_safe(edge: str, port: int) -> None:
    address = f"{edge}:{port}"
    assert asked(address, "GET") == {200}
    assert asked(address, "POST", **{"Idempotency-Key": "one"}) == {200}
    assert asked(address, "PATCH", **{"Idempotency-Key": "two"}) == {200}
    assert asked(address, "POST") == {200, 503}
    assert asked(address, "PATCH", **{"If-Match": '"1"'}) == {200, 503}


def test_a_service_that_is_away_is_told_as_a_problem(edge: str) -> None:
    for headers in ({}, {"Idempotency-Key": "three"}):
        answer = httpx.post(f"{edge}:8102/api/v1/objectives", headers=headers)
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
        assert answer.headers["Retry-After"] == "1"
        assert "goals" in answer.json()["detail"]


def test_a_key_opens_no_door_to_health_and_metrics(edge: str) -> None:
    answer = httpx.get(f"{edge}:8080/metrics", headers={"Idempotency-Key": "four"})
    assert answer.status_code == 404


def test_what_is_no_request_is_told_as_a_problem(edge: str) -> None:
    answer = httpx.get(f"{edge}:8080/api/v1/persons?q={'x' * 50_000}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (414, "application/problem+json")
    assert answer.json()["status"] == 414
