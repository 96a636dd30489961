"""Persons over HTTP: registering, changing, leaving, coming back, and who may do it."""

from datetime import date
from typing import Any

import pytest

from contracts.people import PersonChanged, PersonDeactivated, PersonReactivated, PersonRegistered
from tests.support.people import ADMIN, EMPLOYEE, HR, Office

NOBODY = "0190b6a4-9d5c-7c3e-8a55-0d4c2b7f1e60"


def test_a_person_is_registered_with_all_they_are_and_told_once(office: Office) -> None:
    team = office.team()
    boss = office.person("Boris Becker")
    answer = office.post(
        "/persons",
        {
            "external_id": "0042",
            "email": "Amara.Okoye@Harbour.example",
            "display_name": "Amara Okoye",
            "title": "Support lead",
            "manager_id": boss["id"],
            "team_ids": [team["id"]],
            "time_zone": "Europe/Lisbon",
            "start_date": "2026-01-12",
        },
    )
    assert answer.status_code == 201
    made = answer.json or {}
    assert made["external_id"] == "0042"
    assert made["email"] == "Amara.Okoye@Harbour.example"
    assert made["manager"] == {"id": boss["id"], "display_name": "Boris Becker", "active": True}
    assert made["roles"] == ["employee"]
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"/api/v1/persons/{made['id']}"
    told = office.said()[-1]
    assert isinstance(told, PersonRegistered)
    assert (told.id, told.version, told.team_ids) == (made["id"], 1, [team["id"]])
    assert told.start_date == date(2026, 1, 12)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "a b@c.example"),
        ("display_name", "   "),
        ("display_name", "x" * 301),
        ("display_name", "two\nlines"),
        ("display_name", None),
        ("time_zone", "Europe/Nowhere"),
        ("time_zone", "../etc/passwd"),
        ("locale", "en_US"),
        ("start_date", "2026-02-30"),
        ("start_date", "20260201"),
        ("manager_id", NOBODY),
        ("manager_id", "boss"),
        ("roles", ["king"]),
        ("favourite_colour", "blue"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_happens(office: Office, field: str, value: Any) -> None:
    answer = office.post("/persons", {"email": "a@b.example", "display_name": "A", field: value})
    assert answer.status_code == 422
    assert [error["pointer"].split("/")[1] for error in (answer.json or {})["errors"]] == [field]
    assert office.said() == []


def test_an_end_before_the_start_is_refused_also_when_only_one_of_them_changes(office: Office) -> None:
    wrong = {"email": "a@b.example", "display_name": "A", "start_date": "2026-02-02", "end_date": "2026-02-01"}
    assert office.post("/persons", wrong).status_code == 422
    made = office.person(start_date="2026-02-02")
    answer = office.change(f"/persons/{made['id']}", {"end_date": "2026-02-01"})
    assert (answer.status_code, (answer.json or {})["errors"][0]["pointer"]) == (422, "/end_date")


def test_an_email_is_unique_whatever_its_case_and_an_external_id_exactly(office: Office) -> None:
    first = office.person("Amara Okoye", external_id="042")
    for facts in ({"email": "AMARA.okoye@harbour.EXAMPLE"}, {"external_id": "042"}):
        answer = office.post("/persons", {"email": "x@harbour.example", "display_name": "X", **facts})
        assert answer.status_code == 409
        assert first["id"] in (answer.json or {})["errors"][0]["detail"]
    assert office.person("Other", external_id="42")["external_id"] == "42"


def test_a_change_touches_only_what_it_names_and_grows_the_version(office: Office) -> None:
    made = office.person(title="Support", given_name="Amara")
    answer = office.change(f"/persons/{made['id']}", {"title": None, "locale": "pt-PT"}, match='"1"')
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    told = office.said()[-1]
    assert isinstance(told, PersonChanged)
    assert (told.version, told.title, told.locale, told.given_name) == (2, None, "pt-PT", "Amara")


def test_a_change_that_changes_nothing_is_not_told_and_keeps_the_version(office: Office) -> None:
    made = office.person(title="Support")
    before = len(office.said())
    same = {"title": "Support", "email": made["email"], "team_ids": []}
    answer = office.change(f"/persons/{made['id']}", same)
    assert answer.headers["ETag"] == '"1"'
    assert office.change(f"/persons/{made['id']}/roles", {"roles": []}, method="PUT").headers["ETag"] == '"1"'
    assert len(office.said()) == before


def test_a_change_needs_the_version_it_is_about(office: Office) -> None:
    made = office.person()
    path = f"/persons/{made['id']}"
    assert office.call("PATCH", path, json={"title": "A"}).status_code == 428
    assert office.change(path, {"title": "A"}, match='"1"').status_code == 200
    assert office.change(path, {"title": "B"}, match='"1"').status_code == 412
    assert office.get(path)["title"] == "A"


def test_somebody_who_is_not_there_is_not_found(office: Office) -> None:
    assert office.call("GET", f"/persons/{NOBODY}").status_code == 404
    assert office.change(f"/persons/{NOBODY}", {"title": "A"}).status_code == 404
    assert office.post(f"/persons/{NOBODY}/deactivate").status_code == 404
    assert office.call("GET", f"/persons/{NOBODY}/reports").status_code == 404


def test_who_leaves_stays_manager_and_is_shown_as_gone(office: Office) -> None:
    boss = office.person("Boris Becker")
    report = office.person(manager_id=boss["id"])
    answer = office.post(f"/persons/{boss['id']}/deactivate")
    assert (answer.json or {})["active"] is False
    assert isinstance(office.said()[-1], PersonDeactivated)
    told = len(office.said())
    assert office.post(f"/persons/{boss['id']}/deactivate").headers["ETag"] == '"2"'
    assert len(office.said()) == told
    shown = office.get(f"/persons/{report['id']}")["manager"]
    assert shown == {"id": boss["id"], "display_name": "Boris Becker", "active": False}
    assert [one["active"] for one in office.get(f"/persons/{report['id']}/chain")["items"]] == [False]


def test_who_comes_back_has_the_same_id_and_no_end_in_the_past(office: Office) -> None:
    made = office.person(end_date="2026-05-01")
    office.post(f"/persons/{made['id']}/deactivate")
    answer = office.post(f"/persons/{made['id']}/reactivate")
    assert ((answer.json or {})["active"], (answer.json or {})["end_date"]) == (True, None)
    told = office.said()[-1]
    assert isinstance(told, PersonReactivated)
    assert told.version == 3
    assert office.post(f"/persons/{made['id']}/reactivate").headers["ETag"] == '"3"'


def test_roles_are_given_by_admins_only(office: Office) -> None:
    made = office.person()
    path = f"/persons/{made['id']}/roles"
    assert office.as_(HR).change(path, {"roles": ["admin"]}, method="PUT").status_code == 403
    answer = office.as_(ADMIN).change(path, {"roles": ["auditor", "hr"]}, method="PUT")
    assert (answer.json or {})["roles"] == ["employee", "hr", "auditor"]
    told = office.said()[-1]
    assert isinstance(told, PersonChanged)
    assert told.roles == ["employee", "hr", "auditor"]
    new = {"email": "x@y.example", "display_name": "X", "roles": ["hr"]}
    assert office.as_(HR).post("/persons", new).status_code == 403


def test_hr_may_not_take_over_the_address_an_admin_signs_in_with(office: Office) -> None:
    made = office.person(roles=["admin"])
    change = {"email": "mine@harbour.example"}
    assert office.as_(HR).change(f"/persons/{made['id']}", change).status_code == 403
    assert office.as_(HR).change(f"/persons/{made['id']}", {"title": "CTO"}).status_code == 200
    assert office.as_(ADMIN).change(f"/persons/{made['id']}", change).status_code == 200


def test_people_change_their_own_time_zone_and_locale_and_nothing_else(office: Office) -> None:
    made, other = office.person(), office.person("Other")
    office.as_(made["id"])
    answer = office.change(f"/persons/{made['id']}", {"time_zone": "Asia/Tokyo", "locale": "ja"})
    assert (answer.json or {})["time_zone"] == "Asia/Tokyo"
    assert office.change(f"/persons/{made['id']}", {"title": "CEO"}).status_code == 403
    assert office.change(f"/persons/{other['id']}", {"locale": "ja"}).status_code == 403


def test_employees_read_everyone_and_write_no_one(office: Office) -> None:
    made = office.person()
    office.as_(EMPLOYEE)
    assert office.get(f"/persons/{made['id']}")["display_name"] == "Amara Okoye"
    assert office.post("/persons", {"email": "x@y.example", "display_name": "X"}).status_code == 403
    assert office.post(f"/persons/{made['id']}/deactivate").status_code == 403


def test_lists_are_found_by_every_filter_and_paged_by_name(office: Office) -> None:
    team = office.team()
    boss = office.person("Zoë Ångström", external_id="7")
    for name in ("Ben", "amy", "Élodie", "Carl"):
        office.person(name, manager_id=boss["id"], team_ids=[team["id"]] if name == "amy" else [])
    office.post(f"/persons/{office.get('/persons', q='carl')['items'][0]['id']}/deactivate")
    names = [one["display_name"] for one in office.get("/persons")["items"]]
    assert names == ["amy", "Ben", "Carl", "Élodie", "Zoë Ångström"]

    def found(**query: Any) -> list[str]:
        return [one["display_name"] for one in office.get("/persons", **query)["items"]]

    assert found(q="ELODIE") == ["Élodie"]
    assert found(q="angstrom") == ["Zoë Ångström"]
    assert found(q="%") == []
    assert found(email="AMY@harbour.example") == ["amy"]
    assert found(external_id="7") == ["Zoë Ångström"]
    assert found(team_id=team["id"]) == ["amy"]
    assert found(active="false") == ["Carl"]
    assert found(manager_id=boss["id"], active="true") == ["amy", "Ben", "Élodie"]
    first = office.get("/persons", limit=2)
    second = office.get("/persons", limit=2, cursor=first["next"])
    third = office.get("/persons", limit=2, cursor=second["next"])
    pages = [one["display_name"] for page in (first, second, third) for one in page["items"]]
    assert (pages, third["next"]) == (names, None)
    assert office.call("GET", "/persons?cursor=nonsense").status_code == 400


def test_reports_and_chain_follow_the_reporting_lines(office: Office) -> None:
    top = office.person("Top")
    middle = office.person("Middle", manager_id=top["id"])
    low = office.person("Low", manager_id=middle["id"])
    assert [one["display_name"] for one in office.get(f"/persons/{top['id']}/reports")["items"]] == ["Middle"]
    everyone = office.get(f"/persons/{top['id']}/reports", depth="all")["items"]
    assert [one["display_name"] for one in everyone] == ["Low", "Middle"]
    assert [one["display_name"] for one in office.get(f"/persons/{low['id']}/chain")["items"]] == ["Middle", "Top"]
    assert office.get(f"/persons/{top['id']}/chain")["items"] == []
    assert office.get(f"/persons/{top['id']}/reports", depth="all", active="false")["items"] == []


def test_a_loop_of_managers_is_refused_and_shown(office: Office) -> None:
    top = office.person("Top")
    middle = office.person("Middle", manager_id=top["id"])
    low = office.person("Low", manager_id=middle["id"])
    answer = office.change(f"/persons/{top['id']}", {"manager_id": low["id"]})
    assert answer.status_code == 422
    assert "Top → Low → Middle → Top" in (answer.json or {})["errors"][0]["detail"]
    assert office.change(f"/persons/{top['id']}", {"manager_id": top["id"]}).status_code == 422
    assert office.get(f"/persons/{top['id']}")["version"] == 1


def test_a_registration_sent_twice_under_one_key_registers_once(office: Office) -> None:
    body = {"email": "a@b.example", "display_name": "A"}
    headers = {"Idempotency-Key": "one"}
    first = office.post("/persons", body, headers=headers)
    second = office.post("/persons", body, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert (first.json or {})["id"] == (second.json or {})["id"]
    assert len(office.said()) == 1
