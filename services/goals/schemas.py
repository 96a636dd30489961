"""What goes in and out over HTTP. Quantities and weights are exact decimals, progress and grades plain numbers."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError
from marshmallow import fields as plain

from chassis.http import PageArgs, Schema, fields, page_of
from services.goals.rules.alignment import LINK_KINDS, PARENT_KINDS
from services.goals.rules.metrics import TAKES, UNITS

CYCLE_STATES = ("planned", "active", "closed")
OWNER_KINDS = ("person", "team")
KINDS = ("committed", "aspirational")
STATES = ("draft", "active", "closed")
MOST_ATTRIBUTES = 50
STATUSES = ("not_started", "on_track", "behind", "at_risk")


def _external_id(**options: Any) -> fields.Text:
    description = "The id in the system it comes from; unique, and a list can be asked for it."
    return fields.Text(shortest=1, longest=200, metadata={"description": description}, **options)


def _title(**options: Any) -> fields.Text:
    return fields.Text(shortest=1, longest=500, **options)


def _told(what: str) -> dict[str, str]:
    return {"description": what}


class Attributes(fields.Mapped):
    """Texts by name that Cairn keeps and does not read."""

    def __init__(self) -> None:
        what = "Texts by name, kept and not read. Sent with a change, they replace all there were."
        super().__init__(
            keys=fields.Text(shortest=1, longest=100, validate=_no_outer_blanks),
            values=fields.Text(shortest=1, longest=4000, lines=True),
            validate=_not_too_many,
            metadata={"maxProperties": MOST_ATTRIBUTES, **_told(what)},
        )


def _no_outer_blanks(name: str) -> None:
    if name != name.strip():
        raise ValidationError("The name of an attribute takes no outer blanks.")


def _not_too_many(given: Mapping[str, str]) -> None:
    if len(given) > MOST_ATTRIBUTES:
        raise ValidationError(f"This takes at most {MOST_ATTRIBUTES} attributes.")


class CycleChange(Schema):
    name = fields.Text(shortest=1, longest=200)
    starts_on = fields.Date(metadata=_told("The first day."))
    ends_on = fields.Date(metadata=_told("The last day, itself included."))
    state = fields.Choice(CYCLE_STATES, metadata=_told("A closed cycle takes no new objectives."))
    external_id = _external_id(allow_none=True)


class NewCycle(CycleChange):
    name = fields.Text(shortest=1, longest=200, required=True)
    starts_on = fields.Date(required=True, metadata=_told("The first day."))
    ends_on = fields.Date(required=True, metadata=_told("The last day, itself included."))


class Cycle(Schema):
    id = fields.Id()
    version = fields.Integer()
    external_id = _external_id(allow_none=True)
    name = fields.Text()
    starts_on = fields.Date()
    ends_on = fields.Date()
    state = fields.Choice(CYCLE_STATES)


class CycleFilter(PageArgs):
    state = fields.Choice(CYCLE_STATES)
    external_id = _external_id()
    on = fields.Date(metadata=_told("Only cycles this day lies in."))
    q = fields.Text(shortest=1, longest=200, metadata=_told("Only cycles with this in their name."))


CyclePage = page_of(Cycle)


class Parent(Schema):
    parent_kind = fields.Choice(PARENT_KINDS, required=True)
    parent_id = fields.Id(required=True)
    kind = fields.Choice(LINK_KINDS, load_default="contributes", metadata=_told("Only contributes rolls up."))
    weight = fields.Quantity(
        load_default=Decimal(1), metadata=_told("Its share among all that contributes to the parent.")
    )


class Milestone(Schema):
    id = fields.Text(shortest=1, longest=64, metadata=_told("Keeps a milestone the same one when it is reworded."))
    title = _title(required=True)
    weight = fields.Quantity(load_default=Decimal(1))


class KeyResultChange(Schema):
    title = _title()
    owner_id = fields.Id(allow_none=True, metadata=_told("The person who checks in; null: the objective's owner."))
    metric = fields.Choice(tuple(TAKES))
    unit = fields.Choice(UNITS)
    currency = fields.Text(longest=3, allow_none=True, metadata=_told("ISO 4217, where the unit is currency."))
    start = fields.Quantity(allow_none=True)
    target = fields.Quantity(allow_none=True, metadata=_told("The threshold of stay_above and stay_below."))
    lower = fields.Quantity(allow_none=True)
    upper = fields.Quantity(allow_none=True)
    milestones = fields.List(fields.Nested(Milestone), most=100)
    weight = fields.Quantity(metadata=_told("Its share among all that contributes to the objective; 0: a guardrail."))
    external_id = _external_id(allow_none=True)
    attributes = Attributes()
    reason = fields.Text(
        shortest=1, lines=True, metadata=_told("Why the definition changes; needed once there are check-ins.")
    )


class NewKeyResult(KeyResultChange):
    class Meta:
        exclude = ("reason",)

    title = _title(required=True)
    metric = fields.Choice(tuple(TAKES), required=True)


class KeyResult(Schema):
    id = fields.Id()
    version = fields.Integer()
    edition = fields.Integer()
    external_id = _external_id(allow_none=True)
    objective_id = fields.Id()
    cycle_id = fields.Id()
    title = _title()
    owner_id = fields.Id(allow_none=True)
    metric = fields.Choice(tuple(TAKES))
    unit = fields.Choice(UNITS)
    currency = fields.Text(allow_none=True)
    start = fields.Quantity(allow_none=True)
    target = fields.Quantity(allow_none=True)
    lower = fields.Quantity(allow_none=True)
    upper = fields.Quantity(allow_none=True)
    milestones = fields.List(fields.Nested(Milestone), attribute="stages")
    weight = fields.Quantity()
    attributes = Attributes()
    value = fields.Quantity(allow_none=True, metadata=_told("The latest measured value."))
    milestones_done = fields.List(fields.Text())
    progress_raw = plain.Float(allow_none=True, metadata=_told("As measured: may be below 0 or above 1."))
    progress = fields.Ratio(allow_none=True)
    confidence = fields.Ratio(allow_none=True)
    status = fields.Choice(STATUSES)
    as_of = fields.Date(allow_none=True)
    open = fields.Boolean(metadata=_told("Whether check-ins are taken."))


class ObjectiveChange(Schema):
    title = _title()
    description = fields.Text(lines=True, allow_none=True)
    cycle_id = fields.Id()
    owner_kind = fields.Choice(OWNER_KINDS)
    owner_id = fields.Id(metadata=_told("The one who answers for it: a person or a team."))
    co_owner_ids = fields.List(fields.Id(), most=100)
    kind = fields.Choice(KINDS)
    parents = fields.List(fields.Nested(Parent), most=50, metadata=_told("Replaces all parents."))
    external_id = _external_id(allow_none=True)
    attributes = Attributes()


class NewObjective(ObjectiveChange):
    title = _title(required=True)
    cycle_id = fields.Id(required=True)
    owner_kind = fields.Choice(OWNER_KINDS, load_default="person")
    owner_id = fields.Id(required=True, metadata=_told("The one who answers for it: a person or a team."))
    state = fields.Choice(("draft", "active"), load_default="active")
    key_results = fields.List(fields.Nested(NewKeyResult), most=50)


class Closing(Schema):
    grade = fields.Ratio(allow_none=True, metadata=_told("Left out: what the progress suggests."))
    grade_note = fields.Text(lines=True, allow_none=True, metadata=_told("Needed for another grade than suggested."))


class Objective(Schema):
    id = fields.Id()
    version = fields.Integer()
    edition = fields.Integer()
    external_id = _external_id(allow_none=True)
    title = _title()
    description = fields.Text(lines=True, allow_none=True)
    cycle_id = fields.Id()
    owner_kind = fields.Choice(OWNER_KINDS)
    owner_id = fields.Id()
    co_owner_ids = fields.List(fields.Id())
    parents = fields.List(fields.Nested(Parent))
    kind = fields.Choice(KINDS)
    state = fields.Choice(STATES)
    progress = fields.Ratio(allow_none=True, metadata=_told("Null where nothing contributes."))
    status = fields.Choice(STATUSES)
    suggested_grade = fields.Ratio(allow_none=True)
    grade = fields.Ratio(allow_none=True)
    grade_note = fields.Text(allow_none=True)
    band = fields.Choice(("green", "yellow", "red"), allow_none=True)
    missed = fields.Boolean(metadata=_told("A commitment that was closed without being fully kept."))
    closed_at = fields.Moment(allow_none=True)
    attributes = Attributes()
    key_results = fields.List(fields.Nested(KeyResult))


class ObjectiveFilter(PageArgs):
    cycle_id = fields.Id()
    owner_id = fields.Id()
    owner_kind = fields.Choice(OWNER_KINDS)
    state = fields.Choice(STATES)
    external_id = _external_id()
    parent_id = fields.Id(metadata=_told("Only what is aligned to this objective or key result."))
    q = fields.Text(shortest=1, longest=200, metadata=_told("Only objectives with this in their title."))


ObjectivePage = page_of(Objective)


class Contribution(Schema):
    kind = fields.Choice(PARENT_KINDS)
    id = fields.Id()
    title = _title()
    state = fields.Choice(STATES)
    weight = fields.Quantity()
    share = fields.Ratio(metadata=_told("Its part of all the weight that counts."))
    progress = fields.Ratio(allow_none=True)
    status = fields.Choice(STATUSES)
    points = fields.Ratio(metadata=_told("What it adds to the objective's progress; all points add up to it."))
    counts = fields.Boolean(metadata=_told("False: adds nothing now (no weight, no progress yet, or still a draft)."))


class Explanation(Schema):
    objective_id = fields.Id()
    state = fields.Choice(STATES)
    progress = fields.Ratio(allow_none=True)
    status = fields.Choice(STATUSES)
    contributions = fields.List(fields.Nested(Contribution))


class Point(Schema):
    as_of = fields.Date()
    value = fields.Quantity(allow_none=True)
    progress_raw = plain.Float(metadata=_told("As measured: may be below 0 or above 1."))
    progress = fields.Ratio()


class Rebaseline(Schema):
    made_at = fields.Moment()
    made_by = fields.Text()
    reason = fields.Text(lines=True)
    before = fields.Mapped(metadata=_told("The definition that held until then."))


class Series(Schema):
    key_result_id = fields.Id()
    points = fields.List(fields.Nested(Point))
    rebaselines = fields.List(fields.Nested(Rebaseline))
