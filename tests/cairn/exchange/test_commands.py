"""`cairn import` and `cairn export` against a running Cairn: twice changes nothing, and what is exported comes back."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.support.stack import Stack, embedded, free_port

PEOPLE = """external_id,email,display_name,manager_external_id,teams
P1,ana@example.org,Ana,,T1
P2,ben@example.org,Ben,P1,T1
"""
TEAMS = "external_id,name,lead_external_id\nT1,Team One,P1\n"
COLUMNS = (
    "item", "external_id", "name", "starts_on", "ends_on", "cycle", "objective", "title", "owner", "co_owners", "kind",
    "state", "parents", "metric", "unit", "currency", "start", "target", "lower", "upper", "milestones", "weight",
    "attribute:Team", "attribute:Last note",
)  # fmt: skip


def rows(*items: dict[str, str]) -> str:
    """Items as a CSV file of goals."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(items)
    return text.getvalue()


def objective(name: str, **cells: str) -> dict[str, str]:
    return {"item": "objective", "external_id": name, "cycle": "Q1", "title": f"Title {name}", "owner": "P1", **cells}


def key_result(name: str, above: str, metric: str, **cells: str) -> dict[str, str]:
    own = {"item": "key_result", "external_id": name, "objective": above, "title": f"Title {name}"}
    return {**own, "metric": metric, **cells}


def cycle(name: str, **cells: str) -> dict[str, str]:
    own = {"item": "cycle", "external_id": f"C-{name}", "name": name}
    return {**own, "starts_on": "2026-01-01", "ends_on": "2026-03-31", **cells}


EARN = {"unit": "currency", "currency": "EUR", "start": "-5", "target": "100.25", "weight": "3", "owner": "P1"}
KEPT = {"attribute:Team": "Crew; Quay", "attribute:Last note": "'=SUM(A1)\nand more"}
GOALS = rows(
    objective("low", owner="ben@example.org", parents="key_result:k1@2|supports:top"),
    objective("top", title="'=Top, “title”", owner="team:T1", co_owners="P1|P2", kind="committed", **KEPT),
    cycle("Q1"),
    key_result("k1", "top", "increase", **EARN, **KEPT),
    key_result("k2", "low", "milestones", milestones=r"a:Begin;b:End \; at last@2"),
    key_result("k3", "low", "between", unit="percent", lower="1", upper="5", weight="0"),
    objective("over", owner="P2", parents="top", state="closed"),
    key_result("k4", "over", "binary"),
)
CHECK_INS = """external_id,key_result,as_of,submitted_at,value,milestones_done,confidence,note,author
x1,k1,2026-02-01,2026-02-01T10:00:00Z,-20,,0.5,below the start,P1
x2,k2,2026-02-02,,,a,,"on
two lines",ben@example.org
x3,k4,2026-03-01,,1,,,,P2
x1,k1,2026-02-01,2026-02-01T10:00:00Z,-20,,0.5,below the start,P1
"""


class World:
    """A running Cairn with a token, and a folder of files."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack, self.folder = stack, folder
        self.token = stack.admin()

    def file(self, name: str, content: str) -> str:
        path = self.folder / name
        path.write_text(content, encoding="utf-8", newline="")
        return str(path)

    def run(self, *arguments: str, **environment: str) -> CompletedProcess[str]:
        return self.stack.cairn(*arguments, check=False, **{"CAIRN_TOKEN": self.token, **environment})

    def get(self, path: str) -> Any:
        with self.stack.client(self.token) as client:
            return client.get(f"/api/v1/{path}").raise_for_status().json()

    def objectives(self) -> dict[str, Any]:
        return {one["external_id"]: one for one in self.get("objectives")["items"]}

    def filled(self) -> "World":
        """With everything above, nothing closed yet."""
        teams = self.file("teams.csv", TEAMS)
        for command in (
            ("people", self.file("people.csv", PEOPLE), "--teams", teams),
            ("okrs", self.file("goals.csv", GOALS)),
            ("check-ins", self.file("check_ins.csv", CHECK_INS)),
        ):
            ran = self.run("import", *command)
            assert ran.returncode == 0, ran.stderr
        return self


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with embedded(tmp_path_factory.mktemp("cairn")) as stack:
        yield World(stack, tmp_path_factory.mktemp("files")).filled()


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Another Cairn with the people and nothing else."""
    with embedded(tmp_path_factory.mktemp("other")) as stack:
        found = World(stack, tmp_path_factory.mktemp("other files"))
        teams = found.file("teams.csv", TEAMS)
        assert found.run("import", "people", found.file("people.csv", PEOPLE), "--teams", teams).returncode == 0
        yield found


def test_everything_of_the_files_is_there(world: World) -> None:
    found = world.objectives()
    assert found["top"]["title"] == "=Top, “title”"
    assert [one["value"] for one in found["top"]["key_results"]] == ["-20"]
    assert [one["milestones_done"] for one in found["low"]["key_results"]] == [["a"], []]
    assert {(link["parent_kind"], link["kind"], link["weight"]) for link in found["low"]["parents"]} == {
        ("key_result", "contributes", "2"),
        ("objective", "supports", "1"),
    }


def test_attributes_are_kept_and_an_emptied_cell_takes_one_away(world: World) -> None:
    kept = {"Team": "Crew; Quay", "Last note": "=SUM(A1)\nand more"}
    top = world.objectives()["top"]
    assert [top["attributes"], top["key_results"][0]["attributes"]] == [kept, kept]
    emptied = "item,external_id,attribute:Team,attribute:New\nobjective,top,,so\n"
    assert "attributes New, Team" in world.run("import", "okrs", world.file("a.csv", emptied), "--dry-run").stdout
    assert world.run("import", "okrs", world.file("a.csv", emptied)).returncode == 0
    assert world.objectives()["top"]["attributes"] == {"Last note": "=SUM(A1)\nand more", "New": "so"}
    restored = "item,external_id,attribute:Team,attribute:New\nobjective,top,Crew; Quay,\n"
    assert world.run("import", "okrs", world.file("a.csv", restored)).returncode == 0
    assert world.objectives()["top"]["attributes"] == kept


def test_a_check_in_has_moved_its_objective_by_the_time_the_command_ends(world: World) -> None:
    assert world.objectives()["low"]["progress"] == pytest.approx(1 / 3, abs=1e-6)


def test_a_team_has_the_lead_who_came_after_it(world: World) -> None:
    people = {one["id"]: one["external_id"] for one in world.get("persons")["items"]}
    assert [people[team["lead_id"]] for team in world.get("teams")["items"]] == ["P1"]


def test_importing_again_changes_nothing(world: World) -> None:
    before = {one["id"]: one["version"] for one in world.objectives().values()}
    ran = [world.run("import", *what) for what in _imports(world)]
    assert [one.returncode for one in ran] == [0, 0, 0]
    assert "people: 2 rows: 0 created, 0 changed, 2 unchanged" in ran[0].stdout
    assert "objectives: 0 created, 0 changed, 3 unchanged" in ran[1].stdout
    assert "key results: 0 created, 0 changed, 4 unchanged" in ran[1].stdout
    assert "check-ins: 0 created, 0 changed, 3 unchanged (1 rows repeat another one)" in ran[2].stdout
    world.stack.settle()
    assert {one["id"]: one["version"] for one in world.objectives().values()} == before


def _imports(world: World) -> list[tuple[str, str]]:
    names = {"people": "people.csv", "okrs": "goals.csv", "check-ins": "check_ins.csv"}
    return [(what, str(world.folder / name)) for what, name in names.items()]


def test_a_dry_run_tells_what_would_change_and_changes_nothing(world: World) -> None:
    changed = GOALS.replace("100.25", "200")
    ran = world.run("import", "okrs", world.file("changed.csv", changed), "--dry-run")
    assert ran.returncode == 0
    assert "changed key result k1 “Title k1”: target 100.25 → 200" in ran.stdout
    assert "would be key results: 0 created, 1 changed, 3 unchanged" in ran.stdout
    assert world.objectives()["top"]["key_results"][0]["target"] == "100.25"


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_is_exported_comes_back_without_change(world: World, form: str) -> None:
    file = world.folder / f"export.{form}"
    assert world.run("export", "okrs", str(file)).returncode == 0
    again = world.run("import", "okrs", str(file))
    assert "objectives: 0 created, 0 changed, 3 unchanged" in again.stdout
    assert world.run("export", "okrs", "--format", form).stdout.encode() == file.read_bytes().replace(b"\r\n", b"\n")


def test_an_export_makes_the_same_goals_elsewhere(world: World, other: World) -> None:
    file = world.folder / "elsewhere.json"
    assert world.run("export", "okrs", str(file)).returncode == 0
    made = other.run("import", "okrs", str(file))
    assert made.returncode == 0, made.stderr
    assert json.loads(other.run("export", "okrs", "--format", "json").stdout) == json.loads(file.read_text())


def test_an_export_of_one_cycle_holds_nothing_else(world: World) -> None:
    ran = world.run("export", "okrs", "--cycle", "Q1")
    assert {row["cycle"] for row in csv.DictReader(ran.stdout.splitlines()) if row["item"] == "objective"} == {"Q1"}
    assert world.run("export", "okrs", "--cycle", "Q9").returncode == 2


def test_closing_is_a_second_pass_and_happens_once(other: World) -> None:
    below = key_result("dk", "done", "binary")
    over = rows(cycle("Q2", state="closed"), objective("done", cycle="Q2", state="closed"), below)
    file = other.file("over.csv", over)
    opened = other.run("import", "okrs", file)
    assert "still open: 2 that the file calls closed" in opened.stdout
    said = "external_id,key_result,as_of,value,author\nd1,dk,2026-03-30,1,P1\n"
    assert other.run("import", "check-ins", other.file("over_check_ins.csv", said)).returncode == 0
    assert "closed: 1 objectives, 1 cycles" in other.run("import", "okrs", file, "--close").stdout
    assert other.objectives()["done"]["grade"] == 1
    assert "closed" not in other.run("import", "okrs", file, "--close").stdout


def test_an_objective_may_have_more_key_results_than_are_sent_at_once(other: World) -> None:
    many = [key_result(f"m{number}", "many", "binary") for number in range(60)]
    file = other.file("many.csv", rows(cycle("Q5"), objective("many", cycle="Q5"), *many))
    assert "key results: 60 created" in other.run("import", "okrs", file).stdout
    assert "key results: 0 created, 0 changed, 60 unchanged" in other.run("import", "okrs", file).stdout


REFUSED = {
    "people": ("people", "external_id,email,display_name\nP7,no address,Seven\n", "line 2, email"),
    "okrs": ("okrs", GOALS.replace("100.25", "-5"), "line 6, target"),
    "check-ins": ("check-ins", "external_id,key_result,as_of,value\nx9,nothing,2026-01-01,1\n", "line 2, key_result"),
    "a day to come": ("check-ins", "external_id,key_result,as_of,value\nx9,k1,2999-01-01,1\n", "line 2, as_of"),
    "a milestone": (
        "check-ins",
        "external_id,key_result,as_of,milestones_done\nx9,k2,2026-01-01,z\n",
        "line 2, milestones_done",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_file_changes_nothing_and_ends_with_3(world: World, name: str) -> None:
    what, content, place = REFUSED[name]
    ran = world.run("import", what, world.file("refused.csv", content))
    assert ran.returncode == 3
    assert place in ran.stderr
    assert "Nothing was imported" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_what_the_token_does_not_allow_is_refused_before_anything_is_written(world: World) -> None:
    scopes = [word for part in ("people", "goals", "checkins") for word in ("--scope", f"{part}:read")]
    reader = world.stack.cairn("token", "--service-account", "reader", "--role", "admin", *scopes).stdout.strip()
    file = world.file("more.csv", rows(cycle("Q3")))
    ran = world.run("import", "okrs", file, CAIRN_TOKEN=reader)
    assert ran.returncode == 3
    assert "Nothing was imported. At line 2, cycle C-Q3" in ran.stderr


def test_without_a_token_the_remedy_is_told(world: World) -> None:
    ran = world.run("export", "okrs", CAIRN_TOKEN="")
    assert ran.returncode == 2
    assert "cairn token" in ran.stderr


def test_a_wrong_token_is_a_wrong_call(world: World) -> None:
    ran = world.run("export", "okrs", CAIRN_TOKEN="nonsense")
    assert ran.returncode == 2
    assert "cairn token" in ran.stderr


def test_a_token_may_come_from_a_file(world: World) -> None:
    kept = world.file("token", world.token + "\n")
    assert world.run("export", "okrs", CAIRN_TOKEN="", CAIRN_TOKEN_FILE=kept).returncode == 0


def test_a_cairn_that_is_away_ends_with_4(world: World) -> None:
    ran = world.run("export", "okrs", "--url", f"http://127.0.0.1:{free_port()}")
    assert ran.returncode == 4
    assert "Is Cairn running there" in ran.stderr
