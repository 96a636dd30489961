"""Persons: who there is, whom they report to, what they may do."""

from typing import Any

from chassis.access import check
from chassis.http import (
    Blueprint,
    actor,
    expected,
    page_args,
    reads,
    session,
    tagged,
    unit,
    with_header,
    writes,
)
from services.people import commands, queries, schemas
from services.people.models import Person

blp = Blueprint("persons", __name__, url_prefix="/api/v1", description="People, reporting lines and roles.")


@blp.get("/persons")
@reads("people", "person.read")
@blp.arguments(schemas.PersonFilter, location="query")
@blp.response(200, schemas.PersonPage)
def list_persons(filters: dict[str, Any]) -> dict[str, Any]:
    """People by name; all filters must fit."""
    return queries.persons(session(), page_args(filters), filters)


@blp.post("/persons")
@writes("people", "person.write", status=201)
@blp.arguments(schemas.NewPerson)
@blp.response(201, schemas.Person)
def register_person(body: dict[str, Any]) -> Person:
    """Make a person known. A taken e-mail or external id is a conflict that names its holder."""
    person = tagged(commands.register_person(unit(), body))
    with_header("Location", f"/api/v1/persons/{person.id}")
    return person


@blp.get("/persons/<uuid:person_id>")
@reads("people", "person.read")
@blp.response(200, schemas.Person)
def get_person(person_id: str) -> Person:
    """One person, active or not."""
    return tagged(queries.person(session(), person_id))


@blp.patch("/persons/<uuid:person_id>")
@writes("people", "person.change_self", match=True)
@blp.arguments(schemas.PersonChange)
@blp.response(200, schemas.Person)
def change_person(body: dict[str, Any], person_id: str) -> Person:
    """Change some fields. Everyone may change their own time zone and locale; the rest is for HR and admins."""
    return tagged(commands.change_person(unit(), person_id, expected(), body))


@blp.post("/persons/<uuid:person_id>/deactivate")
@writes("people", "person.write")
@blp.response(200, schemas.Person)
def deactivate_person(person_id: str) -> Person:
    """The person has left. Their reports keep them as manager until they get another. Twice is fine."""
    return tagged(commands.deactivate_person(unit(), person_id, expected()))


@blp.post("/persons/<uuid:person_id>/reactivate")
@writes("people", "person.write")
@blp.response(200, schemas.Person)
def reactivate_person(person_id: str) -> Person:
    """The person is back, with their id and history. Twice is fine."""
    return tagged(commands.reactivate_person(unit(), person_id, expected()))


@blp.put("/persons/<uuid:person_id>/roles")
@writes("people", "role.write", match=True)
@blp.arguments(schemas.Roles)
@blp.response(200, schemas.Person)
def set_roles(body: dict[str, Any], person_id: str) -> Person:
    """Give the person exactly these roles."""
    return tagged(commands.set_roles(unit(), person_id, expected(), body["roles"]))


@blp.get("/persons/<uuid:person_id>/reports")
@reads("people", "person.read")
@blp.arguments(schemas.ReportFilter, location="query")
@blp.response(200, schemas.PersonPage)
def list_reports(filters: dict[str, Any], person_id: str) -> dict[str, Any]:
    """Who reports to the person, by name."""
    all_levels = filters["depth"] == "all"
    page = page_args(filters)
    return queries.reports(session(), person_id, page, all_levels=all_levels, active=filters.get("active"))


@blp.get("/persons/<uuid:person_id>/chain")
@reads("people", "person.read")
@blp.response(200, schemas.Chain)
def get_chain(person_id: str) -> dict[str, Any]:
    """Everyone above the person, from the manager to the root."""
    return {"items": queries.chain(session(), person_id)}


@blp.get("/persons/<uuid:person_id>/scheduled-changes")
@reads("people", "import.run")
@blp.response(200, schemas.ScheduledChanges)
def list_scheduled_changes(person_id: str) -> dict[str, Any]:
    """What files say will hold of the person from days ahead, and what could not be applied on its day."""
    check(actor(), "import.run")
    return {"items": queries.scheduled_changes(session(), person_id)}


@blp.delete("/persons/<uuid:person_id>/scheduled-changes/<uuid:change_id>")
@writes("people", "import.run", status=204)
@blp.response(204)
def cancel_scheduled_change(person_id: str, change_id: str) -> None:
    """Let it not come about. A file that still says it schedules it again."""
    commands.cancel_scheduled_change(unit(), person_id, change_id)
