"""A web process that is told to end answers every request its kernel has taken, and takes no further one."""

import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.stack import free_port, until

ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import sys, time
from cairn.draining import Application

def app(environ, start_response):
    time.sleep(0.02)
    start_response("200 OK", [("Content-Length", "4")])
    return [b"done"]

port, threads = sys.argv[1:]
options = {"bind": f"127.0.0.1:{port}", "workers": 2, "threads": int(threads), "control_socket_disable": True}
Application(lambda: app, {**options, "loglevel": "error"}).run()
"""
QUEUED = 60


@pytest.mark.parametrize("threads", [1, 3])
def test_everything_that_waits_is_answered_before_the_end(threads: int) -> None:
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", SERVER, str(port), str(threads)], cwd=ROOT) as server:
        try:
            until(lambda: _answers(port), 30, "the server answers")
            waiting = [_asking(port) for _ in range(QUEUED)]
            server.send_signal(signal.SIGTERM)
            with ThreadPoolExecutor(QUEUED) as readers:
                answers = list(readers.map(_read, waiting))
            assert server.wait(30) == 0
        finally:
            server.kill()
    assert [answer[-4:] for answer in answers] == [b"done"] * QUEUED
    with pytest.raises(ConnectionRefusedError):
        _asking(port)


def _asking(port: int) -> socket.socket:
    asking = socket.create_connection(("127.0.0.1", port), timeout=30)
    asking.sendall(b"POST / HTTP/1.1\r\nHost: cairn\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
    return asking


def _read(asking: socket.socket) -> bytes:
    with asking:
        return b"".join(iter(lambda: asking.recv(65536), b""))


def _answers(port: int) -> bool:
    try:
        return _read(_asking(port)).endswith(b"done")
    except OSError:
        return False
