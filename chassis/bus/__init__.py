"""The message bus as services see it: durable topics, order per key, groups that share partitions.

Two adapters keep the same promises and pass the same behaviour suite: `chassis.bus.sqlite` (one machine, one
file) and `chassis.bus.kafka` (Apache Kafka). What they promise:

- `publish` returns after every message is durable, or says which ones are not;
- messages of one key keep their order; across keys nothing is promised;
- every group sees every message at least once; members of a group share the partitions;
- what was polled and not committed is delivered again after a reopen; a commit never goes backwards;
- a closed bus or subscription raises BusClosed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class BusError(Exception):
    """The bus could not do it now; trying again later may help."""


class BusClosed(BusError):
    """The bus or subscription was closed before this call."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is published. `key` decides the partition; `headers` are UTF-8 text."""

    topic: str
    key: str
    value: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """A message with the place it was read from."""

    message: Message
    partition: int
    offset: int


class Subscription(Protocol):
    """One member of a group. Poll, commit and rewind from one thread; `lag` and `close` may come from another.

    A partition can move to another member at any poll, and away from a member that does not poll for long; what it
    had not committed is delivered to the next one. Every call raises BusError when the bus cannot answer in time.
    """

    def poll(self, limit: int, timeout: float) -> list[Received]:
        """At most `limit` messages, in order per partition; waits up to `timeout` seconds for the first."""

    def commit(self, upto: Sequence[Received]) -> None:
        """Remember these as done, with all before them in their partitions. Older positions change nothing.

        Partitions this member has lost are passed over in silence: their messages are the next member's business.
        """

    def rewind(self) -> None:
        """Deliver again, from the committed positions, what was polled and not committed."""

    def lag(self) -> dict[tuple[str, int], int]:
        """Messages not yet committed, by topic and partition, for the partitions this member holds."""

    def close(self) -> None:
        """Leave the group; uncommitted messages go to another member. Closing twice is fine."""


class Bus(Protocol):
    def ensure_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Create the topics that are missing. Existing ones stay as they are."""

    def publish(self, messages: Sequence[Message]) -> list[BusError | None]:
        """Publish in order and wait for every acknowledgement; one entry a message, None where it is durable.

        Where one message failed no later one of its topic and key is reported durable: send again from the first
        failure of a key on. A message reported as failed may have arrived all the same, so readers can see it twice.
        """

    def subscribe(self, group: str, topics: Sequence[str]) -> Subscription:
        """Join a group; a group without history starts at the first message there is."""

    def close(self) -> None:
        """Release everything. Closing twice is fine."""
