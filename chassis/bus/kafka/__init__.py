"""The message bus on Apache Kafka. The only package that knows the Kafka client.

Nothing connects before it is used: a client made before a fork would hang in the child.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from kafka.net.compat import KafkaNetClient

from chassis.bus import BusClosed, BusError, Message
from chassis.bus.kafka.clients import translated
from chassis.bus.kafka.membership import KafkaSubscription
from chassis.bus.kafka.publishing import Publisher
from chassis.bus.wire import BATCH_BYTES, to_wire


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
        # Members hear of a rebalance with their next heartbeat, and giving partitions away takes two rounds of that.
        "heartbeat_interval_ms": 1_000,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
    }

    def __init__(self, bootstrap: str, prefix: str, client_id: str = "cairn", **tuning: Any) -> None:
        self._prefix = prefix
        self._settings = {**self.DEFAULTS, "bootstrap_servers": bootstrap.split(","), "client_id": client_id, **tuning}
        known = KafkaProducer.DEFAULT_CONFIG.keys() | KafkaConsumer.DEFAULT_CONFIG.keys()
        if unknown := self._settings.keys() - known:
            raise ValueError(f"unknown Kafka settings: {', '.join(sorted(unknown))}")
        self._publisher = Publisher(lambda: self._connect(KafkaProducer))
        self._subscriptions: list[KafkaSubscription] = []
        self._closed = False

    def ensure_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Create the topics that are missing, with the broker's own replication. Existing ones stay as they are."""
        self._require_open()
        wanted = {self._prefix + topic: {"num_partitions": partitions, "replication_factor": -1} for topic in topics}
        with translated("the topics could not be created"):
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

    def subscribe(self, group: str, topics: Sequence[str]) -> KafkaSubscription:
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
