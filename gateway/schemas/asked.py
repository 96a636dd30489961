"""What may be asked of the aggregated reads, in the query."""

from chassis.http import PageArgs, Schema, fields
from gateway.queries import activity as feed
from gateway.queries import hand_over as handing
from gateway.queries import search as finding
from gateway.queries.tree import DEEPEST
from gateway.schemas.cards import said


class SearchArgs(PageArgs):
    q = fields.Text(shortest=1, longest=200, required=True, metadata=said("Words or beginnings of words, any case."))
    kinds = fields.List(fields.Choice(finding.KINDS), most=4, metadata=said("Only these kinds; repeat for several."))


class ActivityArgs(PageArgs):
    kinds = fields.List(fields.Choice(feed.KINDS), most=4, metadata=said("Only these kinds; repeat for several."))
    person_id = fields.Id(metadata=said("Only what this person did, gave, received or owns."))


class CycleArgs(Schema):
    cycle_id = fields.Id(metadata=said("The cycle; by default the present one."))


class CoverageArgs(PageArgs):
    cycle_id = fields.Id(metadata=said("The cycle; by default the present one."))
    team_id = fields.Id(metadata=said("Only members of this team."))


class AlignmentArgs(Schema):
    root = fields.Id(metadata=said("An objective or key result; only what is below it."))
    depth = fields.Integer(
        least=1, most=DEEPEST, load_default=DEEPEST, metadata=said("Levels of objectives; deeper ones are counted.")
    )


class LeftBehindArgs(PageArgs):
    kinds = fields.List(fields.Choice(handing.KINDS), most=4, metadata=said("Only these kinds; repeat for several."))


class HandOverArgs(LeftBehindArgs):
    manager_id = fields.Id(metadata=said("What falls to this person instead of you; for HR and admins."))
    scope = fields.Choice(
        ("own", "organisation"),
        load_default="own",
        metadata=said("organisation: what anybody left behind; for HR and admins."),
    )
