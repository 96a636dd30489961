"""Files of other tools through the commands: recognised, asked about, brought in at one go, written, taken back."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.support.stack import Stack, embedded

PEOPLE = "external_id,email,display_name\nP1,ana@example.org,Ana Souza\nP2,ben@example.org,Ben Brook\n"
HEADER = (
    "Row ID,Parent Row IDs,Parent Goal IDs,Goal ID,Action,Goal Title,Owner Emails,Goal Cycle,Goal Type,Scope,"
    "Departments,Start Date,End Date,Description,Starting Value,Target Value,Current Value,Progress Status,"
    "Check-in Type,Tags"
)
ROWS = (
    "1,,,,,Grow,ana@example.org,Quarterly,Default Progress,Company,,2018-07-01,2018-09-30,,0,100,,,Auto Rollup,x",
    "2,1,,,,Sell more,who@example.org,Quarterly,Custom Percent,,,2018-07-01,2018-09-30,,0,100,40,On Track,Manual,",
)
PEOPLEBOX = "\n".join([HEADER, *ROWS, ""])


class World:
    """A running Cairn with two people, and a folder of files."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack, self.folder = stack, folder
        self.token = stack.admin()
        assert self.run("import", "people", self.file("people.csv", PEOPLE)).returncode == 0

    def file(self, name: str, content: str) -> str:
        (self.folder / name).write_text(content, encoding="utf-8")
        return str(self.folder / name)

    def run(self, *arguments: str) -> CompletedProcess[str]:
        return self.stack.cairn(*arguments, check=False, CAIRN_TOKEN=self.token)

    def okrs(self, *arguments: str) -> CompletedProcess[str]:
        return self.run("import", "okrs", self.file("export.csv", PEOPLEBOX), *arguments)

    def titles(self) -> dict[str, list[Any]]:
        with self.stack.client(self.token) as client:
            found = client.get("/api/v1/objectives").raise_for_status().json()["items"]
        return {one["title"]: [below["value"] for below in one["key_results"]] for one in found}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with embedded(tmp_path_factory.mktemp("cairn")) as stack:
        yield World(stack, tmp_path_factory.mktemp("files"))


def test_while_a_question_is_open_nothing_is_imported(world: World) -> None:
    ran = world.okrs("--doubts", str(world.folder / "doubts.csv"))
    assert ran.returncode == 3
    assert "read as Peoplebox" in ran.stdout
    assert "line 3 “Sell more”: " in ran.stderr
    assert "“who@example.org”" in ran.stderr
    assert "Nothing was imported: 1 question is open." in ran.stderr
    assert world.titles() == {}


def test_what_would_happen_is_told_to_people_and_programs(world: World) -> None:
    owners = world.file("owners.csv", "who@example.org;P2\n")
    ran = world.okrs("--owners", owners, "--dry-run")
    assert ran.returncode == 0, ran.stderr
    assert "answered: owner:who@example.org = P2" in ran.stdout
    assert "would be objectives: 1 created, 0 changed, 0 unchanged" in ran.stdout
    assert "would be check-ins: 1 created, 0 changed, 0 unchanged" in ran.stdout
    document = json.loads(world.okrs("--owners", owners, "--dry-run", "--json").stdout)
    assert [one["what"] for one in document["goals"]] == ["created"] * 3
    assert (document["open"], len(document["check_ins"]["changes"])) == (0, 1)
    assert world.titles() == {}


def test_an_answered_file_comes_in_with_its_check_ins_again_without_a_change_and_out_again(world: World) -> None:
    world.okrs("--doubts", str(world.folder / "doubts.csv"))
    with (world.folder / "doubts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [{**row, "answer": "ben@example.org"} for row in csv.DictReader(file)]
    with (world.folder / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    answers = ("--answers", str(world.folder / "answers.csv"))
    made = world.okrs(*answers)
    assert made.returncode == 0, made.stderr
    assert world.titles() == {"Grow": ["40"]}
    again = world.okrs(*answers)
    assert "key results: 0 created, 0 changed, 1 unchanged" in again.stdout
    assert "check-ins: 0 created, 0 changed" in again.stdout
    assert "undo" not in again.stderr
    assert world.run("export", "okrs", str(world.folder / "out.csv"), "--as", "peoplebox").returncode == 0
    with (world.folder / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        out = {row["Goal Title"]: row for row in csv.DictReader(file)}
    assert (out["Grow"]["Tags"], out["Sell more"]["Current Value"]) == ("x", "40")
    undone = world.run("import", "undo", made.stderr.strip().rpartition(" ")[2])
    assert undone.returncode == 0, undone.stderr
    assert world.titles() == {}


def test_a_table_without_a_known_layout_needs_a_map(world: World) -> None:
    file = world.file("table.csv", "Goal,Who,Quarter\nBe better,ana@example.org,Q1 2026\n")
    ran = world.run("import", "okrs", file)
    assert ran.returncode == 3
    assert "has no layout that Cairn recognises" in ran.stderr
    saved = world.folder / "map.json"
    said = ("--map", "title=Goal,owner=Who,cycle=Quarter", "--save-map", str(saved), "--dry-run")
    mapped = world.run("import", "okrs", file, *said)
    assert mapped.returncode == 0, mapped.stderr
    assert "“Be better”" in mapped.stdout
    assert world.run("import", "okrs", file, "--map", f"@{saved}", "--dry-run").stdout == mapped.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "nothing"), "There is no layout “nothing”. Known are native,"),
        (("--map", "title"), "mapped to nothing"),
        (("--map", "@nowhere.json"), "The map cannot be read"),
        (("--format", "native", "--cycle", "Q1"), "--cycle is for files of other tools"),
    ],
)
def test_a_wrong_call_ends_with_2(world: World, arguments: tuple[str, ...], said: str) -> None:
    ran = world.okrs(*arguments)
    assert (ran.returncode, said in ran.stderr) == (2, True), ran.stderr


def test_a_broken_archive_is_refused(world: World) -> None:
    (world.folder / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")
    ran = world.run("import", "okrs", str(world.folder / "broken.xlsx"))
    assert (ran.returncode, "broken or cut off" in ran.stderr) == (3, True), ran.stderr
