"""How long `cairn up --sample` takes to answer, the first time and again, and what memory it holds."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import httpx

ROUNDS = 3
PORT = 18431


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, filled, _ = _run(Path(folder))
        again = [_run(Path(folder)) for _ in range(ROUNDS)]
    _say("first start, until it answers", first, "s")
    _say("first start, until the sample is filled in", filled, "s")
    _say("second start after kill -9, until it answers, median", median(run[0] for run in again), "s")
    _say("memory with the sample, resident, median", median(run[2] for run in again), "MB")


def _run(folder: Path) -> tuple[float, float, float]:
    """Start, wait until it answers and has told the sample, then kill -9: seconds, seconds, megabytes."""
    log = folder / "out.txt"
    with log.open("w") as out:
        began = time.monotonic()
        command = [sys.executable, "-m", "cairn", "up", "--sample", "--data", str(folder), "--port", str(PORT)]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        answered = _until(_answers) - began
        told = _until(lambda: "openapi.json" in log.read_text()) - began
        return answered, told, _resident(process.pid)
    finally:
        process.kill()
        process.wait()


def _answers() -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{PORT}/livez", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False


def _until(condition: Callable[[], bool], seconds: float = 180) -> float:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not come up")
        time.sleep(0.02)
    return time.monotonic()


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def _say(what: str, value: float, unit: str) -> None:
    print(f"start: {what}: {value:.2f} {unit}")
