"""A real PostgreSQL server for tests: the one named in CAIRN_TEST_POSTGRES, else a throw-away cluster of our own.

The cluster listens on 127.0.0.1 only and does not sync to disk: what our tests kill is our processes, not the machine.
"""

import os
import subprocess
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from deploy.debian import Unavailable
from deploy.kafka.broker import free_ports
from deploy.postgres import programs as installed
from tests.support import servers

DEMAND = "CAIRN_REQUIRE_POSTGRES"
UNSYNCED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """A running server on which tests create and drop databases."""

    def __init__(self, admin_url: str) -> None:
        self._url = make_url(admin_url).set(drivername="postgresql+psycopg")

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database on this server."""
        return self._url.set(database=database).render_as_string(hide_password=False)

    def create(self, template: str = "template0") -> str:
        """A fresh database, empty or a copy of `template`; returns its name."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop(self, database: str) -> None:
        """Drop it whoever is still connected."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The SQLAlchemy URL of a fresh database that is dropped afterwards."""
        name = self.create(template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(conninfo(self._url), autocommit=True) as connection:
            connection.execute(statement)


def server(sync: bool = False, **settings: str) -> Postgres:
    """The server of this test run. Skips the test, or fails it, where there can be none.

    `sync=True` gives a second server that syncs every commit to disk, with settings of its own.
    """
    if given := os.environ.get("CAIRN_TEST_POSTGRES"):
        return Postgres(given)
    try:
        name = "postgres-sync" if sync else "postgres"
        wanted = settings if sync else UNSYNCED
        return Postgres(servers.shared(name, lambda folder: _start(folder, wanted))["url"])
    except Unavailable as error:
        servers.absent(f"no PostgreSQL server: {error}", DEMAND)
        raise


def _start(folder: Path, settings: Mapping[str, str]) -> servers.Facts:
    programs = installed.find_or_install()
    folder.mkdir()
    as_owner = installed.as_owner(folder)
    data = folder / "data"
    initdb = [*as_owner, programs / "initdb", "-D", data, "-U", "cairn", "-A", "trust", "-E", "UTF8", "--no-sync"]
    initdb += ["--locale=C.UTF-8"]
    done = subprocess.run(initdb, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"initdb failed: {done.stderr.strip()[-500:]}")
    return _serve(programs, as_owner, data, settings)


def _serve(programs: Path, as_owner: Sequence[str], data: Path, wanted: Mapping[str, str]) -> servers.Facts:
    port = free_ports(1)[0]
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": 200}
    command = [*as_owner, str(programs / "postgres"), "-D", str(data)]
    for name, value in {**settings, **wanted}.items():
        command += ["-c", f"{name}={value}"]
    log = data.parent / "postgres.log"
    url = f"postgresql+psycopg://cairn@127.0.0.1:{port}/postgres"
    guard = servers.launch(command, log)
    if not servers.came_up(guard, lambda: _answers(url), seconds=30):
        raise Unavailable(f"it did not start: {log.read_text()[-1000:]}")
    return {"url": url, "guard": str(guard)}


def _answers(url: str) -> bool:
    try:
        psycopg.connect(conninfo(url), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def conninfo(url: str | URL) -> str:
    """The URL as psycopg itself takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
