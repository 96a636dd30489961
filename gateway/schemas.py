"""What the aggregated reads take and answer. The answers are documented by these schemas and written without them."""

from typing import Any

from marshmallow import fields as plain

from chassis.http import PageArgs, Schema, fields
from gateway.queries import activity as feed
from gateway.queries import search as finding
from gateway.queries.tree import DEEPEST


def _said(text: str) -> dict[str, str]:
    return {"description": text}


class SearchArgs(PageArgs):
    q = fields.Text(shortest=1, longest=200, required=True, metadata=_said("Words or beginnings of words, any case."))
    kinds = fields.List(fields.Choice(finding.KINDS), most=4, metadata=_said("Only these kinds; repeat for several."))


class ActivityArgs(PageArgs):
    kinds = fields.List(fields.Choice(feed.KINDS), most=4, metadata=_said("Only these kinds; repeat for several."))
    person_id = fields.Id(metadata=_said("Only what this person did, gave, received or owns."))


class CycleArgs(Schema):
    cycle_id = fields.Id(metadata=_said("The cycle; by default the present one."))


class CoverageArgs(PageArgs):
    cycle_id = fields.Id(metadata=_said("The cycle; by default the present one."))
    team_id = fields.Id(metadata=_said("Only members of this team."))


class AlignmentArgs(Schema):
    root = fields.Id(metadata=_said("An objective or key result; only what is below it."))
    depth = fields.Integer(
        least=1, most=DEEPEST, load_default=DEEPEST, metadata=_said("Levels of objectives; deeper ones are counted.")
    )


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
    kind = fields.Text(metadata=_said("person or team"))
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
    leads = fields.Boolean(metadata=_said("Whether the person leads the team."))


class PersonCard(Person):
    title = fields.Text(allow_none=True)
    email = fields.Text()
    active = fields.Boolean()
    manager = fields.Nested(Person, allow_none=True)
    teams = fields.List(fields.Nested(Membership))


class Waiting(Answer):
    """A check-in that is due and has not been made."""

    due_on = fields.Date(allow_none=True, metadata=_said("Since when; null where there is no day to count from."))
    overdue_days = fields.Integer()
    stale = fields.Boolean(metadata=_said("Whether the usual grace has passed as well."))


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
    owner = fields.Nested(Person, allow_none=True, metadata=_said("Null: the objective's owner answers for it."))
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
    progress_raw = plain.Float(allow_none=True, metadata=_said("As measured; may be below 0 or above 1."))
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


class OwnObjective(ObjectiveCard):
    role = fields.Text(metadata=_said("owner, co_owner or team: how it is yours."))


class Due(Waiting):
    key_result = fields.Nested(Titled)
    objective = fields.Nested(Titled)
    status = fields.Text()
    last_as_of = fields.Date(allow_none=True)


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
    text = fields.Text(allow_none=True, metadata=_said("Null where it is not public; `href` leads to it."))
    about = fields.Nested(About, allow_none=True)
    given_at = fields.Moment()
    href = fields.Text()


class Aggregate(Answer):
    """An answer folded from events."""

    as_of = fields.Moment(allow_none=True, metadata=_said("Time of the newest event it knows; null before the first."))


class Me(Aggregate):
    id = fields.Text()
    kind = fields.Text(metadata=_said("person or service"))
    roles = fields.List(fields.Text())
    scopes = fields.List(fields.Text())
    person = fields.Nested(PersonCard, allow_none=True)
    unread = fields.Integer()


class Dashboard(Aggregate):
    person = fields.Nested(PersonCard)
    objectives = fields.List(fields.Nested(OwnObjective))
    due = fields.List(fields.Nested(Due), metadata=_said("Key results that wait for your check-in, longest first."))
    feedback = fields.List(fields.Nested(GivenFeedback))
    unread = fields.Integer()


class PersonOverview(Aggregate):
    person = fields.Nested(PersonCard)
    reports = fields.List(fields.Nested(Person))
    objectives = fields.List(fields.Nested(ObjectiveCard))
    check_ins = fields.List(fields.Nested(CheckIn))
    praise = fields.List(fields.Nested(GivenFeedback))


class OpenShare(Answer):
    open = fields.Integer(metadata=_said("Key results that check-ins are taken for."))
    stale = fields.Integer()
    stale_share = fields.Ratio(allow_none=True)


class Figures(Answer):
    """Active objectives in open cycles."""

    objective_count = fields.Integer()
    at_risk = fields.Integer()
    progress = fields.Ratio(allow_none=True, metadata=_said("The mean; null where none has any."))
    key_results = fields.Nested(OpenShare)


class TeamCard(TeamReference):
    archived = fields.Boolean()
    parent = fields.Nested(TeamReference, allow_none=True)
    lead = fields.Nested(Person, allow_none=True)


class MemberStanding(Figures):
    id = fields.Id()
    name = fields.Text()
    title = fields.Text(allow_none=True)
    leads = fields.Boolean()


class TeamStanding(Figures):
    id = fields.Id()
    name = fields.Text()


class TeamOverview(Aggregate, Figures):
    team = fields.Nested(TeamCard)
    objectives = fields.List(fields.Nested(ObjectiveCard))
    members = fields.List(fields.Nested(MemberStanding))
    sub_teams = fields.List(fields.Nested(TeamStanding))


class Alignment(Answer):
    kind = fields.Text(metadata=_said("contributes or supports"))
    weight = fields.Quantity()


class Elsewhere(About):
    cycle = fields.Nested(CycleReference, allow_none=True)


class AlignedKeyResult(MeasureSummary):
    objectives = fields.List(fields.Nested(lambda: AlignedObjective()))


class AlignedObjective(ObjectiveSummary):
    alignment = fields.Nested(Alignment, allow_none=True, metadata=_said("The line it hangs on; null at the top."))
    also_under = fields.List(fields.Nested(About), metadata=_said("Its other parents in this cycle."))
    parents_elsewhere = fields.List(fields.Nested(Elsewhere))
    children_elsewhere = fields.List(fields.Nested(Elsewhere))
    repeated = fields.Boolean(metadata=_said("Whether what is below it is written out at another place."))
    hidden = fields.Integer(metadata=_said("Objectives directly below it that are not shown here."))
    key_results = fields.List(fields.Nested(AlignedKeyResult))
    objectives = fields.List(fields.Nested(lambda: AlignedObjective()))


class AlignmentTree(Aggregate):
    cycle = fields.Nested(Cycle)
    objective_count = fields.Integer(metadata=_said("In the whole cycle."))
    key_result_count = fields.Integer(metadata=_said("In the whole cycle."))
    objectives = fields.List(fields.Nested(AlignedObjective))


class StatusCount(Answer):
    status = fields.Text()
    count = fields.Integer()


class Band(Answer):
    from_ = fields.Ratio(data_key="from", attribute="from", metadata=_said("Itself included."))
    to = fields.Ratio(metadata=_said("Itself excluded; 1 and 1 is what is done."))
    count = fields.Integer()


class ObjectiveFigures(Answer):
    total = fields.Integer()
    draft = fields.Integer(metadata=_said("Drafts count nowhere else."))
    active = fields.Integer()
    closed = fields.Integer()
    at_risk = fields.Integer()
    mean_progress = fields.Ratio(allow_none=True)
    by_status = fields.List(fields.Nested(StatusCount))
    by_progress = fields.List(fields.Nested(Band))
    without_progress = fields.Integer()


class KeyResultFigures(OpenShare):
    total = fields.Integer()
    at_risk = fields.Integer()
    by_status = fields.List(fields.Nested(StatusCount))


class Covered(Answer):
    people = fields.Integer(metadata=_said("Active persons."))
    with_objective = fields.Integer(metadata=_said("Own or co-own one that is no draft, or answer for a key result."))
    without_objective = fields.Integer()
    share = fields.Ratio(allow_none=True)


class PersonWithout(Person):
    title = fields.Text(allow_none=True)
    manager = fields.Nested(Person, allow_none=True)


class Coverage(Covered):
    without = fields.List(fields.Nested(PersonWithout), metadata=_said("The first of those without an objective."))
    without_next = fields.Text(allow_none=True, metadata=_said("Cursor for the coverage list; null when all are here."))


class OwningTeam(Figures):
    id = fields.Id()
    name = fields.Text()
    coverage = fields.Nested(Covered)


class OrganisationOverview(Aggregate):
    cycle = fields.Nested(Cycle)
    objectives = fields.Nested(ObjectiveFigures)
    key_results = fields.Nested(KeyResultFigures)
    coverage = fields.Nested(Coverage)
    teams = fields.List(fields.Nested(OwningTeam))


class CoveragePage(Aggregate):
    cycle = fields.Nested(Cycle)
    items = fields.List(fields.Nested(PersonWithout))
    next = fields.Text(allow_none=True)


class Happening(Answer):
    kind = fields.Text(metadata=_said(", ".join(feed.KINDS)))
    id = fields.Id()
    at = fields.Moment()
    check_in = fields.Nested(CheckIn, allow_none=True)
    praise = fields.Nested(GivenFeedback, allow_none=True)
    objective = fields.Nested(ObjectiveSummary, allow_none=True)


class ActivityPage(Aggregate):
    items = fields.List(fields.Nested(Happening))
    next = fields.Text(allow_none=True)


class Hit(Answer):
    kind = fields.Text(metadata=_said(", ".join(finding.KINDS)))
    id = fields.Id()
    title = fields.Text()
    detail = fields.Text(allow_none=True, metadata=_said("What tells it apart: job title, owner, cycle."))
    objective = fields.Nested(Titled, allow_none=True, metadata=_said("For key results: the objective they measure."))
    href = fields.Text()


class SearchPage(Aggregate):
    items = fields.List(fields.Nested(Hit))
    next = fields.Text(allow_none=True)
