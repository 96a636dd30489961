"""A short run of the whole harness: load, a few faults, quiet, all invariants."""

from pathlib import Path

import pytest

from deploy.debian import Unavailable
from deploy.kafka.broker import why_unavailable
from deploy.postgres import programs
from tests.chaos.history import OK
from tests.chaos.running import run
from tests.support import kafka, postgres, servers

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.postgres]
FAULTS = ("kill-worker", "crash-point", "postgres-restarted", "twice", "poison")
"""The quick ones; a frozen worker and a broker's restart take longer and belong to `make chaos`."""


def test_under_load_and_faults_the_invariants_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if reason := why_unavailable():
        servers.absent(f"no Kafka broker: {reason}", kafka.DEMAND)
    try:
        programs.find_or_install()
    except Unavailable as fault:
        servers.absent(f"no PostgreSQL server: {fault}", postgres.DEMAND)
    report = run(tmp_path / "chaos", seed=4, seconds=20.0, faults=FAULTS, say=print)
    assert report.violations == []
    assert report.types[OK] > 20
    assert {line.split(": ")[0].rpartition(" ")[2] for line in report.faults} >= {"twice", "poison"}
