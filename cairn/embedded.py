"""All of Cairn in one process: every service, its worker, the gateway, and a web server in front.

The same apps and workers as in the distributed topology; only what `connect` plugs in differs.
"""

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from cairn import connect, topology, web
from chassis.bus import Bus
from chassis.clock import Clock, system_clock
from chassis.service import Runtime
from chassis.settings import Settings
from chassis.worker import Worker
from contracts.registry import TOPICS

log = logging.getLogger(__name__)


class AlreadyRunning(Exception):
    """Another process works on this data folder."""


class Embedded:
    """A whole Cairn on one data folder. `start`, use `app`, `stop`."""

    def __init__(self, settings: Settings, clock: Clock = system_clock) -> None:
        self.settings = settings
        self.bus: Bus = connect.bus(settings, "cairn")
        self.parts: dict[str, Runtime] = {name: connect.migrated(settings, name, clock) for name in topology.PARTS}
        kept = timedelta(days=settings.outbox_retention_days)
        self.workers = {name: Worker(part, self.bus, outbox_kept=kept) for name, part in self.parts.items()}
        private, public = connect.keys(settings)
        apps = {name: web.service_app(self.parts[name], public, settings) for name in topology.SERVICES}
        self.app: Callable[..., Any] = web.gateway_app(
            self.parts["gateway"], private, connect.exchanges(settings, apps), settings
        )

    def start(self) -> None:
        """Make the topics and start every worker."""
        self.bus.ensure_topics(TOPICS, self.settings.partitions)
        for worker in self.workers.values():
            worker.start()

    def stop(self) -> None:
        """Let every worker finish its unit of work, then close everything."""
        enders = [threading.Thread(target=worker.stop) for worker in self.workers.values()]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join()
        self.bus.close()
        for part in self.parts.values():
            part.db.dispose()


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the data folder for this process; the lock goes with the process, however it ends."""
    path = connect.data_folder(settings) / "lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            raise AlreadyRunning(
                f"{path.parent} is in use by process {owner}; stop it, or give this one its own `--data`"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
