"""Reading from Kafka as a member of a group."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError
from kafka.structs import OffsetAndMetadata

from chassis.bus import BusClosed, Received
from chassis.bus.kafka.clients import CLOSE_SECONDS, translated
from chassis.bus.positions import Positions
from chassis.bus.wire import from_wire

# A poll is cut into slices, so that closing from another thread is noticed.
SLICE_SECONDS = 0.5


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
        with self._lock, translated(trouble):
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
