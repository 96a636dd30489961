"""What is left after a run, read from the databases and topics into the plain values the checker compares."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import select

from chassis.service import Runtime
from chassis.tables import DEAD_LETTERS, INBOX, METADATA, OUTBOX
from contracts.registry import TOPICS
from tests.chaos.checker import Copy, Row, Told
from tests.chaos.clients import Request
from tests.chaos.site import PREFIX, Site

Parts = Mapping[str, Runtime]
Tables = dict[str, list[dict[str, Any]]]
NOT_COPIED = frozenset({"created_at", "opened_at", "search_text", "milestones", "attributes"})
"""Columns that say something of their own in a copy, or that no event carries."""

COPIES = (
    ("goals.readings", "checkins.check_ins"),
    ("checkins.key_result_copies", "goals.key_results"),
    ("checkins.objective_copies", "goals.objectives"),
    ("checkins.cycle_copies", "goals.cycles"),
    ("gateway.cycles", "goals.cycles"),
    ("gateway.objectives", "goals.objectives"),
    ("gateway.key_results", "goals.key_results"),
    ("gateway.check_ins", "checkins.check_ins"),
    ("gateway.feedback", "feedback.feedback"),
    ("gateway.notifications", "notifications.notifications"),
    *((f"{part}.replica_people", "people.people") for part in ("goals", "checkins", "feedback", "notifications")),
    ("gateway.replica_people", "people.people"),
)


@dataclass(frozen=True)
class Evidence:
    tables: dict[str, Tables]
    topics: list[Told]
    reads: dict[str, set[str]]


def gather(site: Site, parts: Parts) -> Evidence:
    """Read everything once the run is quiet."""
    tables = {name: _tables(part) for name, part in parts.items()}
    reads = {name: set(part.service.topics()) for name, part in parts.items()}
    return Evidence(tables, dump_topics(site.kafka.bootstrap), {name: kinds for name, kinds in reads.items() if kinds})


def _tables(part: Runtime) -> Tables:
    found: Tables = {}
    with part.db.reading() as session:
        for table in (*METADATA.sorted_tables, *part.service.metadata.sorted_tables):
            found[table.name] = [dict(row) for row in session.execute(select(table)).mappings()]
    return found


def dump_topics(bootstrap: str) -> list[Told]:
    """Every message of every topic, in the order of its partition."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        places = [TopicPartition(PREFIX + topic, one)
                  for topic in TOPICS for one in consumer.partitions_for_topic(PREFIX + topic) or ()]  # fmt: skip
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        found: list[Told] = []
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(timeout_ms=1000).values():
                found += [_told(record) for record in records]
        return found
    finally:
        consumer.close(autocommit=False)


def _told(record: Any) -> Told:
    said = {name: value.decode(errors="replace") for name, value in record.headers}
    key = (record.key or b"").decode(errors="replace")
    version = int(said.get("ce_aggregateversion", 0))
    return Told(record.topic.removeprefix(PREFIX), key, version, said.get("ce_id", f"poison {key}"), record.offset)


def lag(bootstrap: str, parts: Parts) -> int:
    """Messages no group has committed yet."""
    behind = 0
    for name, part in parts.items():
        if not part.service.handlers:
            continue
        consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=PREFIX + name, enable_auto_commit=False)
        try:
            places = [TopicPartition(PREFIX + topic, one) for topic in part.service.topics()
                      for one in consumer.partitions_for_topic(PREFIX + topic) or ()]  # fmt: skip
            ends = consumer.end_offsets(places)
            behind += sum(end - (consumer.committed(place) or 0) for place, end in ends.items())
        finally:
            consumer.close(autocommit=False)
    return behind


def outbox(found: Evidence) -> list[Told]:
    rows = (row for tables in found.tables.values() for row in tables[OUTBOX.name])
    return [Told(row["topic"], row["key"], row["aggregate_version"], row["event_id"], row["id"]) for row in rows]


def inboxes(found: Evidence) -> dict[str, set[str]]:
    """The event ids each consumer took; what stands for a poisoned message has no event id and is left out."""
    mine = {name: {row["event_id"] for row in found.tables[name][INBOX.name]} for name in found.reads}
    return {name: {id_ for id_ in ids if "/" not in id_} for name, ids in mine.items()}


def taken(found: Evidence, consumer: str) -> list[Told]:
    """The events of a consumer in the order it took them: by transaction, and within one by place in the topic."""
    when: dict[str, datetime] = {row["event_id"]: row["received_at"] for row in found.tables[consumer][INBOX.name]}
    heard = [event for event in found.topics if event.topic in found.reads[consumer] and event.id in when]
    first: dict[str, Told] = {}
    for event in heard:
        first.setdefault(event.id, event)
    return sorted(first.values(), key=lambda event: (when[event.id], event.topic, event.place))


def effects(found: Evidence) -> list[tuple[str, str, str, str]]:
    """What each consumer said because of an event: at most one event of a type for each aggregate and cause."""
    return [
        (name, row["headers"]["ce_causationid"], row["key"], row["type"])
        for name, tables in found.tables.items()
        for row in tables[OUTBOX.name]
        if "ce_causationid" in row["headers"]
    ]


def parked(found: Evidence) -> dict[str, list[tuple[str, str]]]:
    """Key and reason of what each part has parked."""
    letters = {name: [(row["key"], row["reason"]) for row in tables[DEAD_LETTERS.name]]
               for name, tables in found.tables.items()}  # fmt: skip
    return {name: rows for name, rows in letters.items() if rows}


def deliveries(found: Evidence) -> list[tuple[str, str, str]]:
    own = found.tables["notifications"]
    told = [(row["cause"], row["person_id"], "inbox") for row in own["notifications"]]
    return told + [(row["cause"], row["person_id"], row["channel"]) for row in own["deliveries"]]


def copies(found: Evidence) -> list[Copy]:
    """Every copy beside its source."""
    made = [_copy(found, *pair) for pair in COPIES]
    source = {(row["person_id"], row["team_id"]): row for row in found.tables["people"]["memberships"]}
    kept = {(row["person_id"], row["team_id"]): row for row in found.tables["gateway"]["replica_members"]}
    made.append(Copy("gateway.replica_members", _keyed(kept), _keyed(source)))
    links = {(row["child_id"], row["parent_id"]): {"weight": float(row["weight"])}
             for row in found.tables["goals"]["objective_links"]}  # fmt: skip
    there = {(row["objective_id"], row["parent_id"]): {"weight": float(row["weight"])}
             for row in found.tables["gateway"]["objective_links"]}  # fmt: skip
    return [*made, Copy("gateway.objective_links", _keyed(there), _keyed(links))]


def _keyed(rows: Mapping[tuple[str, str], Any]) -> dict[str, Row]:
    return {"/".join(key): row if set(row) == {"weight"} else {} for key, row in rows.items()}


def _copy(found: Evidence, kept: str, source: str) -> Copy:
    theirs, ours = _rows(found, kept), _rows(found, source)
    for row in theirs if kept == "gateway.feedback" else ():
        if row["visibility"] != "public":
            row.pop("text")
    shared = {row["id"]: row for row in ours}
    return Copy(kept, {row["id"]: _common(row, shared.get(row["id"], row)) for row in theirs}, shared)


def _rows(found: Evidence, name: str) -> list[dict[str, Any]]:
    part, _, table = name.partition(".")
    return [{column: plain(value) for column, value in row.items()} for row in found.tables[part][table]]


def _common(row: Row, other: Row) -> Row:
    return {name: row[name] for name in row.keys() & other.keys() - NOT_COPIED}


def plain(value: Any) -> Any:
    """Numbers of any kind to six digits: a copy may keep as a float what its source keeps exactly."""
    return round(float(value), 6) if isinstance(value, Decimal | float) else value


def owned(found: Evidence, requests: Iterable[Request]) -> dict[str, list[str]]:
    """The ids of what each request made or changed, by its key, as the owner's database has them."""
    marks = _marks(found.tables)
    left = {row["id"] for row in found.tables["people"]["people"] if not row["active"]}
    return {
        request.key: ([request.target] if request.target in left else [])
        if request.op == "deactivate"
        else sorted(marks.get((request.op, request.key), set()))
        for request in requests
    }


_MADE = {
    "check_in": ("checkins", "check_ins", "note"),
    "praise": ("feedback", "feedback", "text"),
    "private_note": ("feedback", "feedback", "text"),
    "create_objective": ("goals", "objectives", "title"),
    "add_key_result": ("goals", "key_results", "title"),
    "close": ("goals", "objectives", "grade_note"),
    "register": ("people", "people", "display_name"),
}
_SAID = {"align": ("goals", b"description"), "change_manager": ("people", b"title")}
"""Changes that a later one may overwrite: what was committed is told by the outbox, for good."""


def _marks(tables: Mapping[str, Tables]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for op, (part, table, column) in _MADE.items():
        for row in tables[part][table]:
            found.setdefault((op, row[column]), set()).add(row["id"])
    for op, (part, field) in _SAID.items():
        for row in tables[part][OUTBOX.name]:
            if mark := _field(bytes(row["payload"]), field):
                found.setdefault((op, mark), set()).add(row["key"])
    return found


def _field(payload: bytes, name: bytes) -> str:
    _, there, rest = payload.partition(b'"' + name + b'":"')
    return rest.partition(b'"')[0].decode() if there else ""
