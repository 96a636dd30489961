"""A whole Cairn as its users start it: embedded in one process, or every part in processes of its own.

Both offer the same: `url`, `cairn(...)` to run the command line against it, `settle()` to wait until every event has
arrived everywhere, and `crash(...)` to kill a process.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from cairn import connect, topology
from cairn.settling import settled
from chassis.service import Runtime
from chassis.settings import load
from deploy.kafka.broker import free_ports

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120


def free_port() -> int:
    return free_ports(1)[0]


def ports_of(names: Collection[str]) -> dict[str, int]:
    """A free port for each, all different."""
    return dict(zip(names, free_ports(len(names)), strict=True))


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll a condition with a deadline; AssertionError naming `what` when it is not met."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        select.select([], [], [], 0.05)


def items(client: httpx.Client, path: str, **wanted: str) -> list[dict[str, Any]]:
    """Everything in a list, over all pages."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(f"/api/v1/{path}", params={**wanted, **cursor, "limit": "200"}).raise_for_status().json()
        found += page["items"]
        if not page["next"]:
            return found
        cursor = {"cursor": page["next"]}


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


class Stack:
    """Processes, their environment, and the gateway's address."""

    program: Sequence[str] = ("-m", "cairn")
    """What Python runs for a process that is started."""

    def __init__(self, environment: Mapping[str, str], url: str, folder: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CAIRN_")}
        self.environment = {**kept, "XDG_STATE_HOME": str(folder / "state"), **environment}
        self.url = url
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.started: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {}
        self.ops: dict[str, str] = {}
        """Where the worker of each part shows its metrics."""

    def start(self, name: str, *arguments: str, **environment: str) -> None:
        """Start a process under a name; its output goes to a file of that name."""
        self.started[name] = arguments, environment
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, *self.program, *arguments],
            cwd=ROOT, env={**self.environment, **environment}, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        log.close()

    def children(self, name: str) -> list[int]:
        """The processes a process has started."""
        return _children(self.processes[name].pid)

    def crash(self, name: str) -> None:
        """Kill one process and its children with SIGKILL."""
        process = self.processes.pop(name)
        for child in _children(process.pid):
            _kill(child)
        process.kill()
        process.wait(10)

    def restart(self, name: str) -> None:
        """Start a process that was killed once more, as it was started before."""
        arguments, environment = self.started[name]
        self.start(name, *arguments, **environment)

    def metric(self, part: str, name: str, **labels: str) -> float:
        """The value of one series as the part's worker shows it; 0 where it has not been counted yet."""
        wanted = {"service": part, **labels}
        text = httpx.get(f"{self.ops.get(part, self.url)}/metrics", timeout=5).raise_for_status().text
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == name and wanted.items() <= sample.labels.items():
                    return float(sample.value)
        return 0.0

    def stop(self) -> None:
        """End every process as an operator would: SIGTERM to all, then wait; what does not end is killed."""
        for process in self.processes.values():
            process.terminate()
        for name in list(self.processes):
            try:
                self.processes[name].wait(30)
            except subprocess.TimeoutExpired:
                self.crash(name)
        self.processes.clear()

    def cairn(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command line against this stack."""
        ran = subprocess.run(
            [sys.executable, "-m", "cairn", *arguments],
            cwd=ROOT, env={**self.environment, "CAIRN_URL": self.url, **environment},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert not check or ran.returncode == 0, f"cairn {' '.join(arguments)}: {ran.stdout}\n{ran.stderr}"
        return ran

    def admin(self, *scopes: str) -> str:
        """A token of a service account that may do everything."""
        return self.cairn("token", "--service-account", "tests", "--role", "admin", "--role", "hr").stdout.strip()

    def client(self, token: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def logs(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def settle(self, seconds: float = 60) -> None:
        """Wait until nothing waits in any outbox and every read model has caught up."""
        with self.parts() as parts:
            until(lambda: settled(parts), seconds, "every event has arrived everywhere")

    @contextmanager
    def parts(self) -> Iterator[dict[str, Runtime]]:
        """Every part's database, opened beside the running processes."""
        mine = {name: value for name, value in self.environment.items() if name.startswith("CAIRN_")}
        with connect.opened(load(mine)) as parts:
            yield parts


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


@contextmanager
def embedded(folder: Path, *arguments: str) -> Iterator[Stack]:
    """`cairn up` on a data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    stack = Stack({"CAIRN_DATA": str(folder), "CAIRN_PORT": str(port)}, f"http://127.0.0.1:{port}", folder)
    try:
        stack.start("up", "up", *arguments)
        until(lambda: answers(f"{stack.url}/livez"), START_SECONDS, f"cairn up answers; {stack.logs('up')[-2000:]}")
        yield stack
    finally:
        stack.stop()


@contextmanager
def distributed(folder: Path, databases: Mapping[str, str], kafka: str, prefix: str) -> Iterator[Stack]:
    """Every part as web and worker processes of its own, on PostgreSQL and Kafka."""
    from chassis.identity import generate_keys

    folder.mkdir(parents=True, exist_ok=True)
    private, public = generate_keys()
    ports = ports_of([*topology.PARTS, *(f"{name}-worker" for name in topology.PARTS)])
    environment = {
        "CAIRN_KAFKA": kafka,
        "CAIRN_TOPIC_PREFIX": prefix,
        "CAIRN_PARTITIONS": "3",
        "CAIRN_WEB_WORKERS": "1",
        "CAIRN_INTERNAL_PRIVATE_KEY": private,
        "CAIRN_INTERNAL_PUBLIC_KEYS": public,
        **{f"CAIRN_{name.upper()}_DATABASE_URL": databases[name] for name in topology.PARTS},
        **{f"CAIRN_{name.upper()}_URL": f"http://127.0.0.1:{ports[name]}" for name in topology.SERVICES},
    }
    stack = Stack(environment, f"http://127.0.0.1:{ports['gateway']}", folder)
    with ExitStack() as ending:
        ending.callback(stack.stop)
        stack.cairn("migrate")
        stack.cairn("topics", "apply")
        for name in topology.PARTS:
            stack.start(f"{name}-web", "web", name, CAIRN_PORT=str(ports[name]))
            worker = f"{name}-worker"
            stack.ops[name] = f"http://127.0.0.1:{ports[worker]}"
            stack.start(worker, "worker", name, CAIRN_OPS_PORT=str(ports[worker]))
        for name in topology.PARTS:
            address = f"http://127.0.0.1:{ports[name]}/readyz"
            until(
                lambda address=address: answers(address),
                START_SECONDS,
                f"{name} is ready: {stack.logs(f'{name}-web')[-1500:]}",
            )
        yield stack
