"""Teams: a tree, with members and leads."""

from typing import Any

from chassis.http import Blueprint, expected, page_args, reads, session, tagged, unit, with_header, writes
from services.people import commands, queries, schemas
from services.people.models import Team

blp = Blueprint("teams", __name__, url_prefix="/api/v1", description="The tree of teams and who is in them.")


@blp.get("/teams")
@reads("people", "team.read")
@blp.arguments(schemas.TeamFilter, location="query")
@blp.response(200, schemas.TeamPage)
def list_teams(filters: dict[str, Any]) -> dict[str, Any]:
    """Teams by name; all filters must fit."""
    return queries.teams(session(), page_args(filters), filters)


@blp.post("/teams")
@writes("people", "team.write", status=201)
@blp.arguments(schemas.NewTeam)
@blp.response(201, schemas.Team)
def create_team(body: dict[str, Any]) -> Team:
    """Make a team known, below another one or at the top."""
    team = tagged(commands.create_team(unit(), body))
    with_header("Location", f"/api/v1/teams/{team.id}")
    return team


@blp.get("/teams/<uuid:team_id>")
@reads("people", "team.read")
@blp.response(200, schemas.Team)
def get_team(team_id: str) -> Team:
    """One team, archived or not."""
    return tagged(queries.team(session(), team_id))


@blp.patch("/teams/<uuid:team_id>")
@writes("people", "team.write", match=True)
@blp.arguments(schemas.TeamChange)
@blp.response(200, schemas.Team)
def change_team(body: dict[str, Any], team_id: str) -> Team:
    """Rename or move a team, give it another lead, archive or restore it."""
    return tagged(commands.change_team(unit(), team_id, expected(), body))


@blp.get("/teams/<uuid:team_id>/members")
@reads("people", "person.read")
@blp.arguments(schemas.MemberFilter, location="query")
@blp.response(200, schemas.PersonPage)
def list_members(filters: dict[str, Any], team_id: str) -> dict[str, Any]:
    """Who is in the team, by name."""
    page, below, active = page_args(filters), filters["below"], filters.get("active")
    return queries.members(session(), team_id, page, below=below, active=active)
