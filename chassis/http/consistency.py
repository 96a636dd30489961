"""Read your own writes: a write names the events it published, a read that carries them waits until they are applied.

A token is `<service>:<id>,<id>…`, several of them joined by `;`; an id is a UUID in 22 characters of base64url.
"""

import base64
import re
import time
import uuid
from collections.abc import Callable, Sequence

from sqlalchemy import func, select

from chassis.db import Database
from chassis.problems import Malformed, Unavailable
from chassis.service import Service
from chassis.tables import INBOX

HEADER = "Cairn-Consistency"
MOST_IDS = 64
MOST_TOKENS = 16
LONGEST = 8192
POLL_SECONDS = 0.015
FORGOTTEN_SECONDS = 86_400
"""Inboxes are pruned; an event older than this was applied, or alerts have been red for a day."""
_SERVICE = "[a-z][a-z_-]{0,39}"
_ID = "[A-Za-z0-9_-]{21}[AQgw]"
_ONE = f"{_SERVICE}:{_ID}(,{_ID}){{0,{MOST_IDS - 1}}}"
PATTERN = f"^{_ONE}(;{_ONE}){{0,{MOST_TOKENS - 1}}}$"
_TOKEN = re.compile(_ONE)


def token(service: str, event_ids: Sequence[str]) -> str:
    """The token of a write; of very many events the last 64 stand for all."""
    return f"{service}:{','.join(_short(event_id) for event_id in event_ids[-MOST_IDS:])}"


def _short(event_id: str) -> str:
    return base64.urlsafe_b64encode(uuid.UUID(event_id).bytes).rstrip(b"=").decode()


def _long(short: str) -> str:
    return str(uuid.UUID(bytes=base64.urlsafe_b64decode(short + "==")))


def parse(header: str) -> dict[str, set[str]]:
    """Event ids by the service that published them. Raises Malformed."""
    tokens = [part.strip() for part in header.split(";")]
    if len(header) > LONGEST or len(tokens) > MOST_TOKENS or not all(_TOKEN.fullmatch(part) for part in tokens):
        raise Malformed(
            f"{HEADER} is not a token of ours; send back what a write answered, unchanged, or leave it out."
        )
    found: dict[str, set[str]] = {}
    for part in tokens:
        service, _, ids = part.partition(":")
        found.setdefault(service, set()).update(_long(short) for short in ids.split(","))
    return found


def wanted(header: str, service: Service, now: float) -> set[str]:
    """The ids this service must have applied before it may answer; what it does not subscribe to passes."""
    topics = set(service.topics())
    by_service = parse(header)
    ids = set().union(*(ids for name, ids in by_service.items() if name != service.name and f"cairn.{name}" in topics))
    return {event_id for event_id in ids if _born(event_id) > now - FORGOTTEN_SECONDS}


def _born(event_id: str) -> float:
    return (uuid.UUID(event_id).int >> 80) / 1000


def await_applied(db: Database, ids: set[str], patience: float, wait: Callable[[float], None]) -> None:
    """Return once all ids stand in the inbox; Unavailable when they do not in time."""
    deadline = time.monotonic() + patience
    while not _applied(db, ids):
        if time.monotonic() >= deadline:
            raise Unavailable(
                f"Your last change has not arrived here within {patience:g} seconds; try again shortly, or leave "
                f"{HEADER} out to see an older state.",
                kind="behind",
            )
        wait(POLL_SECONDS)


def _applied(db: Database, ids: set[str]) -> bool:
    with db.reading() as session:
        count = session.scalar(select(func.count()).select_from(INBOX).where(INBOX.c.event_id.in_(ids)))
    return count == len(ids)
