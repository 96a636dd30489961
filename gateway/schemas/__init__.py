"""What the aggregated reads take and answer. The answers are documented by these schemas and written without them."""

from gateway.schemas.answers import (
    ActivityPage,
    AlignmentTree,
    CoveragePage,
    Dashboard,
    HandOverPage,
    Me,
    OrganisationOverview,
    PersonOverview,
    SearchPage,
    TeamOverview,
)
from gateway.schemas.asked import (
    ActivityArgs,
    AlignmentArgs,
    CoverageArgs,
    CycleArgs,
    HandOverArgs,
    LeftBehindArgs,
    SearchArgs,
)

__all__ = [
    "ActivityArgs",
    "ActivityPage",
    "AlignmentArgs",
    "AlignmentTree",
    "CoverageArgs",
    "CoveragePage",
    "CycleArgs",
    "Dashboard",
    "HandOverArgs",
    "HandOverPage",
    "LeftBehindArgs",
    "Me",
    "OrganisationOverview",
    "PersonOverview",
    "SearchArgs",
    "SearchPage",
    "TeamOverview",
]
