"""Service accounts belong to the organisation: admins look after them, and switching one off refuses all its tokens."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis import access
from chassis.http.tags import Expected
from chassis.problems import Conflict, Fault, Invalid, NotFound
from chassis.unit import Unit
from gateway.projection.changes import touch
from gateway.signin.models import ServiceAccount

ROLES = ("hr", "admin", "auditor")
LONGEST_NAME = 100


def create(unit: Unit, name: str, roles: Sequence[str]) -> ServiceAccount:
    """A new service account. Raises Conflict where the name is taken."""
    access.check(unit.actor, "service_account.write")
    if _by_name(unit.session, name) is not None:
        raise Conflict(f"There is a service account named {name} already; change that one, or choose another name.")
    account = ServiceAccount(name=name, roles=_checked(name, roles), created_at=unit.now(), created_by=unit.actor.id)
    unit.session.add(account)
    return account


def named(unit: Unit, name: str, roles: Sequence[str]) -> ServiceAccount:
    """The active service account of this name with these roles, whatever was there before."""
    account = _by_name(unit.session, name) or create(unit, name, roles)
    return _changed(unit, account, {"roles": _checked(name, roles), "active": True})


def change(unit: Unit, account_id: str, expected: Expected, changes: Mapping[str, Any]) -> ServiceAccount:
    """Give an account other roles, or switch it off or on. Counts from the next request with its tokens."""
    access.check(unit.actor, "service_account.write")
    account = locked(unit.session, account_id)
    expected.require(account)
    wanted = dict(changes)
    if "roles" in wanted:
        wanted["roles"] = _checked(account.name, wanted["roles"])
    return _changed(unit, account, wanted)


def locked(session: Session, account_id: str) -> ServiceAccount:
    """An account, locked for changing. Raises NotFound."""
    account = session.get(ServiceAccount, account_id, with_for_update=True)
    if account is None:
        raise NotFound("There is no such service account.")
    return account


def _by_name(session: Session, name: str) -> ServiceAccount | None:
    return session.scalars(select(ServiceAccount).where(ServiceAccount.name == name).with_for_update()).one_or_none()


def _changed(unit: Unit, account: ServiceAccount, wanted: Mapping[str, Any]) -> ServiceAccount:
    before = (account.roles, account.active)
    for name, value in wanted.items():
        setattr(account, name, value)
    if account.id and before != (account.roles, account.active):
        account.version += 1
        touch(unit, account.id)
    return account


def _checked(name: str, roles: Sequence[str]) -> list[str]:
    faults = []
    if unknown := sorted(set(roles) - set(ROLES)):
        faults.append(Fault("/roles", f"{', '.join(unknown)}: no such role. There are {', '.join(ROLES)}."))
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        faults.append(Fault("/name", f"Give it a name of 1 to {LONGEST_NAME} characters on one line."))
    if faults:
        raise Invalid.of(faults)
    return sorted(set(roles))
