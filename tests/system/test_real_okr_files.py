"""OKR files of other tools through the command line, embedded and distributed: recognised, asked about, brought in,
written back cell by cell, taken back, brought in once more."""

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest

from tests.support.formats import Row, differences, rows
from tests.support.real_files import data_root, written
from tests.support.stack import Stack

pytestmark = pytest.mark.slow

VIVA = "okr_tool_exports/viva_goals_export_layout/filled_from_gitlab_2018-Q3.csv"
QUANTIVE = "okr_tool_exports/gtmhub_quantive_workbook"
SOMEBODY = "whoever@okrs.example.com"
FORMULA = "=20*1.05"


@dataclass
class Desk:
    """Somebody with a token at a command line, and a folder."""

    stack: Stack
    token: str
    client: httpx.Client
    folder: Path

    def run(self, *arguments: str | Path, ends: int = 0) -> CompletedProcess[str]:
        """`cairn …`; AssertionError where it ends with another code."""
        said = self.stack.cairn(*map(str, arguments), check=False, CAIRN_TOKEN=self.token)
        assert said.returncode == ends, f"{said.returncode}: {said.stdout}\n{said.stderr}"
        return said

    def people(self, *names: str) -> None:
        """Let there be somebody of each name, besides whoever."""
        known = [{"email": f"{name.lower().replace(' ', '_')}@okrs.example.com", "display_name": name}
                 for name in names]  # fmt: skip
        known.append({"email": SOMEBODY, "display_name": "Whoever It Was"})
        self.run("import", "people", written(self.folder / "people.csv", tuple(known[0]), known))

    def asked(self, file: Path) -> list[Row]:
        """Every question about a file; nothing is imported while there is one."""
        questions = self.folder / "questions.csv"
        refused = self.run("import", "okrs", file, "--doubts", questions, ends=3)
        assert "Nothing was imported" in refused.stderr
        with questions.open(encoding="utf-8-sig", newline="") as opened:
            return list(csv.DictReader(opened))

    def answered(self, questions: list[Row]) -> Path:
        return written(self.folder / "answers.csv", tuple(questions[0]), questions)

    def goals(self, prefix: str) -> dict[str, list[Any]]:
        """Titles of the objectives of a tool, with those of their key results."""
        found: dict[str, list[Any]] = {}
        cursor: dict[str, str] = {}
        while True:
            page = self.client.get("/api/v1/objectives", params={**cursor, "limit": "200"}).raise_for_status().json()
            for one in page["items"]:
                if (one["external_id"] or "").startswith(prefix):
                    found[one["external_id"]] = [one["title"], *(below["title"] for below in one["key_results"])]
            if not page["next"]:
                return found
            cursor = {"cursor": page["next"]}


@pytest.fixture(scope="session")
def token(stack: Stack) -> str:
    data_root()
    return stack.admin()


@pytest.fixture
def desk(stack: Stack, token: str, tmp_path: Path) -> Iterator[Desk]:
    with stack.client(token) as client:
        yield Desk(stack, token, client, tmp_path)


def test_viva_goals_come_in_with_every_doubt_answered_and_go_out_and_back_again(desk: Desk) -> None:
    file = data_root() / VIVA
    before = rows(file.read_bytes())
    owners = {row["Owner"] for row in before}
    desk.people("CEO", "VPE", "CMO")
    questions = desk.asked(file)
    asked = {one["id"].removeprefix("owner:") for one in questions if one["kind"] == "ask"}
    assert asked == owners - {"CEO", "VPE", "CMO", ""}
    answers = desk.answered([{**one, "answer": SOMEBODY if one["kind"] == "ask" else ""} for one in questions])
    judged = desk.run("import", "okrs", file, "--answers", answers, "--dry-run")
    assert judged.stdout.startswith("read as Viva Goals")
    assert desk.goals("viva:") == {}

    done = desk.run("import", "okrs", file, "--answers", answers)
    made = desk.goals("viva:")
    titles = [" ".join(row["Title"].split()) for row in before]
    assert {title for of in made.values() for title in of} <= set(titles)
    assert sum(len(of) for of in made.values()) == len(titles) == 163
    again = desk.run("import", "okrs", file, "--answers", answers)
    assert "objectives: 0 created, 0 changed" in again.stdout
    assert "key results: 0 created, 0 changed" in again.stdout
    assert "undo" not in again.stderr

    first = exported(desk, "viva-goals", "Q3 2018")
    assert differences(before, rows(first), "Id") == []
    desk.run(*undo(done))
    assert desk.goals("viva:") == {}
    desk.run("import", "okrs", file, "--answers", answers)
    assert desk.goals("viva:") == made
    assert exported(desk, "viva-goals", "Q3 2018") == first


def test_a_workbook_of_quantive_goes_the_same_way_and_its_formula_is_asked_about(desk: Desk) -> None:
    file = desk.folder / "quantive.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for sheet in ("Users", "OKRs", "Tasks"):
            archive.write(data_root() / QUANTIVE / f"{sheet}.csv", f"{sheet}.csv")
    desk.people("Behn Jones", "Amy Wrent", "Jake Nordon")
    questions = desk.asked(file)
    [asked] = [one for one in questions if one["kind"] == "ask"]
    assert f"“{FORMULA}”" in asked["question"]
    answers = desk.answered([{**one, "answer": "21" if one is asked else ""} for one in questions])
    done = desk.run("import", "okrs", file, "--answers", answers)
    made = desk.goals("quantive:")
    assert len(made) == 3 + 6
    okrs = rows((data_root() / QUANTIVE / "OKRs.csv").read_bytes())
    assert {row["keyResultName"] for row in okrs} <= {title for of in made.values() for title in of[1:]}
    first = exported(desk, "quantive", "Q4 2021")
    assert sheet_of(first, "OKRs") == plain(okrs)
    desk.run(*undo(done))
    assert desk.goals("quantive:") == {}
    desk.run("import", "okrs", file, "--answers", answers)
    assert desk.goals("quantive:") == made


def exported(desk: Desk, layout: str, cycle: str) -> bytes:
    out = desk.folder / f"out-{layout}"
    desk.run("export", "okrs", out, "--as", layout, "--cycle", cycle)
    return out.read_bytes()


def undo(done: CompletedProcess[str]) -> list[str]:
    """The command an import ends with, to take it back."""
    return done.stderr.strip().splitlines()[-1].rpartition("cairn ")[2].split()


def sheet_of(data: bytes, name: str) -> list[Row]:
    from chassis.files import read_book

    book = read_book(data)
    [place] = [place for place, sheet in enumerate(book.sheets) if sheet.name.removesuffix(".csv") == name]
    return plain(rows(book, place))


def plain(found: list[Row]) -> list[Row]:
    """Numbers by value."""
    return [{key: cell.removesuffix(".0") for key, cell in row.items()} for row in found]
