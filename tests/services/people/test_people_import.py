"""Import of people over HTTP: what is matched, what is changed, and what a bad file is told."""

import csv
import io
from typing import Any

import pytest

from contracts.people import PersonChanged, PersonDeactivated, PersonReactivated, PersonRegistered
from tests.support.people import EMPLOYEE, HR, Office

ORGANISATION = """external_id,email,display_name,title,manager_external_id,teams,time_zone,start_date
003,low@h.example,Low,,002,Support|T-9,Europe/Lisbon,2026-01-12
002,middle@h.example,"Middle, Jr.",Lead,001,,,
001,top@h.example,Top,Boss,,,,
"""


def csv_of(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def everyone(office: Office) -> dict[str, dict[str, Any]]:
    return {one["email"]: one for one in office.get("/persons", limit=200)["items"]}


@pytest.fixture
def staffed(office: Office) -> Office:
    office.team("Support")
    office.team("Riders", external_id="T-9")
    office.imported(ORGANISATION)
    return office


def test_managers_may_be_listed_after_their_reports(staffed: Office) -> None:
    found = everyone(staffed)
    assert found["low@h.example"]["manager"]["display_name"] == "Middle, Jr."
    assert found["middle@h.example"]["manager_id"] == found["top@h.example"]["id"]
    assert found["low@h.example"]["external_id"] == "003"
    assert len(found["low@h.example"]["team_ids"]) == 2
    assert found["top@h.example"]["time_zone"] == "UTC"


def test_the_same_file_again_changes_nothing_and_tells_nothing(staffed: Office) -> None:
    told = len(staffed.said())
    report = staffed.imported(ORGANISATION)
    assert (report["unchanged"], report["created"], report["changed"], report["applied"]) == (3, 0, 0, True)
    assert len(staffed.said()) == told


def test_a_dry_run_says_what_would_happen_and_does_nothing(staffed: Office) -> None:
    told = len(staffed.said())
    file = "external_id,email,display_name,manager_email\n003,low@h.example,Lowest,top@h.example\n,new@h.example,New,\n"
    report = staffed.imported(file, dry_run="true")
    assert (report["dry_run"], report["applied"], report["created"], report["changed"]) == (True, False, 1, 1)
    changed, created = report["changes"]
    assert changed["fields"] == [
        {"field": "display_name", "before": "Low", "after": "Lowest"},
        {"field": "manager_id", "before": "Middle, Jr.", "after": "Top"},
    ]
    assert (created["what"], created["id"], created["row"]) == ("created", None, 3)
    assert len(staffed.said()) == told


def test_absent_columns_change_nothing_and_empty_cells_clear(staffed: Office) -> None:
    staffed.imported("external_id,title,manager_external_id,teams\n003,Rider,,\n")
    low = everyone(staffed)["low@h.example"]
    assert (low["title"], low["manager_id"], low["team_ids"]) == ("Rider", None, [])
    assert (low["display_name"], low["time_zone"], low["start_date"]) == ("Low", "Europe/Lisbon", "2026-01-12")


def test_an_email_finds_whom_the_external_id_does_not_and_gets_the_id(office: Office) -> None:
    made = office.person("Amara", email="Amara@h.example")
    report = office.imported("external_id,email,title\n0099,AMARA@h.example,Lead\n")
    assert report["changed"] == 1
    assert office.get(f"/persons/{made['id']}")["external_id"] == "0099"
    assert office.get(f"/persons/{made['id']}")["email"] == "AMARA@h.example"


def test_nobody_is_matched_by_name(staffed: Office) -> None:
    report = staffed.imported("external_id,email,display_name\n009,other@h.example,Low\n")
    assert report["created"] == 1


def test_leavers_and_returners_are_told_as_such(staffed: Office) -> None:
    report = staffed.imported("external_id,active,title\n003,false,Gone\n002,true,Lead\n")
    assert (report["deactivated"], report["unchanged"]) == (1, 1)
    assert isinstance(staffed.said()[-1], PersonDeactivated)
    assert staffed.imported("external_id,active\n003,yes\n")["reactivated"] == 1
    assert isinstance(staffed.said()[-1], PersonReactivated)
    assert staffed.imported("external_id,active\n003,\n")["unchanged"] == 1


def test_each_person_is_told_once_with_the_whole_state(staffed: Office) -> None:
    people = [event for event in staffed.said() if isinstance(event, PersonRegistered)]
    assert sorted(event.display_name for event in people) == ["Low", "Middle, Jr.", "Top"]
    assert all(event.version == 1 for event in people)
    staffed.imported("external_id,title,locale\n001,CEO,pt\n")
    last = staffed.said()[-1]
    assert isinstance(last, PersonChanged)
    assert (last.version, last.title, last.locale, last.external_id) == (2, "CEO", "pt", "001")


def test_two_people_swap_their_addresses_in_one_file(staffed: Office) -> None:
    staffed.imported("external_id,email\n003,middle@h.example\n002,low@h.example\n")
    found = everyone(staffed)
    assert (found["middle@h.example"]["external_id"], found["low@h.example"]["external_id"]) == ("003", "002")
    assert staffed.imported("external_id,email\n003,middle@h.example\n002,low@h.example\n")["unchanged"] == 2


def test_an_address_given_up_in_the_file_goes_to_somebody_new(staffed: Office) -> None:
    file = "external_id,email,display_name\n010,low@h.example,New Low\n003,old.low@h.example,Low\n"
    report = staffed.imported(file)
    assert (report["created"], report["changed"]) == (1, 1)
    assert everyone(staffed)["low@h.example"]["external_id"] == "010"


BAD_ROWS = [
    ("external_id,email,display_name\n1,nonsense,A\n", (2, "email")),
    ("external_id,email,display_name\n1,a@b.example,\n", (2, "display_name")),
    ("external_id,email\n1,a@b.example\n", (2, "display_name")),
    ("external_id,display_name\n1,A\n", (2, "email")),
    ("email,display_name,start_date\na@b.example,A,31.12.2025\n", (2, "start_date")),
    ("email,display_name,start_date\na@b.example,A,2026-02-30\n", (2, "start_date")),
    ("email,display_name,start_date,end_date\na@b.example,A,2026-02-02,2026-02-01\n", (2, "end_date")),
    ("email,display_name,time_zone\na@b.example,A,Mars/Olympus\n", (2, "time_zone")),
    ("email,display_name,locale\na@b.example,A,de_DE\n", (2, "locale")),
    ("email,display_name,active\na@b.example,A,maybe\n", (2, "active")),
    ("email,display_name,roles\na@b.example,A,king\n", (2, "roles")),
    ("email,display_name,teams\na@b.example,A,Nowhere\n", (2, "teams")),
    ("email,display_name,manager_email\na@b.example,A,z@b.example\n", (2, "manager_email")),
    ("email,display_name,manager_email\na@b.example,A,A@B.example\n", (2, "manager_email")),
    ("external_id,display_name,email,manager_external_id\n1,A,a@b.example,77\n", (2, "manager_external_id")),
    ("external_id,email,display_name\n,,Nameless\n", (2, None)),
    ("email,display_name\na@b.example,A,extra\n", (2, None)),
    ('email,display_name\na@b.example,"A\nB"\n', (2, "display_name")),
    ("email,display_name\na@b.example,\x07bell\n", (2, "display_name")),
    ("external_id,email,display_name\n1,a@b.example,A\n1,b@b.example,B\n", (2, "external_id")),
    ("email,display_name\na@b.example,A\nA@B.example,B\n", (3, "email")),
]


@pytest.mark.parametrize(("file", "place"), BAD_ROWS)
def test_a_bad_row_is_named_with_its_line_and_column_and_nothing_is_done(
    office: Office, file: str, place: tuple[int, str | None]
) -> None:
    assert place in office.refused(file)
    assert office.said() == []
    report = office.imported(file, dry_run="true")
    assert (report["applied"], report["rejected_rows"] > 0) == (False, True)
    assert all(one["reason"] and one["remedy"] for one in report["rejected"])


BAD_FILES = [
    (b"", 1, "empty"),
    (b"\xef\xbb\xbf", 1, "empty"),
    (b"\n\n", 1, "empty"),
    (b"email,display_name\n", 2, "no rows"),
    (b'email,display_name\na@b.example,A\nb@b.example,"B\n', 3, "no proper CSV"),
    (b'email,display_name\na@b.example,"A"B\n', 2, "no proper CSV"),
    (b"email,display_name\na@b.example,A\nb@b.example,Ren\xe9\n", 3, "Byte 48 of the file (0xE9)"),
    (b"\xef\xbb\xbfemail\nb@b.example,Ren\xe9\n", 2, "Byte 24 of the file (0xE9)"),
    ("email,display_name\na@b.example,A\n".encode("utf-16"), 1, "UTF-16"),
    (b"email,display_name\na@b.example,A\0\n", 2, "NUL"),
    (b"email;display_name\na@b.example;A\n", 1, "separated by"),
    (b"email\tdisplay_name\na@b.example\tA\n", 1, "separated by"),
    (b"email,displayname\na@b.example,A\n", 1, "no such column"),
    (b"email,email,display_name\na@b.example,a@b.example,A\n", 1, "comes twice"),
    (b"display_name,title\nA,B\n", 1, "no column external_id or email"),
    (b"email,display_name,\na@b.example,A,\n", 1, "no name"),
]


@pytest.mark.parametrize(("file", "line", "reason"), BAD_FILES)
def test_a_file_that_cannot_be_read_says_where_and_why(office: Office, file: bytes, line: int, reason: str) -> None:
    for options in ({}, {"dry_run": "true"}, {"partial": "true"}):
        answer = office.send(file, **options)
        assert answer.status_code == 422
        first = (answer.json or {})["report"]["rejected"][0]
        assert first["row"] == line
        assert reason in first["reason"]
        assert first["remedy"]


def test_line_numbers_count_lines_within_quoted_cells(office: Office) -> None:
    file = 'email,display_name,title\r\na@b.example,A,"x"\r\n"b@b.example",B,"two\r\nlines"\r\nc@b.example,,\r\n'
    assert office.refused(file) == [(3, "title"), (5, "display_name")]


def test_a_byte_order_mark_and_other_line_ends_are_no_matter(office: Office) -> None:
    assert office.imported(b"\xef\xbb\xbfemail,display_name\r\na@b.example,Ren\xc3\xa9\r\n\r\n,\r\n")["created"] == 1
    assert everyone(office)["a@b.example"]["display_name"] == "René"


def test_a_loop_over_the_whole_file_is_found_and_its_rows_named(staffed: Office) -> None:
    file = """external_id,email,display_name,manager_external_id
001,top@h.example,Top,010
010,ten@h.example,Ten,003
011,eleven@h.example,Eleven,012
012,twelve@h.example,Twelve,011
013,fine@h.example,Fine,001
"""
    answer = staffed.send(file)
    rejected = (answer.json or {})["report"]["rejected"]
    assert [one["row"] for one in rejected] == [2, 3, 4, 5]
    assert "Top → Ten → Low → Middle, Jr. → Top" in rejected[0]["reason"]
    report = staffed.imported(file, partial="true")
    assert (report["created"], report["rejected_rows"], report["applied"]) == (1, 4, True)
    assert everyone(staffed)["fine@h.example"]["manager"]["display_name"] == "Top"


def test_partial_applies_the_good_rows_and_not_those_that_need_a_bad_one(staffed: Office) -> None:
    file = """external_id,email,display_name,manager_external_id
020,bad,Bad boss,
021,a@h.example,A,020
022,b@h.example,B,021
023,c@h.example,C,001
"""
    report = staffed.imported(file, partial="true")
    assert (report["created"], report["rejected_rows"]) == (1, 3)
    assert [(one["row"], one["column"]) for one in report["rejected"]] == [(2, "email"), (3, None), (4, None)]
    assert "c@h.example" in everyone(staffed)
    assert "a@h.example" not in everyone(staffed)


def test_an_address_of_another_is_refused_with_their_name(staffed: Office) -> None:
    answer = staffed.send("external_id,email,display_name\n030,low@h.example,Second post\n")
    (one,) = (answer.json or {})["report"]["rejected"]
    assert (one["row"], one["column"], one["value"]) == (2, "email", "low@h.example")
    assert "Low (external id 003)" in one["reason"]


def test_two_rows_that_mean_one_person_are_both_refused(staffed: Office) -> None:
    file = "external_id,email,title\n003,,x\n,low@h.example,y\n"
    assert {row for row, _ in staffed.refused(file)} == {2, 3}


def test_a_date_is_checked_against_the_one_already_known(staffed: Office) -> None:
    assert staffed.refused("external_id,end_date\n003,2025-12-31\n") == [(2, "end_date")]


def test_an_archived_team_takes_nobody_from_a_file_either(staffed: Office) -> None:
    team = staffed.get("/teams", q="support")["items"][0]
    staffed.change(f"/teams/{team['id']}", {"archived": True})
    assert staffed.refused("external_id,teams\n002,Support\n") == [(2, "teams")]
    assert staffed.imported("external_id,teams\n003,support|T-9\n")["unchanged"] == 1


def test_columns_can_be_ignored(office: Office) -> None:
    file = "email,display_name,shoe_size,teams\na@b.example,A,43,Nowhere\n"
    assert office.imported(file, ignore="shoe_size, teams")["created"] == 1


def test_rows_may_come_as_json(office: Office) -> None:
    rows = [
        {"external_id": "01", "email": "a@b.example", "display_name": "A", "roles": ["hr"], "active": True},
        {"external_id": "02", "email": "b@b.example", "display_name": "B", "manager_external_id": "01", "title": None},
    ]
    answer = office.post("/imports/people", rows)
    assert (answer.status_code, (answer.json or {})["created"]) == (200, 2)
    number = office.post("/imports/people", [{"external_id": 3, "email": "c@b.example", "display_name": "C"}])
    assert (number.json or {})["report"]["rejected"][0]["column"] == "external_id"
    for wrong in ({}, [], [1], "x", [{"colour": "red"}]):
        assert office.post("/imports/people", wrong).status_code == 422


def test_only_admins_give_roles_by_file(office: Office) -> None:
    file = "email,display_name,roles\na@b.example,A,hr|admin\n"
    assert office.as_(HR).refused(file) == [(2, "roles")]
    assert office.imported("email,display_name,roles\na@b.example,A,employee\n")["created"] == 1
    assert office.as_(EMPLOYEE).send(file).status_code == 403


def test_other_media_types_and_files_beyond_the_limit_are_refused(office: Office) -> None:
    wrong = office.call("POST", "/imports/people", data=b"email\n", content_type="application/xml")
    assert wrong.status_code == 415
    assert office.send(b"x" * ((20 << 20) + 1)).status_code == 413


def test_a_file_of_two_megabytes_is_read_whole(office: Office) -> None:
    rows = [{"email": "a@b.example", "display_name": "A", "title": "x" * 290}]
    assert office.imported(csv_of(rows) + "," * 2 + "\n" + "\n" * (2 << 20))["created"] == 1
