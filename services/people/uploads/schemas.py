"""Requests and answers about uploads and profiles."""

from typing import Any

from chassis.http import PageArgs, Schema, fields, page_of
from services.people.schemas import ChangedField, Guard
from services.people.uploads import models
from services.people.uploads.results import MOVED

OUTCOMES = (
    "created",
    "changed",
    "deactivated",
    "reactivated",
    "unchanged",
    "scheduled",
    "skipped",
    "rejected",
)
LONGEST_MAP = 3000


def _word(longest: int, said: str, **options: Any) -> fields.Text:
    return fields.Text(shortest=1, longest=longest, metadata={"description": said}, **options)


def _flag(said: str) -> fields.Boolean:
    return fields.Boolean(metadata={"description": said})


class ProfileOptions(Schema):
    """How a file is read and applied; what is left out is recognised from the file, or holds as documented."""

    preset = _word(60, "The system the file comes from, such as successfactors; otherwise it is recognised.")
    dates = fields.Choice(["dmy", "mdy", "ymd"], metadata={"description": "Order of day, month and year in the file."})
    sheet = _word(200, "The sheet of a workbook that holds the rows.")
    encoding = _word(40, "Such as windows-1252; otherwise it is recognised.")
    separator = _word(5, "What separates the cells of a CSV file: one character, or the word tab.")
    ignore = _word(2000, "Columns to leave out, separated by commas, as if the file had not got them.")
    partial_ = fields.Boolean(
        data_key="partial",
        metadata={"description": "Apply the good rows even where others are rejected."},
    )
    complete = _flag("The file names everybody: whoever is not in it has left.")
    accept_leavers = _flag("Apply the file although unusually many people would leave.")
    unknown_managers = fields.Choice(
        ["reject", "top"], metadata={"description": "Rows whose manager nobody knows: rejected, or without a manager."}
    )


class UploadArgs(ProfileOptions):
    of = fields.Choice([models.PEOPLE, models.TEAMS], load_default=models.PEOPLE)
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Say what would happen and change nothing."})
    profile = _word(models.LONGEST_PROFILE_NAME, "A saved profile; what is said here goes before it.")
    name = _word(255, "The name of the file, to be shown.")
    map = _word(LONGEST_MAP, "Which header fills which column: external_id={org}/{ref},email=Work mail; or JSON.")


class ProfileBody(ProfileOptions):
    map = fields.Mapped(
        keys=fields.Text(shortest=1, longest=100),
        values=fields.Text(shortest=1, longest=500),
        metadata={"description": "For each of our columns the header, template or =constant that fills it."},
    )


class Profile(ProfileBody):
    name = fields.Text(required=True)
    version = fields.Integer(required=True)
    changed_at = fields.Moment(required=True)


class ApplyArgs(Schema):
    partial_ = fields.Boolean(
        data_key="partial", metadata={"description": "Apply the good rows although others are rejected."}
    )
    accept_leavers = _flag("Apply it although unusually many people would leave.")


class UploadFilter(PageArgs):
    of = fields.Choice([models.PEOPLE, models.TEAMS])
    state = fields.Choice(models.STATES)
    digest = fields.Text(shortest=64, longest=64, metadata={"description": "SHA-256 of the content, in lower case."})


class RecognisedColumn(Schema):
    field = fields.Text(required=True, metadata={"description": "Our column."})
    headers = fields.List(fields.Text(), required=True, metadata={"description": "The headers it is read from."})
    why = fields.Text(
        required=True, metadata={"description": "How they were found: map, preset, header, alike, content or own."}
    )
    note = fields.Text(required=True, allow_none=True)


class Recognised(Schema):
    """How the file was read."""

    layout = fields.Text(
        required=True, metadata={"description": "A preset; cairn for our own; headers where they decided."}
    )
    label = fields.Text(required=True)
    sheet = fields.Text(required=True, allow_none=True)
    header_lines = fields.List(fields.Integer(), required=True)
    columns = fields.List(fields.Nested(RecognisedColumn), required=True)
    unread = fields.List(fields.Text(), required=True, metadata={"description": "Headers that are not read, and why."})
    dates = fields.Text(required=True, allow_none=True)
    remarks = fields.List(fields.Text(), required=True)
    lines = fields.List(fields.Text(), required=True, metadata={"description": "All of it for people to read."})


class Counts(Schema):
    rows = fields.Integer(required=True)
    created = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    deactivated = fields.Integer(required=True)
    reactivated = fields.Integer(required=True)
    moved = fields.Integer(
        required=True, metadata={"description": "Of those changed, who gets another manager, team or parent."}
    )
    unchanged = fields.Integer(required=True)
    scheduled = fields.Integer(required=True)
    skipped = fields.Integer(required=True)
    omitted = fields.Integer(
        required=True, metadata={"description": "Who leaves because a complete file does not name them; no rows."}
    )
    rejected = fields.Integer(required=True)


class RowWrong(Schema):
    column = fields.Text(required=True, allow_none=True)
    value = fields.Text(required=True, allow_none=True)
    reason = fields.Text(required=True)
    remedy = fields.Text(required=True)


class FileWrong(RowWrong):
    row = fields.Integer(required=True)


class Upload(Schema):
    """A file on its way: waiting and running end as applied, judged (a dry run), refused, stopped by the guard rail,
    or failed."""

    id = fields.Id(required=True)
    of = fields.Choice([models.PEOPLE, models.TEAMS], required=True)
    state = fields.Choice(models.STATES, required=True)
    dry_run = fields.Boolean(required=True)
    name = fields.Text(required=True, allow_none=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes."})
    digest = fields.Text(required=True, metadata={"description": "SHA-256 of the content."})
    same_as = fields.Id(
        required=True, allow_none=True, metadata={"description": "An import that applied the same content before."}
    )
    options = fields.Nested(
        ProfileBody, required=True, attribute="asked", metadata={"description": "As they counted, with the profile's."}
    )
    sent_by = fields.Text(required=True)
    sent_at = fields.Moment(required=True)
    started_at = fields.Moment(required=True, allow_none=True)
    finished_at = fields.Moment(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    detail = fields.Text(
        required=True, allow_none=True, metadata={"description": "Why it ended so, and what to do about it."}
    )
    counts = fields.Nested(Counts, required=True, allow_none=True)
    recognised = fields.Nested(Recognised, required=True, allow_none=True)
    remarks = fields.List(
        fields.Text(), required=True, metadata={"description": "What to know although nothing is wrong."}
    )
    guard = fields.Nested(Guard, required=True, allow_none=True)
    rejected = fields.List(
        fields.Nested(FileWrong), required=True, metadata={"description": "Why the whole file cannot be read."}
    )
    kept = fields.Boolean(
        required=True, metadata={"description": "Whether its rows and its error file can still be read."}
    )


UploadPage = page_of(Upload)


class RowFilter(PageArgs):
    what = fields.Choice(
        [*OUTCOMES, MOVED], metadata={"description": "Only rows with this result; moved are some of those changed."}
    )


class ResultRow(Schema):
    row = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Line of the file the row begins on, from 1; null for whom a complete file omits."},
    )
    what = fields.Choice(OUTCOMES, required=True)
    id = fields.Id(required=True, allow_none=True, metadata={"description": "Null for what is not there (yet)."})
    external_id = fields.Text(required=True, allow_none=True)
    name = fields.Text(required=True)
    note = fields.Text(
        required=True, allow_none=True, metadata={"description": "Why it was skipped, from when it holds, and such."}
    )
    fields_ = fields.List(fields.Nested(ChangedField), required=True, data_key="fields", attribute="fields")
    wrong = fields.List(fields.Nested(RowWrong), required=True)


ResultRowPage = page_of(ResultRow)
