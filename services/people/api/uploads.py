"""Imports the worker carries out: sent as they are, looked at afterwards, handed back where rows are wrong."""

from typing import Any

from flask import Response

from chassis.access import check
from chassis.http import Blueprint, actor, page_args, reads, session, unit, with_header, writes
from chassis.problems import NotFound
from services.people.api.imports import LARGEST_FILE
from services.people.uploads import models, queries, receiving, schemas

FORMS = {
    "csv": ("text/csv; charset=utf-8", "csv"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
}
_BYTES = {"type": "string", "format": "binary"}
SHOWN = {
    "text/csv": {"schema": {"type": "string", "description": "CSV in any layout, encoding and separator."}},
    "application/octet-stream": {
        "schema": {**_BYTES, "description": "CSV, XLSX or JSON; what it is is seen by its content."}
    },
}
ERROR_FILE = {media.partition(";")[0]: {"schema": _BYTES} for media, _ in FORMS.values()}

blp = Blueprint("uploads", __name__, url_prefix="/api/v1", description="Files to import when the worker comes to them.")


@blp.post("/imports")
@writes("people", "import.run", status=202)
@blp.body(*SHOWN, most=LARGEST_FILE, shown=SHOWN, any_type=True)
@blp.arguments(schemas.UploadArgs, location="query")
@blp.response(202, schemas.Upload)
def send_import(body: bytes, given: dict[str, Any]) -> models.Upload:
    """Send a file of people or teams as it is. It is read, judged and applied soon; look at the import for the result.

    Whatever media type the body claims is taken. Imports are carried out one after another, in the order they came.
    """
    return _underway(receiving.receive(unit(), body, given))


@blp.get("/imports")
@reads("people", "import.run")
@blp.arguments(schemas.UploadFilter, location="query")
@blp.response(200, schemas.UploadPage)
def list_imports(filters: dict[str, Any]) -> dict[str, Any]:
    """Imports, the newest first; all filters must fit."""
    check(actor(), "import.run")
    return queries.uploads(session(), page_args(filters), filters)


@blp.get("/imports/<uuid:import_id>")
@reads("people", "import.run")
@blp.response(200, schemas.Upload)
def get_import(import_id: str) -> models.Upload:
    """What became of a file. Retry-After says when to look again while it waits or runs."""
    check(actor(), "import.run")
    return _underway(queries.upload(session(), import_id))


@blp.get("/imports/<uuid:import_id>/rows")
@reads("people", "import.run")
@blp.arguments(schemas.RowFilter, location="query")
@blp.response(200, schemas.ResultRowPage)
def list_import_rows(filters: dict[str, Any], import_id: str) -> dict[str, Any]:
    """What came of each row, in the order of the file."""
    check(actor(), "import.run")
    return queries.rows(session(), import_id, page_args(filters), filters.get("what"))


@blp.get("/imports/<uuid:import_id>/errors")
@reads("people", "import.run")
@blp.response(200, description="The file.")
def get_import_errors(import_id: str) -> Response:
    """The rows that were not taken, as they were sent, each with its error. Mend them and send the file again."""
    check(actor(), "import.run")
    queries.upload(session(), import_id)
    found = queries.file_of(session(), import_id, models.ERRORS)
    if found is None:
        raise NotFound("This import has no rows that were rejected, or has not come to them yet.")
    media, ending = FORMS[found.form or "csv"]
    headers = {"Content-Disposition": f'attachment; filename="errors-{import_id}.{ending}"'}
    return Response(found.content, content_type=media, headers=headers)


@blp.post("/imports/<uuid:import_id>/apply")
@writes("people", "import.run", status=202)
@blp.arguments(schemas.ApplyArgs, location="query")
@blp.response(202, schemas.Upload)
def apply_import(given: dict[str, Any], import_id: str) -> models.Upload:
    """Apply a judged dry run. If it would come to something else by now, it is refused instead."""
    return _underway(receiving.accept(unit(), import_id, given))


def _underway(upload: models.Upload) -> models.Upload:
    with_header("Location", f"/api/v1/imports/{upload.id}")
    if upload.state in models.UNFINISHED:
        with_header("Retry-After", "1")
    if upload.consistency:
        with_header("Cairn-Consistency", upload.consistency)
    return upload
