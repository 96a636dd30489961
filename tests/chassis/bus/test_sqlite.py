"""What is special about the SQLite bus: several processes on one file, leases that run out, pruning."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.bus import BusError, Message
from chassis.bus.sqlite import SqliteBus
from tests.support.buses import LEASE_SECONDS

ROOT = Path(__file__).resolve().parents[3]
TOPIC = "cairn.people"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bus.db"


@pytest.fixture
def bus(path: Path) -> Iterator[SqliteBus]:
    bus = SqliteBus(path, lease=LEASE_SECONDS)
    bus.ensure_topics([TOPIC], 4)
    yield bus
    bus.close()


def spawn(path: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Another process on the bus; returns when it has begun."""
    command = [sys.executable, "-m", "tests.chassis.bus.sqlite_process", str(path), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.stdout.close()
    return process


def numbers(count: int, key: str = "k") -> list[Message]:
    return [Message(TOPIC, key, str(number).encode()) for number in range(count)]


def test_a_killed_member_gives_way_after_its_lease(bus: SqliteBus, path: Path) -> None:
    bus.publish(numbers(5))
    holder = spawn(path, "hold", "goals")
    heir = bus.subscribe("goals", [TOPIC])
    # While the other is alive the heir gets some partitions, but never the messages of the one that is read.
    holder.kill()
    holder.wait()
    killed_at = time.monotonic()
    got: list[bytes | None] = []
    while len(got) < 5 and time.monotonic() < killed_at + 4 * LEASE_SECONDS:
        got += [one.message.value for one in heir.poll(10, 0.5)]
    assert got == [b"0", b"1", b"2", b"3", b"4"]


def test_a_member_that_was_silent_too_long_starts_again_from_what_is_committed(path: Path) -> None:
    bus = SqliteBus(path, lease=0.2)
    bus.ensure_topics([TOPIC], 1)
    bus.publish(numbers(6))
    slow, quick = bus.subscribe("goals", [TOPIC]), bus.subscribe("goals", [TOPIC])
    stale = slow.poll(3, 1.0)
    deadline = time.monotonic() + 10
    while not (taken := quick.poll(2, 0.1)):
        assert time.monotonic() < deadline
    quick.commit(taken)
    slow.commit(stale)
    assert sum(quick.lag().values()) == 4
    quick.close()
    assert [one.message.value for one in slow.poll(1, 5.0)] == [b"2"]
    bus.close()


def test_a_publish_in_another_process_wakes_a_waiting_poll(bus: SqliteBus, path: Path) -> None:
    subscription = bus.subscribe("goals", [TOPIC])
    subscription.poll(1, 0.1)
    process = spawn(path, "publish", "k", "1")
    started = time.monotonic()
    assert [one.message.value for one in subscription.poll(1, 10.0)] == [b"0"]
    assert time.monotonic() - started < 5
    assert process.wait(10) == 0


def test_processes_may_create_the_file_and_publish_at_the_same_time(path: Path) -> None:
    processes = [spawn(path, "publish", f"key-{index}", "50") for index in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    bus = SqliteBus(path)
    subscription = bus.subscribe("goals", [TOPIC])
    found: dict[str, list[int]] = {}
    while batch := subscription.poll(100, 0.1):
        for one in batch:
            found.setdefault(one.message.key, []).append(int(one.message.value or b"-1"))
    bus.close()
    assert found == {f"key-{index}": list(range(50)) for index in range(3)}


def test_no_thread_starves_while_others_publish(bus: SqliteBus) -> None:
    longest = [0.0] * 6

    def work(index: int) -> None:
        for number in range(40):
            started = time.monotonic()
            bus.publish([Message(TOPIC, f"key-{index}", str(number).encode())])
            longest[index] = max(longest[index], time.monotonic() - started)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(longest) < 2.0


def test_pruning_keeps_what_a_group_has_not_committed(bus: SqliteBus) -> None:
    bus.publish(numbers(10))
    quick, slow = bus.subscribe("goals", [TOPIC]), bus.subscribe("notifications", [TOPIC])
    quick.commit(quick.poll(10, 1.0))
    slow.commit(slow.poll(4, 1.0))
    assert bus.prune(keep_seconds=3600) == 0
    assert bus.prune(keep_seconds=-1) == 4
    late = bus.subscribe("late", [TOPIC])
    assert [one.offset for one in late.poll(10, 1.0)] == [4, 5, 6, 7, 8, 9]
    assert sum(late.lag().values()) == 6


def test_a_file_that_cannot_be_opened_is_a_bus_error(tmp_path: Path) -> None:
    with pytest.raises(BusError, match="unable to open"):
        SqliteBus(tmp_path / "missing" / "bus.db")
    (tmp_path / "text").write_text("not a database, but long enough to be read as the header of one " * 20)
    with pytest.raises(BusError, match="not a database"):
        SqliteBus(tmp_path / "text")
