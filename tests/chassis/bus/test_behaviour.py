"""What every bus promises, proved on each of them."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from chassis.bus import Bus, BusClosed, Message, Received, Subscription
from tests.support.buses import open_bus

TOPIC = "cairn.people"
PATIENCE = 30.0


@pytest.fixture
def topic(bus: Bus) -> str:
    bus.ensure_topics([TOPIC], 4)
    return TOPIC


@pytest.fixture
def reopen(bus: Bus, bus_address: str) -> Iterator[Callable[[], Bus]]:
    """The same bus again, as after a restart."""
    opened: list[Bus] = []

    def again() -> Bus:
        opened.append(open_bus(bus_address))
        return opened[-1]

    yield again
    for one in opened:
        one.close()


def messages(count: int, keys: int = 5, start: int = 0) -> list[Message]:
    numbers = range(start, start + count)
    return [Message(TOPIC, f"key-{number % keys}", str(number).encode()) for number in numbers]


def publish(bus: Bus, batch: Sequence[Message]) -> None:
    assert bus.publish(batch) == [None] * len(batch)


def take(subscription: Subscription, count: int, commit: bool = True) -> list[Received]:
    """Poll until `count` messages have come; fails when they do not come in time."""
    taken: list[Received] = []
    deadline = time.monotonic() + PATIENCE
    while len(taken) < count:
        assert time.monotonic() < deadline, f"{len(taken)} of {count} messages came"
        polled = subscription.poll(100, 0.2)
        if commit:
            subscription.commit(polled)
        taken += polled
    return taken


class Flow:
    """Publishes numbered messages one by one, so that a member that joins late has something to read."""

    def __init__(self, bus: Bus, keys: int) -> None:
        self.count = 0
        self._bus = bus
        self._keys = keys

    def publish(self, count: int = 1) -> None:
        publish(self._bus, messages(count, self._keys, self.count))
        self.count += count


def take_together(
    members: Sequence[Subscription], flow: Flow, done: Callable[[list[list[Received]]], bool]
) -> list[list[Received]]:
    """Poll and commit with all members, each in its own thread, until `done`; answers what each of them got."""
    got: list[list[Received]] = [[] for _ in members]
    stop = threading.Event()

    def work(member: Subscription, into: list[Received]) -> None:
        while not stop.is_set():
            polled = member.poll(100, 0.1)
            member.commit(polled)
            into += polled

    threads = [threading.Thread(target=work, args=pair) for pair in zip(members, got, strict=True)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE
    while not done(got) and time.monotonic() < deadline:
        flow.publish()
        stop.wait(0.02)
    stop.set()
    for thread in threads:
        thread.join()
    assert done(got), f"not reached: {[len(one) for one in got]}"
    return got


def partitions(received: Sequence[Received]) -> set[int]:
    return {one.partition for one in received}


def values(received: Sequence[Received]) -> list[int]:
    return [int(one.message.value or b"-1") for one in received]


def by_key(received: Sequence[Received]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for one in received:
        found.setdefault(one.message.key, []).append(int(one.message.value or b"-1"))
    return found


def test_what_was_published_is_there_after_a_restart(bus: Bus, topic: str, reopen: Callable[[], Bus]) -> None:
    publish(bus, messages(20))
    bus.close()
    assert sorted(values(take(reopen().subscribe("goals", [topic]), 20))) == list(range(20))


def test_messages_of_one_key_keep_their_order(bus: Bus, topic: str) -> None:
    for start in range(0, 300, 30):
        publish(bus, messages(30, keys=7, start=start))
    for numbers in by_key(take(bus.subscribe("goals", [topic]), 300)).values():
        assert numbers == sorted(numbers)


def test_a_key_always_goes_to_the_same_partition(bus: Bus, topic: str) -> None:
    publish(bus, messages(60, keys=6))
    places = {(one.message.key, one.partition) for one in take(bus.subscribe("goals", [topic]), 60)}
    assert len(places) == 6


def test_every_group_sees_every_message(bus: Bus, topic: str) -> None:
    publish(bus, messages(10))
    assert sorted(values(take(bus.subscribe("goals", [topic]), 10))) == list(range(10))
    assert sorted(values(take(bus.subscribe("notifications", [topic]), 10))) == list(range(10))


def test_a_group_reads_only_its_topics(bus: Bus, topic: str) -> None:
    bus.ensure_topics(["cairn.goals"], 2)
    publish(bus, [Message("cairn.goals", "g", b"1"), *messages(5)])
    taken = take(bus.subscribe("both", [topic, "cairn.goals"]), 6)
    assert {one.message.topic for one in taken} == {topic, "cairn.goals"}
    assert len(take(bus.subscribe("one", ["cairn.goals"]), 1)) == 1


def test_a_poll_gives_no_more_than_asked(bus: Bus, topic: str) -> None:
    publish(bus, messages(30))
    subscription = bus.subscribe("goals", [topic])
    sizes: list[int] = []
    while sum(sizes) < 30 and len(sizes) < 60:
        sizes.append(len(subscription.poll(7, 1.0)))
    assert sum(sizes) == 30
    assert max(sizes) == 7


def test_a_quiet_bus_answers_when_the_time_is_over(bus: Bus, topic: str) -> None:
    subscription = bus.subscribe("goals", [topic])
    started = time.monotonic()
    assert subscription.poll(10, 0.3) == []
    assert time.monotonic() - started < 5


def test_a_waiting_poll_is_woken_by_a_publish(bus: Bus, topic: str) -> None:
    subscription = bus.subscribe("goals", [topic])
    publish(bus, messages(1))
    take(subscription, 1)
    publisher = threading.Timer(0.2, publish, (bus, messages(1, start=1)))
    publisher.start()
    started = time.monotonic()
    assert values(subscription.poll(10, 10.0)) == [1]
    assert time.monotonic() - started < 3
    publisher.join()


def test_what_was_not_committed_comes_again_after_a_restart(bus: Bus, topic: str, reopen: Callable[[], Bus]) -> None:
    publish(bus, messages(10, keys=1))
    subscription = bus.subscribe("goals", [topic])
    taken = take(subscription, 10, commit=False)
    subscription.commit(taken[:4])
    bus.close()
    assert values(take(reopen().subscribe("goals", [topic]), 6)) == [4, 5, 6, 7, 8, 9]


def test_a_commit_never_goes_backwards(bus: Bus, topic: str, reopen: Callable[[], Bus]) -> None:
    publish(bus, messages(10, keys=1))
    subscription = bus.subscribe("goals", [topic])
    taken = take(subscription, 10, commit=False)
    subscription.commit(taken[:8])
    subscription.commit(taken[:3])
    bus.close()
    assert values(take(reopen().subscribe("goals", [topic]), 2)) == [8, 9]


def test_rewinding_delivers_again_from_what_is_committed(bus: Bus, topic: str) -> None:
    publish(bus, messages(12, keys=3))
    subscription = bus.subscribe("goals", [topic])
    taken = take(subscription, 12, commit=False)
    done = [one for one in taken if one.message.key == "key-0"]
    subscription.commit(done)
    subscription.rewind()
    again = take(subscription, 12 - len([one for one in taken if one.partition == done[0].partition]))
    assert {one.message.key for one in again}.isdisjoint({"key-0"})


def test_rewinding_without_history_starts_at_the_first_message(bus: Bus, topic: str) -> None:
    publish(bus, messages(5, keys=1))
    subscription = bus.subscribe("goals", [topic])
    take(subscription, 5, commit=False)
    subscription.rewind()
    assert values(take(subscription, 5)) == [0, 1, 2, 3, 4]


def test_the_lag_counts_what_is_not_committed(bus: Bus, topic: str) -> None:
    publish(bus, messages(10, keys=1))
    subscription = bus.subscribe("goals", [topic])
    taken = take(subscription, 10, commit=False)
    assert sum(subscription.lag().values()) == 10
    subscription.commit(taken[:7])
    assert sum(subscription.lag().values()) == 3
    assert {name for name, _ in subscription.lag()} == {topic}


def test_members_of_a_group_share_the_partitions(bus: Bus, topic: str) -> None:
    members = [bus.subscribe("goals", [topic]) for _ in range(2)]
    flow = Flow(bus, keys=40)
    flow.publish(40)
    take_together(members, flow, lambda _: all(len(member.lag()) == 2 for member in members))
    held = [set(member.lag()) for member in members]
    assert held[0] | held[1] == {(topic, partition) for partition in range(4)}


def test_a_member_that_joins_and_leaves_loses_nothing(bus: Bus, topic: str) -> None:
    first, second = bus.subscribe("goals", [topic]), bus.subscribe("goals", [topic])
    flow = Flow(bus, keys=20)
    flow.publish(50)
    taken = take(first, 20)
    for got in take_together([first, second], flow, lambda got: all(got)):
        taken += got
    second.close()
    flow.publish(50)
    deadline = time.monotonic() + PATIENCE
    while len(set(values(taken))) < flow.count and time.monotonic() < deadline:
        polled = first.poll(100, 0.2)
        first.commit(polled)
        taken += polled
    assert set(values(taken)) == set(range(flow.count))


def test_a_commit_after_losing_the_partition_changes_nothing(bus: Bus, topic: str) -> None:
    first, second = bus.subscribe("goals", [topic]), bus.subscribe("goals", [topic])
    flow = Flow(bus, keys=40)
    flow.publish(40)
    stale = take(first, 40, commit=False)
    first.rewind()
    take_together([first, second], flow, lambda _: len(first.lag()) == len(second.lag()) == 2)
    before = second.lag()
    lost = [one for one in stale if (topic, one.partition) in before]
    first.commit([Received(one.message, one.partition, one.offset + 1_000) for one in lost])
    assert lost
    assert second.lag() == before


def test_a_tombstone_and_an_empty_value_are_told_apart(bus: Bus, topic: str) -> None:
    publish(bus, [Message(topic, "k", None), Message(topic, "k", b"")])
    assert [one.message.value for one in take(bus.subscribe("goals", [topic]), 2)] == [None, b""]


def test_headers_and_keys_carry_any_text(bus: Bus, topic: str) -> None:
    sent = Message(topic, "clé-鍵-🔑", b"\x00\xff", {"ce_type": "cairn.people.person.hired.v1", "naïve": "日本語 ✓"})
    publish(bus, [sent])
    assert take(bus.subscribe("goals", [topic]), 1)[0].message == sent


def test_threads_may_publish_at_the_same_time(bus: Bus, topic: str) -> None:
    def work(key: int) -> None:
        for number in range(20):
            publish(bus, [Message(TOPIC, f"key-{key}", str(number).encode())])

    threads = [threading.Thread(target=work, args=(key,)) for key in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = by_key(take(bus.subscribe("goals", [topic]), 120))
    assert found == {f"key-{key}": list(range(20)) for key in range(6)}


def test_a_message_to_an_unknown_topic_fails_alone(bus: Bus, topic: str) -> None:
    results = bus.publish([Message("cairn.nowhere", "n", b"1"), *messages(2)])
    assert results[0] is not None
    assert results[1:] == [None, None]


def test_creating_topics_again_changes_nothing(bus: Bus, topic: str) -> None:
    publish(bus, messages(8, keys=8))
    bus.ensure_topics([topic, topic, "cairn.goals"], 9)
    publish(bus, messages(40, keys=40, start=8))
    assert max(one.partition for one in take(bus.subscribe("goals", [topic]), 48)) <= 3


def test_publishing_nothing_is_fine(bus: Bus, topic: str) -> None:
    assert bus.publish([]) == []


def test_a_closed_subscription_says_so(bus: Bus, topic: str) -> None:
    subscription = bus.subscribe("goals", [topic])
    subscription.poll(1, 0.1)
    subscription.close()
    subscription.close()
    for call in (
        lambda: subscription.poll(1, 0),
        lambda: subscription.commit([]),
        subscription.rewind,
        subscription.lag,
    ):
        with pytest.raises(BusClosed):
            call()


def test_a_closed_bus_says_so(bus: Bus, topic: str) -> None:
    subscription = bus.subscribe("goals", [topic])
    bus.close()
    bus.close()
    with pytest.raises(BusClosed):
        bus.publish(messages(1))
    with pytest.raises(BusClosed):
        bus.subscribe("goals", [topic])
    with pytest.raises(BusClosed):
        bus.ensure_topics([topic], 1)
    with pytest.raises(BusClosed):
        subscription.poll(1, 0)


def test_closing_ends_a_poll_that_waits_in_another_thread(bus: Bus, topic: str) -> None:
    subscription = bus.subscribe("goals", [topic])
    subscription.poll(1, 0.1)
    ended: list[type[BaseException]] = []

    def wait() -> None:
        try:
            subscription.poll(1, 30.0)
        except BusClosed as error:
            ended.append(type(error))

    waiting = threading.Thread(target=wait)
    waiting.start()
    subscription.close()
    waiting.join(5)
    assert ended == [BusClosed]
