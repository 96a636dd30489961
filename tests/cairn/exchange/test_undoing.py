"""A whole import taken back: everything is as before, but for what people have done since, and it can come again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.support import real_data
from tests.support.stack import ROOT, Stack, embedded, until

PEOPLE = "external_id,email,display_name\nP1,ana@example.org,Ana\nP2,ben@example.org,Ben\n"
PASSING = frozenset({"version", "edition", "closed_at"})


class World:
    """A running Cairn, and what its API says of goals and check-ins."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack, self.folder = stack, folder
        self.token = stack.admin()

    def file(self, name: str, content: Any) -> str:
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    def run(self, *arguments: str) -> CompletedProcess[str]:
        return self.stack.cairn("import", *arguments, check=False, CAIRN_TOKEN=self.token)

    def brings(self, *arguments: str) -> str:
        """Import, and answer the id of the import."""
        ran = self.run(*arguments)
        assert ran.returncode == 0, ran.stderr
        return ran.stderr.strip().rpartition(" ")[2]

    def call(self, method: str, path: str, body: Any = None, tag: str = "*") -> Any:
        with self.stack.client(self.token) as client:
            answer = client.request(method, f"/api/v1/{path}", json=body, headers={"If-Match": tag})
            assert answer.is_success, answer.text
            return answer.json() if answer.content else None

    def all(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.call("GET", f"{path}?limit=200{cursor}")
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"

    def everything(self) -> dict[str, Any]:
        """All there is, but for the numbers that count changes, and the hour of closing."""
        self.stack.settle()
        return {
            path: [without(PASSING, one) for one in self.all(path)] for path in ("cycles", "objectives", "check-ins")
        }

    def told(self) -> dict[str, list[str]]:
        """The same by external ids, whatever Cairn's own ids are."""
        found = self.everything()
        own = [*found["cycles"], *found["objectives"]]
        own += [below for one in found["objectives"] for below in one["key_results"]]
        names = {one["id"]: one["external_id"] for one in own}
        for one in found["objectives"]:
            one["key_results"].sort(key=lambda below: below["external_id"])
        plain = {path: [without({"id"}, one) for one in many] for path, many in found.items()}
        return {
            path: sorted(renamed(json.dumps(one, sort_keys=True), names) for one in many)
            for path, many in plain.items()
        }

    def objective(self, external_id: str) -> Any:
        return self.call("GET", f"objectives?external_id={external_id}")["items"][0]


def without(names: frozenset[str] | set[str], value: Any) -> Any:
    if isinstance(value, list):
        return [without(names, one) for one in value]
    if isinstance(value, dict):
        return {name: without(names, one) for name, one in value.items() if name not in names}
    return value


def renamed(text: str, names: dict[str, str]) -> str:
    for id, name in names.items():
        text = text.replace(id, name)
    return text


def goals(*objectives: dict[str, Any], cycle: str, key_results: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    days = {"starts_on": "2026-01-01", "ends_on": "2026-03-31"}
    return {
        "cycles": [{"external_id": cycle, "name": f"Cycle {cycle}", **days}],
        "objectives": [
            {"cycle": cycle, "owner": "P1", "title": f"Aim {one['external_id']}", **one} for one in objectives
        ],
        "key_results": [
            {"title": f"Measure {one['external_id']}", "metric": "increase", "start": 0, "target": 10, **one}
            for one in key_results
        ],
    }


def said(*check_ins: dict[str, Any]) -> dict[str, Any]:
    usual = {"as_of": "2026-02-01", "submitted_at": "2026-02-01T08:00:00Z", "author": "P1"}
    return {"check_ins": [{**usual, **one} for one in check_ins]}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with embedded(tmp_path_factory.mktemp("cairn")) as stack:
        found = World(stack, tmp_path_factory.mktemp("files"))
        assert found.run("people", found.file("people.csv", PEOPLE)).returncode == 0
        yield found


def test_after_taking_back_everything_is_as_before_and_the_same_files_bring_it_again(world: World) -> None:
    base = goals(
        {"external_id": "a-1", "description": "As it was", "attributes": {"Team": "Crew"}},
        {"external_id": "a-2", "state": "draft", "parents": [{"id": "a-1"}]},
        cycle="A",
        key_results=({"external_id": "ak-1", "objective": "a-1"}, {"external_id": "ak-2", "objective": "a-2"}),
    )
    world.brings("okrs", world.file("base.json", base))
    world.brings("check-ins", world.file("said.json", said({"external_id": "ac-1", "key_result": "ak-1", "value": 4})))
    before = world.everything()
    later = goals(
        {"external_id": "a-3", "state": "closed", "grade": "0.25", "grade_note": "Low", "parents": [{"id": "a-1"}]},
        {"external_id": "a-1", "title": "Reworded", "owner": "P2", "attributes": {"Team": "", "New": "yes"}},
        {"external_id": "a-2", "state": "active", "parents": [{"id": "a-3", "weight": 2}], "kind": "committed"},
        cycle="A",
        key_results=(
            {"external_id": "ak-1", "objective": "a-1", "metric": "between", "lower": 1, "upper": 5},
            {"external_id": "ak-3", "objective": "a-1"},
            {"external_id": "ak-4", "objective": "a-3"},
        ),
    )
    later["key_results"][0] |= {"start": None, "target": None}
    later["cycles"][0] |= {"name": "Renamed", "state": "closed"}
    files = (
        ("okrs", world.file("later.json", later)),
        ("check-ins", world.file("more.json", said(
            {"external_id": "ac-1", "key_result": "ak-1", "value": 3, "note": "Counted anew"},
            {"external_id": "ac-2", "key_result": "ak-3", "value": 5},
            {"external_id": "ac-3", "key_result": "ak-4", "value": 5, "author": "P2"},
        ))),
        ("okrs", world.file("later.json", later), "--close"),
    )  # fmt: skip
    made = [world.brings(*command) for command in files]
    after = world.told()
    assert world.everything() != before
    for import_id in reversed(made):
        ran = world.run("undo", import_id)
        assert ran.returncode == 0, ran.stderr
    assert world.everything() == before
    assert world.run("undo", made[0]).stdout == "There is nothing to take back.\n"
    for command in files:
        world.brings(*command)
    assert world.told() == after


def test_what_people_have_changed_since_stays_and_is_listed(world: World) -> None:
    key_results = tuple({"external_id": f"bk-{number}", "objective": f"b-{number}"} for number in (1, 2, 3))
    objectives = [{"external_id": f"b-{number}"} for number in (0, 1, 2, 3)]
    objectives[2]["parents"] = [{"id": "b-0"}]  # type: ignore[assignment]
    made = world.brings("okrs", world.file("b.json", goals(*objectives, cycle="B", key_results=key_results)))
    edited, spoken_of = world.objective("b-1"), world.objective("b-2")
    world.call("PATCH", f"objectives/{edited['id']}", {"title": "Ours now"})
    author = world.call("GET", "persons?external_id=P2")["items"][0]["id"]
    check_in = {"value": 3, "as_of": "2026-02-02", "author_id": author}
    world.call("POST", f"key-results/{spoken_of['key_results'][0]['id']}/check-ins", check_in)
    for how in ("--dry-run", "--force", "--dry-run"):
        ran = world.run("undo", made, how)
        assert ran.returncode == 3
        assert "objective b-2 “Aim b-2”: 1 check-ins on it are not this import's" in ran.stderr
        assert "objective b-0 “Aim b-0”: “Aim b-2” is aligned to it" in ran.stderr
        assert "cycle B “Cycle B”: “" in ran.stderr
        if how == "--dry-run" and "removed objective b-3" in ran.stdout:
            assert "objective b-1 “Aim b-1”: it was changed since" in ran.stderr
            assert world.objective("b-3")["title"] == "Aim b-3"
    left = {one["external_id"] for one in world.all("objectives") if str(one["external_id"]).startswith("b-")}
    assert left == {"b-0", "b-2"}


def test_an_import_killed_in_the_middle_is_taken_back_and_can_be_made_again(world: World) -> None:
    before = world.everything()
    objectives = [{"external_id": f"c-{number}"} for number in range(150)]
    key_results = tuple({"external_id": f"ck-{number}", "objective": f"c-{number}"} for number in range(150))
    file = world.file("many.json", goals(*objectives, cycle="C", key_results=key_results))
    records = Path(world.stack.environment["XDG_STATE_HOME"]) / "cairn" / "imports"
    known = set(records.glob("*.jsonl"))
    called = [sys.executable, "-m", "cairn", "import", "okrs", file]
    environment = {**world.stack.environment, "CAIRN_URL": world.stack.url, "CAIRN_TOKEN": world.token}
    process = subprocess.Popen(called, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(
        lambda: any(path.read_bytes().count(b"\n") > 40 for path in {*records.glob("*.jsonl")} - known),
        60,
        "some lines",
    )
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    record = ({*records.glob("*.jsonl")} - known).pop()
    assert "interrupted" in next(line for line in world.run("list").stdout.splitlines() if line.startswith(record.stem))
    assert len(world.everything()["objectives"]) > len(before["objectives"])
    ran = world.run("undo", record.stem)
    assert ran.returncode == 0, ran.stderr
    assert world.everything() == before
    again = world.brings("okrs", file)
    assert len(world.everything()["objectives"]) == len(before["objectives"]) + 150
    assert world.run("undo", again).returncode == 0


def test_a_record_without_its_last_answer_finds_what_was_made(world: World) -> None:
    before = world.everything()
    file = world.file(
        "lost.json",
        goals({"external_id": "d-1"}, cycle="D", key_results=({"external_id": "dk-1", "objective": "d-1"},)),
    )
    made = world.brings("okrs", file)
    record = Path(world.stack.environment["XDG_STATE_HOME"]) / "cairn" / "imports" / f"{made}.jsonl"
    lines = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(b"".join(line for line in lines[:4]) + b'{"n":2,"ma')
    ran = world.run("undo", str(record))
    assert ran.returncode == 0, ran.stderr
    assert world.everything() == before


def test_a_file_that_is_no_record_is_named(world: World) -> None:
    broken = world.file("broken.jsonl", '{"import": "x"}\nno JSON\n')
    ran = world.run("undo", broken)
    assert (ran.returncode, "line 2, is not JSON" in ran.stderr) == (2, True), ran.stderr


def test_without_a_record_an_import_cannot_be_taken_back(world: World) -> None:
    ran = world.run("okrs", world.file("e.json", goals({"external_id": "e-1"}, cycle="E")), "--no-record")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert world.run("undo", "20260101-000000-0000").returncode == 2


@pytest.mark.slow
def test_a_real_organisation_is_taken_back(tmp_path: Path) -> None:
    people, teams = real_data.puzzle_people(tmp_path), real_data.puzzle_teams(tmp_path)
    files = (("okrs", real_data.puzzle_okrs(tmp_path)), ("check-ins", real_data.puzzle_check_ins(tmp_path)))
    with embedded(tmp_path / "cairn") as stack:
        world = World(stack, tmp_path)
        assert world.run("people", str(people), "--teams", str(teams)).returncode == 0
        before = world.everything()
        made = [world.brings(what, str(file)) for what, file in files]
        after = world.told()
        assert len(after["check-ins"]) == 860
        assert [world.run("undo", one).returncode for one in reversed(made)] == [0, 0]
        assert world.everything() == before
        for what, file in files:
            world.brings(what, str(file))
        assert world.told() == after
