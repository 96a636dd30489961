"""Check-ins in pages, newest day first, and what they were before."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis import access
from chassis.access import Actor
from chassis.http import Page, paged
from chassis.problems import NotFound
from services.checkins.models import CheckIn, CheckInRevision, KeyResultCopy
from services.checkins.models.standing import Standing, subjects

NEWEST_FIRST = (CheckIn.as_of.desc(), CheckIn.submitted_at.desc(), CheckIn.id.desc())


def check_in(session: Session, actor: Actor, check_in_id: str) -> CheckIn:
    """One check-in, withdrawn or not. Raises NotFound."""
    access.check(actor, "check_in.read")
    found = session.get(CheckIn, check_in_id)
    if found is None:
        raise NotFound("There is no such check-in.")
    return found


def check_ins(
    session: Session,
    actor: Actor,
    page: Page,
    *,
    since: date | None = None,
    until: date | None = None,
    withdrawn: bool = False,
    **same: str,
) -> dict[str, Any]:
    """A page of check-ins for days from `since` to `until`, both included; `same` are columns and their values.

    Withdrawn ones are left out unless asked for.
    """
    access.check(actor, "check_in.read")
    found = select(CheckIn).filter_by(**same)
    if not withdrawn:
        found = found.where(CheckIn.withdrawn.is_(False))
    if since is not None:
        found = found.where(CheckIn.as_of >= since)
    if until is not None:
        found = found.where(CheckIn.as_of <= until)
    return paged(session, found, NEWEST_FIRST, page.limit, page.cursor)


def key_result_history(
    session: Session, actor: Actor, key_result_id: str, page: Page, **filters: Any
) -> dict[str, Any]:
    """A page of one key result's check-ins. Raises NotFound where the key result is not known."""
    if session.get(KeyResultCopy, key_result_id) is None:
        raise NotFound("There is no such key result, or it has not arrived here yet.")
    return check_ins(session, actor, page, key_result_id=key_result_id, **filters)


def revisions(session: Session, actor: Actor, check_in_id: str, page: Page) -> dict[str, Any]:
    """What a check-in said before each change, newest first, for those who answer for it. Raises NotFound, Denied."""
    found = check_in(session, actor, check_in_id)
    subject = subjects(session.execute, [found.key_result_id])[found.key_result_id]
    access.check(actor, "check_in.audit", Standing(lambda: session, actor).thing(subject, found.author_id))
    statement = select(CheckInRevision).where(CheckInRevision.check_in_id == check_in_id)
    return paged(session, statement, [CheckInRevision.version.desc()], page.limit, page.cursor)
