"""Starting the containers of the file as processes in the order they need, watching them, and ending them.

`Local` is what `make distributed` and the tests of the distributed topology share: instances by name, to be killed,
started again, added and removed while the others work.
"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import processes
from deploy.local.compose import ComposeError, Container
from deploy.local.processes import ROOT, Place, Process

START_SECONDS = 120
STOP_SECONDS = 30


class Failed(Exception):
    """A process ended or never became healthy; the text has the end of its log."""


@dataclass
class Instance:
    """One process of a service."""

    place: Place
    process: Process
    log: Path
    running: subprocess.Popen[bytes] | None = None
    healthy: bool = False

    @property
    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def start(self) -> None:
        self.healthy = False
        with self.log.open("ab") as out:
            self.running = subprocess.Popen(
                self.process.command, env=dict(self.process.environment), cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def well(self) -> bool:
        """Ask its health check once."""
        if not self.alive:
            return False
        done = (
            subprocess.run(self.process.probe, cwd=ROOT, capture_output=True, check=False)
            if self.process.probe
            else None
        )
        self.healthy = done is None or done.returncode == 0
        return self.healthy

    def signal(self, number: int) -> None:
        """Send a signal to the process and all it has started."""
        if self.running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.running.pid, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.signal(signal.SIGKILL)
        if self.running is not None:
            self.running.wait()

    def end(self) -> None:
        """Ask it to end, as an operator would."""
        if self.running is not None:
            self.running.send_signal(getattr(signal, f"SIG{self.process.stop}"))

    def wait(self, seconds: float = STOP_SECONDS) -> None:
        """Wait until it has ended; after so many seconds kill it."""
        if self.running is None:
            return
        try:
            self.running.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def stop(self) -> None:
        """End it as an operator would, and wait until it has."""
        self.end()
        self.wait()

    def tail(self, size: int = 1500) -> str:
        return self.log.read_text(errors="replace")[-size:] if self.log.exists() else ""


@dataclass
class Local:
    """The topology on this machine. `scale` says how many instances a service has; 1 where it is silent."""

    containers: Mapping[str, Container]
    folder: Path
    scale: Mapping[str, int] = field(default_factory=dict)
    network: int = 77
    say: Callable[[str], None] = lambda _: None
    instances: dict[str, Instance] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for reason in filter(None, map(processes.left_out, self.containers.values())):
            self.say(reason)
        self.containers = {name: one for name, one in self.containers.items() if not processes.left_out(one)}

    def addresses(self) -> dict[str, list[str]]:
        """The addresses of every service's instances."""
        return {
            name: [f"127.{self.network}.{number}.{copy + 1}" for copy in range(self.scale.get(name, 1))]
            for number, name in enumerate(self.containers, start=1)
        }

    def up(self) -> None:
        """Start everything, each once what it needs is there. Raises Failed."""
        for names in self._steps():
            self.start(*names)

    def start(self, *names: str) -> None:
        """Start all instances of services and wait until they are healthy, or done where they end by themselves."""
        addresses = self.addresses()
        started = {
            name: [self._instance(self.containers[name], copy, addresses) for copy in range(len(addresses[name]))]
            for name in names
        }
        began = time.monotonic()
        for copies in started.values():
            for instance in copies:
                instance.start()
        for name, copies in started.items():
            for instance in copies:
                self._finished(instance) if self.containers[name].once else self._healthy(instance)
            reached = "done" if self.containers[name].once else "healthy"
            self.say(f"{name}: {reached} after {time.monotonic() - began:.1f} s")

    def add(self, name: str) -> Instance:
        """One more instance of a worker, healthy. Raises Failed.

        A web part's would answer nobody: nginx and Prometheus are told all instances when they start.
        """
        copy = self.scale.get(name, 1)
        self.scale = {**self.scale, name: copy + 1}
        instance = self._instance(self.containers[name], copy, self.addresses())
        instance.start()
        self._healthy(instance)
        return instance

    def down(self) -> None:
        """End everything, in the order opposite to the start."""
        for names in reversed(self._steps()):
            ending = [one for one in self.instances.values() if one.place.container.name in names]
            for instance in ending:
                instance.end()
            for instance in ending:
                instance.wait()

    def watch(self, ended: Callable[[], bool]) -> Instance | None:
        """Wait until one of the processes ends by itself, which is returned, or until `ended`."""
        while not ended():
            for instance in self.instances.values():
                if not instance.place.container.once and not instance.alive:
                    return instance
            select.select([], [], [], 0.5)
        return None

    def _instance(self, container: Container, copy: int, addresses: Mapping[str, Sequence[str]]) -> Instance:
        name = container.name if len(addresses[container.name]) == 1 else f"{container.name}-{copy + 1}"
        if name not in self.instances:
            place = Place(container, name, addresses[container.name][copy], self.folder / name, addresses)
            self.instances[name] = Instance(place, processes.process(place), self.folder / f"{name}.log")
        return self.instances[name]

    def _healthy(self, instance: Instance) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not instance.well():
            if not instance.alive or time.monotonic() > deadline:
                raise Failed(f"{instance.place.name} is not healthy:\n{instance.tail()}")
            select.select([], [], [], 0.1)

    def _finished(self, instance: Instance) -> None:
        if instance.running is None or instance.running.wait(START_SECONDS):
            raise Failed(f"{instance.place.name} failed:\n{instance.tail()}")

    def _steps(self) -> list[list[str]]:
        """Services in the order of their start: each step needs only what stands in those before it."""
        left = {name: self.containers.keys() & one.needs.keys() for name, one in self.containers.items()}
        steps: list[list[str]] = []
        while left:
            steps.append([name for name, needs in left.items() if not needs & left.keys()])
            if not steps[-1]:
                raise ComposeError(f"These wait for each other: {', '.join(left)}.")
            left = {name: needs for name, needs in left.items() if name not in steps[-1]}
        return steps
