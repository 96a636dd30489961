"""The roll-up once more, as naively as it can be said: floats, recursion, everything from the check-ins up.

It knows only what the load makes: key results that increase from 0 to 100, links that contribute.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.chaos.checker import Copy

Rows = Sequence[Mapping[str, Any]]
ROUNDED_AWAY = 1e-6


def recomputed(objectives: Rows, key_results: Rows, links: Rows, check_ins: Rows) -> Copy:
    """The progress of every open objective as stored, and as it should be; closed ones keep what they had."""
    by_id = {row["id"]: row for row in objectives}
    latest = _latest(check_ins)

    def key_result(row: Mapping[str, Any]) -> float:
        if by_id[row["objective_id"]]["state"] == "closed":
            return float(row["progress"])
        said = latest.get(row["id"])
        return 0.0 if said is None else min(1.0, max(0.0, float(said["value"]) / 100))

    def progress(id_: str) -> float | None:
        row = by_id[id_]
        if row["state"] == "closed":
            return None if row["progress"] is None else float(row["progress"])
        parts = [(float(one["weight"]), key_result(one)) for one in key_results if one["objective_id"] == id_]
        below = [(float(link["weight"]), progress(link["child_id"])) for link in links if link["parent_id"] == id_]
        parts += [(weight, value) for weight, value in below if value is not None]
        return sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts) if parts else None

    kept = {id_: row["progress"] for id_, row in by_id.items() if row["state"] != "closed"}
    return Copy(
        "roll-up",
        {id_: {"progress": stored} for id_, stored in kept.items()},
        {id_: {"progress": _agreed(stored, progress(id_))} for id_, stored in kept.items()},
    )


def _agreed(stored: Any, computed: float | None) -> Any:
    """What is stored, where it is the same but for the rounding to nine digits at every level."""
    if stored is None or computed is None:
        return computed
    return stored if abs(float(stored) - computed) < ROUNDED_AWAY else computed


def _latest(check_ins: Rows) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for row in sorted(check_ins, key=lambda row: (row["as_of"], row["submitted_at"], row["id"])):
        if not row["withdrawn"]:
            found[row["key_result_id"]] = row
    return found
