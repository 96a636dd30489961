"""Imports: a whole file at once, since its rows may name each other in any order."""

from collections.abc import Callable
from typing import Any

from flask import request

from chassis.http import Blueprint, unit, writes
from chassis.http.bodies import parse
from chassis.problems import Fault, Invalid
from chassis.unit import Unit
from services.people import schemas
from services.people.commands import import_people as people_command
from services.people.commands import import_teams as teams_command
from services.people.commands.filing import Options, Report

LARGEST_FILE = 20 << 20
MOST_FAULTS = 100

SHOWN = {
    "text/csv": {"schema": {"type": "string", "description": "UTF-8, one header line, then a line for each row."}},
    "application/json": {
        "schema": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Rows with the column names of the CSV file as names.",
        }
    },
}

blp = Blueprint("imports", __name__, url_prefix="/api/v1", description="People and teams from files.")

Command = Callable[[Unit, Any, Options], Report]


class Refused(Invalid):
    """A file that was not applied; the whole report stands in the problem's member `report`."""

    def __init__(self, report: Report) -> None:
        pointers = [(f"/{one.row}/{one.column}" if one.column else f"/{one.row}", one) for one in report.rejected]
        faults = [Fault(pointer, str(one.wrong)) for pointer, one in pointers[:MOST_FAULTS]]
        count = max(report.rejected_rows, 1)
        rows = "1 row is" if count == 1 else f"{count} rows are"
        detail = f"Nothing was imported: {rows} wrong. Mend the file, or send partial=true to apply the other rows."
        if report.guard is not None:
            detail = f"Nothing was imported. {report.guard.reason} {report.guard.remedy}"
        super().__init__(detail if report.rows else "Nothing was imported: the file cannot be read.", faults=faults)
        self.report = report

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "report": schemas.ImportReport().dump(self.report)}


@blp.post("/imports/people")
@writes("people", "import.run")
@blp.body("text/csv", "application/json", most=LARGEST_FILE, shown=SHOWN)
@blp.arguments(schemas.PeopleImportArgs, location="query")
@blp.response(200, schemas.ImportReport)
def import_people(body: bytes, given: dict[str, Any]) -> Report:
    """Apply a file of people, matched by external id, then by e-mail. Sending it again changes nothing."""
    return _imported(people_command, body, given)


@blp.post("/imports/teams")
@writes("people", "import.run")
@blp.body("text/csv", "application/json", most=LARGEST_FILE, shown=SHOWN)
@blp.arguments(schemas.ImportArgs, location="query")
@blp.response(200, schemas.ImportReport)
def import_teams(body: bytes, given: dict[str, Any]) -> Report:
    """Apply a file of teams, matched by external id, then by name. Sending it again changes nothing."""
    return _imported(teams_command, body, given)


def _imported(command: Command, body: bytes, given: dict[str, Any]) -> Report:
    ignored = frozenset(name.strip() for name in given.get("ignore", "").split(",") if name.strip())
    asked = {name: given[name] for name in ("complete", "accept_leavers", "unknown_managers") if name in given}
    options = Options(given["dry_run"], given["partial_"], ignored, **asked)
    report = command(unit(), body if request.mimetype == "text/csv" else parse(body), options)
    if not report.applied and (not report.dry_run or not report.rows):
        raise Refused(report)
    return report
