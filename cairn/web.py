"""The web side of a part: its Flask app, and the servers that carry it.

Embedded, waitress serves the gateway from this process. Distributed, gunicorn runs one part in several worker
processes; each connects after the fork, because no database pool and no connection survives one.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cairn import connect
from chassis.service import Runtime
from chassis.settings import Settings

if TYPE_CHECKING:
    from gateway.proxy.wire import Exchange

App = Callable[..., Any]
GATEWAY_THREADS = 12


def service_app(part: Runtime, public_keys: str, settings: Settings) -> App:
    """The app of a service: it trusts the gateway's tokens and nothing else."""
    from chassis.http.app import build
    from chassis.identity import Verifier

    return build(part, Verifier(public_keys, part.clock), cursor_secret=settings.cursor_secret or "")


def gateway_app(part: Runtime, private_key: str, exchanges: "Mapping[str, Exchange]", settings: Settings) -> App:
    """The gateway's app: sign-in, pass-through to the services, aggregated reads."""
    from gateway.app import build

    return build(part, private_key, exchanges, settings)


def role_app(name: str, settings: Settings) -> App:
    """The app of one part in a process of its own."""
    part = connect.checked(settings, name)
    private, public = connect.keys(settings)
    if name == "gateway":
        return gateway_app(part, private, connect.exchanges(settings, {}), settings)
    return service_app(part, public, settings)


def serve_embedded(app: App, host: str, port: int, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called once the port is open. OSError if the port is taken."""
    from waitress.server import create_server

    server = create_server(app, host=host, port=port, threads=8, ident="cairn", max_request_body_size=32 << 20)

    def end(_signal: int, _frame: object) -> None:
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    try:
        ready()
        server.run()
    finally:
        server.close()


@contextmanager
def shared_metrics() -> Iterator[None]:
    """A folder where the processes of a web part keep their metrics together, removed at the end.

    Enter it before anything that counts is imported: the metrics library looks for the folder once, at its import.
    """
    folder = tempfile.mkdtemp(prefix="cairn-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    master = os.getpid()
    try:
        yield
    finally:
        # A worker that ends comes by here as well, and the folder is still everybody's.
        if os.getpid() == master:
            os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
            shutil.rmtree(folder, ignore_errors=True)


def serve(name: str, settings: Settings) -> None:
    """Run one part's web processes under gunicorn until told to stop; never returns. Wants `shared_metrics`."""
    from cairn.draining import Application

    Application(lambda: role_app(name, settings), _options(name, settings)).run()


def _options(name: str, settings: Settings) -> dict[str, Any]:
    """A service's process answers one request at a time; a gateway's must not stand still for one slow service."""
    return {
        "bind": f"{settings.host}:{settings.port}",
        "workers": settings.web_workers,
        "threads": GATEWAY_THREADS if name == "gateway" else 1,
        "timeout": 60,
        "graceful_timeout": 20,
        "preload_app": False,
        "control_socket_disable": True,
        "accesslog": None,
        "loglevel": "warning",
        "child_exit": _forget_worker,
    }


def _forget_worker(_server: object, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
