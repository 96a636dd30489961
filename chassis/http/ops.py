"""Health and metrics, for web processes (routes) and workers (a small server in a thread of its own).

Live means the process works; ready means its own database answers and is migrated. The bus and other services are
nobody's readiness: the outbox bridges the one, the read model the other.
"""

import json
import logging
import os
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from flask import Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chassis.service import Runtime

PATHS = frozenset({"/livez", "/readyz", "/metrics"})

log = logging.getLogger(__name__)

Ready = Callable[[], list[str]]
"""Answers what stands in the way of being ready; nothing when ready."""


def metrics_text() -> bytes:
    """All metrics of this process, or of all its siblings where PROMETHEUS_MULTIPROC_DIR is set."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def database_ready(runtime: Runtime) -> list[str]:
    """What keeps this service's database from being ready: unreachable, or revisions not applied yet."""
    from chassis import migrate

    try:
        with runtime.db.reading() as session:
            session.execute(text("SELECT 1"))
        return migrate.pending(runtime.db, runtime.service)
    except SQLAlchemyError as fault:
        log.warning("database not reachable: %s", type(fault).__name__)
        return ["the database does not answer"]


def answered(path: str, live: Callable[[], bool], ready: Ready) -> tuple[int, str, bytes]:
    """Status, content type and body for one of the three paths."""
    if path == "/metrics":
        return 200, CONTENT_TYPE_LATEST, metrics_text()
    missing = ready() if path == "/readyz" else ([] if live() else ["the work has stopped"])
    body = {"status": "unavailable" if missing else "ok", "missing": missing}
    return 503 if missing else 200, "application/json", json.dumps(body).encode()


def register(app: Flask, ready: Ready) -> None:
    """Serve the three paths from a web application."""

    def serve(path: str) -> Callable[[], Response]:
        def view() -> Response:
            status, kind, body = answered(path, lambda: True, ready)
            return Response(body, status, content_type=kind)

        return view

    for path in sorted(PATHS):
        app.add_url_rule(path, endpoint=f"ops_{path[1:]}", view_func=serve(path))


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 32


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:
        """Probes are not worth a line each."""


class OpsServer:
    """The small server; `port` is the one it listens on. Close it, or use it as a context."""

    def __init__(self, server: WSGIServer) -> None:
        self.port: int = server.server_port
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve_ops(port: int, live: Callable[[], bool], ready: Ready, *, host: str = "127.0.0.1") -> OpsServer:
    """Serve /livez, /readyz and /metrics from a daemon thread; port 0 takes a free one."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path in PATHS:
            status, kind, body = answered(path, live, ready)
        else:
            status, kind, body = 404, "application/problem+json", _NOT_HERE
        reason = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}[status]
        headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start_response(f"{status} {reason}", headers)
        return [body]

    return OpsServer(make_server(host, port, app, _Server, _Quiet))


_NOT_HERE = json.dumps(
    {
        "type": "urn:cairn:problem:notfound",
        "title": "Not Found",
        "status": 404,
        "detail": "Here are /livez, /readyz and /metrics only.",
    }
).encode()
