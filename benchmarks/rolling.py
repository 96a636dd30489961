"""A rolling restart of everything of ours under load: how many of ten thousand requests fail, and what is lost.

Two instances of every web part and two workers of every part; each is ended with SIGTERM and started again, one after
another, while eight clients read and write through the edge.
"""

import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.servers import led
from cairn import topology
from deploy.local.running import Local
from tests.support import deployed
from tests.support.load import Load

REQUESTS = 10_000
SCALE = {f"{part}-{role}": 2 for part in topology.PARTS for role in ("web", "worker")}


def main() -> None:
    with led(), tempfile.TemporaryDirectory() as folder, deployed.deployed(Path(folder), SCALE) as local:
        _measure(local)


def _measure(local: Local) -> None:
    with closing(Load(deployed.edge(local), deployed.admin(local), REQUESTS)) as load:
        with load:
            began = time.monotonic()
            names = [name for name, one in local.instances.items() if one.place.container.name in SCALE]
            for name in names:
                deployed.replaced(local.instances[name])
            rolled = time.monotonic() - began
        _say("instances restarted one after another", f"{len(names)} in {rolled:.0f} s")
        _say("requests", f"{load.sent} in {load.seconds:.0f} s, {dict(sorted(load.answers.items()))}")
        _say("slowest", f"{max(worker.slowest for worker in load.workers):.2f} s")
        _say("failed", len(load.wrong), load.wrong[:10])
        deployed.settle(local, 300)
        with deployed.parts(local) as parts:
            faults = load.faults(parts)
    _say("lost, doubled or wrong afterwards", len(faults), faults[:10])


def _say(what: str, value: object, shown: Sequence[str] = ()) -> None:
    print(f"rolling: {what}: {value}", flush=True)
    for line in shown:
        print(f"  {line}", flush=True)


if __name__ == "__main__":
    main()
