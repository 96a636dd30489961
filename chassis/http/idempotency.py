"""Safe retries: the answer to a request with an `Idempotency-Key` is kept in the transaction that did the work.

The row is inserted before the work, so a second request with the same key waits on it, on the database's own lock,
and then finds the answer. A request that fails leaves no row, and may be sent again under the same key.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from chassis.problems import Conflict, Invalid, Malformed
from chassis.tables import IDEMPOTENCY

HEADER = "Idempotency-Key"
PATTERN = r"^[\x21-\x7e]{1,255}$"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_LOCK_NOT_AVAILABLE = "55P03"
# Plain SQL, because SQLAlchemy would compile the first anew every time.
_CLAIM = text(
    'INSERT INTO idempotency (actor_id, "key", fingerprint, created_at) '
    'VALUES (:actor_id, :key, :fingerprint, :created_at) ON CONFLICT DO NOTHING RETURNING "key"'
).bindparams(bindparam("created_at", type_=IDEMPOTENCY.c.created_at.type))
_KEEP = text(
    "UPDATE idempotency SET status = :status, headers = :headers, body = :body "
    'WHERE actor_id = :actor_id AND "key" = :key'
).bindparams(*(bindparam(name, type_=IDEMPOTENCY.c[name].type) for name in ("headers", "body")))


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


def claim(session: Session, actor_id: str, key: str, print_: str, now: datetime) -> Kept | None:
    """Take the key for this transaction and return None, or return the answer already given under it.

    Raises Invalid when the key was used for another request, Conflict while the first one is still being worked on.
    """
    row = {"actor_id": actor_id, "key": key, "fingerprint": print_, "created_at": now}
    try:
        taken = session.execute(_CLAIM, row)
    except OperationalError as fault:
        if getattr(fault.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise Conflict(
                f"The first request with this {HEADER} is still being worked on; try again shortly."
            ) from fault
        raise
    return None if taken.first() is not None else _kept(session, actor_id, key, print_)


def _kept(session: Session, actor_id: str, key: str, print_: str) -> Kept:
    ours = (IDEMPOTENCY.c.actor_id == actor_id, IDEMPOTENCY.c.key == key)
    row = session.execute(select(IDEMPOTENCY).where(*ours)).one()
    if row.fingerprint != print_:
        raise Invalid(f"This {HEADER} was used for a different request; take a new key for a new request.")
    return Kept(row.status, dict(row.headers), bytes(row.body))


def keep(session: Session, actor_id: str, key: str, answer: Kept) -> None:
    """Store the answer under the claimed key."""
    values = {"status": answer.status, "headers": answer.headers, "body": answer.body}
    session.execute(_KEEP, {"actor_id": actor_id, "key": key, **values})
