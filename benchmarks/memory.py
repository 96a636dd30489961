"""What every process of docker-compose.yml's core profile holds once all are ready, and how soon each web part is.

The file is run as processes of this machine. Memory is the proportional share: pages that processes have in common,
such as the interpreter's, count once. Each web part is then stopped and started alone, until it says it is ready.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from cairn import topology
from deploy.local.running import Instance, Local
from tests.support import deployed

ROUNDS = 3
OURS = tuple(f"{part}-{role}" for part in topology.PARTS for role in ("web", "worker"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, deployed.deployed(Path(folder), {}) as local:
        _say_memory(local)
        _say_starts(local)


def _say_memory(local: Local) -> None:
    held = {name: _held(one) for name, one in local.instances.items() if one.alive}
    ours = {name: size for name, size in held.items() if name in OURS}
    for name, size in held.items():
        print(f"memory: {name}: {size:.0f} MiB")
    print(f"memory: our {len(ours)} processes with their children: {sum(ours.values()) / 1024:.2f} GiB")
    print(f"memory: all, with Kafka, PostgreSQL and what else is core: {sum(held.values()) / 1024:.2f} GiB", flush=True)


def _say_starts(local: Local) -> None:
    webs = [local.instances[f"{part}-web"] for part in topology.PARTS]
    for web in webs:
        times = [_start([web]) for _ in range(ROUNDS)]
        print(f"memory: {web.place.name} alone is ready {median(times):.2f} s after its start", flush=True)
    print(f"memory: all {len(webs)} webs started at once are ready after {_start(webs):.2f} s")


def _start(webs: list[Instance]) -> float:
    """Stop, start, and the seconds until the last is ready."""
    for web in webs:
        web.stop()
    began = time.monotonic()
    for web in webs:
        web.start()
    for web in webs:
        while not web.well():
            if not web.alive or time.monotonic() > began + 120:
                raise AssertionError(f"{web.place.name} did not start: {web.tail()}")
    return time.monotonic() - began


def _held(instance: Instance) -> float:
    """MiB of a process and everything it has started."""
    return sum(_share(pid) for pid in _family(instance.running.pid)) / 1024 if instance.running else 0.0


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from _family(int(child))


def _share(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
