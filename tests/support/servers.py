"""Real servers shared by a whole test run: started by the first test that needs one, ended with the run.

The pytest process that leads the run (with xdist: the controller) makes a folder and names it in the environment;
whoever needs a server first starts it under a file lock and writes down how to reach it. Each server runs below
`guard`, a small process that ends it when it is told to or when the leading pytest process is gone, however it went.
"""

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

FOLDER = "CAIRN_TEST_SERVERS"
OWNER = "CAIRN_TEST_OWNER"

Facts = dict[str, str]


def lead(environment: dict[str, str]) -> None:
    """Make the folder of this run. Called once, in the leading process."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-tests-"))
    folder.chmod(0o755)
    environment[FOLDER] = str(folder)
    environment[OWNER] = str(os.getpid())


def reachable(folder: Path) -> None:
    """Let others into a folder below the temporary one: PostgreSQL runs as a user of its own, who has to get there."""
    for above in (folder, *folder.parents):
        if above == Path(tempfile.gettempdir()):
            return
        above.chmod(0o755)


def end_all(environment: dict[str, str]) -> None:
    """Stop every server of this run and remove its folder. Called once, in the leading process."""
    folder = Path(environment.pop(FOLDER))
    environment.pop(OWNER)
    guards = [int(json.loads(facts.read_text()).get("guard", 0)) for facts in folder.glob("*.json")]
    for pid in filter(None, guards):
        _end(pid)
    shutil.rmtree(folder, ignore_errors=True)


def shared(name: str, start: Callable[[Path], Facts], environment: Mapping[str, str] = os.environ) -> Facts:
    """What `start` returned in the first process of this run that asked for the server `name`."""
    folder = Path(environment[FOLDER])
    facts = folder / f"{name}.json"
    with _locked(folder / f"{name}.lock"):
        if not facts.exists():
            facts.write_text(json.dumps(start(folder / name)))
        return dict(json.loads(facts.read_text()))


def launch(command: Sequence[str | Path], log: Path, environment: Mapping[str, str] = os.environ) -> int:
    """Run `command` below a guard, away from the terminal; returns the process id of the guard."""
    guard = [sys.executable, str(Path(__file__).resolve()), environment[OWNER], *map(str, command)]
    with log.open("wb") as out:
        streams = [(os.POSIX_SPAWN_DUP2, out.fileno(), stream) for stream in (1, 2)]
        return os.posix_spawn(guard[0], guard, environment, file_actions=streams, setsid=True)


def came_up(guard: int, ready: Callable[[], bool], seconds: float) -> bool:
    """Wait until `ready`; False, with the server gone, when it ended before or the time is over."""
    deadline = time.monotonic() + seconds
    watch = os.pidfd_open(guard)
    try:
        while not ready():
            ended, _, _ = select.select([watch], [], [], 0.05)
            if ended or time.monotonic() > deadline:
                _end(guard)
                return False
        return True
    finally:
        os.close(watch)


def absent(reason: str, demand: str, environment: Mapping[str, str] = os.environ) -> None:
    """Skip the test, or fail it where `demand` is set to 1: on CI a missing server is an error."""
    if environment.get(demand) == "1":
        pytest.fail(f"{demand}=1, but {reason}", pytrace=False)
    pytest.skip(reason)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        watch = os.pidfd_open(pid)
        os.kill(pid, signal.SIGTERM)
        # The guard is a child of whoever started it; a descriptor can be waited for by anybody.
        select.select([watch], [], [], 20.0)
        os.close(watch)
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def guard(owner: int, command: Sequence[str]) -> int:
    """Run `command` until it ends, until SIGTERM, or until the process `owner` is gone."""
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell)
    signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        watch = os.pidfd_open(owner)
    except ProcessLookupError:
        return 1
    with subprocess.Popen(command) as server:
        ended = os.pidfd_open(server.pid)
        select.select([told, watch, ended], [], [])
        server.send_signal(signal.SIGINT)
        try:
            return server.wait(10.0)
        except subprocess.TimeoutExpired:
            server.kill()
            return server.wait()


if __name__ == "__main__":
    raise SystemExit(guard(int(sys.argv[1]), sys.argv[2:]))
