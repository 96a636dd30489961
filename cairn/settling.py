"""Whether every committed event has reached everyone who reads it: the question every end-to-end check asks.

It compares databases, not offsets: an event is settled when it is published and stands in the inbox of each part
that reads its topic.
"""

from sqlalchemy import func, select

from cairn import connect, topology
from chassis.relay import waiting_since
from chassis.service import Runtime
from chassis.settings import Settings
from chassis.tables import INBOX, OUTBOX


def settled(settings: Settings) -> bool:
    """True when no outbox holds anything back and no inbox misses anything that was published."""
    parts = {name: connect.runtime(settings, name) for name in topology.PARTS}
    try:
        return not unsettled(parts)
    finally:
        for part in parts.values():
            part.db.dispose()


def unsettled(parts: dict[str, Runtime]) -> dict[str, int]:
    """How many events each part still waits for; parts that wait for none are left out."""
    published = {name: _published(part) for name, part in parts.items()}
    waiting = {f"{name} outbox": waiting_since(part.db)[0] for name, part in parts.items()}
    missing = {name: _missing(part, published) for name, part in parts.items()}
    return {name: count for name, count in {**waiting, **missing}.items() if count}


def _published(part: Runtime) -> int:
    with part.db.reading() as session:
        return session.execute(select(func.count(OUTBOX.c.id))).scalar_one()


def _missing(part: Runtime, published: dict[str, int]) -> int:
    wanted = sum(published.get(topic.rpartition(".")[2], 0) for topic in part.service.topics())
    with part.db.reading() as session:
        return wanted - session.execute(select(func.count(INBOX.c.event_id))).scalar_one()
