"""The ledger's source and sink with relay and consumer at work in threads of this process, on a real Kafka broker with
the client settings production has."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from chassis.bus.kafka import KafkaBus
from chassis.consumer import Consumer
from chassis.relay import Relay, waiting_since
from chassis.service import Runtime
from deploy.kafka.broker import Broker
from tests.support import ledger
from tests.support.kafka import fresh_prefix
from tests.support.stack import until

TOPIC = "cairn.people"


class Flow:
    """`bump` changes the source; what the sink did with it is told by `missing` and `faults`."""

    def __init__(self, source: Runtime, sink: Runtime, bootstrap: str) -> None:
        self.source, self.sink = source, sink
        self.bootstrap, self.prefix = bootstrap, fresh_prefix()
        self.ended: list[str] = []
        """Loops that ended by themselves."""
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._buses: list[KafkaBus] = []

    def bus(self) -> KafkaBus:
        """A bus of its own for whoever asks, closed at the end."""
        self._buses.append(KafkaBus(self.bootstrap, self.prefix))
        return self._buses[-1]

    def start(self) -> None:
        self.bus().ensure_topics([TOPIC], 3)
        for loop in (Relay(self.source, self.bus()).run, Consumer(self.sink, self.bus()).run):
            thread = threading.Thread(target=self._guard, args=(loop,))
            thread.start()
            self._threads.append(thread)

    def _guard(self, loop: Callable[[threading.Event], None]) -> None:
        loop(self._stop)
        if not self._stop.is_set():
            self.ended.append(repr(loop))

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        for bus in self._buses:
            bus.close()

    @contextmanager
    def joined(self, sink: Runtime) -> Iterator[None]:
        """Let another sink read everything from the beginning meanwhile."""
        stop = threading.Event()
        consumer = Consumer(sink, self.bus(), group=f"late-{uuid.uuid4()}")
        thread = threading.Thread(target=consumer.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(60)

    def bump(self, count: int, over: int = 5) -> None:
        for turn in range(count):
            ledger.bump_in(self.source, f"counter-{turn % over}")

    def unpublished(self) -> int:
        return waiting_since(self.source.db)[0]

    def total(self) -> int:
        return sum(ledger.counted(self.source).values())

    def missing(self) -> int:
        """How many effects the sink still owes."""
        return self.total() - ledger.waiting(self.sink)

    def faults(self) -> list[str]:
        return ledger.faults(ledger.effects(self.sink), ledger.counted(self.source))

    def arrive(self, seconds: float) -> None:
        until(lambda: self.missing() <= 0, seconds, f"all effects; {self.unpublished()} wait to be published")


@contextmanager
def flowing(source_url: str, sink_url: str, bootstrap: str) -> Iterator[Flow]:
    """Source and sink on their databases, at work."""
    with ExitStack() as ending:
        runtimes = ledger.runtime(ledger.source(), source_url), ledger.runtime(ledger.sink(), sink_url)
        for one in runtimes:
            ending.callback(one.db.dispose)
        flow = Flow(*runtimes, bootstrap)
        ending.callback(flow.stop)
        flow.start()
        yield flow


def lose_the_tail(broker: Broker, data: Path, topic: str, kept: float) -> None:
    """Kill the broker and cut this share of every partition's log off, as a machine does that loses its power before
    its disk had it all; then start it again."""
    broker.kill()
    for partition in sorted((data / "log").glob(f"{topic}-[0-9]*")):
        log = max(partition.glob("*.log"))
        with log.open("r+b") as file:
            file.truncate(int(log.stat().st_size * kept))
        for index in (*partition.glob("*.index"), *partition.glob("*.timeindex"), *partition.glob("*.snapshot")):
            index.unlink()
    for note in (data / "log").glob(".kafka_cleanshutdown"):
        note.unlink()
    broker.start()
