"""Real organisations as files in the native layouts. The sources are read where they lie; without them tests skip.

Every function writes into `folder` and answers the path. What a source leaves open is decided here, once, and said
at the function that decides it. `rust_series` and `puzzle_latest` tell what must come out, straight from the sources.
"""

import csv
import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cairn.exchange.layouts.joining import escaped, joined

Row = dict[str, str]
PEOPLE = ("external_id", "email", "display_name", "title", "manager_external_id", "teams")
TEAMS = ("external_id", "name", "parent_external_id", "lead_external_id", "description", "archived")
OKRS = (
    "item", "external_id", "name", "starts_on", "ends_on", "cycle", "objective", "title", "description", "owner",
    "co_owners", "kind", "state", "parents", "metric", "start", "target", "lower", "upper", "milestones", "weight",
)  # fmt: skip
CHECK_INS = (
    "external_id", "key_result", "as_of", "submitted_at", "value", "milestones_done", "confidence", "note", "author"
)  # fmt: skip
ZONES = ("COMMIT", "TARGET", "STRETCH")


def data_root() -> Path:
    """The folder of the real data; skips the test where it is not there."""
    found = os.environ.get("CAIRN_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data"
    if not Path(found).is_dir():
        pytest.skip(f"the real data is not at {found}; set CAIRN_SHARED_DATA to its folder")
    return Path(found)


def rows_of(name: str) -> list[Row]:
    """The rows of one source, by its path below the root."""
    with (data_root() / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _written(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def sourcegraph_people(folder: Path) -> Path:
    """266 people. Who has a second post is one person with the first post's title and manager; the other title is noted after it."""
    posts: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of("sourcegraph_org/people_2022-05.csv"):
        posts[row["person_id"]].append(row)
    rows = [
        {
            "external_id": person,
            "email": held[0]["email"],
            "display_name": held[0]["display_name"],
            "title": "; also ".join(post["title"] for post in held),
            "manager_external_id": held[0]["manager_id"],
        }
        for person, held in posts.items()
    ]
    return _written(folder / "sourcegraph_people.csv", PEOPLE[:-1], rows)


def _rust_address(handle: str) -> str:
    return f"{handle.lower()}@rust.example.com"


def rust_people(folder: Path) -> Path:
    """666 people with the teams they are in now (alumni are not); those without an address get handle@rust.example.com."""
    teams: dict[str, list[str]] = defaultdict(list)
    for row in rows_of("rust_team/memberships.csv"):
        if row["relation"] != "alumni" and row["team"] not in teams[row["handle"]]:
            teams[row["handle"]].append(row["team"])
    rows = [
        {
            "external_id": row["handle"],
            "email": row["email"] or _rust_address(row["handle"]),
            "display_name": row["display_name"],
            "teams": "|".join(teams[row["handle"]]),
        }
        for row in rows_of("rust_team/people.csv")
    ]
    return _written(folder / "rust_people.csv", ("external_id", "email", "display_name", "teams"), rows)


def rust_outsiders(folder: Path) -> Path:
    """The few who own a goal and whom the register of people does not know; import them after `rust_people`."""
    known = {row["handle"] for row in rows_of("rust_team/people.csv")}
    owners = dict.fromkeys(row["owner_handle"] for row in rows_of("rust_goals/goals.csv"))
    rows = [
        {"external_id": handle, "email": _rust_address(handle), "display_name": handle}
        for handle in owners
        if handle not in known
    ]
    return _written(folder / "rust_outsiders.csv", PEOPLE[:3], rows)


def rust_teams(folder: Path) -> Path:
    """217 teams; the first of several leads is the lead, all are members. Named by their short names, which are unique."""
    leads: dict[str, str] = {}
    for row in rows_of("rust_team/memberships.csv"):
        if row["relation"] == "lead":
            leads.setdefault(row["team"], row["handle"])
    rows = [
        {
            "external_id": row["team"],
            "name": row["team"],
            "parent_external_id": row["parent"],
            "lead_external_id": leads.get(row["team"], ""),
            "description": row["description"] or row["title"],
            "archived": "true" if row["archived"] else "false",
        }
        for row in rows_of("rust_team/teams.csv")
    ]
    return _written(folder / "rust_teams.csv", TEAMS, rows)


class Update(NamedTuple):
    """A monthly report with figures, and the goal it is about."""

    goal_id: str
    external_id: str
    as_of: str
    second: int
    percent: Decimal
    note: str
    author: str


def _rust_goals() -> list[Row]:
    """The goals; reports of a tracking issue without any goal get one, owned by whoever owns most."""
    goals = rows_of("rust_goals/goals.csv")
    issues = {row["tracking_issue"] for row in goals}
    for row in rows_of("rust_goals/monthly_updates.csv"):
        issue = row["tracking_issue"]
        if issue not in issues:
            issues.add(issue)
            template = next(goal for goal in goals if goal["owner_handle"] == "nikomatsakis")
            blank = dict.fromkeys(template, "")
            own = {"goal_id": f"RG-issue-{issue}", "title": row["title"], "tracking_issue": issue, "kind": "goal"}
            same = {name: template[name] for name in ("cycle", "cycle_start", "cycle_end", "owner_handle")}
            goals.append({**blank, **same, **own, "status": "Accepted"})
    return goals


def rust_updates() -> list[Update]:
    """Every monthly report with figures, in the file's order; 19 of 286 have none and say nothing measurable.

    A goal that goes on keeps its tracking issue, so a report belongs to the goal of that issue whose cycle is the
    latest to have begun by then. The number of tasks moves with time. A re-based target would be applied to the whole
    history, and earlier months would read differently from what was reported; so the share done is what is measured,
    in percent with six decimals, and the two counts stand in the note.
    """
    goals: dict[str, list[Row]] = defaultdict(list)
    for goal in sorted(_rust_goals(), key=lambda goal: goal["cycle_start"]):
        if goal["tracking_issue"]:
            goals[goal["tracking_issue"]].append(goal)
    counted: dict[tuple[str, str], int] = defaultdict(int)
    found = []
    for row in rows_of("rust_goals/monthly_updates.csv"):
        if not (row["value"] and row["max"]):
            continue
        issue, day = row["tracking_issue"], row["posted"]
        goal = ([goal for goal in goals[issue] if goal["cycle_start"] <= day] or goals[issue][:1])[-1]
        counted[issue, day] += 1
        number = counted[issue, day]
        percent = (100 * Decimal(row["value"]) / Decimal(row["max"])).quantize(Decimal("1e-6"))
        note = f"{row['value']} of {row['max']} tasks. {row['note']}".strip()
        name = f"RGU-{issue}-{day}-{number}"
        found.append(Update(goal["goal_id"], name, day, number, percent, note, goal["owner_handle"]))
    return found


def rust_series() -> dict[str, dict[str, Decimal]]:
    """By key result: what each day's last report says, in percent."""
    series: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for update in sorted(rust_updates(), key=lambda update: (update.as_of, update.second)):
        series[f"{update.goal_id}-done"][update.as_of] = update.percent
    return dict(series)


def rust_okrs(folder: Path, form: str = "csv") -> Path:
    """156 goals and one made for an issue without goal, in three cycles, below an objective for each cycle and its flagships.

    What is reported monthly is the key result `GOAL-done`; the tasks are the milestones of `GOAL-tasks`, which counts
    only where nothing is reported. Goals not accepted are drafts unless something was reported. The tree above: a
    roadmap where `parent_theme` names one, else the flagships of the cycle, else the cycle.
    """
    goals = _rust_goals()
    reported = {update.goal_id for update in rust_updates()}
    tasks: dict[str, list[Row]] = defaultdict(list)
    for task in rows_of("rust_goals/tasks.csv"):
        tasks[task["goal_id"]].append(task)
    roadmaps = {goal["title"]: goal["goal_id"] for goal in goals if goal["kind"] == "roadmap"}
    periods = {goal["cycle"]: goal for goal in goals}
    known = {row["handle"] for row in rows_of("rust_team/people.csv")}
    rows: list[dict[str, Any]] = []
    for cycle, goal in periods.items():
        rows.append(
            {
                "item": "cycle",
                "external_id": f"RG-{cycle}",
                "name": cycle,
                "starts_on": goal["cycle_start"],
                "ends_on": goal["cycle_end"],
            }
        )
        above = {"item": "objective", "cycle": cycle, "owner": "team:leadership-council", "state": "active"}
        top = f"RG-{cycle}"
        rows.append({**above, "external_id": top, "title": f"Rust project goals {cycle}"})
        rows.append({**above, "external_id": f"{top}-flagships", "title": f"Flagship goals {cycle}", "parents": top})
    for goal in goals:
        rows += _rust_goal(goal, reported, roadmaps, known)
        rows += _rust_key_results(goal, tasks[goal["goal_id"]], goal["goal_id"] in reported)
    return _okrs(folder, "rust_okrs", form, rows)


def _rust_goal(goal: Row, reported: set[str], roadmaps: Mapping[str, str], known: set[str]) -> list[dict[str, Any]]:
    top = f"RG-{goal['cycle']}"
    lower = roadmaps.get(goal["parent_theme"]) if goal["cycle"] == "2026" else None
    parent = lower or (f"{top}-flagships" if goal["flagship"] or goal["kind"] == "roadmap" else top)
    champions = dict.fromkeys(re.findall(r"@([A-Za-z0-9-]+)", goal["champions"]))
    accepted = goal["status"] in ("Accepted", "") or goal["goal_id"] in reported
    return [
        {
            "item": "objective",
            "external_id": goal["goal_id"],
            "cycle": goal["cycle"],
            "title": goal["title"],
            "description": goal["summary"],
            "owner": goal["owner_handle"],
            "co_owners": [name for name in champions if name in known and name != goal["owner_handle"]],
            "kind": "committed" if goal["flagship"] else "aspirational",
            "state": "active" if accepted else "draft",
            "parents": parent,
        }
    ]


def _rust_key_results(goal: Row, tasks: Sequence[Row], reported: bool) -> list[dict[str, Any]]:
    own = {"item": "key_result", "objective": goal["goal_id"]}
    rows: list[dict[str, Any]] = []
    if reported:
        share = {"metric": "increase", "unit": "percent", "start": "0", "target": "100", "weight": "1"}
        rows.append({**own, **share, "external_id": f"{goal['goal_id']}-done", "title": "Share of the tasks done"})
    if tasks:
        stages = [{"id": task["task_id"], "title": task["task"]} for task in tasks]
        some = {"metric": "milestones", "milestones": stages, "weight": "0" if reported else "1"}
        rows.append({**own, **some, "external_id": f"{goal['goal_id']}-tasks", "title": "Tasks"})
    return rows


def rust_check_ins(folder: Path) -> Path:
    """267 dated check-ins: every monthly report with figures."""
    rows = [
        {
            "external_id": update.external_id,
            "key_result": f"{update.goal_id}-done",
            "as_of": update.as_of,
            "submitted_at": f"{update.as_of}T12:00:{update.second:02}Z",
            "value": format(update.percent, "f"),
            "note": update.note,
            "author": update.author,
        }
        for update in rust_updates()
    ]
    return _written(folder / "rust_check_ins.csv", CHECK_INS, rows)


PUZZLE = "okr_tool_exports/puzzle_okr_numeric"


def puzzle_people(folder: Path) -> Path:
    """The two who check in; the source names nobody."""
    rows = [
        {"external_id": one, "email": f"{one.lower()}@puzzle.example.com", "display_name": f"Person {one}"}
        for one in sorted({row["author"] for row in rows_of(f"{PUZZLE}/check_ins.csv")})
    ]
    return _written(folder / "puzzle_people.csv", PEOPLE[:3], rows)


def puzzle_teams(folder: Path) -> Path:
    """Nine teams without a tree."""
    names = sorted({row["team"] for row in rows_of(f"{PUZZLE}/objectives.csv")})
    rows = [{"external_id": name, "name": f"Team {name}"} for name in names]
    return _written(folder / "puzzle_teams.csv", TEAMS[:2], rows)


def puzzle_okrs(folder: Path, form: str = "csv") -> Path:
    """77 objectives and 220 key results.

    Numeric ones go from baseline (none: 0) to stretch goal, upward or downward; the one where both are equal is held
    between its target and one more. Zones are milestones reached one after the other: COMMIT 0.3, TARGET 0.4 more,
    STRETCH 0.3 more. The unit's numbers are not explained, so all are plain numbers. The backlog has no dates and
    spans all other cycles. Succeeded or not, what is over is closed (by `cairn import okrs --close`, after the check-ins).
    """
    objectives = rows_of(f"{PUZZLE}/objectives.csv")
    rows: list[dict[str, Any]] = []
    first = min(row["cycle_start"] for row in objectives if row["cycle_start"])
    last = max(row["cycle_end"] for row in objectives)
    for cycle, row in {row["cycle"]: row for row in objectives}.items():
        period = {"starts_on": row["cycle_start"] or first, "ends_on": row["cycle_end"] or last}
        rows.append({"item": "cycle", "external_id": f"PZ-{cycle}", "name": cycle, **period})
    states = {"DRAFT": "draft", "ONGOING": "active", "SUCCESSFUL": "closed", "NOTSUCCESSFUL": "closed"}
    rows += [
        {
            "item": "objective",
            "external_id": row["objective_id"],
            "cycle": row["cycle"],
            "title": f"Objective {row['objective_id']}",
            "owner": f"team:{row['team']}",
            "state": states[row["state"]],
        }
        for row in objectives
    ]
    rows += [_puzzle_key_result(row) for row in rows_of(f"{PUZZLE}/key_results.csv")]
    return _okrs(folder, "puzzle_okrs", form, rows)


def _puzzle_key_result(row: Row) -> dict[str, Any]:
    key = row["key_result_id"]
    own = {"item": "key_result", "external_id": key, "objective": row["objective_id"], "owner": row["owner"]}
    own["title"] = f"Key result {key}"
    if row["type"] == "ordinal":
        weights = ("0.3", "0.4", "0.3")
        stages = [{"id": zone, "title": zone.title(), "weight": w} for zone, w in zip(ZONES, weights, strict=True)]
        return {**own, "metric": "milestones", "milestones": stages}
    start, target = Decimal(row["baseline"] or 0), Decimal(row["stretch_goal"])
    if start == target:
        return {**own, "metric": "between", "lower": str(target), "upper": str(target + 1)}
    metric = "increase" if target > start else "decrease"
    return {**own, "metric": metric, "start": str(start), "target": str(target)}


def _puzzle_check_in(row: Row) -> Row:
    zone = row["zone"]
    done = ZONES[: ZONES.index(zone) + 1] if zone in ZONES else ()
    return {
        "external_id": row["check_in_id"],
        "key_result": row["key_result_id"],
        "as_of": row["created_at"][:10],
        "submitted_at": row["created_at"].replace(" ", "T") + "Z",
        "value": row["value"],
        "milestones_done": "|".join(done),
        "confidence": str(Decimal(row["confidence_0_10"]) / 10),
        "author": row["author"],
    }


def puzzle_check_ins(folder: Path, *, shuffle: int | None = None, repeats: int = 0) -> Path:
    """860 check-ins in the order they were made, or shuffled by a seed, with some of them repeated.

    The day is that of `created_at`, read as UTC; confidence of 0 to 10 becomes 0 to 1. FAIL has reached no zone.
    """
    rows = sorted(rows_of(f"{PUZZLE}/check_ins.csv"), key=lambda row: row["created_at"])
    made = [_puzzle_check_in(row) for row in rows]
    if shuffle is not None:
        chance = random.Random(shuffle)
        made += chance.sample(made, repeats)
        chance.shuffle(made)
    return _written(folder / f"puzzle_check_ins_{shuffle}.csv", CHECK_INS, made)


def puzzle_latest() -> dict[str, Row]:
    """By key result: its last check-in, as a row of the native layout."""
    rows = sorted(rows_of(f"{PUZZLE}/check_ins.csv"), key=lambda row: row["created_at"])
    return {row["key_result_id"]: _puzzle_check_in(row) for row in rows}


def _okrs(folder: Path, name: str, form: str, rows: Sequence[Mapping[str, Any]]) -> Path:
    if form == "csv":
        return _written(folder / f"{name}.csv", (*OKRS, "unit"), [_flat(row) for row in rows])
    lists: dict[str, list[dict[str, Any]]] = {"cycles": [], "objectives": [], "key_results": []}
    for row in rows:
        parents = {"parents": [{"id": row["parents"]}]} if "parents" in row else {}
        plain = {column: value for column, value in row.items() if column != "item" and value != ""}
        lists[f"{row['item']}s"].append({**plain, **parents})
    path = folder / f"{name}.json"
    path.write_text(json.dumps(lists, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def _flat(row: Mapping[str, Any]) -> dict[str, str]:
    """A row of the CSV layout: lists joined into cells."""
    cells = dict(row)
    if "milestones" in row:
        cells["milestones"] = ";".join(_stage(stage) for stage in row["milestones"])
    if "co_owners" in row:
        cells["co_owners"] = joined(row["co_owners"])
    if "parents" in row:
        cells["parents"] = escaped(row["parents"])
    return cells


def _stage(stage: Mapping[str, str]) -> str:
    weight = f"@{stage['weight']}" if "weight" in stage else ""
    return f"{escaped(stage['id'])}:{escaped(stage['title'])}{weight}"
