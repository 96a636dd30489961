"""Teams over HTTP: the tree, members, leads and the archive."""

import pytest

from contracts.people import TeamChanged, TeamCreated
from tests.support.people import EMPLOYEE, Office

NOBODY = "0190b6a4-9d5c-7c3e-8a55-0d4c2b7f1e60"


def test_a_team_is_created_below_another_and_told_once(office: Office) -> None:
    top = office.team("Operations", external_id="T-1")
    lead = office.person()
    answer = office.post(
        "/teams", {"name": "Support", "description": "Answers.\nAlways.", "parent_id": top["id"], "lead_id": lead["id"]}
    )
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    told = office.said()[-1]
    assert isinstance(told, TeamCreated)
    assert (told.parent_id, told.lead_id, told.description) == (top["id"], lead["id"], "Answers.\nAlways.")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", None), ("parent_id", NOBODY), ("lead_id", NOBODY), ("archived", "yes"), ("colour", "red")],
)
def test_a_wrong_field_of_a_team_is_named(office: Office, field: str, value: object) -> None:
    answer = office.post("/teams", {"name": "Support", field: value})
    assert answer.status_code == 422
    assert (answer.json or {})["errors"][0]["pointer"] == f"/{field}"


def test_a_team_is_moved_but_not_below_itself(office: Office) -> None:
    top = office.team("Top")
    middle = office.team("Middle", parent_id=top["id"])
    low = office.team("Low", parent_id=middle["id"])
    answer = office.change(f"/teams/{top['id']}", {"parent_id": low["id"]})
    assert answer.status_code == 422
    assert "Top → Low → Middle → Top" in (answer.json or {})["errors"][0]["detail"]
    moved = office.change(f"/teams/{low['id']}", {"parent_id": top["id"]}, match='"1"')
    assert (moved.status_code, moved.headers["ETag"]) == (200, '"2"')
    assert isinstance(office.said()[-1], TeamChanged)
    assert office.change(f"/teams/{low['id']}", {"parent_id": top["id"]}).headers["ETag"] == '"2"'


def test_an_external_id_of_a_team_is_its_own(office: Office) -> None:
    office.team("One", external_id="007")
    other = office.team("Other", external_id="7")
    assert office.post("/teams", {"name": "Two", "external_id": "007"}).status_code == 409
    assert office.change(f"/teams/{other['id']}", {"external_id": "007"}).status_code == 409


def test_an_archived_team_keeps_its_members_and_takes_nobody_new(office: Office) -> None:
    team = office.team()
    inside = office.person("Inside", team_ids=[team["id"]])
    outside = office.person("Outside")
    assert office.change(f"/teams/{team['id']}", {"archived": True}).status_code == 200
    refused = office.change(f"/persons/{outside['id']}", {"team_ids": [NOBODY, team["id"]]})
    assert [one["pointer"] for one in (refused.json or {})["errors"]] == ["/team_ids/0", "/team_ids/1"]
    kept = office.change(f"/persons/{inside['id']}", {"team_ids": [team["id"]], "title": "Lead"})
    assert kept.status_code == 200
    assert [one["id"] for one in office.get(f"/teams/{team['id']}/members")["items"]] == [inside["id"]]
    assert office.change(f"/teams/{team['id']}", {"archived": False}).status_code == 200
    assert office.change(f"/persons/{outside['id']}", {"team_ids": [team["id"]]}).status_code == 200


def test_members_of_a_team_and_of_all_below_it(office: Office) -> None:
    top = office.team("Top")
    low = office.team("Low", parent_id=top["id"])
    office.person("Ana", team_ids=[top["id"], low["id"]])
    office.person("Ben", team_ids=[low["id"]])
    office.person("Carl")
    path = f"/teams/{top['id']}/members"
    assert [one["display_name"] for one in office.get(path)["items"]] == ["Ana"]
    below = office.get(path, below="true", limit=1)
    rest = office.get(path, below="true", limit=1, cursor=below["next"])
    assert [one["display_name"] for one in below["items"] + rest["items"]] == ["Ana", "Ben"]
    assert office.call("GET", f"/teams/{NOBODY}/members").status_code == 404


def test_teams_are_found_by_every_filter(office: Office) -> None:
    top = office.team("Opérations", external_id="T-1")
    lead = office.person()
    low = office.team("Support", parent_id=top["id"], lead_id=lead["id"], description="answers riders")
    member = office.person("Ana", team_ids=[low["id"]])
    office.team("Old", archived=True)

    def found(**query: str) -> list[str]:
        return [one["name"] for one in office.get("/teams", **query)["items"]]

    assert found() == ["Old", "Opérations", "Support"]
    assert found(q="operations") == ["Opérations"]
    assert found(q="riders") == ["Support"]
    assert found(external_id="T-1") == ["Opérations"]
    assert found(parent_id=top["id"]) == found(lead_id=lead["id"]) == found(member_id=member["id"]) == ["Support"]
    assert found(archived="true") == ["Old"]


def test_employees_change_no_team(office: Office) -> None:
    team = office.team()
    office.as_(EMPLOYEE)
    assert office.get(f"/teams/{team['id']}")["name"] == "Support"
    assert office.post("/teams", {"name": "Mine"}).status_code == 403
    assert office.change(f"/teams/{team['id']}", {"name": "Mine"}).status_code == 403
