"""An import told to people: how the file was read, who comes, moves, leaves and changes, and what is wrong where."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cairn.exchange.uploads import Ended, Row

TITLES = {
    "joined": "Joiners",
    "moved": "Movers",
    "left": "Leavers",
    "returned": "Returning",
    "changed": "Changes",
    "scheduled": "Later",
    "skipped": "Left out",
    "rejected": "Rejected",
}
OF_TEAMS = {"joined": "New", "moved": "Moved"}
NAMES = {"manager_id": "manager", "team_ids": "teams", "parent_id": "parent", "lead_id": "lead"}
MOST_FIELDS = 6
OWN = "cairn"
Place = Callable[[int], str]


def told(what: str, ended: Ended, place: Place, most: int) -> Iterator[str]:
    """The lines of a report: how the file was read, the numbers, and up to `most` rows of every kind."""
    upload = ended.upload
    headers = _headers(upload["recognised"])
    yield from _reading(what, upload["recognised"])
    if ended.counts:
        yield f"{what}: {_numbers(ended)}"
    yield from (f"  {remark}" for remark in upload["remarks"])
    for wrong in upload["rejected"]:
        yield f"  {_fault(place(wrong['row']), wrong, headers)}"
    for kind, title in TITLES.items():
        if rows := ended.rows.get(kind, [])[:most]:
            count = _count(kind, ended.counts)
            yield f"{OF_TEAMS.get(kind, title) if upload['of'] == 'teams' else title} ({count}):"
            yield from (f"  {line}" for row in rows for line in _row(row, place, headers))
            if count > len(rows):
                yield f"  … and {count - len(rows)} more"


def _reading(what: str, recognised: Mapping[str, Any] | None) -> Iterator[str]:
    """Nothing about files in our own layout: there is nothing to check."""
    if recognised and recognised["layout"] != OWN:
        first, *more = recognised["lines"]
        yield f"{what}: {first}"
        yield from more


def _numbers(ended: Ended) -> str:
    counts, would = ended.counts, "would be " if ended.upload["state"] != "applied" else ""
    always = ("created", "changed", "unchanged", "deactivated")
    seldom = ("omitted", "reactivated", "scheduled", "skipped")
    words = {"omitted": "deactivated because the file does not name them", "scheduled": "scheduled for their day"}
    named = [*always, *(name for name in seldom if counts[name])]
    said = ", ".join(f"{counts[name]} {words.get(name, name)}" for name in named)
    rejected = f"; {_rows(counts['rejected'])} rejected" if counts["rejected"] else ""
    return f"{_rows(counts['rows'])}: {would}{said}{rejected}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _count(kind: str, counts: Mapping[str, int]) -> int:
    """How many rows of a kind there are in all."""
    own = {
        "joined": counts["created"],
        "changed": counts["changed"] - counts["moved"],
        "left": counts["deactivated"] + counts["omitted"],
        "returned": counts["reactivated"],
    }
    return own[kind] if kind in own else counts[kind]


def _headers(recognised: Mapping[str, Any] | None) -> dict[str, str]:
    """What the file calls our columns, where each is one of its own."""
    columns = recognised["columns"] if recognised else []
    return {one["field"]: one["headers"][0] for one in columns if len(one["headers"]) == 1}


def _row(row: Row, place: Place, headers: Mapping[str, str]) -> Iterator[str]:
    where = "not in the file" if row["row"] is None else place(row["row"])
    if row["wrong"]:
        yield from (_fault(where, wrong, headers) for wrong in row["wrong"])
        return
    who = f"{row['name']} ({row['external_id']})" if row["external_id"] else row["name"]
    telling = [one for one in row["fields"] if row["what"] != "created" and one["field"] != "active"]
    changes = "; ".join(map(_change, telling[:MOST_FIELDS]))
    said = [part for part in (who.strip(), changes, row["note"]) if part]
    yield ": ".join([where, *said])


def _change(one: Mapping[str, Any]) -> str:
    return f"{NAMES.get(one['field'], one['field'])}: {one['before'] or '-'} → {one['after'] or '-'}"


def _fault(where: str, wrong: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    column = f", {headers.get(wrong['column'], wrong['column'])}" if wrong["column"] else ""
    value = f" “{wrong['value']}”" if wrong["value"] else ""
    return f"{where}{column}{value}: {wrong['reason']} {wrong['remedy']}"
