"""`python -m benchmarks [NAME …]`: run benchmarks by name, all without one. Each prints a line per figure."""

import os
import platform
import sys
from collections.abc import Callable

import pytest

from benchmarks import alignment, away, checkins, dashboard, freshness, imports, memory, relay, rolling, rollup, start
from deploy.kafka.broker import BrokerUnavailable

ALL: dict[str, Callable[[], None]] = {
    "start": start.main,
    "imports": imports.main,
    "rolling": rolling.main,
    "checkins": checkins.main,
    "rollup": rollup.main,
    "dashboard": dashboard.main,
    "alignment": alignment.main,
    "relay": relay.main,
    "freshness": freshness.main,
    "away": away.main,
    "memory": memory.main,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    for name in names or ALL:
        try:
            ALL[name]()
        except (pytest.skip.Exception, BrokerUnavailable) as reason:
            print(f"{name}: not measured: {reason}")
    return 0


sys.exit(main(sys.argv[1:]))
