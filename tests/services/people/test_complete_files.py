"""Files that name everybody: who leaves, who stays, and when a file is not believed."""

from typing import Any

import pytest

from contracts.people import PersonDeactivated
from tests.support.people import HR, Office

HEADER = "external_id,email,display_name,manager_external_id\n"


def file_of(*numbers: int, top: int = 0) -> str:
    rows = [f"{one},p{one}@b.example,Person {one},{'' if one == top else top}\n" for one in numbers]
    return HEADER + "".join(rows)


@pytest.fixture
def staffed(office: Office) -> Office:
    office.imported(file_of(*range(20)))
    return office


def active(office: Office) -> set[str]:
    return {one["display_name"] for one in office.get("/persons", limit=200, active="true")["items"]}


def test_whom_a_complete_file_does_not_name_leaves(staffed: Office) -> None:
    before = len(staffed.said())
    report = staffed.imported(file_of(*range(19)), complete="true")
    assert (report["omitted"], report["deactivated"], report["unchanged"], report["rows"]) == (1, 0, 19, 19)
    assert [(one["row"], one["what"], one["name"]) for one in report["changes"]] == [(None, "deactivated", "Person 19")]
    (told,) = staffed.said()[before:]
    assert isinstance(told, PersonDeactivated)
    assert told.external_id == "19"
    again = staffed.imported(file_of(*range(19)), complete="true")
    assert (again["omitted"], len(staffed.said())) == (0, before + 1)


def test_without_complete_nobody_leaves(staffed: Office) -> None:
    assert staffed.imported(file_of(0, 1))["omitted"] == 0
    assert len(active(staffed)) == 20


def test_a_file_with_external_ids_speaks_only_for_people_who_have_one(staffed: Office) -> None:
    staffed.person("Made By Hand")
    report = staffed.imported(file_of(*range(20)), complete="true")
    assert report["omitted"] == 0
    assert report["remarks"] == ["People who stay although the file does not name them: 1. They are Made By Hand."]


def test_a_file_of_addresses_speaks_for_all_but_admins_made_by_hand_and_the_sender(office: Office) -> None:
    file = "email,display_name\n" + "".join(f"p{one}@b.example,Person {one}\n" for one in range(30))
    office.imported(file)
    office.person("Boss", roles=["admin"])
    office.person("Left Out")
    sender = office.person("Sender", roles=["hr"])
    report = office.as_(sender["id"], "hr").imported(file, complete="true")
    assert [one["name"] for one in report["changes"]] == ["Left Out"]
    assert "2. They are Boss, Sender." in report["remarks"][0]


def refused(office: Office, file: str, **options: Any) -> dict[str, Any]:
    """The guard that stopped an import, which changed and told nothing; a dry run says the same."""
    before = len(office.said())
    answer = office.send(file, **options)
    assert answer.status_code == 422, answer.text
    body = dict(answer.json or {})
    guard: dict[str, Any] = body["report"]["guard"]
    assert guard["reason"] in body["detail"]
    assert "accept_leavers" in guard["remedy"]
    assert office.imported(file, **options, dry_run="true")["guard"] == guard
    assert len(office.said()) == before
    return guard


@pytest.mark.parametrize("options", [{}, {"partial": "true"}])
def test_a_file_cut_off_is_not_believed(staffed: Office, options: dict[str, str]) -> None:
    guard = refused(staffed, file_of(*range(10)), complete="true", **options)
    assert (guard["leaving"], guard["active"], guard["root"]) == (10, 20, None)
    assert "10 of 20 active people (50%) would leave: Person 10, " in guard["reason"]
    assert len(guard["names"]) == 10


def test_many_leavers_by_rows_are_not_believed_either(staffed: Office) -> None:
    file = "external_id,active\n" + "".join(f"{one},false\n" for one in range(1, 4))
    assert refused(staffed, file)["leaving"] == 3
    report = staffed.imported(file, accept_leavers="true")
    assert (report["deactivated"], report["guard"], report["applied"]) == (3, None, True)


def test_last_days_ahead_count_as_leaving_when_they_are_new(staffed: Office) -> None:
    file = "external_id,end_date\n" + "".join(f"{one},2026-06-30\n" for one in range(1, 4))
    assert refused(staffed, file)["leaving"] == 3
    staffed.imported(file, accept_leavers="true")
    assert staffed.imported(file)["unchanged"] == 3
    rows = "external_id,active,effective_date\n" + "".join(f"{one},false,2026-06-30\n" for one in range(4, 7))
    assert refused(staffed, rows)["leaving"] == 3
    staffed.imported(rows, accept_leavers="true")
    assert staffed.imported(rows)["guard"] is None


def test_two_leavers_are_an_ordinary_day_in_a_small_organisation(office: Office) -> None:
    office.imported(file_of(*range(4)))
    assert office.imported(file_of(0, 1), complete="true")["omitted"] == 2


def test_the_root_does_not_vanish_unnoticed(staffed: Office) -> None:
    guard = refused(staffed, "external_id,active\n0,no\n")
    assert (guard["leaving"], guard["root"]) == (1, "Person 0")
    assert "Person 0, at the top of the organisation, would leave." in guard["reason"]
    report = staffed.imported("external_id,active\n0,no\n", accept_leavers="true")
    assert report["remarks"] == ["People who report to somebody who leaves, and keep them until they get another: 19."]


def test_a_new_root_above_the_old_one_is_no_matter(staffed: Office) -> None:
    file = file_of(*range(19), 90, top=90)
    assert staffed.imported(file, complete="true")["omitted"] == 1
    assert staffed.get("/persons", external_id="0")["items"][0]["manager"]["display_name"] == "Person 90"


def test_rows_that_are_rejected_still_name_their_people(staffed: Office) -> None:
    file = file_of(*range(20)).replace("p19@b.example", "nonsense")
    report = staffed.imported(file, complete="true", partial="true")
    assert (report["rejected_rows"], report["omitted"]) == (1, 0)


def test_while_a_row_names_nobody_nobody_leaves(staffed: Office) -> None:
    file = file_of(*range(19)) + ",,Person 19,0\n"
    report = staffed.imported(file, complete="true", partial="true")
    assert (report["rejected_rows"], report["omitted"]) == (1, 0)
    assert "do not say whom they mean: 1" in report["remarks"][0]


def test_leavers_cairn_never_knew_are_passed_over(office: Office) -> None:
    rows = "1,a@b.example,Ana,no,\n2,b@b.example,Ben,,2026-05-12\n3,c@b.example,C,,\n"
    report = office.imported("external_id,email,display_name,active,end_date\n" + rows)
    assert (report["created"], report["skipped"], report["rows"]) == (1, 2, 3)
    assert active(office) == {"C"}


def test_an_address_of_a_leaver_cairn_never_knew_may_be_given_to_somebody_new(office: Office) -> None:
    file = "external_id,email,display_name,active\n1,ana@b.example,Ana Sousa,no\n2,ana@b.example,Ana Silva,yes\n"
    report = office.imported(file)
    assert (report["created"], report["skipped"], active(office)) == (1, 1, {"Ana Silva"})
    assert office.imported(file)["unchanged"] == 1
    without_id = file.replace("1,ana@b", ",ana@b")
    assert office.refused(without_id) == [(2, "email"), (3, "email")]


def test_hr_may_send_complete_files_and_employees_may_not(staffed: Office) -> None:
    assert staffed.as_(HR).imported(file_of(*range(19)), complete="true")["omitted"] == 1
    assert staffed.as_("somebody").send(file_of(*range(19)), complete="true").status_code == 403
