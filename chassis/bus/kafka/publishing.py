"""Publishing to Kafka, one call at a time.

The messages of a call go out as one batch per partition, and nothing is sent behind a batch that failed, so a key's
messages are never out of order, whatever is sent again.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from chassis.bus import BusClosed, BusError, Message
from chassis.bus.kafka.clients import CLOSE_SECONDS
from chassis.bus.wire import Wire, chunks


class Publisher:
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
