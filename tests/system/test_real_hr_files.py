"""Real HR exports through the command line, as whoever holds nothing but the file would bring them in, embedded and
distributed: what was recognised, whom it makes, what is told of what is wrong, and that a second run says nothing."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest

from cairn import topology
from tests.support import kafka as kafka_support
from tests.support import postgres as postgres_support
from tests.support.real_files import Row, data_root, rows_of, written
from tests.support.stack import Stack, distributed, embedded, items, until

pytestmark = pytest.mark.slow

WITH_MANAGERS = {
    "sap_successfactors_user_data_file": ("SAP SuccessFactors", "manager_external_id  from MANAGER (by id)"),
    "culture_amp_employee_import": ("Culture Amp", "manager_email  from Manager Email (by e-mail address)"),
    "lattice_people_sftp": ("Lattice", "manager_email  from Manager Email (by e-mail address)"),
    "15five_bulk_import": ("15Five", "manager_email  from reviewer_email (by e-mail address)"),
}
WITHOUT_MANAGERS = {
    "orangehrm_importData": "OrangeHRM",
    "peopleforce_employee_import": "PeopleForce",
    "tomhrm_employee_import": "tomHRM",
}
LAYOUTS = [*WITH_MANAGERS, *WITHOUT_MANAGERS]
PEOPLE = 266
POSTS = {
    "external_id": "{organisation_key}/{post_ref}",
    "manager_external_id": "{organisation_key}/{reports_to_post_ref}",
    "email": "{post_ref}.{organisation_key:50}@posts.example.org",
    "display_name": "job_title",
}
Lines = dict[str, str | None]
"""The manager of everybody."""


@dataclass
class Desk:
    """Somebody with a token at a command line, and what they can look up."""

    stack: Stack
    token: str
    client: httpx.Client

    def brings(self, *arguments: str | Path, ends: int = 0) -> CompletedProcess[str]:
        """`cairn import people`; AssertionError where it ends with another code."""
        said = self.stack.cairn("import", "people", *map(str, arguments), check=False, CAIRN_TOKEN=self.token)
        assert said.returncode == ends, f"{said.returncode}: {said.stdout}\n{said.stderr}"
        return said

    def counts(self, *arguments: str | Path, ends: int = 0) -> dict[str, int]:
        """The numbers of an import."""
        [step] = json.loads(self.brings(*arguments, "--json", ends=ends).stdout)
        return {name: count for name, count in step["counts"].items() if count}

    def people(self, mark: str) -> list[dict[str, Any]]:
        """Who has an address of this mark."""
        return [one for one in items(self.client, "persons") if mark in one["email"]]

    def lines(self, mark: str) -> Lines:
        """The reporting lines among the active people of a mark, by address."""
        found = {one["id"]: one for one in self.people(mark) if one["active"]}
        return {
            one["email"]: found[one["manager_id"]]["email"] if one["manager_id"] else None for one in found.values()
        }

    def published(self) -> float:
        """How many events the people service has published so far."""
        self.stack.settle(120)
        return self.stack.metric("people", "cairn_relay_published_total")


@pytest.fixture(scope="session")
def token(stack: Stack) -> str:
    data_root()
    return stack.admin()


@pytest.fixture
def desk(stack: Stack, token: str) -> Iterator[Desk]:
    with stack.client(token) as client:
        yield Desk(stack, token, client)


@pytest.fixture(params=["embedded", pytest.param("distributed", marks=[pytest.mark.kafka, pytest.mark.postgres])])
def alone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A Cairn without anybody in it: whoever is not in a complete file leaves."""
    data_root()
    with ExitStack() as running:
        if request.param == "embedded":
            stack = running.enter_context(embedded(tmp_path / "cairn"))
        else:
            server: postgres_support.Postgres = request.getfixturevalue("postgres")
            databases = {name: running.enter_context(server.database()) for name in topology.PARTS}
            kafka, prefix = request.getfixturevalue("kafka"), kafka_support.fresh_prefix()
            stack = running.enter_context(distributed(tmp_path / "cairn", databases, kafka, prefix))
        secret = stack.admin()
        with stack.client(secret) as client:
            yield Desk(stack, secret, client)


def layout(folder: Path, name: str, mark: str) -> Path:
    """One of the layouts, as another organisation's: other addresses and ids."""
    text = (data_root() / "hris_layouts" / f"{name}.csv").read_bytes()
    path = folder / f"{name}.csv"
    path.write_bytes(text.replace(b"@sg-sample.", f"@{mark}.".encode()).replace(b"SG0", f"{mark.upper()}0".encode()))
    return path


def real_lines(mark: str) -> Lines:
    """The reporting lines of the organisation that all these layouts show, from the file they were made of."""
    posts = [row for row in rows_of("sourcegraph_org/people_2022-05.csv") if row["second_hat"] != "yes"]
    emails = {row["person_id"]: row["email"].replace("@sg-sample.", f"@{mark}.") for row in posts}
    return {emails[row["person_id"]]: emails.get(row["manager_id"]) for row in posts}


def mark_of(name: str) -> str:
    return f"hr-{LAYOUTS.index(name)}"


@pytest.mark.parametrize("name", WITH_MANAGERS)
def test_every_layout_with_managers_gives_the_same_265_lines_and_one_root(
    desk: Desk, name: str, tmp_path: Path
) -> None:
    mark = mark_of(name)
    file = layout(tmp_path, name, mark)
    label, managers = WITH_MANAGERS[name]
    told = desk.brings(file, "--dry-run").stdout
    assert told.startswith(f"people: {label}")
    assert managers in " ".join(told.split()).replace(" from ", "  from ")
    assert "would be 266 created" in told
    assert ("Left out (46):" in told) == (name == "lattice_people_sftp")
    assert desk.people(mark) == []
    desk.brings(file)
    assert len(desk.people(mark)) == PEOPLE
    found = desk.lines(mark)
    assert found == real_lines(mark)
    assert (len(found), sum(manager is not None for manager in found.values())) == (PEOPLE, PEOPLE - 1)


@pytest.mark.parametrize("name", WITHOUT_MANAGERS)
def test_layouts_without_managers_come_in_as_they_are(desk: Desk, name: str, tmp_path: Path) -> None:
    mark = mark_of(name)
    told = desk.brings(layout(tmp_path, name, mark)).stdout
    assert told.startswith(f"people: {WITHOUT_MANAGERS[name]}")
    assert "No column names managers" in told
    assert desk.lines(mark) == dict.fromkeys(real_lines(mark))


def test_one_system_after_another_says_the_same_people_and_tells_nobody(desk: Desk, tmp_path: Path) -> None:
    """The richest layout first: what the others know is known already, and what they do not know stays."""
    mark = "hr-all"
    desk.brings(layout(tmp_path, LAYOUTS[0], mark))
    people, published = desk.people(mark), desk.published()
    for name in LAYOUTS[:5]:
        said = desk.counts(layout(tmp_path, name, mark))
        assert (name, said["unchanged"], said["rows"] - said.get("skipped", 0)) == (name, PEOPLE, PEOPLE)
    assert desk.people(mark) == people
    assert desk.published() == published


def snapshots() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows_of("sourcegraph_org/snapshots.csv"):
        found.setdefault(row["snapshot"], []).append(row)
    return found


def staff(rows: list[Row]) -> Lines:
    """The manager of everybody; somebody of several posts stands below whoever is not themself."""
    ordered = sorted(rows, key=lambda row: row["person_id"] == row["manager_id"])
    found: Lines = {}
    for row in ordered:
        manager = row["manager_id"] if row["manager_id"] != row["person_id"] else ""
        found.setdefault(row["person_id"], manager or None)
    return found


def test_complete_files_one_after_another_are_what_is_there(alone: Desk, tmp_path: Path) -> None:
    """Joiners, movers and leavers of a company's quarters; the guard rail speaks up at mass exits and nowhere else."""
    quarters = list(snapshots().items())[:3]
    stopped = []
    for (_, before), (name, rows) in pairwise([("", []), *quarters]):
        file = written(tmp_path / f"{name}.csv", list(rows[0]), rows)
        now, then = staff(rows), staff(before)
        left, published = then.keys() - now.keys(), alone.published()
        if len(left) >= 3 and len(left) * 10 > len(then):
            stopped.append(name)
            refused = alone.brings(file, "--complete", ends=3)
            assert f"{len(left)} of {len(then)} active people" in refused.stderr
            assert "--accept-leavers" in refused.stderr
            assert present(alone) == then
            assert alone.published() == published
        counts = alone.counts(file, "--complete", "--accept-leavers")
        assert present(alone) == now
        assert counts.get("omitted", 0) == len(left)
        changes = sum(counts.get(what, 0) for what in ("created", "changed", "reactivated", "omitted"))
        assert alone.published() == published + changes
        again = alone.counts(file, "--complete")
        assert again.keys() <= {"rows", "unchanged", "skipped"}
        assert alone.published() == published + changes
    assert stopped


def present(desk: Desk) -> Lines:
    """Who is active, by external id, with the external id of their manager."""
    people = {one["id"]: one for one in items(desk.client, "persons") if one["active"]}
    return {
        one["external_id"]: people[one["manager_id"]]["external_id"] if one["manager_id"] else None
        for one in people.values()
    }


def test_every_record_of_an_export_with_gaps_is_accounted_for(desk: Desk) -> None:
    file = data_root() / "gitlab_org" / "people.csv"
    rows = dict(enumerate(rows_of("gitlab_org/people.csv"), start=2))
    vacant = {line for line, row in rows.items() if row["record_type"] == "vacancy"}
    here = {row["employee_id"] for line, row in rows.items() if line not in vacant}
    unknown = {line for line, row in rows.items() if row["manager_id"] not in here and line not in vacant}
    assert (len(rows), len(vacant), len(unknown)) == (1368, 57, 431)
    refused = desk.brings(file, ends=3)
    assert "--unknown-managers top" in refused.stderr
    told = results(desk)
    assert told.keys() == rows.keys()
    assert {line for line, one in told.items() if one["what"] == "skipped"} == vacant
    wrong = {line: one["wrong"][0] for line, one in told.items() if one["what"] == "rejected"}
    assert wrong.keys() == rows.keys() - vacant
    assert {line: one["value"] for line, one in wrong.items() if one["value"]} == {
        line: rows[line]["manager_id"] for line in unknown
    }
    assert {one["reason"].split()[0] for line, one in wrong.items() if line not in unknown} == {"This"}
    assert desk.counts(file, "--unknown-managers", "top") == {"rows": 1368, "created": 1311, "skipped": 57}
    told = results(desk)
    assert {line for line, one in told.items() if one["note"] and one["what"] == "created"} == unknown
    people = {one["id"]: one for one in items(desk.client, "persons") if one["external_id"] in here}
    managers = {one["external_id"]: people.get(one["manager_id"], {}).get("external_id") for one in people.values()}
    assert managers == {
        rows[line]["employee_id"]: None if line in unknown else rows[line]["manager_id"]
        for line in rows.keys() - vacant
    }
    published = desk.published()
    again = desk.counts(file, "--unknown-managers", "top")
    assert again == {"rows": 1368, "unchanged": 1311, "skipped": 57}
    assert desk.published() == published


def results(desk: Desk) -> dict[int, dict[str, Any]]:
    """What came of every row of the newest import, by line; no line comes twice."""
    newest = desk.client.get("/api/v1/imports", params={"limit": "1"}).raise_for_status().json()["items"][0]
    found = items(desk.client, f"imports/{newest['id']}/rows")
    by_line = {one["row"]: one for one in found}
    assert len(by_line) == len(found)
    return by_line


def test_a_mapped_file_is_flagged_exactly_where_it_is_broken(desk: Desk) -> None:
    """Posts of a government as if they were people: double keys, a loop of one and whoever stands below, one reference
    into the void; besides those only rows whose manager is one of the doubles."""
    file = data_root() / "uk_gov_organograms" / "senior_posts_2011-03-31.csv"
    rows = dict(enumerate(rows_of("uk_gov_organograms/senior_posts_2011-03-31.csv"), start=2))
    keys = {line: f"{row['organisation_key']}/{row['post_ref']}" for line, row in rows.items()}
    above = {key: f"{rows[line]['organisation_key']}/{rows[line]['reports_to_post_ref']}" for line, key in keys.items()}
    times = Counter(keys.values())
    counts = desk.counts(file, "--dry-run", "--map", json.dumps(POSTS), ends=3)
    assert counts == {"rows": 5007, "created": 4910, "rejected": 97}
    wrong = {line: one["wrong"][0]["reason"] for line, one in results(desk).items() if one["what"] == "rejected"}
    double = {line for line, reason in wrong.items() if "mean the same person" in reason}
    assert double == {line for line, key in keys.items() if times[key] > 1}
    assert len({keys[line] for line in double}) == 33
    looping = {line for line, reason in wrong.items() if "their own manager" in reason or "a loop" in reason}
    assert {keys[line] for line in looping} == {key for key in above if loops(above, key)}
    assert len(looping) == 26
    dangling = {line for line, reason in wrong.items() if reason.startswith("Nobody is known by this")}
    assert {keys[line] for line in dangling} == {
        key for key, upper in above.items() if upper not in above and not upper.endswith("/XX")
    }
    assert len(dangling) == 1
    below = wrong.keys() - double - looping - dangling
    assert {above[keys[line]] for line in below} <= {keys[line] for line in double | below}
    assert all("This row needs line" in wrong[line] for line in below)


def loops(above: dict[str, str], key: str) -> bool:
    """Whether somebody stands on or below a loop."""
    seen = set()
    while key in above and key not in seen:
        seen.add(key)
        key = above[key]
    return key in seen


def broken(folder: Path, mark: str) -> Path:
    """A layout in which one cell each is wrong in the first three rows of people whom nobody reports to."""
    file = layout(folder, "15five_bulk_import", mark)
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    managers = {row["reviewer_email"] for row in rows}
    address, word, manager = [row for row in rows if row["email"] not in managers][:3]
    address["email"] = address["email"].replace("@", " at ")
    word["is_active"] = "maybe"
    manager["reviewer_email"] = f"nobody@{mark}.example.com"
    return written(folder / "bad.csv", list(rows[0]), rows)


def test_rejected_rows_are_mended_in_the_error_file_and_sent(desk: Desk, tmp_path: Path) -> None:
    bad, out = broken(tmp_path, "hr-bad"), tmp_path / "out.csv"
    refused = desk.brings(bad, "--errors", out, ends=3)
    assert "3 rows are wrong" in refused.stderr
    assert desk.people("hr-bad") == []
    desk.brings(bad, "--partial", "--errors", out)
    assert len(desk.people("hr-bad")) == PEOPLE - 3
    with out.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    original = layout(tmp_path, "15five_bulk_import", "hr-bad")
    with original.open(encoding="utf-8", newline="") as opened:
        good = {row["employee_id"]: row for row in csv.DictReader(opened)}
    places = [row["error"].partition(":")[0] for row in rows]
    assert places == ["email", "is_active", "reviewer_email"]
    for row, column in zip(rows, places, strict=True):
        row[column] = good[row["employee_id"]][column]
    desk.brings(written(out, list(rows[0]), rows))
    assert desk.lines("hr-bad") == real_lines("hr-bad")
    assert desk.counts(original) == {"rows": PEOPLE, "unchanged": PEOPLE}


def test_a_dry_run_is_applied_as_it_was_judged(desk: Desk, tmp_path: Path) -> None:
    said = desk.brings(layout(tmp_path, LAYOUTS[0], "hr-dry"), "--dry-run").stdout
    command = said.rpartition("`cairn ")[2].rstrip("`\n").split()
    told = desk.stack.cairn(*command, CAIRN_TOKEN=desk.token).stdout
    assert "266 created" in told
    assert desk.lines("hr-dry") == real_lines("hr-dry")


def test_the_same_file_over_https_is_taken_at_once_and_told_row_by_row(desk: Desk, tmp_path: Path) -> None:
    bad = broken(tmp_path, "hr-web").read_bytes()
    headers = {"Idempotency-Key": "nightly", "Content-Type": "application/octet-stream"}
    sent = [
        desk.client.post("/api/v1/imports", params={"partial": "true"}, content=bad, headers=headers) for _ in range(2)
    ]
    assert [one.status_code for one in sent] == [202, 202]
    [place] = {one.headers["Location"] for one in sent}

    def upload() -> dict[str, Any]:
        return dict(desk.client.get(place).raise_for_status().json())

    until(lambda: upload()["state"] not in ("waiting", "running"), 60, "the upload is carried out")
    ended = upload()
    assert (ended["state"], ended["counts"]["created"], ended["counts"]["rejected"]) == ("applied", PEOPLE - 3, 3)
    wrong = [one["wrong"][0]["column"] for one in items(desk.client, f"imports/{ended['id']}/rows", what="rejected")]
    assert wrong == ["email", "is_active", "manager_email"]
    errors = desk.client.get(f"{place}/errors").raise_for_status().text
    header, *rows = errors.splitlines()
    assert header.endswith("custom_location,error")
    assert ["email: " in rows[0], "is_active: " in rows[1], "reviewer_email: " in rows[2]] == [True] * 3
