"""What is due and what is stale, for a person and for a team with the teams below it, the most overdue first."""

import base64
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from chassis import access, replica
from chassis.access import Actor
from chassis.http import Page
from chassis.problems import Malformed, NotFound
from chassis.roster import Roster
from services.checkins.models import CheckIn
from services.checkins.models.watching import Due, due, open_key_results, waiting_in
from services.checkins.queries.history import NEWEST_FIRST


def of_person(
    session: Session, actor: Actor, now: datetime, person_id: str, page: Page, *, only_stale: bool
) -> dict[str, Any]:
    """What a person should check in on by now; nothing for one who left. Raises NotFound."""
    access.check(actor, "due.read")
    person = replica.person(session, person_id)
    if person is None:
        raise NotFound("There is no such person, or they have not arrived here yet.")
    roster = Roster(session)
    opened = open_key_results(session, roster, [person_id]) if person.active else []
    mine = [(one, waiting_in(one, roster, now, person_id)) for one in opened if person_id in one.answerable]
    return _page(session, [Due(one, waits) for one, waits in mine if waits], now, page, only_stale)


def of_team(
    session: Session, actor: Actor, now: datetime, team_id: str, page: Page, *, only_stale: bool
) -> dict[str, Any]:
    """What a team and those below it wait for: of objectives they own, and of their people's. Raises NotFound."""
    access.check(actor, "due.read")
    if replica.team(session, team_id) is None:
        raise NotFound("There is no such team, or it has not arrived here yet.")
    teams = replica.teams_below(session, team_id)
    people = replica.people_of(session, teams)
    roster = Roster(session)
    opened = open_key_results(session, roster, people, teams)
    theirs = [one for one in opened if one.subject.team_id in teams or one.answerable & people]
    return _page(session, due(theirs, roster, now), now, page, only_stale)


def _page(session: Session, found: Iterable[Due], now: datetime, page: Page, only_stale: bool) -> dict[str, Any]:
    ordered = sorted((one for one in found if one.waiting.stale or not only_stale), key=_place)
    if page.cursor is not None:
        after = _read(page.cursor)
        ordered = [one for one in ordered if _place(one) > after]
    shown = ordered[: page.limit]
    last = last_check_ins(session, [one.open.subject.id for one in shown])
    items = [_item(one, last.get(one.open.subject.id)) for one in shown]
    return {"as_of": now, "items": items, "next": _cursor(_place(shown[-1])) if len(ordered) > len(shown) else None}


def _item(one: Due, last: CheckIn | None) -> dict[str, Any]:
    return {
        "key_result": one.open.key_result,
        "objective": one.open.objective,
        "responsible_ids": sorted(one.open.answerable),
        "last_check_in": last,
        "due_on": one.waiting.due_on,
        "overdue_days": one.waiting.overdue_days,
        "stale": one.waiting.stale,
    }


def last_check_ins(session: Session, key_result_ids: Sequence[str]) -> dict[str, CheckIn]:
    """The latest check-in that stands of each of these key results."""
    place = func.row_number().over(partition_by=CheckIn.key_result_id, order_by=NEWEST_FIRST)
    standing = (CheckIn.key_result_id.in_(key_result_ids), CheckIn.withdrawn.is_(False))
    ranked = select(CheckIn, place.label("place")).where(*standing).subquery()
    latest = aliased(CheckIn, ranked)
    return {row.key_result_id: row for row in session.scalars(select(latest).where(ranked.c.place == 1))}


def _place(one: Due) -> tuple[date, str]:
    return one.waiting.due_on, one.open.subject.id


def _cursor(place: tuple[date, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps([place[0].isoformat(), place[1]]).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[date, str]:
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        due_on, key_result_id = json.loads(data)
        if not isinstance(key_result_id, str):
            raise TypeError("an id is text")
        return date.fromisoformat(due_on), key_result_id
    except (ValueError, TypeError) as fault:
        raise Malformed("This cursor is not one of this list's; start again without it.", kind="cursor") from fault
