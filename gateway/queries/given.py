"""Feedback and check-ins as lists on other pages show them. Private words are not here: a link leads to their owner."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, false, func, select
from sqlalchemy.orm import Session

from chassis.tables import PEOPLE
from gateway.projection.models import CHECK_INS, FEEDBACK, KEY_RESULTS, OBJECTIVES
from gateway.queries.cards import Card, named, titled

PUBLIC = "public"
RECENT = 5

_GIVER = PEOPLE.alias("giver")
_RECIPIENT = PEOPLE.alias("recipient")
_AUTHOR = PEOPLE.alias("author")
_SAID = CHECK_INS.alias("about_check_in")
_MEASURED = KEY_RESULTS.alias("about_measured")


def feedback(*conditions: ColumnElement[bool]) -> Select[Any]:
    """A statement for pieces of feedback with the names of both sides and the title of what they are about."""
    title = func.coalesce(OBJECTIVES.c.title, KEY_RESULTS.c.title, _MEASURED.c.title).label("about_title")
    return (
        select(FEEDBACK, _GIVER.c.display_name.label("giver_name"), _RECIPIENT.c.display_name.label("recipient_name"))
        .add_columns(title, _SAID.c.key_result_id.label("about_measured_id"))
        .select_from(FEEDBACK)
        .outerjoin(_GIVER, _GIVER.c.id == FEEDBACK.c.giver_id)
        .outerjoin(_RECIPIENT, _RECIPIENT.c.id == FEEDBACK.c.recipient_id)
        .outerjoin(OBJECTIVES, and_(FEEDBACK.c.about_kind == "objective", OBJECTIVES.c.id == FEEDBACK.c.about_id))
        .outerjoin(KEY_RESULTS, and_(FEEDBACK.c.about_kind == "key_result", KEY_RESULTS.c.id == FEEDBACK.c.about_id))
        .outerjoin(_SAID, and_(FEEDBACK.c.about_kind == "check_in", _SAID.c.id == FEEDBACK.c.about_id))
        .outerjoin(_MEASURED, _MEASURED.c.id == _SAID.c.key_result_id)
        .where(*conditions)
    )


def by_somebody_else() -> ColumnElement[bool]:
    """Words to oneself, which imports may bring, are kept and are no recognition."""
    return FEEDBACK.c.giver_id != FEEDBACK.c.recipient_id


def recent_feedback(session: Session, recipient_id: str, about: set[str]) -> list[Card]:
    """The newest few pieces others gave a person, adding to `about` what they depend on without showing it."""
    rows = session.execute(_recent_feedback(public=False), {"recipient_id": recipient_id}).all()
    about.update(row.about_measured_id for row in rows if row.about_measured_id is not None)
    return [feedback_card(row) for row in rows]


def recent_praise(session: Session, recipient_id: str) -> list[Card]:
    """The newest few pieces of praise that all may read."""
    return [
        feedback_card(row) for row in session.execute(_recent_feedback(public=True), {"recipient_id": recipient_id})
    ]


@cache
def _recent_feedback(public: bool) -> Select[Any]:
    praise = (FEEDBACK.c.visibility == PUBLIC, FEEDBACK.c.kind == "praise") if public else ()
    received = feedback(FEEDBACK.c.recipient_id == bindparam("recipient_id"), by_somebody_else(), *praise)
    return received.order_by(FEEDBACK.c.given_at.desc(), FEEDBACK.c.id.desc()).limit(RECENT)


def feedback_card(row: Row[Any]) -> Card:
    """One row of `feedback`; `text` is null where it is not public, `href` leads to it for those who may read it."""
    giver = named("person", row.giver_id, row.giver_name)
    return {
        "id": row.id,
        "kind": row.kind,
        "visibility": row.visibility,
        "giver": giver,
        "recipient": named("person", row.recipient_id, row.recipient_name),
        "summary": f"{'Praise' if row.kind == 'praise' else 'Feedback'} from {giver['name']}"
        if row.visibility == PUBLIC
        else f"Private feedback from {giver['name']}",
        "text": row.text if row.visibility == PUBLIC else None,
        "about": _about(row),
        "given_at": row.given_at,
        "href": f"/api/v1/feedback/{row.id}",
    }


def _about(row: Row[Any]) -> Card | None:
    if row.about_kind is None or row.about_id is None:
        return None
    return {"kind": row.about_kind, "id": row.about_id, "title": row.about_title or "Something not known here yet"}


def check_ins(*conditions: ColumnElement[bool]) -> Select[Any]:
    """A statement for check-ins that count, with their author, key result and objective by name."""
    return (
        select(CHECK_INS, _AUTHOR.c.display_name.label("author_name"))
        .add_columns(KEY_RESULTS.c.title.label("key_result_title"), OBJECTIVES.c.title.label("objective_title"))
        .select_from(CHECK_INS)
        .outerjoin(_AUTHOR, _AUTHOR.c.id == CHECK_INS.c.author_id)
        .outerjoin(KEY_RESULTS, KEY_RESULTS.c.id == CHECK_INS.c.key_result_id)
        .outerjoin(OBJECTIVES, OBJECTIVES.c.id == CHECK_INS.c.objective_id)
        .where(CHECK_INS.c.withdrawn == false(), *conditions)
    )


def recent_check_ins(session: Session, author_id: str) -> list[Card]:
    """The newest few of a person, by when they were made."""
    return [check_in_card(row) for row in session.execute(_recent_check_ins(), {"author_id": author_id})]


@cache
def _recent_check_ins() -> Select[Any]:
    made = check_ins(CHECK_INS.c.author_id == bindparam("author_id"))
    return made.order_by(CHECK_INS.c.submitted_at.desc(), CHECK_INS.c.id.desc()).limit(RECENT)


def check_in_card(row: Row[Any]) -> Card:
    """One row of `check_ins`."""
    return {
        "id": row.id,
        "author": named("person", row.author_id, row.author_name),
        "key_result": titled("key_result", row.key_result_id, row.key_result_title),
        "objective": titled("objective", row.objective_id, row.objective_title),
        "value": row.value,
        "confidence": row.confidence,
        "status": row.status,
        "note": row.note,
        "blockers": row.blockers,
        "as_of": row.as_of,
        "submitted_at": row.submitted_at,
        "corrected": row.version > 1,
    }
