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
from deploy.local.compose import Container
from deploy.local.processes import ROOT, Place, Process

START_SECONDS = 90
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

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End it as an operator would; after so many seconds kill it."""
        if self.running is None:
            return
        self.running.send_signal(getattr(signal, f"SIG{self.process.stop}"))
        try:
            self.running.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

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

    def addresses(self) -> dict[str, list[str]]:
        """The addresses of every service's instances."""
        return {
            name: [f"127.{self.network}.{number}.{copy + 1}" for copy in range(self.scale.get(name, 1))]
            for number, name in enumerate(self.containers, start=1)
        }

    def up(self) -> None:
        """Start everything, each once what it needs is there. Raises Failed."""
        for name in self._order():
            self.start(name)

    def start(self, name: str) -> None:
        """Start all instances of a service and wait until they are healthy, or done where they end by themselves."""
        container, addresses = self.containers[name], self.addresses()
        copies = [self._instance(container, copy, addresses) for copy in range(len(addresses[name]))]
        began = time.monotonic()
        for instance in copies:
            instance.start()
        for instance in copies:
            self._finished(instance) if container.once else self._healthy(instance)
        self.say(f"{name}: {'done' if container.once else 'healthy'} after {time.monotonic() - began:.1f} s")

    def down(self) -> None:
        """End everything, in the order opposite to the start."""
        for instance in reversed(list(self.instances.values())):
            instance.stop()

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

    def _order(self) -> list[str]:
        """Services so that each comes after those it needs."""
        order: dict[str, None] = {}

        def place(name: str) -> None:
            for other in self.containers[name].needs:
                if other in self.containers:
                    place(other)
            order.setdefault(name)

        for name in self.containers:
            place(name)
        return list(order)
