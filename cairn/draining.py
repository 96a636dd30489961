"""gunicorn that leaves no request behind: it listens once it can answer; told to end, it answers whatever it has taken.

A listening socket that is closed resets whatever the kernel has taken in its name and nobody has accepted yet. So the
kernel is told first to drop what asks for a connection; what is queued then comes to an end, and is answered. Somebody
who asked meanwhile is refused a moment later, when the socket is closed, and knows that nothing was begun. Its threads
take connections themselves, one request each (docs/adr/0010).
"""

import ctypes
import errno
import math
import os
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.sync import SyncWorker

from cairn.memory import leave_what_is_loaded
from chassis.connections import stands

QUIET_SECONDS = 0.1
"""A handshake that was under way when connections were turned away has ended by then."""
SILENT_SECONDS = 20
"""So long a connection may say nothing before it is given up."""
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
    """As many threads as are set, each of which takes a connection, answers its request, closes it and takes the next.

    Nobody hands connections out: the threads of all processes wait in one row, and the kernel wakes the one that has
    waited longest. Told to end, the process answers what is queued first.
    """

    def run(self) -> None:
        self._since: dict[int, float] = {}
        listener = self.sockets[0]
        listener.setblocking(True)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENT_SECONDS, 0))
        for _ in range(self.cfg.threads):
            threading.Thread(target=self._serve, args=(listener,), daemon=True).start()
        while self.alive and self.is_parent_alive():
            if not self._stuck():
                self.notify()
            if select.select([self.PIPE[0]], [], [], 1.0)[0]:
                os.read(self.PIPE[0], 1)
        while self._since or select.select(self.sockets, [], [], QUIET_SECONDS)[0]:
            self.notify()
            time.sleep(QUIET_SECONDS / 10)
        # At once: who asks now is refused and goes elsewhere, instead of waiting for this process to end.
        listener.close()

    def _serve(self, listener: socket.socket) -> None:
        mine = threading.get_ident()
        while True:
            try:
                client, address = listener.accept()
            except BlockingIOError:
                continue
            except OSError as fault:
                if fault.errno == errno.ECONNABORTED:
                    continue
                return
            self._since[mine] = time.monotonic()
            try:
                self.handle(listener, client, address)
            except Exception:
                self.log.exception("a request came to no end")
            del self._since[mine]

    def _stuck(self) -> bool:
        """Whether a request takes so long that the process is better ended by gunicorn."""
        return bool(self.timeout) and time.monotonic() - min(self._since.values(), default=math.inf) > self.timeout

    def handle_request(self, listener: socket.socket, req: Any, client: socket.socket, addr: Any) -> None:
        # Head and body of the answer leave together, with the end of the connection.
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        super().handle_request(listener, req, client, addr)
        if stands(client):
            # Nothing is left unread, so nothing can be cut off by closing: the other side need not be waited for.
            client.close()


def _listen(worker: SyncWorker) -> None:
    for listener in worker.sockets:
        listener.listen(worker.cfg.backlog)


class Application(BaseApplication):  # type: ignore[misc]
    """One WSGI app under these; `options` are gunicorn's own."""

    def __init__(self, load: Callable[[], Any], options: Mapping[str, Any]) -> None:
        self._make = load
        self._options = {**options, "worker_class": Worker, "post_worker_init": _listen}
        super().__init__()

    def load_config(self) -> None:
        for option, value in self._options.items():
            self.cfg.set(option, value)

    def load(self) -> Any:
        made = self._make()
        leave_what_is_loaded()
        return made

    def run(self) -> None:
        Master(self).run()
