"""Feedback over HTTP. What somebody may not read does not exist for them: 404, and no list counts it."""

from typing import Any

from chassis.http import (
    Blueprint,
    actor,
    page_args,
    paged,
    reads,
    session,
    tagged,
    unit,
    with_header,
    writes,
)
from contracts.feedback import Subject
from services.feedback import commands, queries, schemas
from services.feedback.commands import Words
from services.feedback.models import Feedback

blp = Blueprint("feedback", __name__, url_prefix="/api/v1", description="Praise and private feedback.")


@blp.post("/feedback")
@writes("feedback", "feedback.give", status=201)
@blp.arguments(schemas.NewFeedbackSchema)
@blp.response(201, schemas.FeedbackSchema)
def give_feedback(body: dict[str, Any]) -> Feedback:
    """Give praise or feedback. Words and visibility are fixed from then on.

    `recipient_and_manager` is open to whoever manages the recipient now, for as long as they do.
    """
    feedback = commands.give_feedback(unit(), _words(**body))
    with_header("Location", f"/api/v1/feedback/{feedback.id}")
    return tagged(feedback)


@blp.post("/feedback/batch")
@writes("feedback", "feedback.give_for_others", status=201)
@blp.arguments(schemas.SeveralNewFeedbackSchema)
@blp.response(201, schemas.SeveralFeedbackSchema)
def give_feedback_together(body: dict[str, Any]) -> dict[str, Any]:
    """Bring 1 to 50 pieces from another tool, all or none. What its external id names already stays as it is."""
    return {"feedback": commands.give_together(unit(), [_words(**one) for one in body["feedback"]])}


def _words(*, about: dict[str, str] | None = None, **said: Any) -> Words:
    return Words(about=Subject(**about) if about else None, **said)


@blp.get("/feedback")
@reads("feedback", "feedback.read")
@blp.arguments(schemas.FeedbackFilterSchema, location="query")
@blp.response(200, schemas.FeedbackPageSchema)
def list_feedback(filters: dict[str, Any]) -> dict[str, Any]:
    """List what you may read, newest first."""
    page = page_args(filters)
    found = queries.readable(actor(), **filters)
    return paged(session(), found, [Feedback.given_at.desc(), Feedback.id.desc()], page.limit, page.cursor)


@blp.get("/feedback/<uuid:feedback_id>")
@reads("feedback", "feedback.read")
@blp.response(200, schemas.FeedbackSchema)
def get_feedback(feedback_id: str) -> Feedback:
    """Read one piece of feedback."""
    return tagged(queries.feedback(session(), actor(), feedback_id))


@blp.patch("/feedback/<uuid:feedback_id>")
@writes("feedback", "feedback.give", status=204)
@blp.response(204)
def change_feedback(feedback_id: str) -> None:
    """Always refused: feedback is fixed when written. Answers 409 with the reason."""
    commands.refuse_change(unit(), feedback_id)
