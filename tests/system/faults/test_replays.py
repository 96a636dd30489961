"""Topics read once more from their beginning, and a read model rebuilt while it is read, on Kafka and PostgreSQL (F26,
F27)."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import delete, select, update

from chassis.bus import Received
from chassis.bus.kafka import KafkaBus
from chassis.consumer import Consumer
from chassis.ids import new_id
from chassis.service import Runtime
from chassis.tables import INBOX, MEMBERS, PEOPLE, TEAMS
from contracts.people import PersonRegistered
from contracts.registry import TOPICS
from gateway.projection import rebuild
from gateway.projection.models import CHECK_INS, OBJECTIVES
from tests.support import gateway as folding
from tests.support.gateway import History, supports
from tests.support.hosted import Hosted
from tests.support.kafka import QUICK, fresh_prefix
from tests.support.notifications import (
    BEN,
    at_risk,
    everyone,
    feedback,
    letters,
    mailing,
    notifications_service,
    praise,
    send,
    want_email,
)
from tests.support.postgres import Postgres
from tests.support.smtp import Behaviour, mail_server

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow]

Figure = Callable[[str], None]


@pytest.fixture
def bus(kafka: str) -> Iterator[KafkaBus]:
    made = KafkaBus(kafka, fresh_prefix(), **QUICK)
    made.ensure_topics(TOPICS, 3)
    yield made
    made.close()


@pytest.fixture
def smtp() -> Iterator[tuple[Behaviour, str]]:
    with mail_server() as running:
        yield running


def publish(bus: KafkaBus, messages: Iterable[Received]) -> int:
    wires = [one.message for one in messages]
    assert bus.publish(wires) == [None] * len(wires)
    return len(wires)


def read_all(runtime: Runtime, bus: KafkaBus, count: int) -> None:
    """Take so many messages from the beginning, as a group without history."""
    consumer = Consumer(runtime, bus, group=f"replay-{new_id()}")
    taken, deadline = 0, time.monotonic() + 60
    while taken < count and time.monotonic() < deadline:
        taken += consumer.step(0.5)
    consumer.close()
    assert taken == count


def state(runtime: Runtime) -> str:
    """A checksum over everything a service knows."""
    tables = [*runtime.service.metadata.sorted_tables, PEOPLE, TEAMS, MEMBERS]
    with runtime.db.reading() as session:
        rows = [f"{table.name} {tuple(row)}" for table in tables for row in session.execute(select(table))]
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


@pytest.fixture
def notifications(postgres: Postgres, smtp: tuple[Behaviour, str]) -> Iterator[Hosted]:
    with ExitStack() as ending:
        url = ending.enter_context(postgres.database())
        yield ending.enter_context(notifications_service(url, mailing(smtp[1])))


def test_topics_read_from_their_beginning_tell_nobody_twice(
    notifications: Hosted, smtp: tuple[Behaviour, str], bus: KafkaBus, figure: Figure
) -> None:
    want_email(notifications)
    news = [*everyone(), *(praise() for _ in range(5)), feedback(), at_risk(BEN), at_risk(BEN)]
    count = publish(bus, [notifications.message(event) for event in news])
    read_all(notifications.runtime, bus, count)
    send(notifications, mailing(smtp[1]))
    sent, before = len(smtp[0].taken), state(notifications.runtime)
    assert sent == len(letters(notifications)) == 8
    read_all(notifications.runtime, bus, count)
    with notifications.runtime.db.writing() as session:
        session.execute(delete(INBOX))
    read_all(notifications.runtime, bus, count)
    send(notifications, mailing(smtp[1]))
    figure(f"{count} messages read three times, once without an inbox: {sent} letters, none twice, checksums equal")
    assert len(smtp[0].taken) == sent
    assert state(notifications.runtime) == before


def test_a_read_model_is_rebuilt_while_it_is_read(postgres: Postgres, bus: KafkaBus, figure: Figure) -> None:
    history, ada = an_organisation()
    with postgres.database() as url, folding.listening(url) as gateway:
        read_all(gateway, bus, publish(bus, folding.messages(history.said)))
        with gateway.db.reading() as session:
            sound = rebuild.checksum(session)
        with gateway.db.writing() as session:
            session.execute(update(OBJECTIVES).values(progress=0.99))
            session.execute(delete(CHECK_INS))
            rebuild.begin(session)
        messages = folding.messages(history.said) + folding.messages(republished(history).said)
        publish(bus, messages[len(history.said) :])
        with ThreadPoolExecutor(1) as threads:
            taking = threads.submit(read_all, gateway, bus, len(messages))
            reads = []
            while not taking.done():
                reads.append(folding.read(gateway, folding.someone(ada), "/dashboard"))
            taking.result()
        with gateway.db.writing() as session:
            assert rebuild.finish(session) == {}
            assert rebuild.checksum(session) == sound
    figure(
        f"rebuilt from {len(messages) - len(history.said)} events, {len(reads)} reads meanwhile, 0 failed; equal sums"
    )
    assert len(reads) > 1


def an_organisation() -> tuple[History, PersonRegistered]:
    """Ten objectives of Ada's below one of her team's, with key results and check-ins."""
    history = History()
    ada, harbour, cycle = history.person("Ada Ames"), history.team("Harbour"), history.cycle()
    above = history.objective(cycle, harbour, "Riders stay")
    for number in range(10):
        aim = history.objective(cycle, ada, f"Aim {number}", parents=[supports(above)])
        measure = history.key_result(aim, "Minutes to first reply")
        for value in range(5):
            history.check_in(measure, ada, value=value)
    return history, ada


def republished(history: History) -> History:
    """The present state of everything, said once more."""
    again = History(history.now)
    for event in {event.id: event for _, event in history.said}.values():
        again.say(event)
    return again
