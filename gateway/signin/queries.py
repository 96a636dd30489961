"""Lists of tokens and service accounts, as far as somebody may see them."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from chassis import access
from chassis.access import Actor, Thing
from chassis.problems import NotFound
from chassis.tables import PEOPLE
from gateway.signin.models import ServiceAccount, Token


def tokens(actor: Actor, person_id: str | None = None, service_account_id: str | None = None) -> Select[Any]:
    """Tokens with their owners' names: one's own, or for admins everybody's."""
    found = (
        select(Token, PEOPLE.c.display_name, ServiceAccount.name)
        .outerjoin(PEOPLE, PEOPLE.c.id == Token.person_id)
        .outerjoin(ServiceAccount, ServiceAccount.id == Token.account_id)
    )
    if not access.allowed(actor, "token.read", Thing("token")):
        found = found.where(Token.person_id == actor.id)
    if person_id is not None:
        found = found.where(Token.person_id == person_id)
    if service_account_id is not None:
        found = found.where(Token.account_id == service_account_id)
    return found


def owner_name(session: Session, token: Token) -> str | None:
    """The name of whoever the token belongs to."""
    person = select(PEOPLE.c.display_name).where(PEOPLE.c.id == token.person_id)
    account = select(ServiceAccount.name).where(ServiceAccount.id == token.account_id)
    return session.scalar(person if token.person_id else account)


def accounts() -> Select[tuple[ServiceAccount]]:
    """All service accounts."""
    return select(ServiceAccount)


def account(session: Session, account_id: str) -> ServiceAccount:
    """One service account. Raises NotFound."""
    found = session.get(ServiceAccount, account_id)
    if found is None:
        raise NotFound("There is no such service account.")
    return found
