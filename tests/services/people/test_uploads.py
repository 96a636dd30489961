"""Files sent to be imported later: what the worker makes of them, what can be read of it, and what is refused."""

import csv
import io
import json
from typing import Any

import pytest

from chassis.access import Actor
from chassis.files import read_book, write_xlsx
from services.people.uploads import keeping, running
from services.people.uploads.models import Upload
from tests.support.people import EMPLOYEE, Office

IMPORTER = Actor("importer", "service", frozenset({"hr", "admin"}))
PEOPLE = (
    "external_id,email,display_name,manager_external_id\n"
    "1,amara@harbour.example,Amara Okoye,\n"
    "2,boris@harbour.example,Boris Lindqvist,1\n"
)
ONE_WRONG = PEOPLE + "3,no address,Chitra Rao,1\n"


@pytest.fixture
def desk(office: Office) -> Office:
    return office.as_(IMPORTER)


def sent(office: Office, content: str | bytes, **query: Any) -> dict[str, Any]:
    """An import as it is taken in."""
    data = content.encode() if isinstance(content, str) else content
    answer = office.call("POST", "/imports", data=data, content_type="application/x-anything", query_string=query)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/api/v1/imports/{(answer.json or {})['id']}"
    return dict(answer.json or {})


def carried_out(office: Office, content: str | bytes, **query: Any) -> dict[str, Any]:
    """An import at its end."""
    made = sent(office, content, **query)
    running.run(office.runtime)
    return dict(office.get(f"/imports/{made['id']}"))


def names(office: Office) -> list[str]:
    return [one["display_name"] for one in office.get("/persons")["items"]]


def test_a_file_waits_until_the_worker_comes_to_it(desk: Office) -> None:
    made = sent(desk, PEOPLE, name="people.csv")
    found = desk.call("GET", f"/imports/{made['id']}")
    assert (found.json or {})["state"] == "waiting"
    assert found.headers["Retry-After"] == "1"
    assert names(desk) == []
    running.run(desk.runtime)
    assert names(desk) == ["Amara Okoye", "Boris Lindqvist"]


def test_what_came_of_it_is_told(desk: Office) -> None:
    found = carried_out(desk, PEOPLE, name="people.csv")
    assert (found["state"], found["name"], found["attempts"], found["detail"]) == ("applied", "people.csv", 1, None)
    assert found["counts"]["created"] == found["counts"]["rows"] == 2
    assert found["recognised"]["layout"] == "cairn"


def test_the_events_name_who_sent_the_file(desk: Office) -> None:
    carried_out(desk, PEOPLE)
    assert sorted(event.display_name for event in desk.said()) == ["Amara Okoye", "Boris Lindqvist"]  # type: ignore[attr-defined]


def test_imports_are_carried_out_in_the_order_they_came(desk: Office) -> None:
    for title in ("first", "second", "third"):
        sent(desk, f"external_id,email,display_name,title\n1,amara@harbour.example,Amara,{title}\n")
    running.run(desk.runtime)
    assert desk.get("/persons")["items"][0]["title"] == "third"
    assert [one["state"] for one in desk.get("/imports")["items"]] == ["applied"] * 3


def test_the_list_begins_with_the_newest_and_can_be_narrowed(desk: Office) -> None:
    made = [sent(desk, PEOPLE + " " * place, of=of)["id"] for place, of in enumerate(("people", "teams", "people"))]
    assert [one["id"] for one in desk.get("/imports", limit=2)["items"]] == made[:0:-1]
    assert [one["id"] for one in desk.get("/imports", of="teams")["items"]] == [made[1]]
    assert desk.get("/imports", state="applied")["items"] == []


def test_with_a_wrong_row_nothing_is_applied_and_the_row_is_told(desk: Office) -> None:
    found = carried_out(desk, ONE_WRONG)
    assert found["state"] == "refused"
    assert "1 row is wrong" in found["detail"]
    (row,) = desk.get(f"/imports/{found['id']}/rows", what="rejected")["items"]
    assert (row["row"], row["wrong"][0]["column"], row["wrong"][0]["value"]) == (4, "email", "no address")
    assert names(desk) == []


def test_partial_applies_the_good_rows(desk: Office) -> None:
    found = carried_out(desk, ONE_WRONG, partial="true")
    assert (found["state"], found["counts"]["rejected"]) == ("applied", 1)
    assert names(desk) == ["Amara Okoye", "Boris Lindqvist"]


def test_the_result_of_every_row_comes_in_pages(desk: Office) -> None:
    lines = "".join(f"{number},p{number}@harbour.example,Person {number}\n" for number in range(1200))
    found = carried_out(desk, "external_id,email,display_name\n" + lines)
    seen, cursor = [], None
    while True:
        query = {"limit": 150} | ({"cursor": cursor} if cursor else {})
        page = desk.get(f"/imports/{found['id']}/rows", **query)
        seen += [row["row"] for row in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == list(range(2, 1202))


def test_rows_know_nothing_of_a_cursor_of_another_list(desk: Office) -> None:
    for _ in range(2):
        found = carried_out(desk, PEOPLE)
    foreign = desk.get("/imports", limit=1)["next"]
    answer = desk.call("GET", f"/imports/{found['id']}/rows", query_string={"cursor": foreign})
    assert answer.status_code == 400


class TestTheErrorFile:
    def test_has_the_wrong_rows_as_they_were_sent_and_why(self, desk: Office) -> None:
        found = carried_out(desk, ONE_WRONG)
        answer = desk.call("GET", f"/imports/{found['id']}/errors")
        header, row = csv.reader(io.StringIO(answer.text))
        assert header == ["external_id", "email", "display_name", "manager_external_id", "error"]
        assert row[:4] == ["3", "no address", "Chitra Rao", "1"]
        assert "attachment" in answer.headers["Content-Disposition"]

    def test_can_be_mended_and_sent_again(self, desk: Office) -> None:
        first = carried_out(desk, ONE_WRONG, partial="true")
        text = desk.call("GET", f"/imports/{first['id']}/errors").text
        found = carried_out(desk, text.replace("no address", "chitra@harbour.example"))
        assert (found["state"], found["counts"]["created"]) == ("applied", 1)
        assert "Chitra Rao" in names(desk)

    def test_runs_no_formula_and_comes_back_without_a_trace_of_that(self, desk: Office) -> None:
        wrong = PEOPLE + "3,no address,+cmd|' /C calc'!A0,1\n"
        first = carried_out(desk, wrong, partial="true")
        text = desk.call("GET", f"/imports/{first['id']}/errors").text
        assert ",'+cmd" in text
        carried_out(desk, text.replace("no address", "chitra@harbour.example"))
        assert "+cmd|' /C calc'!A0" in names(desk)

    def test_leaves_a_row_short_that_is_cut_off(self, desk: Office) -> None:
        first = carried_out(desk, PEOPLE + "3,chitra@harbour.example\n", partial="true")
        again = carried_out(desk, desk.call("GET", f"/imports/{first['id']}/errors").data)
        assert (first["counts"]["rejected"], again["counts"]["rejected"]) == (1, 1)

    def test_keeps_the_separator(self, desk: Office) -> None:
        found = carried_out(desk, ONE_WRONG.replace(",", ";"))
        assert desk.call("GET", f"/imports/{found['id']}/errors").text.startswith("external_id;email;")

    def test_of_a_workbook_is_a_workbook(self, desk: Office) -> None:
        header, *rows = [line.split(",") for line in ONE_WRONG.splitlines()]
        first = carried_out(desk, write_xlsx([("Staff", header, rows)]), partial="true")
        answer = desk.call("GET", f"/imports/{first['id']}/errors")
        (sheet,) = read_book(answer.data).sheets
        assert [list(record.cells)[:3] for record in sheet.records[1:]] == [["3", "no address", "Chitra Rao"]]
        assert carried_out(desk, answer.data)["counts"]["rejected"] == 1

    def test_is_not_there_where_every_row_was_taken(self, desk: Office) -> None:
        found = carried_out(desk, PEOPLE)
        assert desk.call("GET", f"/imports/{found['id']}/errors").status_code == 404


class TestADryRun:
    def test_changes_nothing_and_can_be_applied_as_it_was_judged(self, desk: Office) -> None:
        judged = carried_out(desk, PEOPLE, dry_run="true")
        assert (judged["state"], judged["counts"]["created"]) == ("judged", 2)
        assert names(desk) == []
        assert desk.post(f"/imports/{judged['id']}/apply").status_code == 202
        running.run(desk.runtime)
        assert desk.get(f"/imports/{judged['id']}")["state"] == "applied"
        assert names(desk) == ["Amara Okoye", "Boris Lindqvist"]

    def test_that_would_do_something_else_by_now_is_refused(self, desk: Office) -> None:
        judged = carried_out(desk, PEOPLE, dry_run="true")
        desk.person("Amara Okoye", email="amara@harbour.example", title="Harbour master")
        desk.post(f"/imports/{judged['id']}/apply")
        running.run(desk.runtime)
        found = desk.get(f"/imports/{judged['id']}")
        assert found["state"] == "refused"
        assert "changed since" in found["detail"]
        assert names(desk) == ["Amara Okoye"]

    def test_may_be_accepted_with_its_wrong_rows_left_out(self, desk: Office) -> None:
        judged = carried_out(desk, ONE_WRONG, dry_run="true")
        desk.call("POST", f"/imports/{judged['id']}/apply", query_string={"partial": "true"})
        running.run(desk.runtime)
        assert desk.get(f"/imports/{judged['id']}")["counts"]["rejected"] == 1
        assert len(names(desk)) == 2

    def test_of_what_the_guard_stopped_may_be_accepted_too(self, desk: Office) -> None:
        lines = "".join(f"{number},p{number}@harbour.example,Person {number}\n" for number in range(40))
        carried_out(desk, "external_id,email,display_name\n" + lines)
        stopped = carried_out(desk, PEOPLE, complete="true")
        assert (stopped["state"], stopped["guard"]["leaving"]) == ("stopped", 38)
        desk.call("POST", f"/imports/{stopped['id']}/apply", query_string={"accept_leavers": "true"})
        running.run(desk.runtime)
        found = desk.get(f"/imports/{stopped['id']}")
        assert (found["state"], found["counts"]["omitted"], found["detail"]) == ("applied", 38, None)

    def test_is_applied_once(self, desk: Office) -> None:
        judged = carried_out(desk, PEOPLE, dry_run="true")
        path = f"/imports/{judged['id']}/apply"
        assert [desk.post(path).status_code for _ in range(2)] == [202, 409]


TEAMS = "external_id,name,parent_external_id\nT1,Harbour,\nT2,Quay,T1\n"


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_teams_are_imported_from_any_form(desk: Office, form: str) -> None:
    header, *rows = [line.split(",") for line in TEAMS.splitlines()]
    contents = {
        "csv": TEAMS.encode("utf-16"),
        "xlsx": write_xlsx([("Teams", header, rows)]),
        "json": json.dumps([dict(zip(header, row, strict=True)) for row in rows]).encode(),
    }
    found = carried_out(desk, contents[form], of="teams")
    assert (found["state"], found["counts"]["created"]) == ("applied", 2), found
    teams = {one["name"]: one for one in desk.get("/teams")["items"]}
    assert teams["Quay"]["parent_id"] == teams["Harbour"]["id"]


class TestWhoMayImport:
    def test_an_employee_may_not_even_look(self, desk: Office) -> None:
        made = carried_out(desk, ONE_WRONG)
        desk.as_(EMPLOYEE)
        here = f"/imports/{made['id']}"
        reads = [desk.call("GET", path).status_code for path in ("/imports", here, f"{here}/rows", f"{here}/errors")]
        assert reads == [403] * 4
        assert desk.call("POST", "/imports", data=PEOPLE).status_code == 403
        assert desk.post(f"{here}/apply").status_code == 403

    def test_somebody_who_has_left_meanwhile_is_refused(self, office: Office) -> None:
        hana = office.person("Hana Hill", roles=["employee", "hr"])
        office.as_(hana["id"], "hr")
        made = sent(office, PEOPLE)
        office.as_(IMPORTER).post(f"/persons/{hana['id']}/deactivate")
        running.run(office.runtime)
        found = office.get(f"/imports/{made['id']}")
        assert (found["state"], "has left" in found["detail"]) == ("refused", True)

    def test_somebody_who_has_lost_the_role_meanwhile_is_refused(self, office: Office) -> None:
        hana = office.person("Hana Hill", roles=["employee", "hr"])
        office.as_(hana["id"], "hr")
        made = sent(office, PEOPLE)
        office.as_(IMPORTER).change(f"/persons/{hana['id']}/roles", {"roles": []}, method="PUT")
        running.run(office.runtime)
        assert office.get(f"/imports/{made['id']}")["state"] == "refused"
        assert names(office) == ["Hana Hill"]


class TestOddFiles:
    def test_an_empty_one_is_refused_at_once(self, desk: Office) -> None:
        assert desk.call("POST", "/imports", data=b"").status_code == 422

    def test_one_that_is_too_large_is_refused_at_once(self, desk: Office) -> None:
        assert desk.call("POST", "/imports", data=b"x" * ((20 << 20) + 1)).status_code == 413

    @pytest.mark.parametrize(
        "content",
        [
            b"\0" * 99,
            b"PK\x03\x04" + b"\xff" * 99,
            b"%PDF-1.7",
            b"[" * 5000,
            b"\xff\xfe\x00",
            b'email\n"cut off',
            b"\n",
        ],
        ids=["NUL", "broken archive", "PDF", "nested JSON", "half UTF-16", "open quote", "blank"],
    )
    def test_what_cannot_be_read_is_refused_with_reason_and_remedy(self, desk: Office, content: bytes) -> None:
        found = carried_out(desk, content)
        assert found["state"] == "refused"
        assert found["rejected"]
        assert all(one["reason"] and one["remedy"] for one in found["rejected"])

    def test_what_is_for_people_is_refused_for_teams(self, desk: Office) -> None:
        answer = desk.call("POST", "/imports", data=PEOPLE, query_string={"of": "teams", "complete": "true"})
        assert (answer.status_code, (answer.json or {})["errors"][0]["pointer"]) == (422, "/complete")

    def test_a_map_that_maps_nothing_is_refused_at_once(self, desk: Office) -> None:
        answer = desk.call("POST", "/imports", data=PEOPLE, query_string={"map": "email"})
        assert (answer.status_code, (answer.json or {})["errors"][0]["pointer"]) == (422, "/map")

    def test_the_same_content_is_recognised(self, desk: Office) -> None:
        first, second = carried_out(desk, PEOPLE), carried_out(desk, PEOPLE)
        assert (first["same_as"], second["same_as"]) == (None, first["id"])
        assert second["counts"]["unchanged"] == 2


def test_the_same_key_sends_one_import(desk: Office) -> None:
    made = [
        desk.call("POST", "/imports", data=PEOPLE, headers={"Idempotency-Key": "one"}).json["id"]  # type: ignore[index]
        for _ in range(2)
    ]
    assert made[0] == made[1]


class TestTheWorker:
    def crashed(self, desk: Office, times: int) -> str:
        """An import at which workers have ended so many times."""
        made = sent(desk, PEOPLE)
        with desk.db.writing() as session:
            upload = session.get_one(Upload, made["id"])
            upload.state, upload.attempts = "running", times
        return str(made["id"])

    def test_takes_up_what_another_left(self, desk: Office) -> None:
        left = self.crashed(desk, 1)
        running.run(desk.runtime)
        found = desk.get(f"/imports/{left}")
        assert (found["state"], found["attempts"]) == ("applied", 2)

    def test_gives_up_after_three_attempts_and_goes_on(self, desk: Office) -> None:
        left = self.crashed(desk, 3)
        after = sent(desk, PEOPLE)
        running.run(desk.runtime)
        found = desk.get(f"/imports/{left}")
        assert (found["state"], "3 times" in found["detail"]) == ("failed", True)
        assert desk.get(f"/imports/{after['id']}")["state"] == "applied"

    def test_that_was_overtaken_does_nothing(self, desk: Office) -> None:
        made = sent(desk, PEOPLE)
        with desk.db.reading() as session:
            taken = session.get_one(Upload, made["id"])
        running.run(desk.runtime)
        running._understand_and_apply(desk.runtime, taken)
        assert desk.get(f"/imports/{made['id']}")["counts"]["created"] == 2
        assert len(desk.said()) == 2


def test_files_go_after_their_time_and_the_summary_stays(desk: Office) -> None:
    from datetime import timedelta

    found = carried_out(desk, ONE_WRONG)
    desk.now += timedelta(days=31)
    with desk.unit() as unit:
        keeping.task(timedelta(days=30)).run(unit)
    after = desk.get(f"/imports/{found['id']}")
    assert (after["kept"], after["counts"]) == (False, found["counts"])
    assert desk.get(f"/imports/{found['id']}/rows")["items"] == []
    assert desk.call("GET", f"/imports/{found['id']}/errors").status_code == 404


class TestAProfile:
    def test_says_how_a_file_is_read(self, desk: Office) -> None:
        body = {"map": {"external_id": "Ref", "email": "Post", "display_name": "Who"}, "partial": True}
        assert desk.call("PUT", "/import-profiles/harbour", json=body).status_code == 200
        found = carried_out(desk, "Ref,Post,Who\n7,g@harbour.example,Grace\n", profile="harbour")
        assert (found["state"], found["options"]["partial"]) == ("applied", True)
        assert names(desk) == ["Grace"]

    def test_can_be_read_replaced_and_removed(self, desk: Office) -> None:
        path = "/import-profiles/harbour"
        desk.call("PUT", path, json={"dates": "dmy", "partial": True})
        desk.call("PUT", path, json={"dates": "mdy"})
        found = desk.get(path)
        assert (found["dates"], found["version"], "partial" in found) == ("mdy", 2, False)
        assert desk.call("DELETE", path).status_code == 204
        assert desk.call("GET", path).status_code == 404

    def test_nobody_knows_is_refused_and_the_known_are_named(self, desk: Office) -> None:
        desk.call("PUT", "/import-profiles/harbour", json={})
        answer = desk.call("POST", "/imports", data=PEOPLE, query_string={"profile": "quay"})
        assert answer.status_code == 422
        assert "harbour" in json.dumps(answer.json)

    def test_has_a_plain_name(self, desk: Office) -> None:
        assert desk.call("PUT", "/import-profiles/a b", json={}).status_code == 422
