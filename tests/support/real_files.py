"""Where the real data lies, and how rows become files in the native layouts."""

import csv
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

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


def written(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def okrs_file(folder: Path, name: str, form: str, rows: Sequence[Mapping[str, Any]]) -> Path:
    if form == "csv":
        return written(folder / f"{name}.csv", (*OKRS, "unit"), [_flat(row) for row in rows])
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
