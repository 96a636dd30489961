"""Safe retries: the answer to a request with an `Idempotency-Key` is kept in the transaction that did the work.

It is looked for before the work, and written at its end together with the events. Where two requests with one key are
at work at once, the second meets what the first has written, is undone, and answered as the first was; so is one that
is refused because the first did the same a moment before. A request that fails leaves no row, and may be sent again
under the same key.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, Result, bindparam, select
from sqlalchemy.exc import OperationalError

from chassis.db import Database
from chassis.problems import Conflict, Invalid, Malformed
from chassis.tables import IDEMPOTENCY
from chassis.unit import Unit

HEADER = "Idempotency-Key"
PATTERN = r"^[\x21-\x7e]{1,255}$"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_LOCK_NOT_AVAILABLE = "55P03"
# With the key written into it no two are the same, so PostgreSQL never keeps a plan for it: one made while there were
# few keys, which is every morning, reads all of them for each request until the table is next analysed.
_FIND = select(IDEMPOTENCY).where(
    IDEMPOTENCY.c.actor_id == bindparam("actor_id"), IDEMPOTENCY.c.key == bindparam("key", literal_execute=True)
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that carries a key."""

    actor_id: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given the first time."""

    status: int
    headers: dict[str, str]
    body: bytes


def checked_key(header: str | None) -> str | None:
    """The key as sent, or None. Raises Malformed unless it has 1 to 255 visible ASCII characters."""
    if header is not None and not _KEY.fullmatch(header):
        raise Malformed(f"{HEADER} must have 1 to 255 visible ASCII characters without spaces; a UUID is a good one.")
    return header


def fingerprint(method: str, target: str, body: bytes) -> str:
    """What makes two requests the same: method, path with query, and the bytes of the body."""
    digest = hashlib.sha256()
    for part in (method.encode(), target.encode(), body):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def answered(look_up: Callable[[Executable, Mapping[str, Any]], Result[Any]], attempt: Attempt) -> Kept | None:
    """The answer already given under this key. Raises Invalid where the key was used for another request."""
    row = look_up(_FIND, {"actor_id": attempt.actor_id, "key": attempt.key}).first()
    if row is None:
        return None
    if row.fingerprint != attempt.fingerprint:
        raise Invalid(f"This {HEADER} was used for a different request; take a new key for a new request.")
    return Kept(row.status, dict(row.headers), bytes(row.body))


def answered_meanwhile(db: Database, attempt: Attempt, fault: Exception) -> Kept:
    """The answer another request with this key was given while this one failed.

    Where there is none, raises the fault, or Conflict where it was that others did not get ready in time.
    """
    with db.reading() as session:
        kept = answered(session.execute, attempt)
    if kept is not None:
        return kept
    if isinstance(fault, OperationalError) and getattr(fault.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
        raise Conflict(
            f"The first request with this {HEADER}, or another that changes the same, is still being worked on; "
            "try again shortly."
        ) from fault
    raise fault


def keep(unit: Unit, attempt: Attempt, answer: Kept) -> None:
    """Store the answer with what else the unit writes."""
    row = {
        "actor_id": attempt.actor_id,
        "key": attempt.key,
        "fingerprint": attempt.fingerprint,
        "status": answer.status,
        "headers": answer.headers,
        "body": answer.body,
        "created_at": unit.now(),
    }
    unit.add(IDEMPOTENCY, row)
