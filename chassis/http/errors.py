"""Every failure becomes `application/problem+json`; what was not foreseen is logged and answered without insides."""

import json
import logging
from http import HTTPStatus

from flask import Flask, Response, request
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from chassis.http.call import call
from chassis.problems import Conflict, Invalid, Problem, Stale, Unauthenticated, Unavailable

MEDIA_TYPE = "application/problem+json"

DETAILS = {
    400: "The request could not be read.",
    404: "There is nothing at this address.",
    405: "This method does not work here; the Allow header names those that do.",
    408: "The request took too long to arrive; send it again.",
    411: "Say how long the body is, with Content-Length.",
    413: "The body is too large; send less at a time.",
    414: "The address is too long.",
    415: "The body has a media type that is not read here.",
    431: "The headers are too large.",
}

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Let the application answer every exception as a problem."""
    app.register_error_handler(Exception, answer)


def answer(fault: Exception) -> Response:
    """The problem document for any exception."""
    if isinstance(fault, HTTPException):
        return of_http(fault)
    problem = fault if isinstance(fault, Problem) else translated(fault)
    if problem is None:
        log.error("request failed", exc_info=fault)
        problem = Problem("Something went wrong on our side; the trace id helps to find out what.", kind="internal")
    if isinstance(problem, Unauthenticated):
        problem.headers.setdefault("WWW-Authenticate", "Bearer")
    return document(problem.as_dict(), problem.headers)


def translated(fault: Exception) -> Problem | None:
    """What a database's complaint means to the caller; None for what should never happen."""
    match fault:
        case StaleDataError():
            return _overtaken()
        case IntegrityError():
            return Conflict("This collides with something that exists, or names something that does not.")
        case DataError():
            return Invalid("A value lies outside what can be stored; send a smaller one.")
        case OperationalError() | InterfaceError() | PoolTimeout():
            log.warning("database unavailable: %s", _short(fault))
            return Unavailable("The database cannot answer now; try again shortly.", kind="database")
        case DBAPIError(connection_invalidated=True):
            return Unavailable("The database connection was lost; try again shortly.", kind="database")
    return None


def _overtaken() -> Problem:
    if "If-Match" in request.headers:
        return Stale("Somebody changed this at the same moment. Read it again, then change it.")
    return Conflict("Somebody changed this at the same moment. Read it again, then decide anew.", kind="overtaken")


def _short(fault: Exception) -> str:
    original = getattr(fault, "orig", None)
    state = getattr(original, "sqlstate", None)
    return f"{type(original or fault).__name__}{f' {state}' if state else ''}"


def of_http(fault: HTTPException) -> Response:
    """An exception of the web framework, in our words."""
    status = HTTPStatus(fault.code or 500)
    own = fault.description if fault.description != type(fault).description else None
    body: dict[str, object] = {
        "type": f"urn:cairn:problem:{type(fault).__name__.lower()}",
        "title": status.phrase,
        "status": int(status),
        "detail": own or DETAILS.get(status, status.description or status.phrase),
    }
    headers = {name: value for name, value in fault.get_headers() if name.lower() != "content-type"}
    return document(body, headers)


def document(body: dict[str, object], headers: dict[str, str]) -> Response:
    """A problem document with the trace id of this call."""
    trace_id = call().trace.trace_id
    response = Response(json.dumps({**body, "trace_id": trace_id}), int(str(body["status"])), content_type=MEDIA_TYPE)
    response.headers.update(headers)
    return response
