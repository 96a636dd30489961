"""The web application of a service: blueprints, the OpenAPI document, errors, health, metrics and logs around them."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from flask import Flask, Request, Response, g, request

from chassis import VERSION, logs, metrics
from chassis.access import Actor
from chassis.http import errors, ops
from chassis.http.call import EXTENSION, Call, Keys, Site, call
from chassis.http.document import Api, IdConverter, tidied
from chassis.http.pipeline import LARGEST_BODY
from chassis.problems import Unauthenticated
from chassis.service import Runtime
from chassis.trace import new_trace

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}

log = logging.getLogger("cairn.access")


class _App(Flask):
    """Flask, without looking at each function of each request whether it is a coroutine: none of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def build(
    runtime: Runtime,
    keys: Keys | None = None,
    *,
    authenticate: Callable[[Request], Actor] | None = None,
    wait: Callable[[float], None] = time.sleep,
    patience: float = 2.0,
    cursor_secret: str | None = None,
    version: str = "1",
    ready: ops.Ready | None = None,
    with_ops: bool = True,
) -> Flask:
    """The application of a service.

    Callers are proved by `keys` (internal tokens for this service), or by `authenticate` in the gateway, which has
    other proofs. `patience` is how long, in seconds, a consistency token is waited for, with `wait` between looks.
    `cursor_secret` must be the same in all processes of a service. `with_ops` False keeps health and metrics off a
    public port.
    """
    metrics.BUILD.labels(runtime.service.name, VERSION).set(1)
    app = _App(runtime.service.name, static_folder=None)
    _configure(app)
    proof = authenticate or partial(bearer, _required(keys), runtime.service.name)
    app.extensions[EXTENSION] = Site(runtime, proof, wait, patience, (cursor_secret or "").encode())
    app.before_request(_begin)
    app.after_request(partial(_end, runtime.service.name))
    errors.register(app)
    _serve_document(app, _described(app, runtime, version))
    if with_ops:
        ops.register(app, ready or partial(ops.database_ready, runtime))
    return app


def document(runtime: Runtime) -> dict[str, Any]:
    """The OpenAPI document of a service, from its routes alone; the database is not touched."""
    app = _App(runtime.service.name, static_folder=None)
    _configure(app)
    return tidied(_described(app, runtime).spec.to_dict())


def _described(app: Flask, runtime: Runtime, version: str = "1") -> Api:
    api = Api(app, f"Cairn {runtime.service.name}", version)
    for blueprint in runtime.service.blueprints():
        api.register_blueprint(blueprint)
    return api


def _configure(app: Flask) -> None:
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, PROVIDE_AUTOMATIC_OPTIONS=False)
    # Both would answer with a redirect page in HTML.
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    app.url_map.converters["uuid"] = IdConverter


def _required(keys: Keys | None) -> Keys:
    if keys is None:
        raise TypeError("give keys or authenticate: an application without proof of its callers is not built")
    return keys


def bearer(keys: Keys, audience: str, incoming: Request) -> Actor:
    """The actor of the request's bearer token. Raises Unauthenticated."""
    scheme, _, token = incoming.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Say who you are: send Authorization: Bearer and your access token.")
    return keys.verify(token.strip(), audience)


def _begin() -> None:
    # The request itself: each look through Flask's stand-in for it is paid for.
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]
    trace = new_trace(asked.headers.get("traceparent"))
    g.cairn_call = Call(asked, trace, time.perf_counter())
    logs.note(trace.trace_id)


def _end(service: str, response: Response) -> Response:
    given = set(response.headers.keys(lower=True))
    response.headers.extend([(name, value) for name, value in SAFE_HEADERS.items() if name.lower() not in given])
    now = call()
    if now.request.path not in ops.PATHS:
        _measure(service, now, response)
    return response


def _measure(service: str, now: Call, response: Response) -> None:
    seconds = time.perf_counter() - now.started
    asked, code = now.request, response.status_code
    route = asked.url_rule.rule if asked.url_rule is not None else "unmatched"
    method = asked.method if asked.method in METHODS else "OTHER"
    metrics.REQUESTS.labels(service, route, method, str(code)).inc()
    metrics.REQUEST_SECONDS.labels(service, route, method).observe(seconds)
    if code in (401, 403):
        metrics.DENIED.labels(service, str(code)).inc()
    facts = {"route": route, "method": method, "status": code, "ms": round(seconds * 1000, 2)}
    log.info("request", extra=facts)


def _serve_document(app: Flask, api: Api) -> None:
    body = msgspec.json.encode(tidied(api.spec.to_dict()))

    def openapi() -> Response:
        return Response(body, content_type="application/json")

    app.add_url_rule("/openapi.json", view_func=openapi)
