"""Feedback over HTTP: what is sent, what is answered, what a list can be narrowed by."""

from chassis.http import PageArgs, Schema, fields, page_of
from services.feedback import rules


class AboutSchema(Schema):
    """What it refers to."""

    kind = fields.Choice(rules.ABOUT_KINDS, required=True)
    id = fields.Id(required=True)


class NewFeedbackSchema(Schema):
    """`giver_id`, `given_at` and `external_id` are for imports by a service account."""

    kind = fields.Choice(rules.KINDS, required=True)
    visibility = fields.Choice(
        rules.VISIBILITIES,
        metadata={"description": "Who may read it, for good: public for praise, recipient for feedback if not said."},
    )
    recipient_id = fields.Id(required=True)
    giver_id = fields.Id(metadata={"description": "Who gave it; only a service account may name somebody else."})
    about = fields.Nested(AboutSchema, allow_none=True)
    text = fields.Text(shortest=1, longest=rules.LONGEST_TEXT, lines=True, required=True)
    given_at = fields.Moment(metadata={"description": "When it was given, in the past; only for service accounts."})
    external_id = fields.Text(shortest=1, longest=200, metadata={"description": "Makes an import repeatable."})


class FeedbackSchema(Schema):
    """One piece of praise or feedback."""

    id = fields.Id(required=True)
    version = fields.Integer(least=1, required=True)
    external_id = fields.Text(allow_none=True, required=True)
    kind = fields.Choice(rules.KINDS, required=True)
    visibility = fields.Choice(rules.VISIBILITIES, required=True)
    giver_id = fields.Id(required=True)
    recipient_id = fields.Id(required=True)
    manager_id = fields.Id(
        allow_none=True,
        required=True,
        metadata={"description": "The recipient's manager when it was written, where the visibility includes them."},
    )
    about = fields.Nested(AboutSchema, allow_none=True, required=True)
    text = fields.Text(lines=True, required=True)
    given_at = fields.Moment(required=True)


class SeveralNewFeedbackSchema(Schema):
    """Several pieces, brought together or not at all."""

    feedback = fields.List(fields.Nested(NewFeedbackSchema), required=True, most=50, metadata={"minItems": 1})


class SeveralFeedbackSchema(Schema):
    """What is there now, in the order it was sent."""

    feedback = fields.List(fields.Nested(FeedbackSchema), required=True)


class FeedbackFilterSchema(PageArgs):
    recipient_id = fields.Id()
    giver_id = fields.Id()
    about_kind = fields.Choice(rules.ABOUT_KINDS)
    about_id = fields.Id()
    kind = fields.Choice(rules.KINDS)
    visibility = fields.Choice(rules.VISIBILITIES)
    external_id = fields.Text(shortest=1, longest=200)


FeedbackPageSchema = page_of(FeedbackSchema)
