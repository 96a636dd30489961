"""Real organisations through the public commands, embedded and distributed: people, goals, and every check-in having
moved every objective above it. What must come out is computed here from the files, not by Cairn's own rules."""

import csv
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import real_data
from tests.support.stack import Stack, items

pytestmark = pytest.mark.slow
CLOSE = 2e-6
"""Ratios are kept to six places, so a mean of some may be off by one in the last."""


@pytest.fixture(scope="session")
def token(stack: Stack) -> str:
    real_data.data_root()
    return stack.admin()


@pytest.fixture
def client(stack: Stack, token: str) -> Iterator[httpx.Client]:
    with stack.client(token) as opened:
        yield opened


def test_sourcegraph_is_266_people_under_one_root_five_deep(
    stack: Stack, token: str, client: httpx.Client, tmp_path: Path
) -> None:
    file = real_data.sourcegraph_people(tmp_path)
    stack.cairn("import", "people", str(file), CAIRN_TOKEN=token)
    again = stack.cairn("import", "people", str(file), CAIRN_TOKEN=token).stdout
    assert "266 unchanged" in again
    with file.open() as opened:
        wanted = {row["external_id"]: row["manager_external_id"] or None for row in csv.DictReader(opened)}
    found = [person for person in items(client, "persons") if person["external_id"] in wanted]
    names = {person["id"]: person["external_id"] for person in found}
    managers = {person["external_id"]: names.get(person["manager_id"]) for person in found}
    assert managers == wanted
    assert len(wanted) == 266
    assert [person for person, manager in managers.items() if manager is None] == ["SG0001"]
    assert max(depth(managers, person) for person in managers) == 5


def depth(managers: dict[str, str | None], person: str) -> int:
    """How many people stand above somebody, counting themselves: the root is 0 below nobody."""
    steps = 0
    while (above := managers[person]) is not None:
        person, steps = above, steps + 1
    return steps


def naive_progress(objectives: list[dict[str, Any]]) -> dict[str, float | None]:
    """Every objective's progress, worked out from key results upwards by plain recursion over the answers' own data."""
    by_id = {one["id"]: one for one in objectives}
    below: dict[str, list[tuple[str, float]]] = {}
    for one in objectives:
        for parent in one["parents"]:
            if parent["kind"] == "contributes" and one["state"] in ("active", "closed"):
                below.setdefault(parent["parent_id"], []).append((one["id"], float(parent["weight"])))

    def progress(objective: str) -> float | None:
        parts = [(float(kr["weight"]), kr["progress"]) for kr in by_id[objective]["key_results"]]
        parts += [(weight, progress(child)) for child, weight in below.get(objective, []) if child in by_id]
        counted = [(weight, min(1.0, max(0.0, value))) for weight, value in parts if value is not None and weight]
        total = sum(weight for weight, _ in counted)
        return sum(weight * value for weight, value in counted) / total if total else None

    return {one["id"]: progress(one["id"]) for one in objectives}


def assert_every_ancestor_right(objectives: list[dict[str, Any]]) -> None:
    wanted = naive_progress(objectives)
    wrong = {
        one["external_id"]: (one["progress"], wanted[one["id"]])
        for one in objectives
        if (one["progress"] is None) != (wanted[one["id"]] is None)
        or (one["progress"] is not None and abs(one["progress"] - (wanted[one["id"]] or 0.0)) > CLOSE * 10)
    }
    assert wrong == {}


def test_rust_goals_move_every_ancestor_every_month(
    stack: Stack, token: str, client: httpx.Client, tmp_path: Path
) -> None:
    teams = real_data.rust_teams(tmp_path)
    people = ["import", "people", str(real_data.rust_people(tmp_path)), "--teams", str(teams)]
    stack.cairn(*people, CAIRN_TOKEN=token)
    stack.cairn("import", "people", str(real_data.rust_outsiders(tmp_path)), CAIRN_TOKEN=token)
    stack.cairn("import", "okrs", str(real_data.rust_okrs(tmp_path)), CAIRN_TOKEN=token)
    with real_data.rust_check_ins(tmp_path).open() as opened:
        reader = csv.DictReader(opened)
        rows, columns = list(reader), list(reader.fieldnames or [])
    series: dict[str, dict[str, Decimal]] = {}
    months = sorted({row["as_of"][:7] for row in rows})
    for month in months:
        reports = [row for row in rows if row["as_of"].startswith(month)]
        file = real_data.written(tmp_path / f"{month}.csv", columns, reports)
        stack.cairn("import", "check-ins", str(file), CAIRN_TOKEN=token)
        stack.settle(120)
        objectives = [one for one in items(client, "objectives") if (one["external_id"] or "").startswith("RG-")]
        for row in sorted(reports, key=lambda row: (row["as_of"], row["submitted_at"])):
            series.setdefault(row["key_result"], {})[row["as_of"]] = Decimal(row["value"])
        now = {kr["external_id"]: kr for one in objectives for kr in one["key_results"]}
        for key_result, points in series.items():
            assert Decimal(now[key_result]["value"]) == points[max(points)], (month, key_result)
        assert_every_ancestor_right(objectives)
    assert {name: dict(points) for name, points in series.items()} == real_data.rust_series()
    falls = 0
    for key_result, points in real_data.rust_series().items():
        told = client.get(f"/api/v1/key-results/{now[key_result]['id']}/series").raise_for_status().json()["points"]
        assert {point["as_of"]: Decimal(point["value"]) for point in told} == points
        ratios = [point["progress_raw"] for point in told]
        falls += sum(later < earlier for earlier, later in pairwise(ratios))
    assert falls > 0


def renamed(file: Path, mark: str) -> Path:
    """The same file as a second organisation's: other external ids for objectives, key results and check-ins."""
    copy = file.with_name(f"{mark}-{file.name}")
    copy.write_text(re.sub(r"PZ-([OKC])(\d)", rf"{mark}-\1\2", file.read_text()))
    return copy


def state(client: httpx.Client, mark: str) -> dict[str, tuple[Any, ...]]:
    """Where every objective and key result of one mark stands."""
    found: dict[str, tuple[Any, ...]] = {}
    for one in items(client, "objectives"):
        if (one["external_id"] or "").startswith(f"{mark}-"):
            found[one["external_id"].removeprefix(mark)] = (one["state"], one["progress"], one["status"], one["grade"])
            for kr in one["key_results"]:
                fields = ("value", "progress_raw", "progress", "confidence", "status", "as_of", "milestones_done")
                found[kr["external_id"].removeprefix(mark)] = tuple(str(kr[field]) for field in fields)
    return found


def test_puzzle_check_ins_in_any_order_and_doubled_end_in_the_same_state(
    stack: Stack, token: str, client: httpx.Client, tmp_path: Path
) -> None:
    teams = real_data.puzzle_teams(tmp_path)
    stack.cairn("import", "people", str(real_data.puzzle_people(tmp_path)), "--teams", str(teams), CAIRN_TOKEN=token)
    okrs = real_data.puzzle_okrs(tmp_path)
    orders = {
        "IN": real_data.puzzle_check_ins(tmp_path),
        "OUT": real_data.puzzle_check_ins(tmp_path, shuffle=8, repeats=100),
    }
    for mark, check_ins in orders.items():
        stack.cairn("import", "okrs", str(renamed(okrs, mark)), CAIRN_TOKEN=token)
        stack.cairn("import", "check-ins", str(renamed(check_ins, mark)), CAIRN_TOKEN=token)
    stack.settle(180)
    for mark in orders:
        stack.cairn("import", "okrs", str(renamed(okrs, mark)), "--close", CAIRN_TOKEN=token)
    stack.settle(120)
    in_order, out_of_order = state(client, "IN"), state(client, "OUT")
    assert in_order == out_of_order
    assert sum(1 for name in in_order if name.startswith("-K")) == 220
    taken = [one for one in items(client, "check-ins") if (one["external_id"] or "").startswith("OUT-C")]
    assert len(taken) == 860
    for key_result, row in real_data.puzzle_latest().items():
        if row["value"]:
            assert Decimal(in_order[key_result.removeprefix("PZ")][0]) == Decimal(row["value"])
    raws = [float(values[1]) for name, values in in_order.items() if name.startswith("-K") and values[1] != "None"]
    assert min(raws) < 0
    assert max(raws) > 1
