"""Web processes: told to end they answer every request their kernel has taken, and take no further one."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.stack import free_port, until

ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import json, sys, threading, time
from cairn.draining import Application

three = threading.Barrier(3)

def app(environ, start_response):
    if environ["PATH_INFO"] == "/three":
        three.wait(20)
    elif environ["PATH_INFO"] == "/never":
        threading.Event().wait()
    else:
        time.sleep(0.02)
    start_response("200 OK", [("Content-Length", "4")])
    return [b"done"]

options = {"bind": f"127.0.0.1:{sys.argv[1]}", "control_socket_disable": True, "loglevel": "critical"}
Application(lambda: app, {**options, **json.loads(sys.argv[2])}).run()
"""
QUEUED = 60


@contextmanager
def serving(**options: int) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", SERVER, str(port), json.dumps(options)], cwd=ROOT) as server:
        try:
            until(lambda: _answers(port), 30, "the server answers")
            yield port, server
        finally:
            server.kill()


@pytest.mark.parametrize("threads", [1, 3])
def test_everything_that_waits_is_answered_before_the_end(threads: int) -> None:
    with serving(workers=2, threads=threads) as (port, server):
        waiting = [_asking(port) for _ in range(QUEUED)]
        server.send_signal(signal.SIGTERM)
        with ThreadPoolExecutor(QUEUED) as readers:
            answers = list(readers.map(_read, waiting))
        assert server.wait(30) == 0
    assert [answer[-4:] for answer in answers] == [b"done"] * QUEUED
    with pytest.raises(ConnectionRefusedError):
        _asking(port)


def test_a_process_answers_as_many_at_once_as_it_has_threads() -> None:
    with serving(workers=1, threads=3) as (port, _):
        answers = [_read(one) for one in [_asking(port, "/three") for _ in range(3)]]
    assert [answer[-4:] for answer in answers] == [b"done"] * 3


def test_an_answer_is_whole_where_the_request_was_not_read() -> None:
    with serving(workers=1, threads=1) as (port, _), _asking(port, body=bytes(1 << 20)) as asking:
        assert _read(asking).endswith(b"\r\n\r\ndone")


def test_a_process_with_a_request_that_never_ends_is_replaced() -> None:
    with serving(workers=1, threads=1, timeout=2) as (port, _):
        assert _read(_asking(port, "/never")) == b""
        until(lambda: _answers(port), 30, "another process answers")


def _asking(port: int, path: str = "/", body: bytes = b"{}") -> socket.socket:
    asking = socket.create_connection(("127.0.0.1", port), timeout=30)
    head = f"POST {path} HTTP/1.1\r\nHost: cairn\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    asking.sendall(head.encode() + body)
    return asking


def _read(asking: socket.socket) -> bytes:
    with asking:
        return b"".join(iter(lambda: asking.recv(65536), b""))


def _answers(port: int) -> bool:
    try:
        return _read(_asking(port)).endswith(b"done")
    except OSError:
        return False
