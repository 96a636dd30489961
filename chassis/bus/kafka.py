"""The message bus on Apache Kafka. The only file that knows the Kafka client.

Publishing is one call at a time: the messages of a call go out as one batch per partition, and nothing is sent behind a
batch that failed, so a key's messages are never out of order, whatever is sent again. Nothing connects before it is
used: a client made before a fork would hang in the child.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import (
    CommitFailedError,
    KafkaError,
    KafkaTimeoutError,
    RebalanceInProgressError,
    TopicAlreadyExistsError,
    for_code,
)
from kafka.net.compat import KafkaNetClient
from kafka.structs import OffsetAndMetadata

from chassis.bus import BusClosed, BusError, Message, Received
from chassis.bus.positions import Positions
from chassis.bus.wire import BATCH_BYTES, Wire, chunks, from_wire, to_wire

# A poll is cut into slices, so that closing from another thread is noticed.
SLICE_SECONDS = 0.5
CLOSE_SECONDS = 3.0


class KafkaBus:
    """The bus on the brokers in `bootstrap` ("host:port", comma separated).

    `prefix` stands before every topic and group on the wire and nowhere else. `tuning` overrides the client's own
    settings by their names, e.g. `session_timeout_ms`; an unknown name is a ValueError.
    """

    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "bootstrap_timeout_ms": 5_000,
        "request_timeout_ms": 10_000,
        "retry_backoff_ms": 100,
        "reconnect_backoff_max_ms": 1_000,
        "metadata_max_age_ms": 10_000,
        "acks": "all",
        "enable_idempotence": True,
        "delivery_timeout_ms": 25_000,
        "max_block_ms": 5_000,
        "allow_auto_create_topics": False,
        # Each call flushes its own messages; lingering keeps the client from cutting them in two before that.
        "linger_ms": 1_000,
        "batch_size": BATCH_BYTES,
        "session_timeout_ms": 15_000,
        "heartbeat_interval_ms": 3_000,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
    }

    def __init__(self, bootstrap: str, prefix: str, client_id: str = "cairn", **tuning: Any) -> None:
        self._prefix = prefix
        self._settings = {**self.DEFAULTS, "bootstrap_servers": bootstrap.split(","), "client_id": client_id, **tuning}
        known = KafkaProducer.DEFAULT_CONFIG.keys() | KafkaConsumer.DEFAULT_CONFIG.keys()
        if unknown := self._settings.keys() - known:
            raise ValueError(f"unknown Kafka settings: {', '.join(sorted(unknown))}")
        self._publisher = _Publisher(lambda: self._connect(KafkaProducer))
        self._subscriptions: list[KafkaSubscription] = []
        self._closed = False

    def ensure_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Create the topics that are missing, with the broker's own replication. Existing ones stay as they are."""
        self._require_open()
        wanted = {self._prefix + topic: {"num_partitions": partitions, "replication_factor": -1} for topic in topics}
        with _translated("the topics could not be created"):
            admin = self._connect(KafkaAdminClient)
            try:
                answer = admin.create_topics(
                    wanted, timeout_ms=self._settings["request_timeout_ms"], raise_errors=False
                )
                for topic in answer["topics"]:
                    if topic["error_code"] not in (0, TopicAlreadyExistsError.errno):
                        raise for_code(topic["error_code"])(topic["name"])
                admin.wait_for_topics(wanted)
            finally:
                admin.close()

    def publish(self, messages: Sequence[Message]) -> list[BusError | None]:
        """Publish in order and wait for every acknowledgement; one entry a message, None where it is durable."""
        self._require_open()
        return self._publisher.publish(messages, [to_wire(message, self._prefix) for message in messages])

    def subscribe(self, group: str, topics: Sequence[str]) -> "KafkaSubscription":
        """Join a group at the first poll; a group without history starts at the first message there is."""
        self._require_open()
        special = {
            "group_id": self._prefix + group,
            "partition_assignment_strategy": [CooperativeStickyAssignor],
        }
        subscription = KafkaSubscription(lambda: self._connect(KafkaConsumer, **special), self._prefix, topics)
        self._subscriptions = [one for one in self._subscriptions if not one.closed]
        self._subscriptions.append(subscription)
        return subscription

    def close(self) -> None:
        self._closed = True
        for subscription in self._subscriptions:
            subscription.close()
        self._publisher.close()

    def _require_open(self) -> None:
        if self._closed:
            raise BusClosed("the bus was closed")

    def _connect(self, kind: Callable[..., Any], **special: Any) -> Any:
        """A client of `kind`. A client that could not connect is closed here, as its maker forgets to."""
        made: list[KafkaNetClient] = []

        def remember(**settings: Any) -> KafkaNetClient:
            made.append(KafkaNetClient(**settings))
            return made[-1]

        allowed = kind.DEFAULT_CONFIG.keys()  # type: ignore[attr-defined]
        settings = {name: value for name, value in self._settings.items() if name in allowed}
        try:
            return kind(**settings, **special, kafka_client=remember)
        except KafkaError:
            for client in made:
                client.close()
            raise


class _Publisher:
    """One producer, made when first needed and made anew after a delivery that failed."""

    def __init__(self, connect: Callable[[], KafkaProducer]) -> None:
        self._connect = connect
        self._turn = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._closed = False

    def publish(self, messages: Sequence[Message], wires: Sequence[Wire]) -> list[BusError | None]:
        with self._turn:
            if self._closed:
                raise BusClosed("the bus was closed")
            call = _Call(messages, wires)
            try:
                self._producer = self._producer or self._connect()
                call.deliver(self._producer)
            except KafkaError as error:
                call.fail_rest(BusError(f"not published: {error}"))
                self._drop()
            return call.results()

    def close(self) -> None:
        with self._turn:
            self._closed = True
            self._drop()

    def _drop(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            # What it has not delivered was reported as failed: it must not try again behind our back. Its own close
            # has no way to say so; it would wait for those messages and leave the sending thread running.
            producer._sender.force_close()
            with suppress(KafkaError):
                producer.close(timeout=CLOSE_SECONDS)


class _Call:
    """The messages of one publish and what became of them."""

    _PENDING: ClassVar[BusError] = BusError("not published yet")

    def __init__(self, messages: Sequence[Message], wires: Sequence[Wire]) -> None:
        self._messages = messages
        self._wires = wires
        self._results: list[BusError | None] = [self._PENDING] * len(messages)
        self._broken_keys: set[tuple[str, str]] = set()
        self._broken_topics: dict[str, BusError] = {}

    def results(self) -> list[BusError | None]:
        """One entry a message; never None behind a failure of the same topic and key."""
        broken: set[tuple[str, str]] = set()
        for index, message in enumerate(self._messages):
            if self._results[index] is not None:
                broken.add((message.topic, message.key))
            elif (message.topic, message.key) in broken:
                self._results[index] = BusError("an earlier message of the same key was not published")
        return self._results

    def fail_rest(self, error: BusError) -> None:
        """Everything that was not acknowledged failed with `error`."""
        self._results = [error if result is self._PENDING else result for result in self._results]

    def deliver(self, producer: KafkaProducer) -> None:
        """Chunk by chunk. Raises KafkaError at the first chunk that was not delivered as a whole."""
        for chunk in chunks(self._wires):
            sent = [(index, future) for index in chunk if (future := self._send(producer, index)) is not None]
            producer.flush(timeout=producer.config["delivery_timeout_ms"] / 1000)
            failed = [future.exception for _, future in sent if not future.succeeded()]
            for index, future in sent:
                if future.succeeded():
                    self._results[index] = None
            if failed:
                raise failed[0] or KafkaTimeoutError("no acknowledgement in time")

    def _send(self, producer: KafkaProducer, index: int) -> Any:
        """The client's promise for one message, or None where it cannot be sent: it fails alone, with its key."""
        topic, wire_key, value, headers = self._wires[index]
        key = (topic, self._messages[index].key)
        fault = self._broken_topics.get(topic)
        if fault is None and key in self._broken_keys:
            fault = BusError("an earlier message of the same key was not published")
        if fault is None:
            try:
                return producer.send(topic, value, wire_key, headers)
            except KafkaTimeoutError as error:
                fault = self._broken_topics[topic] = BusError(f"topic {topic} is not known to the broker: {error}")
            except (KafkaError, ValueError) as error:
                fault = BusError(f"refused: {error}")
        self._broken_keys.add(key)
        self._results[index] = fault
        return None


class KafkaSubscription:
    """A member of a consumer group; see `Subscription` for the promises. Close it from any thread."""

    def __init__(self, connect: Callable[[], KafkaConsumer], prefix: str, topics: Sequence[str]) -> None:
        self._connect = connect
        self._prefix = prefix
        self._topics = [prefix + topic for topic in topics]
        self._lock = threading.RLock()
        self._consumer: KafkaConsumer | None = None
        self._known = Positions()
        self._heard_at = time.monotonic()
        self.closed = False

    def poll(self, limit: int, timeout: float) -> list[Received]:
        deadline = time.monotonic() + timeout
        while True:
            left = max(0.0, deadline - time.monotonic())
            with self._client("nothing could be read") as consumer:
                received = self._poll_slice(consumer, limit, min(left, SLICE_SECONDS))
            if received or left <= SLICE_SECONDS:
                return received

    def commit(self, upto: Sequence[Received]) -> None:
        with self._client("positions could not be committed") as consumer:
            for received in upto:
                partition = TopicPartition(self._prefix + received.message.topic, received.partition)
                self._known.owe(partition, received.offset + 1)
            self._pay(consumer)

    def rewind(self) -> None:
        with self._client("positions could not be read") as consumer:
            for partition in consumer.assignment():
                if (committed := self._committed(consumer, partition)) is None:
                    consumer.seek_to_beginning(partition)
                else:
                    consumer.seek(partition, committed)

    def lag(self) -> dict[tuple[str, int], int]:
        with self._client("the lag could not be read") as consumer:
            held = sorted(consumer.assignment())
            ends = consumer.end_offsets(held, timeout_ms=self._patience(consumer)) if held else {}
            return {
                (partition.topic.removeprefix(self._prefix), partition.partition): end
                - self._start(consumer, partition)
                for partition, end in ends.items()
            }

    def close(self) -> None:
        self.closed = True
        with self._lock:
            consumer, self._consumer = self._consumer, None
            if consumer is not None:
                # A broker that is away cannot be told; it drops the member after the session timeout.
                with suppress(KafkaError):
                    consumer.close(autocommit=False, timeout_ms=int(CLOSE_SECONDS * 1000))

    @contextmanager
    def _client(self, trouble: str) -> Iterator[KafkaConsumer]:
        self._require_open()
        with self._lock, _translated(trouble):
            self._require_open()
            if self._consumer is None:
                self._consumer = self._join()
            yield self._consumer

    def _join(self) -> KafkaConsumer:
        consumer = self._connect()
        try:
            # The client asks for metadata when it is made, and an answer that comes after `subscribe` would count as
            # the answer for our topics, which then have no partitions until the metadata is too old. So: once more.
            consumer.bootstrap(timeout_ms=self._patience(consumer), refresh=True)
            consumer.subscribe(self._topics, listener=_Forget(self._known))
        except KafkaError:
            consumer.close(autocommit=False, timeout_ms=0)
            raise
        self._heard_at = time.monotonic()
        return consumer

    def _require_open(self) -> None:
        if self.closed:
            raise BusClosed("the subscription was closed")

    def _poll_slice(self, consumer: KafkaConsumer, limit: int, timeout: float) -> list[Received]:
        self._remember_joining(consumer)
        batches = consumer.poll(timeout_ms=int(timeout * 1000), max_records=limit)
        self._pay(consumer)
        if batches:
            self._heard_at = time.monotonic()
        else:
            self._check_broker(consumer)
        records = [record for batch in batches.values() for record in batch]
        return [
            Received(
                from_wire(record.topic, self._prefix, record.key, record.value, record.headers),
                record.partition,
                record.offset,
            )
            for record in records
        ]

    @staticmethod
    def _remember_joining(consumer: KafkaConsumer) -> None:
        """Goes on with a join that the last poll left under way.

        Where topics or partitions were added, the client (3.0.12) joins without noting that it has to. A poll that ends
        while it does is followed by polls that know of no join: nobody takes the assignment, the heart stays still, and
        the member is out of its group for good.
        """
        coordinator = consumer._coordinator
        if coordinator._join_task is not None:
            coordinator.request_rejoin()

    def _check_broker(self, consumer: KafkaConsumer) -> None:
        """The client says "nothing new" when the broker is away, so after a while of silence it is asked something."""
        if time.monotonic() - self._heard_at < consumer.config["session_timeout_ms"] / 2000:
            return
        known = sorted(consumer.assignment()) or [TopicPartition(topic, 0) for topic in self._topics]
        consumer.end_offsets(known[:1], timeout_ms=self._patience(consumer))
        self._heard_at = time.monotonic()

    def _pay(self, consumer: KafkaConsumer) -> None:
        """Commit what is owed for the partitions held; during a rebalance it stays owed until the next poll."""
        owed = self._known.owed(consumer.assignment())
        due = {
            partition: OffsetAndMetadata(upto, "", -1)
            for partition, upto in owed.items()
            if upto > (self._committed(consumer, partition) or 0)
        }
        if due:
            try:
                consumer.commit(due, timeout_ms=self._patience(consumer))
            except (CommitFailedError, RebalanceInProgressError):
                return
            self._known.committed.update({partition: place.offset for partition, place in due.items()})
        self._known.settle(owed)

    def _committed(self, consumer: KafkaConsumer, partition: TopicPartition) -> int | None:
        if partition not in self._known.committed:
            self._known.committed[partition] = consumer.committed(partition, timeout_ms=self._patience(consumer))
        return self._known.committed[partition]

    def _start(self, consumer: KafkaConsumer, partition: TopicPartition) -> int:
        if (committed := self._committed(consumer, partition)) is not None:
            return committed
        first = consumer.beginning_offsets([partition], timeout_ms=self._patience(consumer))
        return int(first[partition])

    @staticmethod
    def _patience(consumer: KafkaConsumer) -> int:
        return int(consumer.config["request_timeout_ms"])


class _Forget(ConsumerRebalanceListener):  # type: ignore[misc]
    """Drops what is known about partitions that went: whoever has them next may move them."""

    def __init__(self, known: Positions) -> None:
        self._known = known

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._known.forget(revoked)

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._known.forget(assigned)


@contextmanager
def _translated(trouble: str) -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        raise BusError(f"{trouble}: {error}") from error
