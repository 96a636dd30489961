"""gunicorn that leaves no request behind: it listens once it can answer; told to end, it answers whatever it has taken.

A listening socket that is closed resets whatever the kernel has taken in its name and nobody has accepted yet. So the
kernel is told first to drop what asks for a connection; what is queued then comes to an end, and is answered. Somebody
who asked meanwhile is refused a moment later, when the socket is closed, and knows that nothing was begun.
"""

import ctypes
import select
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker
from gunicorn.workers.sync import SyncWorker

QUIET_SECONDS = 0.1
"""A handshake that was under way when connections were turned away has ended by then."""
_SO_ATTACH_FILTER = 26
# A packet filter over the TCP header: of its flags (byte 13) look at SYN and ACK; drop where SYN stands alone.
_NO_NEW_CONNECTIONS = (
    (0x30, 0, 0, 13),
    (0x54, 0, 0, 0x12),
    (0x15, 0, 1, 0x02),
    (0x06, 0, 0, 0),
    (0x06, 0, 0, 0xFFFFFFFF),
)


def turn_away(listener: socket.socket) -> None:
    """Let the kernel drop whatever asks for a new connection; those it has taken can still be accepted.

    Linux only: elsewhere nothing happens, and what arrives in the very last moment may be reset.
    """
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in _NO_NEW_CONNECTIONS))
    how = struct.pack("HL", len(_NO_NEW_CONNECTIONS), ctypes.addressof(program))
    with suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, how)


class Master(Arbiter):  # type: ignore[misc]
    """Refuses connections until a worker is ready, and turns them away before it tells its workers to end."""

    def start(self) -> None:
        super().start()
        for listener in self.LISTENERS:
            # It stays bound. Elsewhere than on Linux this fails, and requests wait for the first worker.
            with suppress(OSError):
                listener.sock.shutdown(socket.SHUT_RDWR)

    def stop(self, graceful: bool = True) -> None:
        for listener in self.LISTENERS:
            turn_away(listener.sock)
        super().stop(graceful)


class Worker(SyncWorker):  # type: ignore[misc]
    """One request at a time; answers what is queued before it ends."""

    def run(self) -> None:
        super().run()
        _take_queued(self)
        _close(self)


class ThreadedWorker(ThreadWorker):  # type: ignore[misc]
    """Several requests at a time; answers what is queued before it ends."""

    def set_accept_enabled(self, enabled: bool) -> None:
        if self.alive:
            super().set_accept_enabled(enabled)
            return
        _take_queued(self)
        super().set_accept_enabled(False)
        _close(self)


def _listen(worker: SyncWorker | ThreadWorker) -> None:
    for listener in worker.sockets:
        listener.listen(worker.cfg.backlog)


def _take_queued(worker: SyncWorker | ThreadWorker) -> None:
    while select.select(worker.sockets, [], [], QUIET_SECONDS)[0]:
        # A sibling may have been faster.
        with suppress(BlockingIOError, ConnectionAbortedError):
            worker.accept(worker.sockets[0])
        worker.notify()


def _close(worker: SyncWorker | ThreadWorker) -> None:
    """At once: who asks now is refused and goes elsewhere, instead of waiting for this process to end."""
    for listener in worker.sockets:
        listener.close()


class Application(BaseApplication):  # type: ignore[misc]
    """One WSGI app under these; `options` are gunicorn's own, its threads decide which worker it is."""

    def __init__(self, load: Callable[[], Any], options: Mapping[str, Any]) -> None:
        self._make = load
        kind = ThreadedWorker if options.get("threads", 1) > 1 else Worker
        self._options = {**options, "worker_class": kind, "post_worker_init": _listen}
        super().__init__()

    def load_config(self) -> None:
        for option, value in self._options.items():
            self.cfg.set(option, value)

    def load(self) -> Any:
        return self._make()

    def run(self) -> None:
        Master(self).run()
