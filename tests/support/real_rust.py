"""The Rust project: people, teams, goals, and what was reported of them monthly."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.real_files import CHECK_INS, PEOPLE, TEAMS, Row, okrs_file, rows_of, written


def _rust_address(handle: str) -> str:
    return f"{handle.lower()}@rust.example.com"


def _handles() -> dict[str, str]:
    """The handles of the register by their lower case: the goals do not always keep to it."""
    return {row["handle"].lower(): row["handle"] for row in rows_of("rust_team/people.csv")}


def rust_people(folder: Path) -> Path:
    """666 people in their teams of now, alumni in none; without an address they get handle@rust.example.com."""
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
    return written(folder / "rust_people.csv", ("external_id", "email", "display_name", "teams"), rows)


def rust_outsiders(folder: Path) -> Path:
    """The few who own a goal and whom the register of people does not know; import them after `rust_people`."""
    known = _handles().values()
    owners = dict.fromkeys(row["owner_handle"] for row in _rust_goals())
    rows = [
        {"external_id": handle, "email": _rust_address(handle), "display_name": handle}
        for handle in owners
        if handle not in known
    ]
    return written(folder / "rust_outsiders.csv", PEOPLE[:3], rows)


def rust_teams(folder: Path) -> Path:
    """217 teams, named by their short names, which are unique. The first of several leads is the lead."""
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
    return written(folder / "rust_teams.csv", TEAMS, rows)


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
    known = _handles()
    goals = [
        {**row, "owner_handle": known.get(row["owner_handle"].lower(), row["owner_handle"])}
        for row in rows_of("rust_goals/goals.csv")
    ]
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
    """156 goals, one made for an issue without goal, and above them two objectives for each of three cycles.

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
    known = _handles()
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
    return okrs_file(folder, "rust_okrs", form, rows)


def _rust_goal(
    goal: Row, reported: set[str], roadmaps: Mapping[str, str], known: Mapping[str, str]
) -> list[dict[str, Any]]:
    top = f"RG-{goal['cycle']}"
    lower = roadmaps.get(goal["parent_theme"]) if goal["cycle"] == "2026" else None
    parent = lower or (f"{top}-flagships" if goal["flagship"] or goal["kind"] == "roadmap" else top)
    champions = re.findall(r"@([A-Za-z0-9-]+)", goal["champions"].lower())
    co_owners = dict.fromkeys(known[name] for name in champions if name in known)
    accepted = goal["status"] in ("Accepted", "") or goal["goal_id"] in reported
    return [
        {
            "item": "objective",
            "external_id": goal["goal_id"],
            "cycle": goal["cycle"],
            "title": goal["title"],
            "description": goal["summary"],
            "owner": goal["owner_handle"],
            "co_owners": [name for name in co_owners if name != goal["owner_handle"]],
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
    return written(folder / "rust_check_ins.csv", CHECK_INS, rows)
