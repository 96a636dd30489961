"""From the claims of an access token to a person Cairn knows: by `external_id` if it is claimed, else by `email`."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select

from chassis.access import EVERY_SCOPE, Actor
from chassis.identity import refused
from chassis.problems import Denied
from chassis.service import Runtime
from chassis.tables import PEOPLE
from gateway.signin.api_tokens import person
from gateway.signin.scopes import SCOPES


def known(runtime: Runtime, claims: Mapping[str, Any]) -> Actor:
    """The active person the claims name. Raises Unauthenticated for claims that name none, Denied for strangers."""
    with runtime.db.reading() as session:
        rows = session.execute(select(PEOPLE.c.id, PEOPLE.c.roles).where(PEOPLE.c.active, _named(claims))).all()
    if len(rows) != 1:
        raise Denied(
            "You are signed in, but no active person here matches your token; ask HR to add you, or to mend your "
            "e-mail address.",
            kind="unknown-person",
        )
    return person(rows[0].id, True, rows[0].roles, scopes(claims))


def _named(claims: Mapping[str, Any]) -> ColumnElement[bool]:
    external, email = claims.get("external_id"), claims.get("email")
    if external is not None:
        return PEOPLE.c.external_id == _text(external, "external_id")
    if email is None:
        raise refused("it claims neither email nor external_id, so it names nobody")
    if claims.get("email_verified", True) is not True:
        raise refused("its email is not verified")
    return func.lower(PEOPLE.c.email) == _text(email, "email").lower()


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 320 or not value.isprintable():
        raise refused(f"its {name} is malformed")
    return value


def scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """Our scopes among the token's; a token that names none of ours is a person's own session and reaches all."""
    said = claims.get("scope", "")
    ours = frozenset(said.split()) & set(SCOPES) if isinstance(said, str) else frozenset()
    return ours or frozenset({EVERY_SCOPE})
