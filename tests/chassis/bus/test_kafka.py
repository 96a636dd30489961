"""What is special about the Kafka bus: brokers that hang, die and come back, and messages of strangers."""

import gc
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer

from chassis.bus import BusError, Message, Received, Subscription
from chassis.bus.kafka import KafkaBus
from deploy.kafka.broker import Broker, BrokerUnavailable
from tests.support import servers
from tests.support.kafka import DEMAND, QUICK, fresh_prefix

# The Kafka client leaves sockets it could not connect to the garbage collector; see `broker`.
pytestmark = [pytest.mark.kafka, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]

TOPIC = "cairn.people"

# For brokers that are away on purpose: give up even sooner.
IMPATIENT = QUICK | {
    "request_timeout_ms": 1_000,
    "delivery_timeout_ms": 2_000,
    "bootstrap_timeout_ms": 1_500,
    "max_block_ms": 1_000,
}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker of the test's own, which it may hurt."""
    broker = Broker(tmp_path)
    try:
        broker.start()
    except BrokerUnavailable as error:
        servers.absent(str(error), DEMAND)
    yield broker
    broker.thaw()
    broker.kill()
    gc.collect()


def numbers(first: int, last: int) -> list[Message]:
    return [Message(TOPIC, f"key-{number % 3}", str(number).encode()) for number in range(first, last)]


def take(subscription: Subscription, count: int) -> list[Received]:
    """Poll through whatever trouble there is, until `count` different messages came."""
    taken: dict[bytes | None, Received] = {}
    deadline = time.monotonic() + 20
    while len(taken) < count and time.monotonic() < deadline:
        try:
            polled = subscription.poll(100, 0.5)
            subscription.commit(polled)
        except BusError:
            continue
        taken |= {one.message.value: one for one in polled}
    assert len(taken) == count
    return list(taken.values())


def refuses(subscription: Subscription, within: float) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            subscription.poll(1, 0.1)
        except BusError:
            return True
    return False


@pytest.mark.slow
def test_a_broker_that_dies_is_reported_in_time_and_used_again_when_it_is_back(broker: Broker) -> None:
    bus = KafkaBus(broker.bootstrap, fresh_prefix(), **IMPATIENT)
    bus.ensure_topics([TOPIC], 3)
    assert bus.publish(numbers(0, 6)) == [None] * 6
    subscription = bus.subscribe("goals", [TOPIC])
    take(subscription, 6)
    broker.kill()
    started = time.monotonic()
    assert all(isinstance(result, BusError) for result in bus.publish(numbers(6, 12)))
    assert refuses(subscription, within=8)
    threads = threading.active_count()
    with pytest.raises(BusError):
        bus.ensure_topics(["cairn.goals"], 1)
    assert bus.publish(numbers(6, 7))[0] is not None
    assert threading.active_count() <= threads
    assert time.monotonic() - started < 15
    broker.start()
    assert bus.publish(numbers(6, 12)) == [None] * 6
    assert {one.message.value for one in take(subscription, 6)} == {str(number).encode() for number in range(6, 12)}
    bus.close()


@pytest.mark.slow
def test_a_broker_that_hangs_costs_no_message_and_no_order(broker: Broker) -> None:
    bus = KafkaBus(broker.bootstrap, fresh_prefix(), **IMPATIENT)
    bus.ensure_topics([TOPIC], 3)
    assert bus.publish(numbers(0, 9)) == [None] * 9
    broker.freeze()
    started = time.monotonic()
    assert None not in bus.publish(numbers(9, 18))
    assert time.monotonic() - started < 10
    broker.thaw()
    assert bus.publish(numbers(9, 18)) == [None] * 9
    assert bus.publish(numbers(18, 21)) == [None] * 3
    by_key: dict[str, list[int]] = {}
    for one in take(bus.subscribe("goals", [TOPIC]), 21):
        by_key.setdefault(one.message.key, []).append(int(one.message.value or b"-1"))
    assert by_key == {f"key-{key}": list(range(key, 21, 3)) for key in range(3)}
    bus.close()


def test_nothing_of_a_key_is_sent_behind_a_refused_message(kafka: str) -> None:
    bus = KafkaBus(kafka, fresh_prefix(), **QUICK)
    bus.ensure_topics([TOPIC], 1)
    large = Message(TOPIC, "a", b"x" * 2_000_000)
    first, behind, other = Message(TOPIC, "a", b"1"), Message(TOPIC, "a", b"2"), Message(TOPIC, "b", b"3")
    results = bus.publish([first, large, behind, other])
    assert [result is None for result in results] == [True, False, False, True]
    assert {one.message.value for one in take(bus.subscribe("goals", [TOPIC]), 2)} == {b"1", b"3"}
    bus.close()


def test_a_call_larger_than_one_batch_keeps_its_order(kafka: str) -> None:
    bus = KafkaBus(kafka, fresh_prefix(), **QUICK)
    bus.ensure_topics([TOPIC], 1)
    batch = [Message(TOPIC, "a", str(number).encode() + b" " * 100_000) for number in range(30)]
    assert bus.publish(batch) == [None] * 30
    received = take(bus.subscribe("goals", [TOPIC]), 30)
    assert [int(one.message.value or b"") for one in received] == list(range(30))
    bus.close()


def test_a_strangers_message_is_read_without_harm(kafka: str) -> None:
    prefix = fresh_prefix()
    bus = KafkaBus(kafka, prefix, **QUICK)
    bus.ensure_topics([TOPIC], 1)
    with KafkaProducer(bootstrap_servers=kafka) as stranger:
        stranger.send(prefix + TOPIC, b"1", b"\xff\xfe", [("bad", b"\xc3\x28")]).get(10)
        stranger.send(prefix + TOPIC, b"2").get(10)
    broken, bare = take(bus.subscribe("goals", [TOPIC]), 2)
    assert broken.message.headers["bad"] == "\ufffd("
    assert broken.message.key == "\ufffd\ufffd"
    assert (bare.message.key, dict(bare.message.headers)) == ("", {})
    bus.close()


def test_prefixes_keep_deployments_apart(kafka: str) -> None:
    mine, theirs = (KafkaBus(kafka, fresh_prefix(), **QUICK) for _ in range(2))
    for bus in (mine, theirs):
        bus.ensure_topics([TOPIC], 1)
    mine.publish([Message(TOPIC, "k", b"mine")])
    theirs.publish([Message(TOPIC, "k", b"theirs")])
    assert [one.message.value for one in take(theirs.subscribe("goals", [TOPIC]), 1)] == [b"theirs"]
    mine.close()
    theirs.close()


def test_partitions_that_come_later_are_read_by_polls_that_end_while_the_group_joins_anew(kafka: str) -> None:
    prefix = fresh_prefix()
    bus = KafkaBus(kafka, prefix, **QUICK | {"metadata_max_age_ms": 200})
    bus.ensure_topics([TOPIC], 1)
    assert bus.publish(numbers(0, 1)) == [None]
    subscription = bus.subscribe("goals", [TOPIC])
    take(subscription, 1)
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_partitions({prefix + TOPIC: 2})
    admin.close()
    with KafkaProducer(bootstrap_servers=kafka) as producer:
        producer.send(prefix + TOPIC, b"new", b"key", partition=1).get(10)
    received: list[Received] = []
    deadline = time.monotonic() + 20
    while not received and time.monotonic() < deadline:
        received = subscription.poll(1, 0.001)
    assert [(one.partition, one.message.value) for one in received] == [(1, b"new")]
    bus.close()


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="sesion_timeout_ms"):
        KafkaBus("127.0.0.1:1", "x.", sesion_timeout_ms=1)


def test_making_and_closing_a_bus_needs_no_broker() -> None:
    bus = KafkaBus("127.0.0.1:1", "x.", **QUICK)
    bus.subscribe("goals", [TOPIC]).close()
    bus.close()
    assert threading.active_count() >= 1
