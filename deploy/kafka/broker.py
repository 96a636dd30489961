"""One Apache Kafka broker on this machine, for tests and local development: no container, no ZooKeeper, small heap.

A single KRaft node (broker and controller in one JVM) from the jars that `fetch.sh` copied. The data folder is
formatted by writing its one file by hand, which saves the second JVM that Kafka's own format tool would need.

    python deploy/kafka/broker.py DATA_DIR [PORT]     # runs in the foreground until interrupted
"""

import base64
import errno
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

HERE = Path(__file__).resolve().parent
LIBRARIES = HERE.parents[1] / ".build" / "kafka-libs"

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={log_dir}
auto.create.topics.enable=false
# One node: every internal topic has one replica, and few partitions instead of fifty.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# The cleaner's buffer is 128 MB by default and allocated on the heap at start, which a small heap does not survive.
log.cleaner.dedupe.buffer.size=4194304
log.cleaner.threads=1
log.segment.bytes=67108864
log.index.size.max.bytes=1048576
num.network.threads=2
num.io.threads=2
background.threads=2
# A broker that was killed is taken back soon: the controller waits until the old session is over.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
# Groups form at once, and a test may use sessions of a second.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""

JVM = [
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:MaxMetaspaceSize=128m",
    "-XX:MaxDirectMemorySize=64m",
    "-Djava.awt.headless=true",
]


class BrokerUnavailable(Exception):
    """The broker cannot run here; the text says what is missing."""


def why_unavailable(libraries: Path = LIBRARIES) -> str | None:
    """What is missing to start a broker, in words for a person, or None."""
    if shutil.which("java") is None:
        return "java is not installed (deploy/kafka/fetch.sh installs it on Debian as root)"
    if not (libraries / ".complete").exists():
        return f"no Kafka jars in {libraries}; run deploy/kafka/fetch.sh"
    return None


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on just now, all different.

    None of those that Linux gives to outgoing connections: one of them may be somebody's before it is listened on.
    """
    sockets: list[socket.socket] = []
    while len(sockets) < count:
        try:
            sockets.append(socket.create_server(("127.0.0.1", 15_000 + secrets.randbelow(17_000))))
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE:
                raise
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


class Broker:
    """A broker on `data`, which keeps topics and messages over restarts on the same port."""

    def __init__(self, data: Path, port: int | None = None) -> None:
        self._data = data
        first, second = free_ports(2)
        self._port, self._controller_port = port or first, second
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """host:port for clients."""
        return f"127.0.0.1:{self._port}"

    def start(self, timeout: float = 60.0) -> None:
        """Return when clients can connect. Raises BrokerUnavailable with the end of the broker's log."""
        if reason := why_unavailable():
            raise BrokerUnavailable(reason)
        self._format()
        log = self._data / "broker.log"
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                self._command(), stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
            )
        try:
            self._wait_for_start(log, time.monotonic() + timeout)
        except BaseException:
            # Also when interrupted: nobody else would end it.
            self.kill()
            raise

    def stop(self, timeout: float = 15.0) -> None:
        """Shut down in order; after `timeout` seconds kill. Stopping twice is fine."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it hang: connections stay open, nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def __enter__(self) -> "Broker":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.thaw()
        self.stop()

    def wait(self) -> int:
        """Block until the broker ends; returns its exit status."""
        return 0 if self._process is None else self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)

    def _command(self) -> list[str]:
        java = ["java", *JVM, f"-Dkafka.logs.dir={self._data}", f"-Dlog4j2.configurationFile={HERE / 'log4j2.xml'}"]
        return [*java, "-cp", f"{LIBRARIES}/*", "kafka.Kafka", str(self._data / "server.properties")]

    def _format(self) -> None:
        log_dir = self._data / "log"
        self._data.mkdir(parents=True, exist_ok=True)
        settings = SETTINGS.format(port=self._port, controller_port=self._controller_port, log_dir=log_dir)
        (self._data / "server.properties").write_text(settings)
        format_storage(log_dir)

    def _wait_for_start(self, log: Path, deadline: float) -> None:
        while b"Kafka Server started" not in log.read_bytes():
            if self._wait_briefly() is not None or time.monotonic() > deadline:
                raise BrokerUnavailable(f"the broker did not start:\n{log.read_text(errors='replace')[-2000:]}")

    def _wait_briefly(self) -> int | None:
        """The exit status if the broker ends within a twentieth of a second."""
        try:
            return self._process.wait(0.05) if self._process else 0
        except subprocess.TimeoutExpired:
            return None


def format_storage(log_dir: Path) -> None:
    """Make an empty folder one that a broker with node id 1 takes as its own; one in use stays as it is."""
    log_dir.mkdir(parents=True, exist_ok=True)
    identity = log_dir / "meta.properties"
    if not identity.exists():
        identity.write_text(f"version=1\ncluster.id={_uuid()}\nnode.id=1\ndirectory.id={_uuid()}\n")


def _uuid() -> str:
    # Kafka writes 128 random bits in URL-safe base64; ids that begin with a dash or with zeros are reserved or awkward.
    return base64.urlsafe_b64encode(b"\x51" + os.urandom(15)).decode().rstrip("=")


def main(arguments: Sequence[str]) -> int:
    """Run a broker in the foreground."""
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Broker(Path(arguments[0]).resolve(), int(arguments[1]) if len(arguments) == 2 else None) as broker:
            sys.stdout.write(f"Kafka listens on {broker.bootstrap}\n")
            sys.stdout.flush()
            return broker.wait()
    except BrokerUnavailable as error:
        sys.stderr.write(f"broker: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
