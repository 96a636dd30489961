"""What happened lately: check-ins, public praise, objectives begun and closed. Newest first, from the tables as they
are; two statements for the page and one for each kind of thing on it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, false, literal, or_, select, union_all
from sqlalchemy.orm import Session

from chassis.http.pages import paged
from gateway.projection.models import CHECK_INS, FEEDBACK, OBJECTIVES
from gateway.queries.cards import BEGUN, Card, objective_card, objectives
from gateway.queries.freshness import as_of
from gateway.queries.given import PUBLIC, by_somebody_else, check_in_card, check_ins, feedback, feedback_card

KINDS = ("check_in", "praise", "objective_created", "objective_closed")


def activity(
    session: Session,
    *,
    kinds: Collection[str] = KINDS,
    person_id: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Card:
    """A page of what happened, of some kinds, or with one person: author, giver, recipient or owner."""
    feed = _feed(kinds or KINDS, person_id)
    order = [feed.c.at.desc(), feed.c.kind.desc(), feed.c.id.desc()]
    page = paged(session, select(feed.c.at, feed.c.kind, feed.c.id), order, limit, cursor)
    told = _told(session, page["items"])
    return {
        "as_of": as_of(session),
        "items": [{"kind": kind, "at": at, **told[kind, id_]} for at, kind, id_ in page["items"]],
        "next": page["next"],
    }


def _feed(kinds: Collection[str], person_id: str | None) -> Subquery:
    """When what happened, as one list of (at, kind, id)."""
    praised = (FEEDBACK.c.visibility == PUBLIC, FEEDBACK.c.kind == "praise", by_somebody_else())
    parts = {
        "check_in": _part("check_in", CHECK_INS, CHECK_INS.c.submitted_at, CHECK_INS.c.withdrawn == false()),
        "praise": _part("praise", FEEDBACK, FEEDBACK.c.given_at, *praised),
        "objective_created": _part("objective_created", OBJECTIVES, OBJECTIVES.c.created_at, BEGUN),
        "objective_closed": _part("objective_closed", OBJECTIVES, OBJECTIVES.c.closed_at, BEGUN),
    }
    return union_all(*(_with(person_id, kind, parts[kind]) for kind in KINDS if kind in kinds)).subquery("feed")


def _part(kind: str, table: Any, at: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(at.label("at"), literal(kind).label("kind"), table.c.id.label("id")).where(
        at.is_not(None), *conditions
    )


def _with(person_id: str | None, kind: str, part: Select[Any]) -> Select[Any]:
    if person_id is None:
        return part
    involved = {
        "check_in": CHECK_INS.c.author_id == person_id,
        "praise": or_(FEEDBACK.c.giver_id == person_id, FEEDBACK.c.recipient_id == person_id),
    }
    return part.where(involved.get(kind, OBJECTIVES.c.owner_id == person_id))


def _told(session: Session, items: Collection[tuple[datetime, str, str]]) -> dict[tuple[str, str], Card]:
    """What each line tells beyond its kind and moment, by kind and id."""
    ids = {kind: [id_ for _, one, id_ in items if one == kind] for kind in KINDS}
    told: dict[tuple[str, str], Card] = {}
    if ids["check_in"]:
        for row in session.execute(check_ins(CHECK_INS.c.id.in_(ids["check_in"]))):
            told["check_in", row.id] = _line(row.id, check_in=check_in_card(row))
    if ids["praise"]:
        for row in session.execute(feedback(FEEDBACK.c.id.in_(ids["praise"]))):
            told["praise", row.id] = _line(row.id, praise=feedback_card(row))
    owned = {*ids["objective_created"], *ids["objective_closed"]}
    if owned:
        for row in session.execute(objectives(OBJECTIVES.c.id.in_(owned))):
            line = _line(row.id, objective=objective_card(row))
            told["objective_created", row.id] = told["objective_closed", row.id] = line
    return told


def _line(id_: str, **thing: Card) -> Card:
    return {"id": id_, "check_in": None, "praise": None, "objective": None, **thing}
