"""What happens around a view, in order.

Prove the caller, check the token's scope, read the preconditions, wait for the caller's own writes, parse; then open
the unit of work, call the view, settle, dump the answer, keep it under its Idempotency-Key, commit; then answer.
Parsing comes before the transaction, dumping inside it: what settling computed is in the answer.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import msgspec
from flask import Request, Response, request
from marshmallow import Schema
from werkzeug.exceptions import UnsupportedMediaType

from chassis import access, logs
from chassis.access import Actor
from chassis.http import bodies, consistency, idempotency, tags
from chassis.http.call import Call, Site, call, site
from chassis.http.idempotency import Attempt, Kept
from chassis.http.pages import next_link
from chassis.problems import Denied
from chassis.unit import finish, unit_of_work

READ, WRITE, OPEN = "read", "write", "open"
LARGEST_BODY = 1 << 20
"""Bytes. Larger bodies are answered 413, whether they declare their length or not."""
JSON = "application/json"


@dataclass(frozen=True)
class Argument:
    schema: Schema
    location: str
    description: str | None


@dataclass
class Plan:
    """What the decorators of a view said."""

    mode: str = ""
    service: str = ""
    action: str = ""
    reason: str = ""
    match: bool = False
    replayable: bool = True
    default_status: int = 200
    answer_status: int | None = None
    arguments: list[Argument] = field(default_factory=list)
    content_types: tuple[str, ...] = ()
    any_type: bool = False
    content_doc: dict[str, Any] = field(default_factory=dict)
    largest: int = LARGEST_BODY
    schema: Schema | None = None
    answer_doc: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return self.answer_status or self.default_status

    @property
    def sends_body(self) -> bool:
        return bool(self.content_types) or any(argument.location == "json" for argument in self.arguments)


View = Callable[..., Any]


def compiled(plan: Plan, view: View) -> Any:
    """The function Flask calls for this view."""
    run = {READ: _read, WRITE: _write, OPEN: _open}[plan.mode]

    @wraps(view)
    def answer(**path: Any) -> Response:
        return run(plan, view, site(), call(), path)

    return answer


def _open(plan: Plan, view: View, _here: Site, now: Call, path: dict[str, Any]) -> Response:
    result = view(*_arguments(plan, now), **path)
    return result if isinstance(result, Response) else _response(dumped(plan, result), now)


def _read(plan: Plan, view: View, here: Site, now: Call, path: dict[str, Any]) -> Response:
    _admit(plan, here, now)
    _await_consistency(here, now)
    given = _arguments(plan, now)
    with ExitStack() as opened:
        now.reading = lambda: opened.enter_context(here.runtime.db.reading())
        result = view(*given, **path)
        if isinstance(result, Response):
            return result
        tag = _note_tag(now)
        if tag is not None and tags.unchanged(now.request.headers.get("If-None-Match"), tag):
            return _response(Kept(304, {}, b""), now)
        return _response(dumped(plan, result), now)


def _write(plan: Plan, view: View, here: Site, now: Call, path: dict[str, Any]) -> Response:
    actor = _admit(plan, here, now)
    headers = now.request.headers
    now.expected = tags.expectation(headers.get("If-Match"), plan.match)
    key = idempotency.checked_key(headers.get(idempotency.HEADER)) if plan.replayable else None
    _await_consistency(here, now)
    given = _arguments(plan, now)
    attempt = None if key is None else Attempt(actor.id, key, _fingerprint(now.request))
    runtime, settle = here.runtime, here.runtime.service.settle
    try:
        with unit_of_work(runtime.db, actor=actor, clock=runtime.clock, trace=now.trace, settle=settle) as unit:
            now.unit = unit
            kept = None if attempt is None else idempotency.answered(unit.look_up, attempt)
            if kept is not None:
                return _response(kept, now, replayed=True)
            result = view(*given, **path)
            finish(unit, settle)
            answer = _written(plan, result, runtime.service.name, now)
            if attempt is not None:
                idempotency.keep(unit, attempt, answer)
    except Exception as fault:
        if attempt is None:
            raise
        return _response(idempotency.answered_meanwhile(runtime.db, attempt, fault), now, replayed=True)
    return _response(answer, now)


def _admit(plan: Plan, here: Site, now: Call) -> Actor:
    now.actor = actor = here.authenticate(now.request)
    logs.note(now.trace.trace_id, actor.id)
    if not access.in_scope(actor, plan.service, plan.mode == WRITE):
        scope = f"{plan.service}:{plan.mode}"
        raise Denied(f"Your token does not reach this; it needs the scope {scope}.", kind="scope")
    return actor


def _await_consistency(here: Site, now: Call) -> None:
    header = now.request.headers.get(consistency.HEADER)
    if header is None:
        return
    runtime = here.runtime
    ids = consistency.wanted(header, runtime.service, runtime.clock().timestamp())
    if ids:
        consistency.await_applied(runtime.db, ids, here.patience, here.wait)


def _arguments(plan: Plan, now: Call) -> list[Any]:
    given: list[Any] = [_bytes(plan, now.request)] if plan.content_types else []
    return given + [bodies.load(now.request, argument.location, argument.schema) for argument in plan.arguments]


def _bytes(plan: Plan, request: Request) -> bytes:
    request.max_content_length = plan.largest
    if request.mimetype not in plan.content_types and not plan.any_type:
        raise UnsupportedMediaType(f"Send the body as {' or '.join(plan.content_types)}.")
    return bodies.body_of(request)


def _fingerprint(request: Request) -> str:
    return idempotency.fingerprint(request.method, request.full_path, bodies.body_of(request))


def _note_tag(now: Call) -> str | None:
    if now.tagged is None:
        return None
    now.headers["ETag"] = tag = tags.tag_of(now.tagged)
    return tag


def _written(plan: Plan, result: Any, service: str, now: Call) -> Kept:
    """The answer of a write, with the headers that belong to it for ever."""
    _note_tag(now)
    if now.unit is not None and now.unit.published:
        now.headers[consistency.HEADER] = consistency.token(service, now.unit.published)
    if isinstance(result, Response):
        return Kept(result.status_code, {**dict(result.headers), **now.headers}, result.get_data())
    answer = dumped(plan, result)
    return Kept(answer.status, {**answer.headers, **now.headers}, answer.body)


def dumped(plan: Plan, result: Any) -> Kept:
    """The result as bytes, by the plan's schema where it has one."""
    value = result if plan.schema is None else plan.schema.dump(result)
    if value is None or plan.status == 204:
        return Kept(plan.status, {}, b"")
    headers = {"Content-Type": JSON}
    if isinstance(result, dict) and result.get("next") and "items" in result:
        headers["Link"] = next_link(request.path, request.args, result["next"])
    return Kept(plan.status, headers, value if isinstance(value, bytes) else msgspec.json.encode(value))


def _response(answer: Kept, now: Call, *, replayed: bool = False) -> Response:
    headers = answer.headers if replayed else {**answer.headers, **now.headers}
    response = Response(answer.body, answer.status, headers)
    if "Content-Type" not in headers:
        del response.headers["Content-Type"]  # the framework's guess
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response
