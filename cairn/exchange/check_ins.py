"""Import of check-ins: the file is compared with the check-ins that are there, and what differs is sent in batches."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, cast

from cairn.exchange.client import ApiFailure, Client, fitting
from cairn.exchange.directory import Directory
from cairn.exchange.layouts.native import CHECK_IN, Item
from cairn.exchange.layouts.values import MOMENT, write_quantity
from cairn.exchange.layouts.wrong import Rejected, Rejection, Wrong, shortened
from cairn.exchange.okrs.register import Standing
from cairn.exchange.records.journal import CHANGE, CREATE, Journal, Made, as_made
from services.checkins.rules import stating

BATCH = 50
CONTENT = ("value", "milestones_done", "confidence", "status", "note", "blockers", "as_of")
"""What a correction may change."""
Present = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One check-in to send."""

    item: Item
    body: Mapping[str, Any]
    present: Present | None

    @property
    def alone(self) -> bool:
        """Whether it corrects one that was made here and has no external id to be sent under."""
        return self.present is not None and not self.present["external_id"]

    def line(self) -> str:
        """The entry for people to read."""
        return f"  {self.item.place}: {'changed' if self.present else 'created'} check-in {self.item['external_id']}"

    def told(self) -> dict[str, Any]:
        """The entry for programs to read."""
        what = "changed" if self.present else "created"
        return {"place": self.item.place, "what": what, "external_id": self.item["external_id"], "check_in": self.body}

    def intent(self) -> dict[str, Any]:
        """What the journal notes before it is sent."""
        name = self.item["external_id"]
        if self.present is None:
            return {"do": CREATE, "name": name}
        about = {"id": self.present["id"], "edition": self.present["version"]}
        before = {column: self.present[column] for column in CONTENT}
        same = {column: self.present[column] for column in ("external_id", "key_result_id", "author_id")}
        return {"do": CHANGE, "name": name, **about, "before": before, "same": same}


@dataclass
class Plan:
    """What an import of check-ins will do."""

    entries: list[Entry] = field(default_factory=list)
    unchanged: int = 0
    repeated: int = 0

    def summary(self) -> str:
        new = sum(entry.present is None for entry in self.entries)
        repeated = f" ({self.repeated} rows repeat another one)" if self.repeated else ""
        return f"check-ins: {new} created, {len(self.entries) - new} changed, {self.unchanged} unchanged{repeated}"


class Interrupted(Exception):
    """Sending stopped; `done` check-ins were made. Running again goes on from there."""

    def __init__(self, done: int, cause: ApiFailure, first: Item) -> None:
        super().__init__(f"in the batch that begins at {first.place}: {cause}")
        self.done, self.cause = done, cause


def prepare(
    items: Sequence[Item], standing: Standing, directory: Directory, known: Iterable[Present], now: datetime
) -> Plan:
    """Compare a file with what is there. Raises Rejected with everything that is wrong in it."""
    targets = {
        name: one for objective in standing.objectives for one in objective["key_results"] for name in _names(one)
    }
    present = {one["external_id"] or one["id"]: one for one in known}
    made, seen = Plan(), dict[str, Item]()
    rejections: list[Rejection] = []
    for item in items:
        first = seen.setdefault(item["external_id"], item)
        if first is not item:
            rejections += _repetition(item, first)
            made.repeated += 1
            continue
        body, wrong = _body(item, targets, directory, present.get(item["external_id"]))
        rejections += [*wrong, *_day_rejections(item, now)]
        _place(made, item, body, present.get(item["external_id"]))
    if rejections:
        raise Rejected(rejections)
    return made


def _names(key_result: Present) -> Iterator[str]:
    yield from (name for name in (key_result["id"], key_result["external_id"]) if name)


def _repetition(item: Item, first: Item) -> list[Rejection]:
    if item == first:
        return []
    reason = f"“{shortened(item['external_id'])}” says something else at {first.place}."
    return [Rejection(item.place, "external_id", Wrong(reason, "Keep one of the two, or give one another id."))]


def _place(made: Plan, item: Item, body: dict[str, Any], present: Present | None) -> None:
    if present is not None and (present["withdrawn"] or _same(body, present)):
        made.unchanged += 1
    else:
        made.entries.append(Entry(item, body, present))


def _body(
    item: Item, targets: Mapping[str, Present], directory: Directory, present: Present | None
) -> tuple[dict[str, Any], list[Rejection]]:
    faults: list[tuple[str, Wrong]] = []
    key_result = targets.get(item["key_result"])
    if key_result is None:
        remedy = "Mend the external id, or import the key result first (cairn import okrs)."
        faults.append(("key_result", Wrong(f"There is no key result “{shortened(item['key_result'])}”.", remedy)))
    else:
        faults += _measurement_faults(item, key_result, present)
    author = directory.person(item["author"]) if item["author"] else None
    if isinstance(author, Wrong):
        faults.append(("author", author))
    elif present is not None and not present["withdrawn"]:
        faults += _moved(key_result, author, present)
    body = {
        "external_id": item["external_id"],
        "key_result_id": key_result["id"] if key_result else None,
        "as_of": str(item["as_of"]),
        "value": None if item["value"] is None else write_quantity(item["value"]),
        "milestones_done": _done(item, key_result),
        "confidence": None if item["confidence"] is None else float(item["confidence"]),
        "author_id": author,
        **{name: item[name] for name in ("status", "note", "blockers")},
    }
    if item["submitted_at"] is not None:
        body["submitted_at"] = MOMENT.to_json(item["submitted_at"])
    given = {name: value for name, value in body.items() if value is not None}
    return given, [Rejection(item.place, column, wrong) for column, wrong in faults]


def _moved(key_result: Present | None, author: str | None, present: Present) -> Iterator[tuple[str, Wrong]]:
    remedy = "Give this row another external id."
    if key_result is not None and key_result["id"] != present["key_result_id"]:
        yield "key_result", Wrong("In Cairn this check-in is about another key result.", remedy)
    elif author not in (None, present["author_id"]):
        yield "author", Wrong("In Cairn somebody else made this check-in.", remedy)


def _day_rejections(item: Item, now: datetime) -> list[Rejection]:
    faults = stating.day_faults(item["as_of"], now)
    if item["submitted_at"] is not None:
        faults += stating.moment_faults(item["submitted_at"], now)
    return [Rejection(item.place, column, wrong) for column, wrong in map(_told, faults)]


def _told(fault: stating.Fault) -> tuple[str, Wrong]:
    """A rule's sentence as a column, a reason and a remedy."""
    reason, _, remedy = fault.sentence.partition("; ")
    return fault.pointer.split("/")[1], Wrong(f"{reason}.", remedy[:1].upper() + remedy[1:])


def _done(item: Item, key_result: Present | None) -> list[str] | None:
    """The milestones ticked off; an empty cell of a key result with milestones means that none is."""
    said = item["milestones_done"]
    if key_result is not None and key_result["metric"] == "milestones" and item["value"] is None:
        return list(said or ())
    return list(said) if said else None


def _measurement_faults(item: Item, key_result: Present, present: Present | None) -> Iterator[tuple[str, Wrong]]:
    metric = stating.Metric(key_result["metric"], tuple(stage["id"] for stage in key_result["milestones"]))
    for fault in stating.measurement_faults(metric, item["value"], _done(item, key_result)):
        yield _told(fault)
    if present is None and not key_result["open"]:
        yield "key_result", Wrong("It takes no check-ins: its objective is a draft or closed.", "Open it first.")


def _same(body: Mapping[str, Any], present: Present) -> bool:
    """Whether a check-in says all that already. When it was submitted is not asked: that is history."""
    if body["key_result_id"] != present["key_result_id"]:
        return False
    author = body.get("author_id", present["author_id"])
    plain = ("status", "note", "blockers", "as_of")
    return (
        author == present["author_id"]
        and body.get("confidence") == present["confidence"]
        and _number(body.get("value")) == _number(present["value"])
        and sorted(body.get("milestones_done") or ()) == sorted(present["milestones_done"] or ())
        and all((body.get(name) or None) == (present[name] or None) for name in plain)
    )


def _number(said: str | None) -> Decimal | None:
    return None if said is None else Decimal(said)


def carry_out(client: Client, journal: Journal, made: Plan, advance: Callable[[int], None]) -> None:
    """Send what differs, in the order of the file, and wait until all goals have moved. Raises Interrupted."""
    together = [entry for entry in made.entries if not entry.alone]
    done = 0
    for batch in [*_batches(together), *([entry] for entry in made.entries if entry.alone)]:
        intent = {"of": CHECK_IN, "batch": [entry.intent() for entry in batch]}
        try:
            journal.write({"do": "check-ins", **intent}, partial(_send, client, batch), _made)
        except ApiFailure as cause:
            raise Interrupted(done, cause, batch[0].item) from cause
        done += len(batch)
        advance(len(batch))
    client.settle("cycles?limit=1")


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    start = 0
    for count in fitting([entry.body for entry in entries], BATCH):
        yield entries[start : start + count]
        start += count


def _send(client: Client, batch: Sequence[Entry]) -> Sequence[Present]:
    first = batch[0]
    if first.alone and first.present is not None:
        content = {column: first.body.get(column) for column in CONTENT}
        return [client.patch(f"check-ins/{first.present['id']}", content, tag=f'"{first.present["version"]}"')]
    answer = client.post("check-ins?upsert=true", {"check_ins": [entry.body for entry in batch]})
    return cast(Sequence[Present], answer["check_ins"])


def _made(answers: Sequence[Present]) -> Made:
    return [one for answer in answers for one in as_made(CHECK_IN, answer)]
