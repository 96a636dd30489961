"""An export with real gaps: vacancies among the people, and managers who are not in the file. Every record is
accounted for."""

from collections import Counter

import pytest

from services.people.commands import apply_people
from services.people.commands.filing import Options, Report
from services.people.layouts import Asked, Understood, understand
from tests.support.people import ADMIN, Office
from tests.support.real_files import data_root, rows_of


@pytest.fixture(scope="module")
def understood() -> Understood:
    return understand((data_root() / "gitlab_org" / "people.csv").read_bytes(), Asked())


@pytest.fixture(scope="module")
def unknown() -> dict[int, str]:
    """The managers who are not in the file, by line."""
    rows = dict(enumerate(rows_of("gitlab_org/people.csv"), start=2))
    here = {row["employee_id"] for row in rows.values()}
    return {line: row["manager_id"] for line, row in rows.items() if row["manager_id"] not in here | {""}}


def send(office: Office, understood: Understood, options: Options) -> Report:
    with office.unit(ADMIN) as unit:
        return apply_people(unit, understood.table, options, understood.skipped)


def test_the_file_has_the_gaps_it_is_known_for(understood: Understood, unknown: dict[int, str]) -> None:
    vacant = {one.line for one in understood.skipped}
    assert (len(understood.table.rows), len(vacant), understood.table.rejected) == (1311, 57, [])
    assert (len(unknown), len(set(unknown.values())), len(unknown.keys() & vacant)) == (450, 139, 19)


def test_rows_of_unknown_managers_are_rejected_and_with_them_whoever_stands_below(
    office: Office, understood: Understood, unknown: dict[int, str]
) -> None:
    """Nobody in this file stands at the top: above everyone is somebody who is not in it."""
    report = send(office, understood, Options())
    told = {one.row: one for one in report.results if one.what == "rejected" and one.wrong[0].column}
    vacant = {one.line for one in understood.skipped}
    assert told.keys() == unknown.keys() - vacant
    assert all(one.wrong[0].value == unknown[line] for line, one in told.items())
    assert (len(told), report.rejected_rows - len(told), report.skipped) == (431, 880, 57)
    assert (report.rows, report.applied, office.said()) == (1368, False, [])


def test_at_the_top_every_record_is_taken_and_the_gaps_are_told(
    office: Office, understood: Understood, unknown: dict[int, str]
) -> None:
    report = send(office, understood, Options(unknown_managers="top"))
    assert (report.created, report.skipped, report.rejected_rows, report.rows) == (1311, 57, 0, 1368)
    noted = {one.row: one.note for one in report.results if one.what == "created" and one.note}
    assert len(noted) == 431
    assert all(unknown[line or 0] in note for line, note in noted.items())
    assert report.remarks[0].startswith("Rows taken without a manager, as nobody knows whom they name: 431.")
    with_manager = Counter(one.manager_id is not None for one in office.said())  # type: ignore[attr-defined]
    assert with_manager == {True: 880, False: 431}


def test_when_managers_turn_up_later_their_lines_are_drawn(
    office: Office, understood: Understood, unknown: dict[int, str]
) -> None:
    send(office, understood, Options(unknown_managers="top"))
    rows = "".join(f"{one},{one}@gitlab.example.com,Manager {one}\n" for one in sorted(set(unknown.values())))
    office.imported("external_id,email,display_name\n" + rows)
    report = send(office, understood, Options())
    assert (report.changed, report.unchanged, report.skipped) == (431, 880, 57)
    assert {tuple(change.field for change in one.fields) for one in report.changes} == {("manager_id",)}
    assert send(office, understood, Options()).unchanged == 1311
