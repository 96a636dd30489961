"""What a newcomer does: start it with the sample, paste the printed lines, pull the plug, start it again."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.support import stack as stacks

pytestmark = pytest.mark.slow


def told(stack: stacks.Stack) -> str:
    stacks.until(lambda: "openapi.json" in stack.logs("up"), 180, "the sample is filled in and explained")
    return stack.logs("up")


def pasted(line: str) -> dict[str, object]:
    """Run a printed curl line as it stands and read the JSON it answers."""
    ran = subprocess.run(shlex.split(line.strip()), capture_output=True, text=True, timeout=30, check=True)
    return dict(json.loads(ran.stdout))


def test_the_printed_lines_work_and_yesterdays_data_is_there_after_a_crash(tmp_path: Path) -> None:
    with stacks.embedded(tmp_path / "data", "--sample") as stack:
        lines = [line for line in told(stack).splitlines() if line.strip().startswith("curl ")]
        assert len(lines) == 3
        dashboard, activity, organisation = map(pasted, lines)
        assert dashboard["objectives"]
        assert activity["items"]
        assert organisation["coverage"]["people"] == 61  # type: ignore[index]
        tokens = re.findall(r"cairn_pat_\S+", told(stack))
        stack.settle()
        stack.crash("up")

        (tmp_path / "data" / "up.log").unlink()
        stack.start("up", "up", "--sample")
        told(stack)
        assert re.findall(r"cairn_pat_\S+", stack.logs("up"))[:3] == tokens[:3]
        assert pasted(lines[2]) == organisation


def test_a_second_cairn_on_the_same_data_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with stacks.embedded(tmp_path / "data") as stack:
        ran = stack.cairn("up", check=False)
        assert ran.returncode == 2
        assert "is in use by process" in ran.stderr
        assert "--data" in ran.stderr


def test_a_port_that_is_taken_is_told_with_a_remedy(tmp_path: Path) -> None:
    with stacks.embedded(tmp_path / "data") as stack:
        ran = stack.cairn("up", "--data", str(tmp_path / "other"), check=False)
        assert ran.returncode == 2
        assert "Choose another --port" in ran.stderr
