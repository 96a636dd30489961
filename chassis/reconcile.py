"""What the outbox says was published, compared with what the bus still has.

A broker may lose what it has acknowledged, and an outbox keeps for days what it published: what is missing on its
topics is found by event id and sent again. Readers that have it drop it.
"""

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select, update

from chassis.bus import Bus
from chassis.service import Runtime
from chassis.statements import among
from chassis.tables import OUTBOX

BATCH = 2_000
QUIET_SECONDS = 1.0


def absent(runtime: Runtime, bus: Bus) -> list[str]:
    """Ids of the events that were published and are not on their topics, in the order of the outbox.

    Reads the topics from their beginning. Raises BusError where the bus cannot be read.
    """
    published = select(OUTBOX.c.event_id, OUTBOX.c.topic).where(OUTBOX.c.published_at.is_not(None))
    with runtime.db.reading() as session:
        rows = session.execute(published.order_by(OUTBOX.c.id)).all()
    there = _present(bus, sorted({row.topic for row in rows})) if rows else set()
    return [row.event_id for row in rows if row.event_id not in there]


def _present(bus: Bus, topics: Sequence[str]) -> set[str]:
    """The ids of everything on these topics, read by a group nobody else is in."""
    found: set[str] = set()
    subscription = bus.subscribe(f"reconcile-{uuid.uuid4()}", topics)
    try:
        while True:
            received = subscription.poll(BATCH, QUIET_SECONDS)
            found.update(one.message.headers.get("ce_id", "") for one in received)
            subscription.commit(received)
            if not received and (lag := subscription.lag()) and not any(lag.values()):
                return found
    finally:
        subscription.close()


def send_again(runtime: Runtime, ids: Iterable[str]) -> None:
    """Let the relay publish these once more."""
    with runtime.db.writing() as session:
        session.execute(update(OUTBOX).where(among(session, OUTBOX.c.event_id, ids)).values(published_at=None))
