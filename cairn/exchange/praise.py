"""Import of praise from another tool: who thanked whom, in which words and when.

Praise is fixed when written, so what is there already is only recognised: other words under its id are refused.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from cairn.exchange.check_ins import BATCH, Interrupted
from cairn.exchange.client import ApiFailure, Client, fitting
from cairn.exchange.directory import Directory
from cairn.exchange.layouts.native import Column, Item, Layout, Shape
from cairn.exchange.layouts.values import DAY, ID, MOMENT, Kind, choice, text
from cairn.exchange.layouts.wrong import Rejected, Rejection, Wrong, shortened
from services.feedback import rules

FOLLOWERS = ("activity?limit=1", "notifications?limit=1")
"""A read of each part that hears of praise."""


def given_at(given: str) -> datetime | Wrong:
    """A moment, or a day: then noon in UTC, which is that day nearly everywhere."""
    if "T" in given.upper():
        moment: datetime | Wrong = MOMENT.from_cell(given)
        return moment
    day = DAY.from_cell(given)
    return day if isinstance(day, Wrong) else datetime.combine(day, time(12), UTC)


_WHEN = Kind(
    from_cell=given_at,
    to_cell=MOMENT.to_cell,
    from_json=lambda given: given_at(given) if isinstance(given, str) else MOMENT.from_json(given),
    to_json=MOMENT.to_json,
)
_WHO = text(330, trimmed=True)
PRAISE = Layout(
    (
        Shape(
            "praise",
            (
                Column("external_id", ID, required=True),
                Column("from", _WHO, required=True),
                Column("to", _WHO, required=True),
                Column("given_at", _WHEN, required=True),
                Column("text", text(rules.LONGEST_TEXT, lines=True), required=True),
                Column("visibility", choice(*rules.VISIBILITIES), empty=rules.PUBLIC),
            ),
        ),
    )
)


@dataclass
class Plan:
    """What an import of praise will do."""

    entries: list[tuple[Item, Mapping[str, Any]]] = field(default_factory=list)
    """What is to be sent, the oldest first."""
    unchanged: int = 0
    repeated: int = 0
    to_oneself: int = 0

    def lines(self) -> list[str]:
        """The entries for people to read."""
        return [f"  {item.place}: praise {item['external_id']} to {item['to']}" for item, _ in self.entries]

    def summary(self) -> str:
        also = [f"{self.repeated} rows repeat another one"] if self.repeated else []
        also += [f"{self.to_oneself} to oneself: kept, but no recognition"] if self.to_oneself else []
        told = f" ({'; '.join(also)})" if also else ""
        return f"praise: {len(self.entries)} sent, {self.unchanged} known already{told}"


def prepare(items: Sequence[Item], directory: Directory, known: Iterable[Mapping[str, Any]], now: datetime) -> Plan:
    """Compare a file with what is there. Raises Rejected with everything that is wrong in it."""
    present = {one["external_id"]: one for one in known if one["external_id"]}
    made, seen = Plan(), dict[str, Item]()
    rejections: list[Rejection] = []
    for item in items:
        first = seen.setdefault(item["external_id"], item)
        if first is not item:
            made.repeated += 1
            rejections += _other_words(item, first.place) if item != first else []
            continue
        body = _body(item, directory)
        wrong = [*_unknown(item, body), *_complaints(item, body, now)]
        there = present.get(item["external_id"])
        if there is not None and not wrong:
            made.unchanged += 1
            wrong = _other_words(item, "Cairn") if _differs(body, there) else []
        elif not wrong:
            made.entries.append((item, body))
        rejections += wrong
        made.to_oneself += body["giver_id"] == body["recipient_id"]
    if rejections:
        raise Rejected(rejections)
    made.entries.sort(key=lambda entry: entry[0]["given_at"])
    return made


def _body(item: Item, directory: Directory) -> dict[str, Any]:
    return {
        "kind": rules.PRAISE,
        "external_id": item["external_id"],
        "giver_id": directory.person(item["from"]),
        "recipient_id": directory.person(item["to"]),
        "text": item["text"],
        "given_at": MOMENT.to_json(item["given_at"]),
        "visibility": item["visibility"] or rules.PUBLIC,
    }


def _unknown(item: Item, body: Mapping[str, Any]) -> Iterator[Rejection]:
    for column, name in (("from", "giver_id"), ("to", "recipient_id")):
        if isinstance(body[name], Wrong):
            yield Rejection(item.place, column, body[name])


def _complaints(item: Item, body: Mapping[str, Any], now: datetime) -> Iterator[Rejection]:
    """What the rules of feedback say against it."""
    for pointer, sentence in rules.about_wording(body["text"]) + rules.about_moment(item["given_at"], now, True):
        reason, _, remedy = sentence.partition("; ")
        yield Rejection(item.place, pointer[1:], Wrong(f"{reason}.", remedy[:1].upper() + remedy[1:]))


def _other_words(item: Item, where: str) -> list[Rejection]:
    reason = f"“{shortened(item['external_id'])}” is something else at {where}, and praise is fixed when written."
    return [Rejection(item.place, "external_id", Wrong(reason, "Give one of the two another id, or take one out."))]


def _differs(body: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    same = all(body[name] == there[name] for name in ("kind", "giver_id", "recipient_id", "text", "visibility"))
    return not same or MOMENT.from_json(body["given_at"]) != MOMENT.from_json(there["given_at"])


def carry_out(client: Client, made: Plan, advance: Callable[[int], None]) -> None:
    """Send what is not there, the oldest first. Raises Interrupted."""
    bodies = [body for _, body in made.entries]
    start = 0
    for count in fitting(bodies, BATCH):
        try:
            client.post("feedback/batch", {"feedback": bodies[start : start + count]})
        except ApiFailure as cause:
            raise Interrupted(start, cause, made.entries[start][0]) from cause
        start += count
        advance(count)
    client.settle(*FOLLOWERS)
