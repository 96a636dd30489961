"""The gateway as callers meet it, an identity provider of our own on a real port, and tokens made by hand."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from cairn import topology
from chassis.access import SYSTEM
from chassis.db import Database
from chassis.ids import new_id
from chassis.migrate import migrate
from chassis.service import Runtime
from chassis.settings import Settings, load
from chassis.unit import unit_of_work
from contracts.envelope import Envelope
from contracts.event import Event
from gateway import app as gateway_app
from gateway.proxy.wire import Exchange, Wire
from tests.support.hosted import PRIVATE, FixedClock

ANA = "0190b6a4-9d5c-7c3e-8a55-0000000000a1"
BEN = "0190b6a4-9d5c-7c3e-8a55-0000000000a2"
ADMIN = "0190b6a4-9d5c-7c3e-8a55-0000000000a9"
AUDIENCE = "cairn"


@dataclass
class Door:
    """A gateway with a database of its own. `tell` lets it hear of something."""

    runtime: Runtime
    clock: FixedClock
    app: Flask

    def client(self, token: str | None = None, source: str = "127.0.0.1") -> FlaskClient:
        """A caller with this bearer token, from this address."""
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = source
        if token is not None:
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    def tell(self, *events: Event) -> None:
        for event in events:
            envelope = Envelope(
                id=new_id(), type=event.TYPE, source="/cairn/people", subject=event.id, time=self.clock(),
                aggregate_version=event.version, actor=SYSTEM.id,
            )  # fmt: skip
            with unit_of_work(self.runtime.db, clock=self.clock, settle=self.runtime.service.settle) as unit:
                self.runtime.service.handlers[type(event)](unit, event, envelope)


@contextmanager
def door(
    database_url: str, settings: Settings | None = None, exchanges: Mapping[str, Exchange] | None = None
) -> Iterator[Door]:
    """The gateway's real application. Without exchanges, no service can be reached."""
    clock = FixedClock()
    runtime = Runtime(gateway_app.service(), Database(database_url), clock)
    migrate(runtime.db, runtime.service)
    reachable = {**dict.fromkeys(topology.SERVICES, Wire("http://127.0.0.1:1")), **(exchanges or {})}
    try:
        yield Door(runtime, clock, gateway_app.build(runtime, PRIVATE, reachable, settings or load({})))
    finally:
        runtime.db.dispose()


KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
}
"""One key pair per algorithm; making them costs time, so they are made once."""


def public(key: Any, **more: Any) -> dict[str, Any]:
    """A key as a JWKS shows it."""
    return {**key.as_dict(private=False), "use": "sig", **more}


@dataclass
class Issuer:
    """An identity provider: a discovery document and a JWKS, and the tokens it signs."""

    url: str
    keys: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None
    """Answered for the keys in place of the JWKS."""
    asked: list[str] = field(default_factory=list)

    def settings(self, **more: str) -> Settings:
        return load({"CAIRN_OIDC_ISSUER": self.url, "CAIRN_OIDC_AUDIENCE": AUDIENCE, **more})

    def claims(self, clock: FixedClock, **more: Any) -> dict[str, Any]:
        """What a good access token for Ana claims; None takes a claim away."""
        now = int(clock().timestamp())
        claims = {
            "iss": self.url, "aud": AUDIENCE, "sub": "248289761001", "iat": now, "exp": now + 300,
            "email": "ana@example.org", **more,
        }  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}


@contextmanager
def issuer(keys: Sequence[Any] = tuple(KEYS.values())) -> Iterator[Issuer]:
    """An issuer on a free port."""
    served: list[Issuer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer(served[0], self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        here = Issuer(f"http://127.0.0.1:{server.server_port}/realm", [public(key) for key in keys])
        served.append(here)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()


def answer(here: Issuer, path: str) -> tuple[int, bytes]:
    """What the issuer says at a path."""
    here.asked.append(path)
    if path == "/realm/.well-known/openid-configuration":
        return here.status, json.dumps({"issuer": here.url, "jwks_uri": f"{here.url}/jwks"}).encode()
    if path == "/realm/jwks":
        return here.status, json.dumps({"keys": here.keys}).encode() if here.body is None else here.body
    return 404, b"{}"


def segment(value: Any) -> str:
    """A value as one part of a compact token; bytes as they are, everything else as JSON."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims: Any, algorithm: str = "RS256", key: Any = None, **header: Any) -> str:
    """A token with this header, really signed; None takes a header away."""
    key = key or KEYS[algorithm]
    wanted = {"alg": algorithm, "typ": "at+jwt", "kid": key.kid, **header}
    head = segment({name: value for name, value in wanted.items() if value is not None})
    body = f"{head}.{segment(claims)}"
    return f"{body}.{segment(JWSRegistry.algorithms[algorithm].sign(body.encode(), key))}"


def later(clock: FixedClock, **by: float) -> None:
    clock.advance(timedelta(**by))
