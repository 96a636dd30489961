"""What the aggregated reads take and answer. The answers are documented by these schemas and written without them."""

from gateway.schemas.answers import (
    ActivityPage,
    AlignmentTree,
    CoveragePage,
    Dashboard,
    Me,
    OrganisationOverview,
    PersonOverview,
    SearchPage,
    TeamOverview,
)
from gateway.schemas.asked import ActivityArgs, AlignmentArgs, CoverageArgs, CycleArgs, SearchArgs

__all__ = [
    "ActivityArgs",
    "ActivityPage",
    "AlignmentArgs",
    "AlignmentTree",
    "CoverageArgs",
    "CoveragePage",
    "CycleArgs",
    "Dashboard",
    "Me",
    "OrganisationOverview",
    "PersonOverview",
    "SearchArgs",
    "SearchPage",
    "TeamOverview",
]
