"""Requests and answers of the people service. What a value must look like beyond its type is said by `rules.fields`."""

from typing import Any

from chassis.http import PageArgs, Schema, fields, page_of
from services.people.rules import fields as rules

_EMAIL = {"description": "Work e-mail; unique whatever its case, kept as written."}
_EXTERNAL_ID = {"description": "Its id in the system of record, kept as text: 0042 stays 0042."}
_TIME_ZONE = {"description": "IANA name.", "examples": ["Europe/Lisbon"]}
_LOCALE = {"description": "BCP 47 language tag.", "examples": ["pt-PT"]}


def _name(**options: Any) -> fields.Text:
    return fields.Text(shortest=1, longest=rules.LONGEST_NAME, **options)


def _external_id(**options: Any) -> fields.Text:
    return fields.Text(shortest=1, longest=rules.LONGEST_EXTERNAL_ID, metadata=_EXTERNAL_ID, **options)


def _roles(**options: Any) -> fields.List:
    return fields.List(fields.Choice(rules.ROLES), most=20, **options)


def _teams(**options: Any) -> fields.List:
    return fields.List(fields.Id(), most=rules.MOST_TEAMS, **options)


class PersonChange(Schema):
    """Fields left out stay as they are; null clears an optional one."""

    external_id = _external_id(allow_none=True)
    email = fields.Email(metadata=_EMAIL)
    display_name = _name()
    given_name = _name(allow_none=True)
    family_name = _name(allow_none=True)
    title = _name(allow_none=True, metadata={"description": "Job title."})
    manager_id = fields.Id(allow_none=True)
    team_ids = _teams()
    time_zone = fields.Text(shortest=1, longest=64, metadata=_TIME_ZONE)
    locale = fields.Text(shortest=1, longest=rules.LONGEST_LOCALE, metadata=_LOCALE)
    start_date = fields.Date(allow_none=True, metadata={"description": "First working day."})
    end_date = fields.Date(allow_none=True, metadata={"description": "Last working day, known or planned."})


class NewPerson(PersonChange):
    email = fields.Email(required=True, metadata=_EMAIL)
    display_name = _name(required=True)
    roles = _roles(metadata={"description": "Beyond employee only for those who may give roles."})
    active = fields.Boolean(metadata={"description": "False for someone who has left already."})


class Manager(Schema):
    """Just enough of a manager to show one; whoever has left is shown too."""

    id = fields.Id(required=True)
    display_name = fields.Text(required=True)
    active = fields.Boolean(required=True)


class Person(Schema):
    id = fields.Id(required=True)
    version = fields.Integer(required=True)
    external_id = fields.Text(required=True, allow_none=True)
    email = fields.Text(required=True)
    display_name = fields.Text(required=True)
    given_name = fields.Text(required=True, allow_none=True)
    family_name = fields.Text(required=True, allow_none=True)
    title = fields.Text(required=True, allow_none=True)
    manager_id = fields.Id(required=True, allow_none=True)
    manager = fields.Nested(Manager, required=True, allow_none=True)
    team_ids = fields.List(fields.Id(), required=True)
    roles = fields.List(fields.Choice(rules.ROLES), required=True)
    time_zone = fields.Text(required=True)
    locale = fields.Text(required=True)
    active = fields.Boolean(required=True)
    start_date = fields.Date(required=True, allow_none=True)
    end_date = fields.Date(required=True, allow_none=True)


PersonPage = page_of(Person)


class Roles(Schema):
    roles = _roles(required=True, metadata={"description": "Exactly these; employee is always added."})


class PersonFilter(PageArgs):
    q = fields.Text(shortest=1, longest=200, metadata={"description": "Part of a name, an e-mail address or a title."})
    email = fields.Text(shortest=1, longest=rules.LONGEST_EMAIL)
    external_id = fields.Text(shortest=1, longest=rules.LONGEST_EXTERNAL_ID)
    manager_id = fields.Id()
    team_id = fields.Id()
    active = fields.Boolean()


class ReportFilter(PageArgs):
    depth = fields.Choice(
        ["direct", "all"], load_default="direct", metadata={"description": "all: reports of reports too."}
    )
    active = fields.Boolean()


class Chain(Schema):
    items = fields.List(fields.Nested(Person), required=True, metadata={"description": "From the manager to the root."})


class ScheduledChange(Schema):
    """What a file says will hold of a person from a day ahead."""

    id = fields.Id(required=True)
    day = fields.Date(required=True)
    kind = fields.Choice(
        ["row", "start"], required=True, metadata={"description": "A row of a file, or the first working day."}
    )
    cells = fields.Mapped(
        keys=fields.Text(),
        values=fields.Text(),
        required=True,
        metadata={"description": "As the file says it; managers and teams are looked up on the day."},
    )
    source = fields.Text(required=True, allow_none=True)
    kept_at = fields.Moment(required=True)
    problem = fields.Text(
        required=True, allow_none=True, metadata={"description": "Why it could not be applied when its day came."}
    )


class ScheduledChanges(Schema):
    items = fields.List(fields.Nested(ScheduledChange), required=True, metadata={"description": "The next one first."})


class TeamChange(Schema):
    """Fields left out stay as they are; null clears an optional one."""

    external_id = _external_id(allow_none=True)
    name = _name()
    description = fields.Text(shortest=1, longest=rules.LONGEST_DESCRIPTION, lines=True, allow_none=True)
    parent_id = fields.Id(allow_none=True)
    lead_id = fields.Id(allow_none=True)
    archived = fields.Boolean()


class NewTeam(TeamChange):
    name = _name(required=True)


class Team(Schema):
    id = fields.Id(required=True)
    version = fields.Integer(required=True)
    external_id = fields.Text(required=True, allow_none=True)
    name = fields.Text(required=True)
    description = fields.Text(required=True, allow_none=True)
    parent_id = fields.Id(required=True, allow_none=True)
    lead_id = fields.Id(required=True, allow_none=True)
    archived = fields.Boolean(required=True)


TeamPage = page_of(Team)


class TeamFilter(PageArgs):
    q = fields.Text(shortest=1, longest=200, metadata={"description": "Part of the name or the description."})
    external_id = fields.Text(shortest=1, longest=rules.LONGEST_EXTERNAL_ID)
    parent_id = fields.Id()
    lead_id = fields.Id()
    member_id = fields.Id()
    archived = fields.Boolean()


class MemberFilter(PageArgs):
    below = fields.Boolean(load_default=False, metadata={"description": "Members of the teams below it too."})
    active = fields.Boolean()


class ImportArgs(Schema):
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Say what would happen and change nothing."})
    partial_ = fields.Boolean(
        data_key="partial",
        load_default=False,
        metadata={"description": "Apply the good rows even where others are rejected."},
    )
    ignore = fields.Text(
        shortest=1,
        longest=1000,
        metadata={"description": "Columns to leave out, separated by commas, as if the file had not got them."},
    )


class PeopleImportArgs(ImportArgs):
    complete = fields.Boolean(
        load_default=False, metadata={"description": "The file names everybody: whoever is not in it has left."}
    )
    accept_leavers = fields.Boolean(
        load_default=False, metadata={"description": "Apply the file although unusually many people would leave."}
    )
    unknown_managers = fields.Choice(
        ["reject", "top"],
        load_default="reject",
        metadata={"description": "Rows whose manager nobody knows: rejected, or taken without a manager."},
    )


class RejectedRow(Schema):
    row = fields.Integer(required=True, metadata={"description": "Line of the file the row begins on, from 1."})
    column = fields.Text(required=True, allow_none=True)
    value = fields.Text(required=True, allow_none=True)
    reason = fields.Text(required=True, attribute="wrong.reason")
    remedy = fields.Text(required=True, attribute="wrong.remedy")


class ChangedField(Schema):
    """One field, before and after, with names in place of ids."""

    field = fields.Text(required=True)
    before = fields.Text(required=True, allow_none=True)
    after = fields.Text(required=True, allow_none=True)


class ImportedRow(Schema):
    row = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null for whom a complete file does not name."}
    )
    what = fields.Choice(["created", "changed", "deactivated", "reactivated", "scheduled"], required=True)
    id = fields.Id(required=True, allow_none=True, metadata={"description": "Null for what a dry run would create."})
    external_id = fields.Text(required=True, allow_none=True)
    name = fields.Text(required=True)
    fields_ = fields.List(fields.Nested(ChangedField), required=True, data_key="fields", attribute="fields")


class Guard(Schema):
    """What made the guard rail stop the import, or would."""

    reason = fields.Text(required=True)
    remedy = fields.Text(required=True)
    leaving = fields.Integer(required=True, metadata={"description": "How many active people would leave."})
    active = fields.Integer(required=True, metadata={"description": "How many are active now."})
    names = fields.List(fields.Text(), required=True, metadata={"description": "The first of those who would leave."})
    root = fields.Text(required=True, allow_none=True, metadata={"description": "The root, where it is among them."})


class ImportReport(Schema):
    """What an import did, or would do."""

    dry_run = fields.Boolean(required=True)
    applied = fields.Boolean(required=True)
    rows = fields.Integer(required=True)
    created = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    deactivated = fields.Integer(required=True)
    reactivated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    scheduled = fields.Integer(required=True, metadata={"description": "Rows kept until the day they hold from."})
    skipped = fields.Integer(required=True, metadata={"description": "Rows that ask for nothing, such as leavers."})
    omitted = fields.Integer(required=True, metadata={"description": "Who leaves because no row names them."})
    rejected_rows = fields.Integer(required=True)
    rejected = fields.List(fields.Nested(RejectedRow), required=True, metadata={"description": "The first 1,000."})
    changes = fields.List(fields.Nested(ImportedRow), required=True, metadata={"description": "The first 1,000."})
    guard = fields.Nested(Guard, required=True, allow_none=True)
    remarks = fields.List(
        fields.Text(), required=True, metadata={"description": "What is not wrong but worth knowing."}
    )
