"""The lag of a part: published events it has not received, told by their ids, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import delete, select, update

from cairn import settling
from cairn.settling import Gap, lags, unsettled
from chassis.bus import Bus, Message, Received
from chassis.consumer import Consumer
from chassis.service import Runtime
from chassis.tables import OUTBOX
from chassis.unit import unit_of_work
from tests.support import ledger
from tests.support.ledger import Opened

Parts = dict[str, Runtime]
NOON = datetime(2026, 7, 3, 12, tzinfo=UTC)


@pytest.fixture
def parts(new_database: Callable[[], str], opened: Opened) -> Parts:
    made = {"source": opened(ledger.source(), new_database()), "sink": opened(ledger.sink(), new_database())}
    return {name: Runtime(part.service, part.db, lambda: NOON) for name, part in made.items()}


def say(parts: Parts, events: int, at: datetime = NOON) -> list[Received]:
    """So many events of the source, published at a moment; as the sink would receive them."""
    with unit_of_work(parts["source"].db) as unit:
        for _ in range(events):
            ledger.bump(unit, "counter")
    fresh = OUTBOX.c.published_at.is_(None)
    with parts["source"].db.writing() as session:
        rows = session.execute(select(OUTBOX).where(fresh).order_by(OUTBOX.c.id)).all()
        session.execute(update(OUTBOX).where(fresh).values(published_at=at))
    return [Received(Message(row.topic, row.key, row.payload, row.headers), 0, row.id) for row in rows]


def hear(parts: Parts, messages: list[Received]) -> None:
    Consumer(parts["sink"], cast(Bus, None)).apply(messages)


def test_without_events_nobody_lags(parts: Parts) -> None:
    assert lags(parts) == []
    assert unsettled(parts) == {}


def test_what_was_published_and_not_received_is_the_lag_since_the_oldest_of_it(parts: Parts) -> None:
    hear(parts, say(parts, 2, NOON - timedelta(hours=2)))
    say(parts, 3, NOON - timedelta(minutes=5))
    say(parts, 1)
    assert lags(parts) == [Gap("sink", 4, NOON - timedelta(minutes=5))]
    assert unsettled(parts) == {"sink": 4}


def test_what_was_not_published_yet_is_the_outboxs_and_not_the_readers(parts: Parts) -> None:
    ledger.bump_in(parts["source"], "counter")
    assert lags(parts) == []
    assert unsettled(parts) == {"source outbox": 1}


def test_one_that_is_missing_among_many_received_is_found(parts: Parts) -> None:
    messages = say(parts, 2 * settling.CHUNK + 1)
    hear(parts, messages[:1] + messages[2:])
    assert lags(parts) == [Gap("sink", 1, NOON)]
    hear(parts, messages)
    assert lags(parts) == []


def test_an_outbox_that_was_cleared_leaves_no_false_lag_and_hides_no_true_one(parts: Parts) -> None:
    hear(parts, say(parts, 5))
    with parts["source"].db.writing() as session:
        session.execute(delete(OUTBOX))
    assert lags(parts) == []
    say(parts, 2)
    assert lags(parts) == [Gap("sink", 2, NOON)]


def test_events_older_than_an_inbox_remembers_say_nothing(parts: Parts) -> None:
    say(parts, 3, NOON - settling.LOOK_BACK - timedelta(seconds=1))
    assert lags(parts) == []


def test_one_that_cannot_read_the_topic_does_not_lag(
    parts: Parts, opened: Opened, new_database: Callable[[], str]
) -> None:
    say(parts, 1)
    another = opened(ledger.source(), new_database())
    assert [gap.reader for gap in lags({**parts, "another": another})] == ["sink"]
