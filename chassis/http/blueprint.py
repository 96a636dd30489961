"""Declaring operations: a view function is plain, what happens around it is declared by decorators.

The decorators run nothing. Each notes its part in the view's `Plan`; registering the route turns view and plan into
one function (`chassis.http.pipeline`), so the order of events is written down in one place, and fills what
flask-smorest documents. An operation that does not say who may call it is refused at import.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import flask_smorest
from marshmallow import Schema

from chassis.access import POLICY
from chassis.http import document, pipeline
from chassis.http.pipeline import OPEN, READ, WRITE, Argument, Plan

View = TypeVar("View", bound=Callable[..., Any])


def plan_of(view: Any) -> Plan:
    """The plan noted on a view so far."""
    if not hasattr(view, "cairn_plan"):
        view.cairn_plan = Plan()
    plan: Plan = view.cairn_plan
    return plan


def reads(service: str, action: str) -> Callable[[View], View]:
    """The operation reads: actor, scope `<service>:read`, a session. `action` stands in `chassis.access.POLICY`."""
    return _declares(READ, service, action)


def writes(
    service: str, action: str, *, match: bool = False, status: int = 200, replayable: bool = True
) -> Callable[[View], View]:
    """The operation changes something: actor, scope `<service>:write`, one unit of work, Idempotency-Key.

    With `match`, If-Match is required. `status` counts where no `@blp.response` says it. Permission for the concrete
    thing is checked by the command. Not `replayable` is what must not be kept for a retry: an answer with a secret.
    """
    return _declares(WRITE, service, action, match=match, default_status=status, replayable=replayable)


def public(reason: str) -> Callable[[View], View]:
    """The operation is open to everybody, for a reason that stands in its documentation."""
    return _declares(OPEN, "", "", reason=reason)


def _declares(mode: str, service: str, action: str, **more: Any) -> Callable[[View], View]:
    if mode != OPEN and action not in POLICY:
        raise KeyError(f"{action} is not an action of chassis.access.POLICY")

    def decorator(view: View) -> View:
        plan = plan_of(view)
        plan.mode, plan.service, plan.action = mode, service, action
        for name, value in more.items():
            setattr(plan, name, value)
        return view

    return decorator


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """Routes of one kind of thing. `arguments` and `response` work as in flask-smorest, for functions only."""

    def arguments(
        self, schema: type[Schema] | Schema, *, location: str = "json", description: str | None = None, **_: Any
    ) -> Callable[[View], View]:
        """Load the body (`json`) or the `query` with the schema and pass it to the view, in the order written."""
        if location not in ("json", "query"):
            raise ValueError("location is json or query")

        def decorator(view: View) -> View:
            argument = Argument(_instance(schema), location, description)
            plan_of(view).arguments.insert(0, argument)
            return view

        return decorator

    def body(
        self,
        *content_types: str,
        most: int = pipeline.LARGEST_BODY,
        shown: Mapping[str, Any] | None = None,
        any_type: bool = False,
    ) -> Callable[[View], View]:
        """Pass the body to the view as bytes, of one of these media types and at most so many bytes.

        `shown` has the OpenAPI media type object of each, for the document only. With `any_type` whatever the sender
        calls the content is taken; the types are what the document names.
        """

        def decorator(view: View) -> View:
            plan = plan_of(view)
            plan.content_types, plan.largest, plan.content_doc = content_types, most, dict(shown or {})
            plan.any_type = any_type
            return view

        return decorator

    def response(
        self, status_code: int, schema: Any = None, *, description: str | None = None, **more: Any
    ) -> Callable[[View], View]:
        """Answer with this status, dumping what the view returns with the schema; without one, nothing or JSON."""

        def decorator(view: View) -> View:
            plan = plan_of(view)
            plan.answer_status, plan.schema = status_code, None if schema is None else _instance(schema)
            plan.answer_doc = {"description": description or HTTPStatus(status_code).phrase, **more}
            return view

        return decorator

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **options: Any
    ) -> None:
        """Register a route. TypeError where the operation declares neither @reads, @writes nor @public."""
        plan = plan_of(view_func)
        if not plan.mode:
            raise TypeError(f"{view_func.__name__} declares none of @reads, @writes and @public")
        answer = pipeline.compiled(plan, view_func)
        answer._apidoc = document.apidoc(plan, rule, view_func.__name__)
        super().add_url_rule(rule, endpoint, answer, *args, **options)


def _instance(schema: type[Schema] | Schema) -> Schema:
    return schema() if isinstance(schema, type) else schema
