"""The one place that knows whether Cairn runs embedded or distributed.

Everything else gets a database, a bus and a way to each service that behave the same. Without `CAIRN_KAFKA` the bus is
a file in the data folder; without a database URL so is each database.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cairn import topology
from chassis.bus import Bus
from chassis.clock import Clock, system_clock
from chassis.db import STATEMENT_SECONDS, Database
from chassis.identity import generate_keys
from chassis.migrate import migrate, pending
from chassis.service import Runtime
from chassis.settings import Settings

if TYPE_CHECKING:
    from gateway.proxy.wire import Exchange


REQUEST_STATEMENT_SECONDS = 8.0
"""What a request may make its database work on at a time: longer than it waits for a lock. Workers may take longer."""


class NotReady(Exception):
    """Something must be done first; the message says what."""


def database(settings: Settings, name: str, statement_seconds: float = STATEMENT_SECONDS) -> Database:
    """The database of one part."""
    url = settings.database_url(name) or f"sqlite:///{data_folder(settings) / f'{name}.db'}"
    return Database(url, name=name, statement_seconds=statement_seconds)


def data_folder(settings: Settings) -> Path:
    """Where embedded files lie; made if missing, readable by its owner only."""
    folder = Path(settings.data).expanduser()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def bus(settings: Settings, client: str) -> Bus:
    """The message bus; `client` names this process to the broker."""
    if not settings.kafka:
        from chassis.bus.sqlite import SqliteBus

        return SqliteBus(data_folder(settings) / "bus.db")
    from chassis.bus.kafka import KafkaBus

    return KafkaBus(settings.kafka, settings.topic_prefix, client_id=client)


def runtime(settings: Settings, name: str, clock: Clock = system_clock) -> Runtime:
    """One part, connected to its database."""
    return Runtime(topology.declare(name, settings), database(settings, name), clock)


def migrated(settings: Settings, name: str, clock: Clock = system_clock) -> Runtime:
    """One part with its database brought up to date."""
    part = runtime(settings, name, clock)
    migrate(part.db, part.service)
    return part


def checked(settings: Settings, name: str) -> Runtime:
    """One part to answer requests; its database must be up to date already. Raises NotReady with what to run."""
    part = Runtime(topology.declare(name, settings), database(settings, name, REQUEST_STATEMENT_SECONDS), system_clock)
    if wanting := pending(part.db, part.service):
        raise NotReady("; ".join(wanting))
    return part


@contextmanager
def opened(settings: Settings) -> Iterator[dict[str, Runtime]]:
    """Every part, connected to its database and disconnected afterwards."""
    parts = {name: runtime(settings, name) for name in topology.PARTS}
    try:
        yield parts
    finally:
        for part in parts.values():
            part.db.dispose()


def keys(settings: Settings) -> tuple[str, str]:
    """The gateway's private key and the public keys that services trust, as JSON; empty where it was not given.

    From the settings, or made once and kept in the data folder: processes that start at once on a fresh folder take
    turns and get the same pair.
    """
    if settings.internal_private_key or settings.internal_public_keys:
        return settings.internal_private_key or "", settings.internal_public_keys or ""
    path = data_folder(settings) / "keys.json"
    with path.with_suffix(".lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not path.exists():
            private, public = generate_keys()
            keep_secret(path, json.dumps({"private": private, "public": public}))
        kept = json.loads(path.read_text())
    return kept["private"], kept["public"]


def keep_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def exchanges(settings: Settings, apps: Mapping[str, Callable[..., Any]]) -> "dict[str, Exchange]":
    """How the gateway reaches each service: in this process where its app is given, else over HTTP."""
    from gateway.proxy.wire import Wire, inside

    def exchange(name: str) -> "Exchange":
        if name in apps:
            return inside(apps[name])
        url = settings.service_url(name)
        if not url:
            raise NotReady(f"CAIRN_{name.upper()}_URL is not set: the gateway must know where {name} answers")
        return Wire(url)

    return {name: exchange(name) for name in topology.SERVICES}
