"""The broker goes away, dies, comes back, and loses what it had acknowledged, while events flow from PostgreSQL to
PostgreSQL (F10 to F13)."""

import gc
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chassis.reconcile import absent, send_again
from deploy.kafka.broker import Broker, BrokerUnavailable
from tests.support import ledger, servers
from tests.support.flowing import TOPIC, Flow, flowing, lose_the_tail
from tests.support.kafka import DEMAND
from tests.support.postgres import Postgres
from tests.support.stack import until

Figure = Callable[[str], None]
# The Kafka client leaves sockets it could not connect to the garbage collector.
UNCLOSED = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow, UNCLOSED]

AWAY_SECONDS = float(os.environ.get("CAIRN_FAULT_SECONDS", "5"))
"""How long the broker is away; `make chaos` and people with time may take minutes."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("broker")


@pytest.fixture(scope="module")
def broker(data: Path) -> Iterator[Broker]:
    """A broker of our own: others must not notice what we do to it."""
    try:
        with Broker(data) as running:
            yield running
    except BrokerUnavailable as reason:
        servers.absent(str(reason), DEMAND)


@pytest.fixture
def flow(broker: Broker, postgres: Postgres) -> Iterator[Flow]:
    with postgres.database() as source, postgres.database() as sink, flowing(source, sink, broker.bootstrap) as running:
        running.bump(20)
        running.arrive(60)
        yield running
    gc.collect()


def test_while_the_broker_hangs_writes_go_on_and_the_outbox_drains_afterwards(
    flow: Flow, broker: Broker, figure: Figure
) -> None:
    broker.freeze()
    end, written, slowest = time.monotonic() + AWAY_SECONDS, 0, 0.0
    while time.monotonic() < end:
        before = time.monotonic()
        flow.bump(10)
        written, slowest = written + 10, max(slowest, time.monotonic() - before)
    assert flow.unpublished() >= written * 0.9
    assert slowest < 5, "ten writes never wait for the broker"
    broker.thaw()
    back = time.monotonic()
    until(lambda: flow.unpublished() == 0, 60, "the outbox is drained")
    drained = time.monotonic() - back
    flow.arrive(60)
    figure(f"{written} writes in {AWAY_SECONDS:.0f} s without a broker, 0 failed; drained {drained:.1f} s after it")
    assert flow.faults() == []
    assert flow.ended == []


def test_a_broker_that_restarts_is_found_again_by_everybody(flow: Flow, broker: Broker, figure: Figure) -> None:
    broker.kill()
    flow.bump(20)
    broker.start()
    back = time.monotonic()
    flow.bump(20)
    flow.arrive(30)
    figure(f"all there {time.monotonic() - back:.1f} s after the restart")
    assert flow.faults() == []
    assert flow.ended == []


def test_a_lost_tail_is_found_and_sent_again(
    flow: Flow, broker: Broker, data: Path, postgres: Postgres, figure: Figure
) -> None:
    for _ in range(6):
        flow.bump(40)
        flow.arrive(60)
    assert absent(flow.source, flow.bus()) == []
    lose_the_tail(broker, data, flow.prefix + TOPIC, kept=0.6)
    back = time.monotonic()
    flow.bump(40)
    until(lambda: flow.unpublished() == 0, 60, "what came after the loss is published")
    figure(f"publishing again {time.monotonic() - back:.1f} s after the restart")
    lost = absent(flow.source, flow.bus())
    assert lost, "the broker has lost something"
    send_again(flow.source, lost)
    until(lambda: flow.unpublished() == 0, 60, "what was lost is published once more")
    assert absent(flow.source, flow.bus()) == []
    flow.arrive(60)
    figure(f"{len(lost)} of {flow.total()} were lost, all were sent again")
    assert flow.faults() == []
    assert flow.ended == []
    with postgres.database() as url:
        late = ledger.runtime(ledger.sink(), url)
        with flow.joined(late):
            until(lambda: ledger.waiting(late) == flow.total(), 60, "a reader that begins now gets everything")
        assert sorted(ledger.effects(late)) == sorted(ledger.effects(flow.sink))
        late.db.dispose()
