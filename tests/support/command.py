"""The command line in this process: quicker than a process of its own, and the same code."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from click.testing import CliRunner, Result

from cairn.cli import cairn
from cairn.embedded import Embedded
from chassis.bus import Message
from chassis.ids import new_id
from chassis.settings import load
from contracts.envelope import Envelope
from contracts.event import Event, encode


def run(environment: Mapping[str, str], *arguments: str, typed: str = "") -> Result:
    """Run `cairn` with no other CAIRN_* settings than these; `typed` is what somebody types."""
    without = {name: None for name in os.environ if name.startswith("CAIRN_")}
    return CliRunner().invoke(cairn, arguments, input=typed, env={**without, **environment})


@dataclass
class Running:
    """`run` the command line on it, `publish` on its bus."""

    cairn: Embedded
    environment: dict[str, str]

    def run(self, *arguments: str, typed: str = "", **more: str) -> Result:
        return run({**self.environment, **more}, *arguments, typed=typed)

    def publish(self, event: Event, payload: bytes | None = None) -> None:
        """Publish an event past every outbox; `payload` travels in place of its own."""
        envelope = Envelope(
            id=new_id(),
            type=event.TYPE,
            source="/cairn/tests",
            subject=event.id,
            time=datetime.now(UTC),
            aggregate_version=event.version,
        )
        value = encode(event) if payload is None else payload
        assert self.cairn.bus.publish([Message(event.topic(), event.id, value, envelope.headers())]) == [None]


@contextmanager
def started(environment: dict[str, str]) -> Iterator[Running]:
    """An embedded Cairn with its workers running."""
    cairn = Embedded(load(environment))
    try:
        cairn.start()
        yield Running(cairn, environment)
    finally:
        cairn.stop()
