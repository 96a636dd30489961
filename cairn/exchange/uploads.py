"""Files the server carries out: send one, follow it to its end, and read what came of its rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from cairn.exchange.client import Client

UNDERWAY = frozenset({"waiting", "running"})
MOVES = frozenset({"manager_id", "team_ids", "parent_id"})
"""Fields that say where somebody or something stands."""
MOST_LOOKED_AT = 2000
"""So many changed rows are looked through for changes that are no moves, and rejected ones for true faults."""

Row = Mapping[str, Any]
See = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """An import at its end, with the first rows of every kind."""

    upload: Mapping[str, Any]
    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    """By kind: joined, moved, changed, left, returned, scheduled, skipped, rejected."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Numbers by result; empty where the file could not be read."""
        return self.upload["counts"] or {}

    @property
    def good(self) -> bool:
        """Whether it was applied, or would be."""
        if self.upload["state"] == "judged":
            return not self.upload["guard"] and (
                not self.counts["rejected"] or self.upload["options"].get("partial", False)
            )
        return bool(self.upload["state"] == "applied")

    @property
    def why(self) -> str:
        """Why it was not applied, or would not be, and what to do."""
        if self.upload["state"] != "judged":
            return str(self.upload["detail"] or "Nothing was imported.")
        if guard := self.upload["guard"]:
            return f"It would be stopped. {guard['reason']} {guard['remedy']}"
        rows = "1 row is" if self.counts["rejected"] == 1 else f"{self.counts['rejected']} rows are"
        return f"It would be refused: {rows} wrong. Mend the file, or import it with --partial to leave such rows out."


def send(client: Client, content: bytes, options: Mapping[str, Any], *, key: str | None = None) -> Mapping[str, Any]:
    """Hand a file over; answers the import as it waits."""
    return dict(client.send_file("imports", content, key=key, **_words(options)))


def accept(client: Client, import_id: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let a judged dry run be applied; answers the import as it waits."""
    return dict(client.send_file(f"imports/{import_id}/apply", b"", **_words(options)))


def ended(client: Client, upload: Mapping[str, Any], most: int, seen: See) -> Ended:
    """Follow an import to its end; reads up to `most` rows of every kind."""
    path = f"imports/{upload['id']}"
    over = client.follow(path, lambda found: found["state"] not in UNDERWAY, seen)
    return Ended(over, rows_of(client, over, most) if over["counts"] else {})


def rows_of(client: Client, upload: Mapping[str, Any], most: int) -> dict[str, list[Row]]:
    """The first rows of every kind."""

    def first(what: str, count: int = most) -> list[Row]:
        if not upload["counts"][what] and not (what == "deactivated" and upload["counts"]["omitted"]):
            return []
        return list(islice(client.items(f"imports/{upload['id']}/rows", what=what), count))

    moved = first("moved")
    changed = (row for row in first("changed", MOST_LOOKED_AT) if not MOVES & {one["field"] for one in row["fields"]})
    return {
        "joined": first("created"),
        "moved": moved,
        "changed": list(islice(changed, most)),
        "left": first("deactivated"),
        "returned": first("reactivated"),
        "scheduled": first("scheduled"),
        "skipped": first("skipped"),
        "rejected": sorted(first("rejected", MOST_LOOKED_AT), key=_hangs_on_another)[:most],
    }


def _hangs_on_another(row: Row) -> bool:
    """Whether a row is right but needs one that is wrong: such rows are shown behind the faults themselves."""
    return bool(row["wrong"][0]["reason"].startswith(("This row needs line", "This row is right")))


def _words(options: Mapping[str, Any]) -> dict[str, str]:
    """Options as query parameters; what was not said is left out."""
    said = {name: value for name, value in options.items() if value not in (None, False, "")}
    return {name: "true" if value is True else str(value) for name, value in said.items()}
