"""What came of every row, in few bytes: packed some hundred rows at a time, with a digest over all of them."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, cast

import msgspec

from services.people.commands.filing import Outcome, Report
from services.people.uploads.models import UploadRows

AT_ONCE = 500
COUNTED = ("created", "changed", "deactivated", "reactivated", "unchanged", "scheduled", "skipped", "omitted")
CHANGED, MOVED = "changed", "moved"
MOVES = frozenset({"manager_id", "team_ids", "parent_id"})
"""Fields that say where somebody or something stands."""

Row = dict[str, Any]
"""One row as the API answers it."""


def counts_of(report: Report) -> dict[str, int]:
    """The numbers of a report, by the names of the API."""
    counted = {name: getattr(report, name) for name in COUNTED}
    moved = sum(one.what == CHANGED and any(each.field in MOVES for each in one.fields) for one in report.results)
    return {"rows": report.rows, **counted, "moved": moved, "rejected": report.rejected_rows}


def chunks(import_id: str, outcomes: Iterable[Outcome]) -> Iterator[UploadRows]:
    """The outcomes as they are kept, in their order."""
    rows = iter(map(_row, outcomes))
    place = 1
    while part := list(islice(rows, AT_ONCE)):
        kinds = dict(Counter(kind for row in part for kind in kinds_of(row)))
        packed = zlib.compress(msgspec.json.encode(part), 6)
        yield UploadRows(import_id=import_id, first=place, last=place + len(part) - 1, kinds=kinds, packed=packed)
        place += len(part)


def kinds_of(row: Row) -> list[str]:
    """What a row counts as: its result, and `moved` for a change of place."""
    moved = row["what"] == CHANGED and any(one["field"] in MOVES for one in row["fields"])
    return [row["what"], MOVED] if moved else [row["what"]]


def unpacked(packed: bytes) -> list[Row]:
    """The rows of one chunk."""
    return cast(list[Row], msgspec.json.decode(zlib.decompress(packed)))


def digest(outcomes: Iterable[Outcome]) -> str:
    """The same for two judgements that come to the same; the id somebody new would get does not count."""
    found = hashlib.sha256()
    for outcome in outcomes:
        row = _row(outcome)
        del row["id"]
        found.update(msgspec.json.encode(row))
    return found.hexdigest()


def _row(outcome: Outcome) -> Row:
    changes = [{"field": one.field, "before": one.before, "after": one.after} for one in outcome.fields]
    wrong = [
        {"column": one.column, "value": one.value, "reason": one.wrong.reason, "remedy": one.wrong.remedy}
        for one in outcome.wrong
    ]
    return {
        "row": outcome.row,
        "what": outcome.what,
        "id": outcome.id,
        "external_id": outcome.external_id,
        "name": outcome.name,
        "note": outcome.note or None,
        "fields": changes,
        "wrong": wrong,
    }
