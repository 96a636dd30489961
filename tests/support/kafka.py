"""A real Kafka broker for tests: the one named in CAIRN_TEST_KAFKA, else one started from the jars of deploy/kafka."""

import os
import sys
import uuid
from pathlib import Path

from deploy.kafka.broker import BrokerUnavailable, free_ports, why_unavailable
from tests.support import servers

ROOT = Path(__file__).resolve().parents[2]
DEMAND = "CAIRN_REQUIRE_KAFKA"

# Groups form, notice a lost member and give up on a lost broker in seconds, not minutes.
QUICK = {
    "session_timeout_ms": 4_000,
    "heartbeat_interval_ms": 250,
    "fetch_max_wait_ms": 50,
    "request_timeout_ms": 3_000,
    "delivery_timeout_ms": 4_000,
    "bootstrap_timeout_ms": 3_000,
    "max_block_ms": 2_000,
    "retry_backoff_ms": 50,
}


def bootstrap() -> str:
    """host:port of the broker of this test run. Skips the test, or fails it, where there can be none."""
    if given := os.environ.get("CAIRN_TEST_KAFKA"):
        return given
    try:
        return servers.shared("kafka", _start)["bootstrap"]
    except BrokerUnavailable as error:
        servers.absent(f"no Kafka broker: {error}", DEMAND)
        raise


def fresh_prefix() -> str:
    """A topic prefix no other test uses."""
    return f"t{uuid.uuid4().hex[:10]}."


def _start(folder: Path) -> servers.Facts:
    if reason := why_unavailable():
        raise BrokerUnavailable(reason)
    folder.mkdir(exist_ok=True)
    port, log = free_ports(1)[0], folder / "output.log"
    guard = servers.launch([sys.executable, ROOT / "deploy/kafka/broker.py", folder, str(port)], log)
    if not servers.came_up(guard, lambda: b"Kafka listens" in log.read_bytes(), seconds=60):
        raise BrokerUnavailable(log.read_text(errors="replace")[-2000:])
    return {"bootstrap": f"127.0.0.1:{port}", "guard": str(guard)}
