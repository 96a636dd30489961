"""Rows for a day ahead: kept, replaced, applied on their day, and never lost."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contracts.people import PersonChanged, PersonDeactivated, PersonReactivated, PersonRegistered
from services.people.commands import apply_due
from services.people.commands.scheduling import ENTRIES
from tests.support.people import HR, NOW, Office

STAFF = """external_id,email,display_name,title,manager_external_id
0,top@b.example,Top,Boss,
1,ana@b.example,Ana,Rider,0
2,ben@b.example,Ben,Rider,0
3,cleo@b.example,Cleo,Rider,0
"""
MOVE = """external_id,title,manager_external_id,effective_date
1,Rider,0,2026-01-01
1,Lead,2,2026-06-01
"""


@pytest.fixture
def staffed(office: Office) -> Office:
    office.imported(STAFF)
    return office


def person(office: Office, number: str) -> dict[str, Any]:
    (found,) = office.get("/persons", external_id=number)["items"]
    return dict(found)


def on(office: Office, day: str) -> Office:
    """Let time go on to the morning of a day, and the task come round."""
    while office.now.date().isoformat() < day:
        office.now += timedelta(days=1)
    with office.unit() as unit:
        apply_due(unit)
    return office


def waiting(office: Office) -> list[tuple[str, str]]:
    """Day and problem of everything kept."""
    with office.db.reading() as session:
        rows = session.execute(select(ENTRIES.c.day, ENTRIES.c.problem).order_by(ENTRIES.c.day)).all()
    return [(row.day.isoformat(), row.problem or "") for row in rows]


def test_a_row_for_a_day_ahead_takes_effect_on_its_day_and_is_told_then(staffed: Office) -> None:
    before = len(staffed.said())
    report = staffed.imported(MOVE)
    assert (report["unchanged"], report["scheduled"], len(staffed.said())) == (1, 1, before)
    (kept,) = report["changes"]
    assert (kept["row"], kept["what"]) == (3, "scheduled")
    assert {"field": "title", "before": "Rider", "after": "Lead"} in kept["fields"]
    on(staffed, "2026-05-31")
    assert (person(staffed, "1")["title"], len(staffed.said())) == ("Rider", before)
    on(staffed, "2026-06-01")
    (told,) = staffed.said()[before:]
    assert isinstance(told, PersonChanged)
    assert (told.title, told.manager_id, told.version) == ("Lead", person(staffed, "2")["id"], 2)
    assert waiting(staffed) == []
    assert on(staffed, "2026-06-02").imported(MOVE)["unchanged"] == 1
    assert len(staffed.said()) == before + 1


def test_the_same_file_again_keeps_nothing_twice_and_a_newer_one_replaces(staffed: Office) -> None:
    staffed.imported(MOVE)
    report = staffed.imported(MOVE)
    assert (report["unchanged"], report["scheduled"], report["changes"]) == (2, 0, [])
    assert staffed.imported(MOVE.replace("Lead", "Head"))["scheduled"] == 1
    assert waiting(staffed) == [("2026-06-01", "")]
    assert person(on(staffed, "2026-06-01"), "1")["title"] == "Head"


def test_of_several_rows_the_newest_that_is_not_ahead_holds(staffed: Office) -> None:
    file = "external_id,title,effective_date\n1,Older,2026-01-01\n1,Now,2026-05-13\n1,Oldest,\n1,Then,2026-05-14\n"
    report = staffed.imported(file)
    assert (report["changed"], report["skipped"], report["scheduled"]) == (1, 2, 1)
    assert person(staffed, "1")["title"] == "Now"
    assert person(on(staffed, "2026-05-14"), "1")["title"] == "Then"


def test_two_rows_of_one_person_and_day_are_refused(staffed: Office) -> None:
    file = "external_id,title,effective_date\n1,A,2026-06-01\n1,B,2026-06-01\n2,C,2026-01-01\n2,D,2026-01-01\n"
    assert {row for row, _ in staffed.refused(file)} == {2, 3, 4, 5}


def test_somebody_new_is_known_at_once_and_active_from_the_first_day(staffed: Office) -> None:
    file = (
        "external_id,email,display_name,manager_external_id,start_date,effective_date\n"
        "7,dan@b.example,Dan,0,,2026-07-01\n8,eva@b.example,Eva,7,2026-08-01,\n"
    )
    report = staffed.imported(file)
    assert (report["created"], report["scheduled"]) == (2, 0)
    told = staffed.said()[-2:]
    assert all(isinstance(event, PersonRegistered) and not event.active for event in told)
    assert person(staffed, "8")["manager"]["display_name"] == "Dan"
    again = staffed.imported(file)
    assert (again["unchanged"], again["changes"]) == (2, [])
    on(staffed, "2026-07-01")
    assert (person(staffed, "7")["active"], person(staffed, "8")["active"]) == (True, False)
    on(staffed, "2026-08-01")
    assert person(staffed, "8")["active"] is True
    assert isinstance(staffed.said()[-1], PersonReactivated)
    assert staffed.imported(file)["unchanged"] == 2
    assert waiting(staffed) == []


def test_a_first_day_that_moves_or_falls_through_is_followed(staffed: Office) -> None:
    file = "external_id,email,display_name,start_date,active\n7,dan@b.example,Dan,2026-07-01,yes\n"
    staffed.imported(file)
    staffed.imported(file.replace("07-01", "08-01"))
    assert waiting(staffed) == [("2026-08-01", "")]
    staffed.change(f"/persons/{person(staffed, '7')['id']}", {"start_date": "2026-09-01"})
    on(staffed, "2026-08-15")
    assert waiting(staffed) == [("2026-09-01", "")]
    staffed.imported(file.replace("07-01,yes", "09-01,no"))
    assert waiting(staffed) == []
    assert person(on(staffed, "2026-09-02"), "7")["active"] is False


def test_the_day_after_the_last_one_somebody_leaves(staffed: Office) -> None:
    file = "external_id,active,end_date\n1,true,2026-05-31\n"
    staffed.imported(file)
    on(staffed, "2026-05-31")
    assert person(staffed, "1")["active"] is True
    before = len(staffed.said())
    on(staffed, "2026-06-01")
    (told,) = staffed.said()[before:]
    assert isinstance(told, PersonDeactivated)
    assert staffed.imported(file)["unchanged"] == 1
    assert on(staffed, "2026-06-02").said()[before:] == [told]


def test_a_file_comes_after_what_fell_due_in_the_night(staffed: Office) -> None:
    staffed.imported(MOVE)
    staffed.now += timedelta(days=30)
    file = "external_id,time_zone\n1,Europe/Lisbon\n"
    assert staffed.imported(file, dry_run="true")["changed"] == 1
    assert (person(staffed, "1")["title"], waiting(staffed)) == ("Rider", [("2026-06-01", "")])
    assert staffed.imported(file)["changed"] == 1
    found = person(staffed, "1")
    assert (found["title"], found["time_zone"], found["version"]) == ("Lead", "Europe/Lisbon", 3)
    assert waiting(staffed) == []


def test_what_cannot_be_applied_any_more_is_kept_with_the_reason(staffed: Office) -> None:
    staffed.imported(
        "external_id,manager_external_id,effective_date\n1,2,2026-06-01\n2,1,2026-06-01\n3,nobody,2026-06-01\n"
    )
    before = len(staffed.said())
    on(staffed, "2026-06-01")
    assert len(staffed.said()) == before
    problems = sorted(problem for _, problem in waiting(staffed))
    assert problems[0].startswith("Nobody is known by this")
    assert set(problems[1:]) <= {f"This closes a loop: {way}." for way in ("Ana → Ben → Ana", "Ben → Ana → Ben")}
    on(staffed, "2026-06-02")
    assert len(waiting(staffed)) == 3
    staffed.imported("external_id,manager_external_id,effective_date\n1,2,2026-06-01\n2,0,2026-06-02\n3,0,2026-05-01\n")
    assert person(staffed, "1")["manager"]["display_name"] == "Ben"
    assert [problem.startswith("Nobody") for _, problem in waiting(staffed)] == [True]


def test_several_days_missed_are_applied_in_order(staffed: Office) -> None:
    staffed.imported(
        "external_id,title,manager_external_id,effective_date\n"
        "1,Second,2,2026-06-02\n1,First,0,2026-06-01\n2,Under,3,2026-06-01\n3,Top now,,2026-05-20\n"
    )
    staffed.now += timedelta(days=60)
    before = len(staffed.said())
    on(staffed, "2026-06-02")
    titles = [event.title for event in staffed.said()[before:] if isinstance(event, PersonChanged)]
    assert titles[0] == "Top now"
    assert titles[-1] == "Second"
    assert (person(staffed, "1")["version"], person(staffed, "1")["title"]) == (3, "Second")


def test_addresses_are_swapped_on_a_day(staffed: Office) -> None:
    staffed.imported("external_id,email,effective_date\n1,ben@b.example,2026-06-01\n2,ana@b.example,2026-06-01\n")
    on(staffed, "2026-06-01")
    assert person(staffed, "1")["email"] == "ben@b.example"
    assert person(staffed, "2")["email"] == "ana@b.example"


def test_complete_files_let_go_of_days_they_no_longer_name(staffed: Office) -> None:
    rows = "".join(f"{one},2026-01-01,\n" for one in range(4))
    full = "external_id,effective_date,title\n" + rows
    staffed.imported(full + "1,2026-06-01,A\n2,2026-06-01,B\n", complete="true")
    staffed.imported("external_id,locale\n0,\n1,\n2,\n3,\n", complete="true")
    assert len(waiting(staffed)) == 2
    report = staffed.imported(full + "2,2026-06-01,B\n", complete="true")
    assert (report["unchanged"], waiting(staffed)) == (5, [("2026-06-01", "")])
    assert "no more: 1" in report["remarks"][0]
    staffed.imported(full.replace("2,2026-01-01,\n", ""), complete="true")
    assert (person(staffed, "2")["active"], waiting(staffed)) == (False, [])


def test_waiting_lends_nobody_more_power(staffed: Office) -> None:
    as_hr = staffed.as_(HR)
    assert as_hr.refused("external_id,roles,effective_date\n1,admin,2026-06-01\n") == [(2, "roles")]
    as_hr.imported("external_id,email,effective_date\n1,mine@b.example,2026-06-01\n")
    staffed.as_("admin", "admin").change(
        f"/persons/{person(staffed, '1')['id']}/roles", {"roles": ["admin"]}, method="PUT"
    )
    on(staffed, "2026-06-01")
    assert person(staffed, "1")["email"] == "ana@b.example"
    ((_, problem),) = waiting(staffed)
    assert "admin" in problem


def test_wrong_rows_for_a_day_ahead_are_refused_today(staffed: Office) -> None:
    file = "external_id,email,effective_date\n1,nonsense,2026-06-01\n2,fine@b.example,2026-13-01\n"
    assert staffed.refused(file) == [(2, "email"), (3, "effective_date")]


def test_what_waits_can_be_seen_and_cancelled_by_those_who_import(staffed: Office) -> None:
    staffed.imported(MOVE)
    ana, ben = person(staffed, "1")["id"], person(staffed, "2")["id"]
    (kept,) = staffed.get(f"/persons/{ana}/scheduled-changes")["items"]
    assert (kept["day"], kept["cells"]["title"], kept["problem"]) == ("2026-06-01", "Lead", None)
    assert kept["source"].endswith("line 3")
    assert staffed.get(f"/persons/{ben}/scheduled-changes") == {"items": []}
    assert staffed.as_(ana).call("GET", f"/persons/{ana}/scheduled-changes").status_code == 403
    path = f"/persons/{ana}/scheduled-changes/{kept['id']}"
    assert staffed.call("DELETE", path).status_code == 403
    staffed.as_(HR)
    assert staffed.call("DELETE", path.replace(ana, ben)).status_code == 404
    assert staffed.call("DELETE", path).status_code == 204
    assert (staffed.call("DELETE", path).status_code, waiting(staffed)) == (404, [])


def test_nothing_due_is_nothing_done(staffed: Office) -> None:
    before = len(staffed.said())
    on(staffed, "2026-05-14")
    assert (len(staffed.said()), staffed.now > NOW) == (before, True)
