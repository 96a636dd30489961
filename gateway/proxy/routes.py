"""The forwarded routes: prove the caller, mint a pass for the owner of the operation, send, answer what it answers."""

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

from flask import Flask, Request, Response
from werkzeug.exceptions import NotFound

from chassis import logs
from chassis.http.bodies import body_of
from chassis.http.call import EXTENSION, call, site
from chassis.identity import Minter
from gateway.proxy.headers import inward
from gateway.proxy.operations import Operation
from gateway.proxy.passes import Passes
from gateway.proxy.upstream import Upstream
from gateway.proxy.wire import Answer, Exchange

_IN_A_PATH = "/:@!$&'()*+,;=~-._"
_IN_A_QUERY = "".join(map(chr, range(0x21, 0x7F)))
"""Whatever else callers send, raw bytes of letters among it, is passed on as percent and two digits."""


def register(app: Flask, operations: Iterable[Operation], exchanges: Mapping[str, Exchange], private_key: str) -> None:
    """Add a route for every operation. KeyError for an operation of a service that cannot be reached."""
    runtime = app.extensions[EXTENSION].runtime
    passes = Passes(Minter(private_key), runtime.clock)
    upstreams = {name: Upstream(name, exchange) for name, exchange in exchanges.items()}
    for operation in operations:
        view = _view(operation, upstreams[operation.service], passes)
        endpoint = f"{operation.service}:{operation.method} {operation.rule}".replace(".", "_")
        app.add_url_rule(operation.rule, endpoint, view, methods=[operation.method])


def _view(operation: Operation, upstream: Upstream, passes: Passes) -> Callable[..., Response]:
    def forward(**path: str) -> Response:
        if any(not value.isascii() or value in (".", "..") for value in path.values()):
            raise NotFound
        now = call()
        request = now.request
        actor = now.actor = site().authenticate(request)
        logs.note(now.trace.trace_id, actor.id)
        request.max_content_length = operation.largest
        body = body_of(request)
        headers = inward(request.headers, passes.token(actor, operation.service), now.trace.traceparent)
        answer = upstream.send(request.method, _target(request), headers, body, operation.seconds)
        return _response(answer, request.method)

    return forward


def _target(request: Request) -> str:
    query = quote(request.query_string, safe=_IN_A_QUERY)
    return quote(request.path, safe=_IN_A_PATH) + (f"?{query}" if query else "")


def _response(answer: Answer, method: str) -> Response:
    response = Response(answer.body, answer.status)
    del response.headers["Content-Type"]
    if method == "HEAD":
        # There is no body to measure, and 0 is not what GET would answer.
        response.automatically_set_content_length = False
        del response.headers["Content-Length"]
    response.headers.extend(answer.headers)
    return response
