"""Files made to harm are refused within a second of CPU and 64 MiB, measured in a process of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.hostile import FILES

ROOT = Path(__file__).parents[3]
MEASURE = """
import json, sys, time, resource
from pathlib import Path
from chassis.files import Unreadable, read_book

def high():
    return int(next(l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmHWM")).split()[1])

read_book(b"warm,up")
data = Path(sys.argv[1]).read_bytes()
Path("/proc/self/clear_refs").write_text("5")
memory, began = high(), time.process_time()
try:
    said = ["read", read_book(data).form]
except Unreadable as fault:
    said = [fault.reason, fault.remedy]
child = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu = time.process_time() - began + child.ru_utime + child.ru_stime
print(json.dumps([said, cpu, high() - memory]))
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is measured with Linux's /proc")
@pytest.mark.parametrize("kind", FILES)
def test_it_is_refused_at_once_with_a_remedy(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "people.xlsx"
    file.write_bytes(FILES[kind]())
    done = subprocess.run([sys.executable, "-c", MEASURE, file], cwd=ROOT, capture_output=True, text=True, check=True)
    (reason, remedy), cpu_seconds, kibibytes = json.loads(done.stdout)
    assert reason != "read"
    assert remedy.endswith(".")
    assert cpu_seconds <= 1
    assert kibibytes < 64 << 10
