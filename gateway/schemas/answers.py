"""Every answer of the aggregated reads, and the parts that only one of them has."""

from chassis.http import fields
from gateway.queries import activity as feed
from gateway.queries import hand_over as handing
from gateway.queries import search as finding
from gateway.schemas.cards import (
    About,
    Aggregate,
    Answer,
    CheckIn,
    Cycle,
    CycleReference,
    Figures,
    GivenFeedback,
    MeasureSummary,
    ObjectiveCard,
    ObjectiveSummary,
    OpenShare,
    Person,
    PersonCard,
    TeamReference,
    Titled,
    Waiting,
    said,
)


class OwnObjective(ObjectiveCard):
    role = fields.Text(metadata=said("owner, co_owner or team: how it is yours."))


class Due(Waiting):
    key_result = fields.Nested(Titled)
    objective = fields.Nested(Titled)
    status = fields.Text()
    last_as_of = fields.Date(allow_none=True)


class Me(Aggregate):
    id = fields.Text()
    kind = fields.Text(metadata=said("person or service"))
    roles = fields.List(fields.Text())
    scopes = fields.List(fields.Text())
    person = fields.Nested(PersonCard, allow_none=True)
    unread = fields.Integer()


class KindCount(Answer):
    kind = fields.Text(metadata=said(", ".join(handing.KINDS)))
    count = fields.Integer()


class HandOverFigures(Answer):
    count = fields.Integer()
    counts = fields.List(fields.Nested(KindCount), metadata=said("By kind; kinds without any are left out."))


class Dashboard(Aggregate):
    person = fields.Nested(PersonCard)
    objectives = fields.List(fields.Nested(OwnObjective))
    due = fields.List(fields.Nested(Due), metadata=said("Key results that wait for your check-in, longest first."))
    hand_over = fields.Nested(HandOverFigures, metadata=said("What those who left left to you: GET /hand-over."))
    feedback = fields.List(fields.Nested(GivenFeedback))
    unread = fields.Integer()


class PersonOverview(Aggregate):
    person = fields.Nested(PersonCard)
    reports = fields.List(fields.Nested(Person))
    objectives = fields.List(fields.Nested(ObjectiveCard))
    check_ins = fields.List(fields.Nested(CheckIn))
    praise = fields.List(fields.Nested(GivenFeedback))


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
    kind = fields.Text(metadata=said("contributes or supports"))
    weight = fields.Quantity()


class Elsewhere(About):
    cycle = fields.Nested(CycleReference, allow_none=True)


class AlignedKeyResult(MeasureSummary):
    objectives = fields.List(fields.Nested(lambda: AlignedObjective()))


class AlignedObjective(ObjectiveSummary):
    alignment = fields.Nested(Alignment, allow_none=True, metadata=said("The line it hangs on; null at the top."))
    also_under = fields.List(fields.Nested(About), metadata=said("Its other parents in this cycle."))
    parents_elsewhere = fields.List(fields.Nested(Elsewhere))
    children_elsewhere = fields.List(fields.Nested(Elsewhere))
    repeated = fields.Boolean(metadata=said("Whether what is below it is written out at another place."))
    hidden = fields.Integer(metadata=said("Objectives directly below it that are not shown here."))
    key_results = fields.List(fields.Nested(AlignedKeyResult))
    objectives = fields.List(fields.Nested(lambda: AlignedObjective()))


class AlignmentTree(Aggregate):
    cycle = fields.Nested(Cycle)
    objective_count = fields.Integer(metadata=said("In the whole cycle."))
    key_result_count = fields.Integer(metadata=said("In the whole cycle."))
    objectives = fields.List(fields.Nested(AlignedObjective))


class StatusCount(Answer):
    status = fields.Text()
    count = fields.Integer()


class Band(Answer):
    from_ = fields.Ratio(data_key="from", attribute="from", metadata=said("Itself included."))
    to = fields.Ratio(metadata=said("Itself excluded; 1 and 1 is what is done."))
    count = fields.Integer()


class ObjectiveFigures(Answer):
    total = fields.Integer()
    draft = fields.Integer(metadata=said("Drafts count nowhere else."))
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
    people = fields.Integer(metadata=said("Active persons."))
    with_objective = fields.Integer(metadata=said("Own or co-own one that is no draft, or answer for a key result."))
    without_objective = fields.Integer()
    share = fields.Ratio(allow_none=True)


class PersonWithout(Person):
    title = fields.Text(allow_none=True)
    manager = fields.Nested(Person, allow_none=True)


class Coverage(Covered):
    without = fields.List(fields.Nested(PersonWithout), metadata=said("The first of those without an objective."))
    without_next = fields.Text(allow_none=True, metadata=said("Cursor for the coverage list; null when all are here."))


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
    kind = fields.Text(metadata=said(", ".join(feed.KINDS)))
    id = fields.Id()
    at = fields.Moment()
    check_in = fields.Nested(CheckIn, allow_none=True)
    praise = fields.Nested(GivenFeedback, allow_none=True)
    objective = fields.Nested(ObjectiveSummary, allow_none=True)


class ActivityPage(Aggregate):
    items = fields.List(fields.Nested(Happening))
    next = fields.Text(allow_none=True)


class Hit(Answer):
    kind = fields.Text(metadata=said(", ".join(finding.KINDS)))
    id = fields.Id()
    title = fields.Text()
    detail = fields.Text(allow_none=True, metadata=said("What tells it apart: job title, owner, cycle."))
    objective = fields.Nested(Titled, allow_none=True, metadata=said("For key results: the objective they measure."))
    href = fields.Text()


class SearchPage(Aggregate):
    items = fields.List(fields.Nested(Hit))
    next = fields.Text(allow_none=True)


class Leaver(Person):
    left_on = fields.Date(allow_none=True, metadata=said("The last working day; null where nobody told it."))


class HandingOver(Answer):
    """The change that gives it to somebody else.

    Objectives and key results may be changed by the managers above whoever left; teams and persons by HR and admins.
    """

    method = fields.Text()
    href = fields.Text()
    field = fields.Text(metadata=said("The field of the body that names who has it from then on."))


class LeftBehind(Answer):
    kind = fields.Text(metadata=said(", ".join(handing.KINDS)))
    id = fields.Id()
    title = fields.Text()
    detail = fields.Text(allow_none=True, metadata=said("What tells it apart: cycle, objective, job title."))
    left_by = fields.Nested(Leaver)
    falls_to = fields.Nested(
        Person, allow_none=True, metadata=said("Who has to see to it; null: nobody above is here, so HR and admins.")
    )
    change = fields.Nested(HandingOver)


class HandOverPage(Aggregate, HandOverFigures):
    items = fields.List(fields.Nested(LeftBehind))
    next = fields.Text(allow_none=True)
