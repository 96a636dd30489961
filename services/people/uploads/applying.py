"""The one transaction of an upload: judge, apply, keep the result of every row, and mark it."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import delete

from chassis.http import consistency
from chassis.problems import Conflict
from chassis.unit import Unit
from services.people.commands import apply_people, apply_teams
from services.people.commands.filing import Options, Report
from services.people.uploads import error_file, models, results
from services.people.uploads.models import PEOPLE, Upload, UploadFile, UploadRows
from services.people.uploads.understanding import Reading


def carry_out(unit: Unit, upload: Upload, reading: Reading) -> None:
    """Apply what was read, or judge it. Raises Denied, and Conflict where a judgement does not hold any more."""
    options = _options(upload)
    if upload.of == PEOPLE:
        report = apply_people(unit, reading.table, options, reading.skipped)
    else:
        report = apply_teams(unit, reading.table, options)
    outcome = results.digest(report.results)
    if upload.outcome not in (None, outcome):
        raise Conflict(
            "The people have changed since this file was judged, and it would do something else now. "
            "Send it again as a dry run, look at the result and apply that.",
            kind="stale",
        )
    upload.outcome = outcome
    upload.state, upload.detail = _ended(report)
    _keep(unit, upload, reading, report)


def _options(upload: Upload) -> Options:
    asked = upload.asked
    return Options(
        dry_run=upload.dry_run,
        partial=asked.get("partial_", False),
        complete=asked.get("complete", False),
        accept_leavers=asked.get("accept_leavers", False),
        unknown_managers=asked.get("unknown_managers", "reject"),
    )


def _ended(report: Report) -> tuple[str, str | None]:
    """The state, and why."""
    if report.dry_run:
        return models.JUDGED, None
    if report.guard is not None and not report.applied:
        return models.STOPPED, f"Nothing was imported. {report.guard.reason} {report.guard.remedy}"
    if not report.applied:
        rows = "1 row is" if report.rejected_rows == 1 else f"{report.rejected_rows} rows are"
        remedy = "Mend the rows of the error file and send the file again, or send it with partial=true."
        return models.REFUSED, f"Nothing was imported: {rows} wrong. {remedy}"
    return models.APPLIED, None


def _keep(unit: Unit, upload: Upload, reading: Reading, report: Report) -> None:
    if unit.published:
        upload.consistency = consistency.token("people", unit.published)
    upload.counts = results.counts_of(report)
    upload.recognised = dict(reading.recognised)
    upload.remarks = list(report.remarks)
    upload.guard = None if report.guard is None else _plain(asdict(report.guard))
    unit.session.execute(delete(UploadRows).where(UploadRows.import_id == upload.id))
    unit.session.execute(delete(UploadFile).where(UploadFile.import_id == upload.id, UploadFile.kind == models.ERRORS))
    for chunk in results.chunks(upload.id, report.results):
        unit.session.add(chunk)
        unit.session.flush([chunk])
        unit.session.expunge(chunk)
    if (content := error_file.written(reading, report.results)) is not None:
        unit.session.add(UploadFile.of(upload.id, models.ERRORS, content, error_file.form(reading)))


def _plain(guard: dict[str, Any]) -> dict[str, Any]:
    return {**guard, "names": list(guard["names"])}
