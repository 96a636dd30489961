"""A service behind the gateway that tells what reached it, and the ways to reach it: over a port, or in process."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from chassis.db import Database
from chassis.http import Blueprint, Schema, actor, fields, reads, tagged, with_header, writes
from chassis.http.app import build, document
from chassis.identity import Verifier
from chassis.migrate import migrate
from chassis.service import Runtime, Service
from gateway.proxy.wire import Exchange, Wire, inside
from services.goals.app import service as goals
from tests.support.hosted import PUBLIC, FixedClock


class Anything(Schema):
    """A body of any size."""

    text = fields.Text(longest=30 << 20)


def told(**more: Any) -> dict[str, Any]:
    who = actor()
    return {
        "method": request.method,
        "path": request.full_path,
        "headers": dict(request.headers),
        "actor": {"id": who.id, "kind": who.kind, "roles": sorted(who.roles), "scopes": sorted(who.scopes)},
        **more,
    }


def blueprint(release: threading.Event) -> Blueprint:
    """Operations that tell what reached them; `/slow` answers once `release` is set."""
    blp = Blueprint("echo", __name__, url_prefix="/api/v1", description="Tells what reached it.")

    @blp.get("/echoes/<uuid:echo_id>")
    @reads("goals", "objective.read")
    @blp.response(200)
    def read_echo(echo_id: str) -> dict[str, Any]:
        tagged(SimpleNamespace(version=7))
        with_header("Link", '</api/v1/echoes?cursor=x>; rel="next"')
        with_header("X-Internal", "secret")
        with_header("Set-Cookie", "a=b")
        return told(id=echo_id)

    @blp.get("/named/<name>")
    @reads("goals", "objective.read")
    @blp.response(200)
    def read_named(name: str) -> dict[str, Any]:
        return told(name=name)

    @blp.post("/echoes")
    @writes("goals", "objective.write")
    @blp.arguments(Anything)
    @blp.response(201)
    def write_echo(body: dict[str, Any]) -> dict[str, Any]:
        with_header("Location", "/api/v1/echoes/1")
        return told(size=len(body["text"]))

    @blp.post("/imports/echoes")
    @writes("goals", "objective.write")
    @blp.body("text/csv", most=20 << 20)
    @blp.response(200)
    def import_echoes(data: bytes) -> dict[str, Any]:
        return told(size=len(data))

    @blp.get("/slow")
    @reads("goals", "objective.read")
    @blp.response(200)
    def read_slow() -> dict[str, Any]:
        release.wait(10)
        return told()

    @blp.get("/broken")
    @reads("goals", "objective.read")
    @blp.response(200)
    def read_broken() -> Response:
        return Response("<h1>Bad gateway</h1>", 502, content_type="text/html")

    return blp


@dataclass
class Upstream:
    app: Flask
    described: dict[str, Any]
    """Its OpenAPI document."""


@contextmanager
def upstream(folder: Path, clock: FixedClock, name: str = "goals") -> Iterator[Upstream]:
    """The service's real application, under this name, trusting the test gateway's keys."""
    release = threading.Event()
    service: Service = replace(goals(), blueprints=lambda: [blueprint(release)])
    runtime = Runtime(service, Database(f"sqlite:///{folder / name}.db"), clock)
    migrate(runtime.db, service)
    runtime = replace(runtime, service=replace(service, name=name))
    try:
        yield Upstream(build(runtime, Verifier(PUBLIC, clock)), document(runtime))
    finally:
        release.set()
        runtime.db.dispose()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """The application on a free port; answers its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def reached(app: Any, over_http: bool) -> Iterator[Exchange]:
    """How the gateway gets to the application, over a port or in this process."""
    if not over_http:
        yield inside(app)
        return
    with listening(app) as url, closing(Wire(url)) as wire:
        yield wire
