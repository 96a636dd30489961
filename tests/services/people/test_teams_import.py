"""Import of teams over HTTP: the tree in any order, leads, and what a bad file is told."""

import pytest

from contracts.people import TeamChanged, TeamCreated
from tests.support.people import EMPLOYEE, Office

TREE = """external_id,name,parent_external_id,description,archived
T-3,Night shift,T-2,,
T-2,Support,T-1,Answers riders,
T-1,Operations,,,no
T-4,Old,T-1,,true
"""


def tree(office: Office) -> dict[str, str | None]:
    teams = {one["id"]: one for one in office.get("/teams")["items"]}
    return {one["name"]: teams[one["parent_id"]]["name"] if one["parent_id"] else None for one in teams.values()}


def test_parents_may_be_listed_after_their_children_and_again_changes_nothing(office: Office) -> None:
    report = office.imported(TREE, "teams")
    assert (report["created"], report["applied"]) == (4, True)
    expected = {"Operations": None, "Support": "Operations", "Night shift": "Support", "Old": "Operations"}
    assert tree(office) == expected
    assert all(isinstance(event, TeamCreated) for event in office.said())
    assert office.imported(TREE, "teams")["unchanged"] == 4
    assert len(office.said()) == 4


def test_teams_without_external_ids_are_found_by_name(office: Office) -> None:
    office.imported("name,parent_external_id\nsupport,Operations\nOperations,\n", "teams")
    assert tree(office) == {"support": "Operations", "Operations": None}
    report = office.imported("external_id,name,description\nT-2,Support,New\n", "teams")
    assert report["changed"] == 1
    told = office.said()[-1]
    assert isinstance(told, TeamChanged)
    assert (told.external_id, told.name, told.version) == ("T-2", "Support", 2)


def test_a_lead_is_named_by_external_id_and_may_be_left_for_later(office: Office) -> None:
    file = "external_id,name,lead_external_id\nT-1,Support,007\n"
    assert office.refused(file, "teams") == [(2, "lead_external_id")]
    assert office.imported(file, "teams", ignore="lead_external_id")["created"] == 1
    lead = office.person(external_id="007")
    report = office.imported(file, "teams")
    assert report["changes"][0]["fields"] == [{"field": "lead_id", "before": None, "after": "Amara Okoye"}]
    assert office.get("/teams")["items"][0]["lead_id"] == lead["id"]


@pytest.mark.parametrize(
    ("file", "places"),
    [
        ("external_id,name\nT-1,\n", [(2, "name")]),
        ("external_id,description\nT-1,x\n", [(2, "name")]),
        ("name,description\n,no name\n", [(2, None)]),
        ("external_id,name,parent_external_id\nT-1,A,T-9\n", [(2, "parent_external_id")]),
        ("external_id,name,parent_external_id\nT-1,A,T-1\n", [(2, "parent_external_id")]),
        ("external_id,name\nT-1,A\nT-1,B\n", [(2, "external_id"), (3, "external_id")]),
        ("name\nA\na\n", [(2, "name"), (3, "name")]),
        ("external_id,name,parent_external_id\n1,A,2\n2,B,3\n3,C,1\n", [(2, None), (3, None), (4, None)]),
        ("external_id,name,archived\nT-1,A,perhaps\n", [(2, "archived")]),
        ("external_id,name,parent_external_id\n1,Twin,\n2,Twin,\n3,C,Twin\n", [(4, "parent_external_id")]),
    ],
)
def test_a_bad_team_row_is_named_and_nothing_is_done(
    office: Office, file: str, places: list[tuple[int, str | None]]
) -> None:
    assert office.refused(file, "teams") == places
    assert office.said() == []


def test_moving_teams_over_each_other_is_a_loop_with_what_is_here(office: Office) -> None:
    office.imported(TREE, "teams")
    assert office.refused("external_id,parent_external_id\nT-1,T-3\n", "teams") == [(2, None)]
    swap = "external_id,parent_external_id\nT-1,T-2\nT-2,\n"
    assert office.imported(swap, "teams")["changed"] == 2
    assert tree(office)["Operations"] == "Support"


def test_employees_import_no_teams(office: Office) -> None:
    assert office.as_(EMPLOYEE).send(TREE, "teams").status_code == 403
