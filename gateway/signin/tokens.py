"""Issuing and ending API tokens. Nobody hands on more than they hold, and a token ends at once when it is revoked.

A person's token dies with the person: it is refused while they are inactive, and ended for good when they leave.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from chassis import access
from chassis.access import Thing
from chassis.problems import Conflict, Denied, Fault, Invalid, NotFound
from chassis.service import Runtime
from chassis.tables import PEOPLE
from chassis.unit import Unit, unit_of_work
from gateway.projection import changes
from gateway.projection.changes import touch
from gateway.signin import accounts, secret
from gateway.signin.models import Token
from gateway.signin.scopes import SCOPES, canonical, covers

USUAL_DAYS = 90
MOST_DAYS = 366
MOST_TOKENS = 50
"""Live tokens of one owner; who needs more has forgotten to revoke some."""


def issue_own(unit: Unit, name: str, scopes: Sequence[str], days: int = USUAL_DAYS) -> tuple[Token, str]:
    """A token of the acting person's own, and its text, which is never to be had again."""
    if unit.actor.kind != "person":
        raise Denied("Only a person has personal tokens; an admin issues those of service accounts.", kind="denied")
    access.check(unit.actor, "token.write", Thing("token", subject=unit.actor.id))
    token, text = _issued(unit, secret.PERSONAL, name, scopes, days)
    token.person_id = unit.actor.id
    return _kept(unit, token), text


def issue_for_account(unit: Unit, account_id: str, name: str, scopes: Sequence[str], days: int) -> tuple[Token, str]:
    """A token of a service account, and its text. For admins."""
    access.check(unit.actor, "service_account.write")
    account = accounts.locked(unit.session, account_id)
    if not account.active:
        raise Conflict("This service account is switched off; switch it on first.")
    token, text = _issued(unit, secret.SERVICE, name, scopes, days)
    token.account_id = account.id
    return _kept(unit, token), text


def revoke(unit: Unit, token_id: str) -> Token:
    """End a token; the very next request with it is refused. Ending it again changes nothing."""
    token = unit.session.get(Token, token_id, with_for_update=True)
    thing = Thing("token", subject=token.person_id if token else None)
    if token is None or not access.allowed(unit.actor, "token.write", thing):
        raise NotFound("There is no such token of yours.")
    token.revoked_at = token.revoked_at or unit.now()
    touch(unit, token.id)
    return token


def revoke_before(unit: Unit, person_id: str, moment: datetime) -> None:
    """End what a person had before they left; what they were given after coming back stays."""
    theirs = (Token.person_id == person_id, Token.revoked_at.is_(None), Token.created_at <= moment)
    unit.session.execute(update(Token).where(*theirs).values(revoked_at=unit.now()))
    touch(unit, person_id)


def issue_for_email(runtime: Runtime, email: str, *, scopes: Sequence[str], days: int = USUAL_DAYS) -> str:
    """The text of a new personal token for the active person with this address, straight from the database.

    Raises NotFound where the gateway knows no such person (yet), Invalid for scopes or days that are none.
    """
    with unit_of_work(runtime.db, clock=runtime.clock) as unit:
        same = func.lower(PEOPLE.c.email) == email.strip().lower()
        person_id = unit.session.scalars(select(PEOPLE.c.id).where(same, PEOPLE.c.active)).first()
        if person_id is None:
            raise NotFound(
                f"No active person here has the e-mail address {email}. Check the spelling; somebody who was only "
                "just added appears within seconds while the workers run."
            )
        token, text = _issued(unit, secret.PERSONAL, "command line", scopes, days)
        token.person_id = person_id
        _kept(unit, token)
        return text


def issue_service_account(
    runtime: Runtime, name: str, *, roles: Sequence[str], scopes: Sequence[str], days: int
) -> str:
    """The text of a new token of the service account with this name, which is made, or given these roles.

    Raises Invalid for roles, scopes or days that are none.
    """
    with unit_of_work(runtime.db, clock=runtime.clock, settle=changes.write) as unit:
        account = accounts.named(unit, name, roles)
        unit.session.flush()
        return issue_for_account(unit, account.id, "command line", scopes, days)[1]


def _issued(unit: Unit, kind: str, name: str, scopes: Sequence[str], days: int) -> tuple[Token, str]:
    _require_sensible(unit, scopes, days)
    text, parts = secret.fresh(kind)
    token = Token(
        lookup=parts.lookup,
        digest=parts.digest,
        name=name,
        scopes=canonical(scopes),
        created_at=unit.now(),
        created_by=unit.actor.id,
        expires_at=unit.now() + timedelta(days=days),
    )
    return token, text


def _require_sensible(unit: Unit, scopes: Sequence[str], days: int) -> None:
    faults = []
    if unknown := sorted(set(scopes) - set(SCOPES)):
        faults.append(Fault("/scopes", f"{', '.join(unknown)}: no such scope. There are {', '.join(SCOPES)}."))
    elif beyond := [scope for scope in canonical(scopes) if not covers(unit.actor.scopes, scope)]:
        faults.append(Fault("/scopes", f"You do not hold {', '.join(beyond)} yourself; ask for what you hold."))
    if not scopes:
        faults.append(Fault("/scopes", "Name at least one scope; `*` is everything you may do."))
    if not 1 <= days <= MOST_DAYS:
        faults.append(Fault("/days", f"Choose 1 to {MOST_DAYS} days."))
    if faults:
        raise Invalid.of(faults)


def _kept(unit: Unit, token: Token) -> Token:
    owner = Token.person_id == token.person_id if token.person_id else Token.account_id == token.account_id
    live = (owner, Token.revoked_at.is_(None), Token.expires_at > unit.now())
    if unit.session.scalar(select(func.count(Token.id)).where(*live)) >= MOST_TOKENS:  # type: ignore[operator]
        raise Conflict(f"There are {MOST_TOKENS} tokens in use already; revoke some first.")
    unit.session.add(token)
    unit.session.flush()
    return token
