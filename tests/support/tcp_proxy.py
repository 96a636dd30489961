"""A TCP proxy that makes trouble: what passes is delayed, swallowed, or cut off."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PASS, SWALLOW, REFUSE = "pass", "swallow", "refuse"


class TcpProxy:
    """`mode` and `delay` (seconds before an answer begins to pass) may change at any time."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.mode, self.delay = PASS, 0.0
        self.connections = 0
        self._target = target
        self._closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        # A thread that waits for a connection is not woken by the closing, but by one.
        with suppress(OSError):
            socket.create_connection(self._listener.getsockname()).close()
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            client, _ = self._listener.accept()
            self.connections += 1
            if self._closed.is_set() or self.mode == REFUSE:
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if self.mode == SWALLOW:
                while client.recv(65_536):
                    pass
                return
            with socket.create_connection(self._target) as server:
                back = threading.Thread(target=self._pump, args=(server, client, True), daemon=True)
                back.start()
                self._pump(client, server, False)
                back.join()

    def _pump(self, source: socket.socket, to: socket.socket, answering: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if answering and self.delay:
                    self._closed.wait(self.delay)
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)


@contextmanager
def tcp_proxy(host: str, port: int) -> Iterator[TcpProxy]:
    """A proxy before an address, closed afterwards."""
    proxy = TcpProxy((host, port))
    try:
        yield proxy
    finally:
        proxy.close()
