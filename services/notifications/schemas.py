"""Inbox and preferences over HTTP."""

from marshmallow import validate

from chassis.http import PageArgs, Schema, fields, page_of
from services.notifications import rules


class NotificationSchema(Schema):
    """One entry of an inbox. It points at its subject and holds no private text."""

    id = fields.Id(required=True)
    version = fields.Integer(least=1, required=True)
    kind = fields.Choice(rules.KINDS, required=True)
    subject_kind = fields.Text(
        required=True, metadata={"description": "feedback, key_result, objective, check_in or hand_over."}
    )
    subject_id = fields.Id(required=True, metadata={"description": "Of a hand-over: the person who left."})
    title = fields.Text(required=True)
    raised_at = fields.Moment(required=True)
    read_at = fields.Moment(allow_none=True, required=True, metadata={"description": "Null while it is unread."})


class InboxFilterSchema(PageArgs):
    unread = fields.Boolean(load_default=False, metadata={"description": "true leaves out what was read."})
    kind = fields.Choice(rules.KINDS)


class CountSchema(Schema):
    """A number of inbox entries."""

    count = fields.Integer(least=0, required=True)


class ChannelsSchema(Schema):
    """By which channels one kind of news arrives."""

    inbox = fields.Boolean(
        load_default=True,
        validate=validate.OneOf([True], error="The inbox always gets everything; leave this out or send true."),
    )
    email = fields.Boolean(load_default=False)


class PreferencesSchema(Schema):
    """By which channels each kind of news arrives; what is left out arrives in the inbox alone."""

    praise_received = fields.Nested(ChannelsSchema)
    feedback_received = fields.Nested(ChannelsSchema)
    check_in_due = fields.Nested(ChannelsSchema)
    key_result_at_risk = fields.Nested(ChannelsSchema)
    became_owner = fields.Nested(ChannelsSchema)
    hand_over = fields.Nested(ChannelsSchema)


class UnsubscribeSchema(Schema):
    kind = fields.Choice(rules.KINDS, metadata={"description": "The kind to stop; every kind if left out."})


NotificationPageSchema = page_of(NotificationSchema)
