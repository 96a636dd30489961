"""The gateway's reads beside bare Flask: an organisation in its read model, both under the same gunicorn, closed loops.

The callers are processes of our own, each with one connection, kept for as long as the server keeps it. Rounds
alternate between the servers, so that whatever else the machine does harms both alike.
"""

import multiprocessing
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.servers import real
from chassis.db import Database
from chassis.identity import generate_keys
from chassis.migrate import migrate
from chassis.service import Runtime
from gateway import app as gateway_app
from tests.support.stack import answers, free_port, until

CALLERS = 8
SECONDS = 2.0
ROUNDS = 5
Request = bytes


@dataclass(frozen=True)
class Round:
    """What one round came to: answers a second, and how long each took, in ascending seconds."""

    rate: float
    times: Sequence[float]

    def percentile(self, share: float) -> float:
        return self.times[min(len(self.times) - 1, int(len(self.times) * share))]


@dataclass(frozen=True)
class Target:
    """A server, the requests to send it in turn, and the status each of them shall answer."""

    port: int
    requests: Sequence[Request]
    status: int = 200


def alternately(targets: Mapping[str, Target], rounds: int = ROUNDS, seconds: float = SECONDS) -> dict[str, Round]:
    """The median round of each target by its rate, after rounds of all in turn."""
    found: dict[str, list[Round]] = {name: [] for name in targets}
    for _ in range(rounds):
        for name, target in targets.items():
            found[name].append(asked(target, seconds))
    return {name: sorted(ones, key=lambda one: one.rate)[len(ones) // 2] for name, ones in found.items()}


def asked(target: Target, seconds: float) -> Round:
    """One round of all callers. Raises RuntimeError where an answer was not what it shall be."""
    context = multiprocessing.get_context("fork")
    with context.Pool(CALLERS) as callers:
        shares = [(target.port, target.requests[place::CALLERS], target.status, seconds) for place in range(CALLERS)]
        parts = callers.starmap(_call, shares, chunksize=1)
    times = sorted(one for part in parts for one in part)
    return Round(len(times) / seconds, times)


def _call(port: int, requests: Sequence[Request], status: int, seconds: float) -> list[float]:
    wanted, times = b"HTTP/1.1 %d" % status, list[float]()
    caller, end = Caller(port), time.perf_counter() + seconds
    while True:
        for request in requests:
            began = time.perf_counter()
            if began > end:
                return times
            answer = caller.exchange(request)
            if not answer.startswith(wanted):
                raise RuntimeError(f"unexpected answer: {answer[:400]!r}")
            times.append(time.perf_counter() - began)


class Caller:
    """One connection at a time to a server, kept for as long as the server keeps it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: socket.socket | None = None

    def exchange(self, request: Request) -> bytes:
        """Send a request and read the whole answer, head and body."""
        connection = self._connection or socket.create_connection(("127.0.0.1", self._port))
        connection.sendall(request)
        answer = connection.recv(262_144)
        head, _, body = answer.partition(b"\r\n\r\n")
        while len(body) < _length(head):
            more = connection.recv(262_144)
            answer, body = answer + more, body + more
        self._connection = connection
        if b"\r\nConnection: close" in head:
            connection.close()
            self._connection = None
        return answer


def _length(head: bytes) -> int:
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


def get(path: str, token: str = "", tag: str = "") -> Request:
    """A request as bytes; with `tag` for what has changed since."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Accept: application/json"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"If-None-Match: {tag}"] if tag else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(path: str, token: str, body: str, *more: str) -> Request:
    """A request that sends JSON, as bytes; `more` are lines of its head."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}"]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", *more]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def tag_of(answer: bytes) -> str:
    """The ETag of an answer."""
    head = answer.partition(b"\r\n\r\n")[0].decode()
    return next(line.partition(":")[2].strip() for line in head.splitlines() if line.lower().startswith("etag:"))


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


@contextmanager
def gateway_database(url: str) -> Iterator[Runtime]:
    """A migrated gateway on an empty database."""
    part = Runtime(gateway_app.service(), Database(url), lambda: datetime.now(UTC))
    migrate(part.db, part.service)
    yield part
    part.db.dispose()


@contextmanager
def gateway(folder: Path, url: str) -> Iterator[int]:
    """The shipped gateway on this database; answers its port."""
    private, public = generate_keys()
    owners = {f"CAIRN_{name}_URL": "http://127.0.0.1:9" for name in ("PEOPLE", "GOALS", "CHECKINS", "FEEDBACK")}
    settings = {
        **owners,
        "CAIRN_NOTIFICATIONS_URL": "http://127.0.0.1:9",
        "CAIRN_GATEWAY_DATABASE_URL": url,
        "CAIRN_INTERNAL_PRIVATE_KEY": private,
        "CAIRN_INTERNAL_PUBLIC_KEYS": public,
        "CAIRN_CURSOR_SECRET": "only for this measurement",
        "CAIRN_DATA": str(folder),
    }
    with _serving(folder, "gateway", ["-m", "cairn", "web", "gateway"], settings) as port:
        yield port


@contextmanager
def bare(folder: Path, document: bytes) -> Iterator[int]:
    """Bare Flask with the gunicorn settings of the shipped servers and the routes of `benchmarks.bare`."""
    path = folder / "document.json"
    path.write_bytes(document)
    with _serving(folder, "bare", ["-m", "benchmarks.bare", str(path)], {}) as port:
        yield port


@contextmanager
def _serving(folder: Path, name: str, command: Sequence[str], settings: Mapping[str, str]) -> Iterator[int]:
    port = free_port()
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith("CAIRN_") or key == "CAIRN_WEB_WORKERS"
    }
    environment = {**kept, **settings, "CAIRN_PORT": str(port)}
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *command], env=environment, stdout=log, stderr=log)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/livez"), 60, f"{name} answers")
        yield port
    finally:
        process.terminate()
        process.wait(30)


def show(name: str, found: Mapping[str, Round]) -> None:
    """A line for each target; the first is the yardstick."""
    yardstick = next(iter(found.values())).rate
    for what, one in found.items():
        print(f"{name}: {what}: {spread(one)}, {one.rate / yardstick:.2f} of bare Flask", flush=True)


def spread(one: Round) -> str:
    return f"{one.rate:.0f}/s, p50 {one.percentile(0.5) * 1000:.1f} ms, p95 {one.percentile(0.95) * 1000:.1f} ms"


def monday(now: datetime) -> datetime:
    """The begin of the week two weeks ago: since then somebody's check-ins are due."""
    return (now - timedelta(days=now.weekday() + 14)).replace(hour=8, minute=0, second=0, microsecond=0)


@contextmanager
def places() -> Iterator[tuple[Path, str]]:
    """A folder and the URL of an empty database on a PostgreSQL of this run."""
    with real(with_kafka=False) as (server, _), tempfile.TemporaryDirectory() as folder, server.database() as url:
        yield Path(folder), url
