"""What a unit of work remembered becomes rows: its new rows and its events, on PostgreSQL by one statement.

Each statement costs a message there and back, and each parameter its handling; so all rows of a table are one
document, and the events, of which a roll-up tells hundreds at once, are two parameters: all but the payload stands in
the headers.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Table

from chassis.rows import Row, document, insert_all, insert_from_document
from chassis.tables import OUTBOX
from chassis.transaction import Transaction
from contracts.envelope import Envelope
from contracts.event import Event, encode

Rows = Mapping[Table, Sequence[Row]]


def _row(event: Event, envelope: Envelope) -> Row:
    return {
        "event_id": envelope.id,
        "topic": event.topic(),
        "key": event.id,
        "aggregate_version": event.version,
        "type": event.TYPE,
        "payload": encode(event),
        "headers": envelope.headers(),
        "created_at": envelope.time,
        "published_at": None,
    }


def write(transaction: Transaction, rows: Rows, events: Sequence[tuple[Event, Envelope]]) -> None:
    """Insert rows and events. Writing events wakes the relay, with the commit."""
    if transaction.sqlite:
        for table, new in [*rows.items(), (OUTBOX, [_row(*told) for told in events])]:
            if new:
                insert_all(transaction.begin(), table, new)
        return
    values: list[Any] = [document(new) for new in rows.values()]
    if events:
        heads = msgspec.json.encode([envelope.headers() for _, envelope in events]).decode()
        values += [encode(event) for event, _ in events], heads
    columns = tuple((table, tuple(new[0])) for table, new in rows.items())
    transaction.carry_out(_statement(columns, telling=bool(events)), values)


@cache
def _statement(columns: tuple[tuple[Table, tuple[str, ...]], ...], *, telling: bool) -> str:
    parts = [f"new_{table.name} AS ({insert_from_document(table, names, '%b')})" for table, names in columns]
    parts += [_WRITTEN] if telling else []
    return f"WITH {', '.join(parts)} {_WAKE if telling else 'SELECT 1'}"


_WRITTEN = """
    written AS (
        INSERT INTO outbox (event_id, topic, key, aggregate_version, type, payload, headers, created_at)
        SELECT head->>'ce_id', split_part(head->>'ce_type', '.', 1) || '.' || split_part(head->>'ce_type', '.', 2),
            head->>'ce_subject', CAST(head->>'ce_aggregateversion' AS bigint), head->>'ce_type', payload, head,
            CAST(head->>'ce_time' AS timestamptz)
        FROM ROWS FROM (unnest(CAST(%b AS bytea[])), jsonb_array_elements(CAST(%b AS jsonb)))
            WITH ORDINALITY AS said(payload, head, place) ORDER BY place
        RETURNING 1
    )"""
_WAKE = "SELECT pg_notify('cairn_outbox', '') FROM (SELECT count(*) FROM written) AS all_of_them"
