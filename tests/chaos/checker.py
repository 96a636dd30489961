"""The invariants I1-I7 as pure functions: evidence in, violations out in words; an empty list is what is wanted."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.chaos.history import INFO, OK, Attempt, by_key

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """An event as an outbox or a topic has it; `place` orders those of one aggregate."""

    topic: str
    key: str
    version: int
    id: str
    place: int = 0


@dataclass(frozen=True, slots=True)
class Copy:
    """Rows of a copy and of what it is a copy of, by id, reduced to the columns both have."""

    name: str
    kept: Mapping[str, Row]
    source: Mapping[str, Row]


def i1_written(history: Iterable[Attempt], owned: Mapping[str, Collection[str]]) -> list[str]:
    """Every write that was answered ok is in its owner's database, and none that was only refused."""
    wrong = []
    for key, attempts in by_key(history).items():
        types = {attempt.type for attempt in attempts}
        there = owned.get(key, ())
        if OK in types and not there:
            wrong.append(f"I1 {key}: {attempts[0].op} was acknowledged and is not in the database")
        if not types & {OK, INFO} and there:
            wrong.append(f"I1 {key}: {attempts[0].op} was refused and is in the database: {sorted(there)}")
    return wrong


def i2_published(outbox: Iterable[Told], topics: Iterable[Told], poison: Collection[str] = ()) -> list[str]:
    """The outboxes and the topics hold the same event ids; what was put on a topic as poison does not count."""
    said = {event.id: event for event in outbox}
    heard = {event.id: event for event in topics if event.id not in poison}
    lost = [f"I2 {event.topic} {event.key} v{event.version}: never published" for id_, event in said.items()
            if id_ not in heard]  # fmt: skip
    phantoms = [f"I2 {event.topic} {event.key} v{event.version}: published, but nobody said it"
                for id_, event in heard.items() if id_ not in said]  # fmt: skip
    return lost + phantoms


def i2_once(topics: Iterable[Told]) -> list[str]:
    """Where nothing failed, nothing is sent twice: one relay works at a time."""
    counts = Counter(event.id for event in topics)
    return [f"I2 {id_}: sent {count} times without a cause" for id_, count in counts.items() if count > 1]


def i3_received(topics: Iterable[Told], inboxes: Mapping[str, Collection[str]],
                reads: Mapping[str, Collection[str]]) -> list[str]:  # fmt: skip
    """Every consumer took every event of its topics, and nothing else."""
    wrong = []
    for consumer, received in inboxes.items():
        due = {event.id for event in topics if event.topic in reads[consumer]}
        wrong += [f"I3 {consumer}: {id_} was never taken" for id_ in sorted(due - set(received))]
        wrong += [f"I3 {consumer}: {id_} was taken and never sent" for id_ in sorted(set(received) - due)]
    return wrong


def i3_once(effects: Iterable[Hashable]) -> list[str]:
    """No effect stands there twice; an effect names the consumer, the event and what it did."""
    return [f"I3 {effect}: {count} times" for effect, count in Counter(effects).items() if count > 1]


def i4_in_order(consumer: str, taken: Iterable[Told]) -> list[str]:
    """As this consumer took them, repeats left out, the versions of each aggregate strictly grow."""
    last: dict[tuple[str, str], int] = {}
    seen: set[str] = set()
    wrong = []
    for event in taken:
        if event.id in seen:
            continue
        seen.add(event.id)
        aggregate = event.topic, event.key
        if event.version <= last.get(aggregate, 0):
            wrong.append(f"I4 {consumer}: {event.topic} {event.key} v{event.version} after v{last[aggregate]}")
        last[aggregate] = max(event.version, last.get(aggregate, 0))
    return wrong


def i5_equal(copies: Iterable[Copy]) -> list[str]:
    """Every copy says what its source says, row by row."""
    wrong = []
    for copy in copies:
        for id_ in sorted(copy.kept.keys() | copy.source.keys()):
            kept, source = copy.kept.get(id_), copy.source.get(id_)
            if kept is None or source is None:
                wrong.append(f"I5 {copy.name} {id_}: {'missing' if kept is None else 'invented'}")
                continue
            differing = sorted(name for name in kept if kept[name] != source[name])
            wrong += [f"I5 {copy.name} {id_}: {name} {kept[name]!r}, not {source[name]!r}" for name in differing]
    return wrong


def i6_one_resource(history: Iterable[Attempt], owned: Mapping[str, Collection[str]]) -> list[str]:
    """One key made one thing at most, and whoever asked again under it was answered the same."""
    wrong = []
    for key, attempts in by_key(history).items():
        answers = {(attempt.status, attempt.id, attempt.answer) for attempt in attempts if attempt.type == OK}
        if len(answers) > 1:
            wrong.append(f"I6 {key}: answered in {len(answers)} ways: {sorted(answers)}")
        if len(owned.get(key, ())) > 1:
            wrong.append(f"I6 {key}: made {len(owned[key])} things: {sorted(owned[key])}")
    return wrong


def i7_told_once(deliveries: Sequence[tuple[str, str, str]]) -> list[str]:
    """At most one delivery for each (cause, recipient, channel)."""
    return [f"I7 {delivery}: {count} deliveries" for delivery, count in Counter(deliveries).items() if count > 1]
