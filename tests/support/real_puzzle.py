"""A company that kept its goals in Puzzle OKR: numbers only, without names and texts."""

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.support.real_files import CHECK_INS, PEOPLE, TEAMS, Row, okrs_file, rows_of, written

ZONES = ("COMMIT", "TARGET", "STRETCH")
PUZZLE = "okr_tool_exports/puzzle_okr_numeric"


def puzzle_people(folder: Path) -> Path:
    """The two who check in; the source names nobody."""
    rows = [
        {"external_id": one, "email": f"{one.lower()}@puzzle.example.com", "display_name": f"Person {one}"}
        for one in sorted({row["author"] for row in rows_of(f"{PUZZLE}/check_ins.csv")})
    ]
    return written(folder / "puzzle_people.csv", PEOPLE[:3], rows)


def puzzle_teams(folder: Path) -> Path:
    """Nine teams without a tree."""
    names = sorted({row["team"] for row in rows_of(f"{PUZZLE}/objectives.csv")})
    rows = [{"external_id": name, "name": f"Team {name}"} for name in names]
    return written(folder / "puzzle_teams.csv", TEAMS[:2], rows)


def puzzle_okrs(folder: Path, form: str = "csv") -> Path:
    """77 objectives and 220 key results.

    Numeric ones go from baseline (none: 0) to stretch goal, upward or downward; the one where both are equal is held
    between its target and one more. Zones are milestones reached one after the other: COMMIT 0.3, TARGET 0.4 more,
    STRETCH 0.3 more. The unit's numbers are not explained, so all are plain numbers. The backlog has no dates and
    spans all other cycles. What succeeded or not is closed: by `cairn import okrs --close`, after the check-ins.
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
    return okrs_file(folder, "puzzle_okrs", form, rows)


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
    return written(folder / f"puzzle_check_ins_{shuffle}.csv", CHECK_INS, made)


def puzzle_latest() -> dict[str, Row]:
    """By key result: its last check-in, as a row of the native layout."""
    rows = sorted(rows_of(f"{PUZZLE}/check_ins.csv"), key=lambda row: row["created_at"])
    return {row["key_result_id"]: _puzzle_check_in(row) for row in rows}
