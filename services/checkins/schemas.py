"""The shapes of requests and answers."""

from chassis.http import PageArgs, Schema, fields, page_of
from services.checkins.rules.stating import STATUSES

LONGEST_WORDS = 10_000
WITHDRAWN = {"description": "Whether withdrawn check-ins are listed as well."}


class Measurement(Schema):
    """What a check-in says, and what a correction may change."""

    value = fields.Quantity(
        allow_none=True, metadata={"description": "The measured value; 0 or 1 for binary, left out for milestones."}
    )
    milestones_done = fields.List(
        fields.Text(shortest=1, longest=100),
        most=200,
        allow_none=True,
        metadata={"description": "For milestones: the ids of all that are done."},
    )
    confidence = fields.Ratio(
        allow_none=True, metadata={"description": "How likely the target is reached. A fall needs a note."}
    )
    status = fields.Choice(
        STATUSES, allow_none=True, metadata={"description": "As the author sees it; null leaves it to the pace."}
    )
    note = fields.Text(longest=LONGEST_WORDS, lines=True, allow_none=True)
    blockers = fields.Text(longest=LONGEST_WORDS, lines=True, allow_none=True)
    as_of = fields.Date(metadata={"description": "The day the value is true for; today where the author is."})


class KeyResultCheckIn(Measurement):
    """A new check-in on the key result of the address."""

    author_id = fields.Id(
        allow_none=True, metadata={"description": "For whom HR, admins and service accounts speak; you, if left out."}
    )
    external_id = fields.Text(shortest=1, longest=200, allow_none=True)
    submitted_at = fields.Moment(
        allow_none=True, metadata={"description": "When it was made in the system it is imported from."}
    )


class NewCheckIn(KeyResultCheckIn):
    """A new check-in."""

    key_result_id = fields.Id(required=True)


class NewCheckIns(Schema):
    """Several check-ins, made together or not at all."""

    check_ins = fields.List(fields.Nested(NewCheckIn), required=True, most=50, metadata={"minItems": 1})


class SubmitArgs(Schema):
    upsert = fields.Boolean(
        load_default=False,
        metadata={"description": "Correct what is known by its external id and says something else; for imports."},
    )


class Correction(Measurement):
    """The fields to change; null takes one back."""

    reason = fields.Text(longest=2000, lines=True, allow_none=True, metadata={"description": "For the audit trail."})


class Withdrawal(Schema):
    reason = fields.Text(longest=2000, lines=True, allow_none=True, metadata={"description": "For the audit trail."})
    release = fields.Boolean(
        load_default=False,
        metadata={"description": "Free its external id, so that the same import makes it anew."},
    )


class OneToWithdraw(Schema):
    id = fields.Id(required=True)
    version = fields.Integer(required=True, metadata={"description": "The version you mean; another one is refused."})


class Withdrawals(Withdrawal):
    """Several check-ins, taken back together or not at all."""

    check_ins = fields.List(fields.Nested(OneToWithdraw), required=True, most=50, metadata={"minItems": 1})


class CheckIn(Schema):
    id = fields.Id(required=True)
    version = fields.Integer(required=True)
    external_id = fields.Text(required=True, allow_none=True)
    key_result_id = fields.Id(required=True)
    objective_id = fields.Id(required=True)
    author_id = fields.Id(required=True)
    value = fields.Quantity(required=True, allow_none=True)
    milestones_done = fields.List(fields.Text(), required=True, allow_none=True)
    confidence = fields.Ratio(required=True, allow_none=True)
    status = fields.Choice(STATUSES, required=True, allow_none=True)
    note = fields.Text(required=True, allow_none=True, lines=True)
    blockers = fields.Text(required=True, allow_none=True, lines=True)
    as_of = fields.Date(required=True)
    submitted_at = fields.Moment(required=True)
    withdrawn = fields.Boolean(required=True)


class CheckIns(Schema):
    """What was made, in the order it was sent."""

    check_ins = fields.List(fields.Nested(CheckIn), required=True)


CheckInPage = page_of(CheckIn)


class HistoryArgs(PageArgs):
    """Days from `since` to `until`, both included."""

    since = fields.Date()
    until = fields.Date()
    withdrawn = fields.Boolean(load_default=False, metadata=WITHDRAWN)


class CheckInFilter(HistoryArgs):
    author_id = fields.Id()
    objective_id = fields.Id()
    key_result_id = fields.Id()
    external_id = fields.Text(shortest=1, longest=200)


class Revision(Schema):
    version = fields.Integer(required=True, metadata={"description": "The version that was left behind."})
    change = fields.Choice(("corrected", "withdrawn"), required=True)
    before = fields.Mapped(required=True, metadata={"description": "The content it had."})
    reason = fields.Text(required=True, allow_none=True, lines=True)
    changed_by = fields.Text(required=True, metadata={"description": "A person or a service account."})
    changed_by_kind = fields.Choice(("person", "service", "system"), required=True)
    changed_at = fields.Moment(required=True)


RevisionPage = page_of(Revision)


class DueKeyResult(Schema):
    id = fields.Id(required=True)
    title = fields.Text(required=True)
    metric = fields.Text(required=True)
    unit = fields.Text(required=True)
    currency = fields.Text(required=True, allow_none=True)


class DueObjective(Schema):
    id = fields.Id(required=True)
    title = fields.Text(required=True)
    cycle_id = fields.Id(required=True)
    owner_kind = fields.Choice(("person", "team"), required=True)
    owner_id = fields.Id(required=True)


class DueItem(Schema):
    """A key result that waits for a check-in."""

    key_result = fields.Nested(DueKeyResult, required=True)
    objective = fields.Nested(
        DueObjective, required=True, allow_none=True, metadata={"description": "Null until it has arrived here."}
    )
    responsible_ids = fields.List(
        fields.Id(), required=True, metadata={"description": "Who should check in: the nearest owner still here."}
    )
    last_check_in = fields.Nested(CheckIn, required=True, allow_none=True)
    due_on = fields.Date(required=True, metadata={"description": "The first due date nobody answered."})
    overdue_days = fields.Integer(required=True)
    stale = fields.Boolean(required=True, metadata={"description": "No check-in for more than ten days."})


class DuePage(Schema):
    as_of = fields.Moment(required=True, metadata={"description": "The moment the list is true for."})
    items = fields.List(fields.Nested(DueItem), required=True)
    next = fields.Text(required=True, allow_none=True, metadata={"description": "Cursor of the next page, or null."})
