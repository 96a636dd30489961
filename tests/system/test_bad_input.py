"""Requests that are proper JSON and still wrong: missing parents, cycles, what cannot be measured, several items of
which one is bad, keys used twice. Each refusal names the place and the remedy; nothing is half done."""

from typing import Any

import pytest

from tests.support.operations import refused
from tests.support.whole import Whole, objective

NOBODY = "0190b6a4-9d5c-7c3e-8a55-0000000000ff"
nothing_changes = pytest.mark.usefixtures("unchanged")


def key_result(**fields: Any) -> dict[str, Any]:
    return {"title": "Ships", "metric": "increase", "start": 0, "target": 10, **fields}


def parent(running: Whole, name: str, kind: str = "objective") -> dict[str, Any]:
    return {"parent_kind": kind, "parent_id": running.ids.get(name, name)}


def check_in(running: Whole, **fields: Any) -> dict[str, Any]:
    return {"key_result_id": running.ids["key_result"], "value": 3, "author_id": running.ids["employee"], **fields}


MEASURES: list[tuple[dict[str, Any], str]] = [
    ({"target": 0}, "/target"),
    ({"start": "1", "target": 1.0}, "/target"),
    ({"metric": "decrease", "start": 1, "target": 9}, "/target"),
    ({"metric": "between", "start": None, "target": None, "lower": 9, "upper": 1}, "/upper"),
    ({"metric": "between", "start": None, "target": None}, "/lower"),
    ({"metric": "milestones", "start": None, "target": None}, "/milestones"),
    ({"metric": "binary"}, "/start"),
    ({"metric": "stay_above", "target": None, "start": None}, "/target"),
    ({"metric": "sideways"}, "/metric"),
    ({"target": "1e3"}, "/target"),
    ({"target": "NaN"}, "/target"),
    ({"target": "Infinity"}, "/target"),
    ({"target": "ten"}, "/target"),
    ({"target": "1,5"}, "/target"),
    ({"target": ""}, "/target"),
    ({"target": True}, "/target"),
    ({"target": 10**18}, "/target"),
    ({"target": 0.1234567891}, "/target"),
    ({"weight": -1}, "/weight"),
    ({"unit": "currency"}, "/currency"),
    ({"unit": "currency", "currency": "ZZZ"}, "/currency"),
    ({"currency": "EUR"}, "/currency"),
    ({"title": "   "}, "/title"),
    ({"title": "two\nlines"}, "/title"),
    ({"title": "x" * 501}, "/title"),
    ({"owner_id": NOBODY}, "/owner_id"),
    ({"owner_id": "nobody"}, "/owner_id"),
]


@nothing_changes
@pytest.mark.parametrize(("wrong", "place"), MEASURES, ids=[str(wrong)[:60] for wrong, _ in MEASURES])
def test_a_key_result_that_cannot_be_measured_is_not_made(wrong: dict[str, Any], place: str, running: Whole) -> None:
    body = {name: value for name, value in key_result(**wrong).items() if value is not None}
    path = f"/objectives/{running.ids['objective']}/key-results"
    refused(running.call("POST", path, json=body), 422, at=place)


@nothing_changes
@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e18", "1e-10"])
def test_a_number_beyond_what_is_stored_is_refused(number: str, running: Whole) -> None:
    body = f'{{"title": "Ships", "metric": "increase", "start": 0, "target": {number}}}'
    path = f"/objectives/{running.ids['objective']}/key-results"
    refused(running.call("POST", path, data=body, content_type="application/json"), 422, at="/target")


@nothing_changes
@pytest.mark.parametrize("place", range(3))
def test_an_objective_with_one_bad_key_result_is_not_made_at_all(place: int, running: Whole) -> None:
    results = [key_result(target=0 if number == place else 10) for number in range(3)]
    body = objective(running, key_results=results)
    refused(running.call("POST", "/objectives", json=body), 422, at=f"/key_results/{place}/target")


@nothing_changes
def test_an_objective_hangs_on_what_is_there(running: Whole) -> None:
    top, twice = parent(running, "top"), parent(running, "objective")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"cycle_id": NOBODY}, "/cycle_id"),
        ({"owner_id": NOBODY}, "/owner_id"),
        ({"owner_kind": "team"}, "/owner_id"),
        ({"co_owner_ids": [NOBODY]}, "/co_owner_ids/0"),
        ({"parents": [parent(running, NOBODY)]}, "/parents/0/parent_id"),
        ({"parents": [twice, twice]}, "/parents/1/parent_id"),
        ({"parents": [parent(running, "objective", "key_result")]}, "/parents/0/parent_id"),
        ({"parents": [parent(running, "objective", "team")]}, "/parents/0/parent_kind"),
        ({"parents": [top | {"weight": -1}]}, "/parents/0/weight"),
        ({"state": "closed"}, "/state"),
        ({"title": ""}, "/title"),
    ]
    for fields, place in wrong:
        refused(running.call("POST", "/objectives", json=objective(running, **fields)), 422, at=place)


@nothing_changes
def test_nothing_stands_below_itself(running: Whole) -> None:
    ids, any_version = running.ids, {"If-Match": "*"}
    circles: list[tuple[str, dict[str, Any], str | None]] = [
        (f"/objectives/{ids['top']}", {"parents": [parent(running, "objective")]}, "/parents/0/parent_id"),
        (f"/objectives/{ids['top']}", {"parents": [parent(running, "top")]}, "/parents/0/parent_id"),
        (f"/objectives/{ids['top']}", {"parents": [parent(running, "key_result", "key_result")]}, None),
        (f"/persons/{ids['root']}", {"manager_id": ids["employee"]}, "/manager_id"),
        (f"/persons/{ids['root']}", {"manager_id": ids["root"]}, "/manager_id"),
        (f"/teams/{ids['team']}", {"parent_id": ids["below"]}, "/parent_id"),
        (f"/teams/{ids['team']}", {"parent_id": ids["team"]}, "/parent_id"),
    ]
    for path, body, place in circles:
        refused(running.call("PATCH", path, json=body, headers=any_version), 409, 422, at=place)


CHECK_INS: list[tuple[dict[str, Any], str]] = [
    ({"key_result_id": NOBODY}, "key_result_id"),
    ({"author_id": NOBODY}, "author_id"),
    ({"value": "much"}, "value"),
    ({"value": None}, "value"),
    ({"value": 10**18}, "value"),
    ({"confidence": 1.5}, "confidence"),
    ({"confidence": "0.5"}, "confidence"),
    ({"as_of": "2999-01-01"}, "as_of"),
    ({"as_of": "1066-10-14"}, "as_of"),
    ({"as_of": "2026-02-30"}, "as_of"),
    ({"submitted_at": "2026-02-03T10:00:00"}, "submitted_at"),
    ({"submitted_at": "2999-01-01T00:00:00Z"}, "submitted_at"),
    ({"milestones_done": ["a"]}, "milestones_done"),
    ({"status": "splendid"}, "status"),
    ({"note": "x" * 10_001}, "note"),
    ({"nonsense": 1}, "nonsense"),
]


@nothing_changes
@pytest.mark.parametrize(("wrong", "field"), CHECK_INS, ids=[str(wrong)[:60] for wrong, _ in CHECK_INS])
def test_of_several_check_ins_with_a_bad_one_none_is_made(wrong: dict[str, Any], field: str, running: Whole) -> None:
    good = [check_in(running, as_of=f"2026-04-0{day}") for day in (1, 2, 3)]
    body = {"check_ins": [*good, check_in(running, **wrong)]}
    refused(running.call("POST", "/check-ins", json=body), 422, at=f"/check_ins/3/{field}")


@nothing_changes
def test_check_ins_for_what_is_not_ones_own_are_refused_together(running: Whole) -> None:
    body = {"check_ins": [{"key_result_id": running.ids["key_result"], "value": 3}]}
    refused(running.call("POST", "/check-ins", "colleague", json=body), 403, at="/check_ins/0/key_result_id")
    for many in ([], [check_in(running)] * 51):
        refused(running.call("POST", "/check-ins", json={"check_ins": many}), 422, at="/check_ins")


@nothing_changes
@pytest.mark.parametrize(
    "bad",
    [
        {"external_id": "p9", "email": "not an address", "display_name": "X"},
        {"external_id": "p9", "email": "p9@example.org", "display_name": "X", "manager_external_id": "nobody"},
        {"external_id": "p9", "email": "p9@example.org", "display_name": "X", "manager_external_id": "p9"},
        {"external_id": "p1", "email": "p9@example.org", "display_name": "X"},
        {"external_id": "p9", "email": "p1@example.org", "display_name": "X"},
        {"external_id": "p9", "email": "p9@example.org", "display_name": "X", "start_date": "2026-02-30"},
        {"external_id": "p9", "email": "p9@example.org", "display_name": "X", "time_zone": "Atlantis"},
        {"external_id": "p9", "email": "p9@example.org", "display_name": "X", "roles": "king"},
    ],
)
def test_of_a_file_with_a_bad_row_nothing_is_imported(bad: dict[str, str], running: Whole) -> None:
    rows = [{"external_id": f"p{n}", "email": f"p{n}@example.org", "display_name": f"P {n}"} for n in (1, 2)]
    problem = refused(running.call("POST", "/imports/people", json=[*rows, bad]), 422)
    assert problem["report"]["applied"] is False
    assert problem["report"]["rejected"][0]["remedy"]


@nothing_changes
def test_people_teams_cycles_and_words_hang_on_what_is_there(running: Whole) -> None:
    ids = running.ids
    person = {"email": "new@example.org", "display_name": "New Here"}
    days = {"name": "2027", "starts_on": "2027-01-01", "ends_on": "2027-03-31"}
    words = {"kind": "praise", "recipient_id": ids["employee"], "giver_id": ids["colleague"], "text": "Thank you."}
    wrong: list[tuple[str, dict[str, Any], int, str | None]] = [
        ("/persons", {**person, "manager_id": NOBODY}, 422, "/manager_id"),
        ("/persons", {**person, "team_ids": [NOBODY]}, 422, "/team_ids/0"),
        ("/persons", {**person, "email": "ana@example.org"}, 409, None),
        ("/persons", {**person, "email": "ana@"}, 422, "/email"),
        ("/persons", {**person, "start_date": "2026-02-01", "end_date": "2026-01-01"}, 422, "/end_date"),
        ("/teams", {"name": "Pier", "parent_id": NOBODY}, 422, "/parent_id"),
        ("/teams", {"name": "Pier", "lead_id": NOBODY}, 422, "/lead_id"),
        ("/cycles", {**days, "ends_on": "2026-12-31"}, 422, "/ends_on"),
        ("/cycles", {**days, "ends_on": days["starts_on"]}, 422, "/ends_on"),
        ("/feedback", {**words, "recipient_id": NOBODY}, 422, "/recipient_id"),
        ("/feedback", {**words, "about": {"kind": "moon", "id": NOBODY}}, 422, "/about/kind"),
        ("/feedback", {**words, "text": "\n \n"}, 422, "/text"),
        ("/service-accounts", {"name": "payroll"}, 409, None),
        ("/service-accounts", {"name": "crm", "roles": ["king"]}, 422, "/roles/0"),
        (f"/service-accounts/{ids['account']}/tokens", {"name": "t", "scopes": [], "days": 1}, 422, "/scopes"),
        (f"/service-accounts/{ids['account']}/tokens", {"name": "t", "scopes": ["*"], "days": 400}, 422, "/days"),
    ]
    for path, body, status, place in wrong:
        refused(running.call("POST", path, json=body), status, at=place)
    to_oneself = {**words, "giver_id": ids["employee"]}
    refused(running.call("POST", "/feedback", "employee", json=to_oneself), 422, at="/recipient_id")


def test_a_key_that_was_used_for_another_body_is_refused(running: Whole) -> None:
    keyed = {"headers": {"Idempotency-Key": "one-key"}}
    first = running.call("POST", "/teams", json={"name": "Mole"}, **keyed)
    assert first.status_code == 201
    before = running.state()
    problem = refused(running.call("POST", "/teams", json={"name": "Jetty"}, **keyed), 422)
    assert "Idempotency-Key" in problem["detail"]
    refused(running.call("POST", "/teams?a=b", json={"name": "Mole"}, **keyed), 422)
    assert running.state() == before


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(running: Whole) -> None:
    body = {"check_ins": [check_in(running, as_of="2026-05-01"), check_in(running, as_of="2026-05-02")]}
    keyed = {"json": body, "headers": {"Idempotency-Key": "another-key"}}
    first = running.call("POST", "/check-ins", **keyed)
    before = running.state()
    again = running.call("POST", "/check-ins", **keyed)
    assert (again.status_code, again.data) == (first.status_code, first.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert running.state() == before


def test_a_request_that_was_refused_may_be_mended_under_the_same_key(running: Whole) -> None:
    keyed = {"headers": {"Idempotency-Key": "third-key"}}
    refused(running.call("POST", "/teams", json={"name": ""}, **keyed), 422)
    assert running.call("POST", "/teams", json={"name": "Groyne"}, **keyed).status_code == 201
