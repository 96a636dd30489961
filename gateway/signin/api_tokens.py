"""Proof by an API token: found by its lookup part, compared in constant time, owner looked up with it.

A proof is kept for as long as nothing has changed about the token or its owner, which every request looks at. So what
was revoked is refused by the next request in the same process, and in every other as soon as PostgreSQL has told it.
"""

import hmac
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from chassis.access import ROLES, Actor
from chassis.identity import refused
from chassis.service import Runtime
from chassis.tables import PEOPLE
from gateway.kept import Kept
from gateway.signin import secret
from gateway.signin.models import ServiceAccount, Token

USE_NOTED_EVERY = timedelta(minutes=10)
"""A write a minute for everybody who looks around would cost more than it tells."""
PROOF_BYTES = 1000
_NOBODY = bytes(32)
_FOUND = (
    select(
        Token.id,
        Token.digest,
        Token.person_id,
        Token.account_id,
        Token.scopes,
        Token.expires_at,
        Token.revoked_at,
        Token.last_used_at,
        PEOPLE.c.active.label("person_active"),
        PEOPLE.c.roles.label("person_roles"),
        ServiceAccount.active.label("account_active"),
        ServiceAccount.roles.label("account_roles"),
    )
    .outerjoin(PEOPLE, PEOPLE.c.id == Token.person_id)
    .outerjoin(ServiceAccount, ServiceAccount.id == Token.account_id)
    .where(Token.lookup == bindparam("lookup"))
)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Proof:
    """A good token: whom it speaks for, until when, and when its use was noted last."""

    actor: Actor
    expires_at: datetime
    token_id: str
    last_used_at: datetime | None


def prove(runtime: Runtime, kept: Kept, token: str) -> tuple[Actor, int]:
    """Whom the token speaks for, and the edition at which it does. Raises Unauthenticated."""
    parts = secret.parts(token)
    if parts is None:
        raise refused("it is not one of ours")
    edition, now = kept.look(), runtime.clock()
    found = kept.find(parts)
    proof = found[0] if found is not None else _proven(runtime, kept, parts, now, edition)
    if proof.expires_at <= now:
        raise refused("it has expired")
    _note_use(runtime, proof, now)
    return proof.actor, edition


def _proven(runtime: Runtime, kept: Kept, parts: secret.Parts, now: datetime, edition: int) -> _Proof:
    with runtime.db.reading() as session:
        row = session.execute(_FOUND, {"lookup": parts.lookup}).one_or_none()
    same = hmac.compare_digest(parts.digest, bytes(row.digest) if row else _NOBODY)
    if row is None or not same or parts.kind != (secret.PERSONAL if row.person_id else secret.SERVICE):
        raise refused("it is not one of ours")
    proof = _Proof(_actor(row, now), row.expires_at, row.id, row.last_used_at)
    kept.keep(parts, proof, [row.id, row.person_id or row.account_id], PROOF_BYTES, edition)
    return proof


def _actor(row: Row[Any], now: datetime) -> Actor:
    if row.revoked_at is not None:
        raise refused("it was revoked")
    if row.expires_at <= now:
        raise refused("it has expired")
    scopes = frozenset(row.scopes)
    if row.person_id is not None:
        return person(row.person_id, row.person_active, row.person_roles, scopes)
    if not row.account_active:
        raise refused("its service account is switched off")
    return Actor(row.account_id, "service", frozenset(row.account_roles) & ROLES, scopes)


def person(person_id: str, active: bool | None, roles: list[str] | None, scopes: frozenset[str]) -> Actor:
    """A person as an actor, if they are there. Raises Unauthenticated."""
    if not active:
        raise refused("whom it belongs to is no longer active here")
    return Actor(person_id, "person", frozenset(roles or ()) & ROLES | {"employee"}, scopes)


def _note_use(runtime: Runtime, proof: _Proof, now: datetime) -> None:
    """Remember, to ten minutes, when it was last used. Not being able to is no reason to refuse anybody."""
    due = now - USE_NOTED_EVERY
    if proof.last_used_at is not None and proof.last_used_at > due:
        return
    proof.last_used_at = now
    older = or_(Token.last_used_at.is_(None), Token.last_used_at <= due)
    try:
        with runtime.db.writing() as session:
            session.execute(update(Token).where(Token.id == proof.token_id, older).values(last_used_at=now))
    except SQLAlchemyError as fault:
        log.warning("the use of a token was not noted: %s", type(fault).__name__)
