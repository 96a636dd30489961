"""The parts that several answers are made of: persons, objectives, key results, check-ins, feedback."""

from typing import Any

from marshmallow import fields as plain

from chassis.http import Schema, fields


def said(text: str) -> dict[str, str]:
    """The description of a field."""
    return {"description": text}


class Answer(Schema):
    """Part of an answer: every field is always there, some may be null."""

    def on_bind_field(self, field_name: str, field_obj: plain.Field[Any]) -> None:
        field_obj.required = True


class Person(Answer):
    id = fields.Id()
    name = fields.Text()


class Titled(Answer):
    id = fields.Id()
    title = fields.Text()


class Owner(Answer):
    kind = fields.Text(metadata=said("person or team"))
    id = fields.Id()
    name = fields.Text()


class CycleReference(Answer):
    id = fields.Id()
    name = fields.Text()


class Cycle(CycleReference):
    starts_on = fields.Date()
    ends_on = fields.Date()
    state = fields.Text()


class TeamReference(Answer):
    id = fields.Id()
    name = fields.Text()


class Membership(TeamReference):
    leads = fields.Boolean(metadata=said("Whether the person leads the team."))


class PersonCard(Person):
    title = fields.Text(allow_none=True)
    email = fields.Text()
    active = fields.Boolean()
    manager = fields.Nested(Person, allow_none=True)
    teams = fields.List(fields.Nested(Membership))


class Waiting(Answer):
    """A check-in that is due and has not been made."""

    due_on = fields.Date(metadata=said("The first due date that nobody answered, a Monday."))
    overdue_days = fields.Integer(metadata=said("Days since then; 0 on the day itself."))
    stale = fields.Boolean(metadata=said("Whether the usual grace has passed as well."))


class LastCheckIn(Answer):
    id = fields.Id()
    author = fields.Nested(Person)
    as_of = fields.Date()
    submitted_at = fields.Moment()
    value = fields.Quantity(allow_none=True)
    confidence = fields.Ratio(allow_none=True)
    status = fields.Text(allow_none=True)
    note = fields.Text(allow_none=True)
    blockers = fields.Text(allow_none=True)


class CheckIn(LastCheckIn):
    key_result = fields.Nested(Titled)
    objective = fields.Nested(Titled)
    corrected = fields.Boolean()


class Stage(Answer):
    title = fields.Text()
    done = fields.Boolean()


class MeasureSummary(Answer):
    id = fields.Id()
    title = fields.Text()
    owner = fields.Nested(Person, allow_none=True, metadata=said("Null: the objective's owner answers for it."))
    metric = fields.Text()
    unit = fields.Text()
    currency = fields.Text(allow_none=True)
    value = fields.Quantity(allow_none=True)
    weight = fields.Quantity()
    progress = fields.Ratio(allow_none=True)
    status = fields.Text()
    confidence = fields.Ratio(allow_none=True)


class KeyResultCard(MeasureSummary):
    start = fields.Quantity(allow_none=True)
    target = fields.Quantity(allow_none=True)
    lower = fields.Quantity(allow_none=True)
    upper = fields.Quantity(allow_none=True)
    milestones = fields.List(fields.Nested(Stage))
    progress_raw = plain.Float(allow_none=True, metadata=said("As measured; may be below 0 or above 1."))
    as_of = fields.Date(allow_none=True)
    open = fields.Boolean()
    last_check_in = fields.Nested(LastCheckIn, allow_none=True)
    waiting = fields.Nested(Waiting, allow_none=True)


class ObjectiveSummary(Answer):
    id = fields.Id()
    title = fields.Text()
    kind = fields.Text()
    state = fields.Text()
    progress = fields.Ratio(allow_none=True)
    status = fields.Text()
    grade = fields.Ratio(allow_none=True)
    owner = fields.Nested(Owner)
    cycle = fields.Nested(CycleReference)


class ObjectiveCard(ObjectiveSummary):
    key_results = fields.List(fields.Nested(KeyResultCard))


class About(Answer):
    kind = fields.Text()
    id = fields.Id()
    title = fields.Text()


class GivenFeedback(Answer):
    id = fields.Id()
    kind = fields.Text()
    visibility = fields.Text()
    giver = fields.Nested(Person)
    recipient = fields.Nested(Person)
    summary = fields.Text()
    text = fields.Text(allow_none=True, metadata=said("Null where it is not public; `href` leads to it."))
    about = fields.Nested(About, allow_none=True)
    given_at = fields.Moment()
    href = fields.Text()


class Aggregate(Answer):
    """An answer folded from events."""

    as_of = fields.Moment(allow_none=True, metadata=said("Time of the newest event it knows; null before the first."))


class OpenShare(Answer):
    open = fields.Integer(metadata=said("Key results that check-ins are taken for."))
    stale = fields.Integer()
    stale_share = fields.Ratio(allow_none=True)


class Figures(Answer):
    """Active objectives in open cycles."""

    objective_count = fields.Integer()
    at_risk = fields.Integer()
    progress = fields.Ratio(allow_none=True, metadata=said("The mean; null where none has any."))
    key_results = fields.Nested(OpenShare)
