"""Who is asking: the person behind the token with teams and roles, or the service account."""

from typing import Any

from sqlalchemy.orm import Session

from chassis.access import Actor
from chassis.problems import Denied
from gateway.queries.cards import Card
from gateway.queries.freshness import as_of
from gateway.queries.people import person_card, profile, teams_of


def me(session: Session, actor: Actor) -> Card:
    """The caller. A person not heard of yet has no profile."""
    who: dict[str, Any] = {
        "id": actor.id,
        "kind": actor.kind,
        "roles": sorted(actor.roles),
        "scopes": sorted(actor.scopes),
        "person": None,
        "unread": 0,
        "as_of": None,
    }
    if actor.kind != "person":
        return who | {"as_of": as_of(session)}
    row = profile(session, actor.id, with_unread=True)
    card = person_card(row, teams_of(session, actor.id))
    return who | {"person": card, "unread": row.unread, "as_of": row.newest}


def require_person(actor: Actor, what: str, instead: str) -> str:
    """The id of the person asking. Raises Denied for a service account, saying what to do instead."""
    if actor.kind != "person":
        raise Denied(f"A service account has no {what}; {instead}.", kind="denied")
    return actor.id
