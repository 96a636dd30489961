"""The call being answered: what a view may ask about itself, instead of passing it through every signature."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from flask import Request, current_app, g
from sqlalchemy.orm import Session

from chassis.access import Actor
from chassis.http.tags import ANYTHING, Expected
from chassis.service import Runtime
from chassis.trace import Trace
from chassis.unit import Unit

T = TypeVar("T")
EXTENSION = "cairn"


class Keys(Protocol):
    """What tells a true token from a false one: `chassis.identity.Verifier`."""

    def verify(self, token: str, audience: str) -> Actor:
        """The actor, or Unauthenticated."""


@dataclass(frozen=True)
class Site:
    """What every call of one application shares."""

    runtime: Runtime
    authenticate: Callable[[Request], Actor]
    wait: Callable[[float], None]
    """Waits so many seconds; given by tests that watch or drive the waiting."""
    patience: float
    """Seconds a read waits for the events of its consistency token."""
    cursor_secret: bytes


@dataclass
class Call:
    request: Request
    trace: Trace
    started: float
    actor: Actor | None = None
    unit: Unit | None = None
    session: Session | None = None
    reading: Callable[[], Session] | None = None
    """Opens the session of a read, which many an answer does without."""
    expected: Expected = ANYTHING
    tagged: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def site() -> Site:
    return cast(Site, current_app.extensions[EXTENSION])


def call() -> Call:
    return cast(Call, g.cairn_call)


def actor() -> Actor:
    """Who is calling. RuntimeError in a view open to everybody."""
    return _present(call().actor, "no actor: this operation is open to everybody")


def unit() -> Unit:
    """The unit of work of this call. RuntimeError outside `@writes`."""
    return _present(call().unit, "no unit of work: declare the operation with @writes")


def session() -> Session:
    """The database session of this call: for reading under `@reads`, the unit's own under `@writes`."""
    now = call()
    if now.unit is not None:
        return now.unit.session
    if now.session is None and now.reading is not None:
        now.session = now.reading()
    return _present(now.session, "no session: declare the operation with @reads or @writes")


def expected() -> Expected:
    """What the caller takes the thing's version to be (`If-Match`); without the header it agrees to any."""
    return call().expected


def tagged(thing: T) -> T:
    """Answer with the thing's ETag: `"<edition>.<version>"`, or `"<version>"` where it has no edition.

    It is computed after the unit has settled, so it is the version the answer shows. Returns the thing.
    """
    call().tagged = thing
    return thing


def with_header(name: str, value: str) -> None:
    """Add a header, such as Location, to the answer of this call if it succeeds."""
    call().headers[name] = value


def _present(value: T | None, otherwise: str) -> T:
    if value is None:
        raise RuntimeError(otherwise)
    return value
