"""A real PostgreSQL server for tests: the one named in CAIRN_TEST_POSTGRES, else a throw-away cluster of our own.

The cluster listens on 127.0.0.1 only and does not sync to disk: what our tests kill is our processes, not the machine.
"""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from deploy.kafka.broker import free_ports
from tests.support import servers

DEMAND = "CAIRN_REQUIRE_POSTGRES"


class PostgresUnavailable(Exception):
    """There can be no PostgreSQL server here; the text says why."""


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
        with psycopg.connect(_conninfo(self._url), autocommit=True) as connection:
            connection.execute(statement)


def server(sync: bool = False) -> Postgres:
    """The server of this test run. Skips the test, or fails it, where there can be none.

    `sync=True` gives a second server that syncs every commit to disk.
    """
    if given := os.environ.get("CAIRN_TEST_POSTGRES"):
        return Postgres(given)
    try:
        name = "postgres-sync" if sync else "postgres"
        return Postgres(servers.shared(name, lambda folder: _start(folder, sync))["url"])
    except PostgresUnavailable as error:
        servers.absent(f"no PostgreSQL server: {error}", DEMAND)
        raise


def _start(folder: Path, sync: bool) -> servers.Facts:
    programs = _programs()
    folder.mkdir()
    as_owner = _as_owner(folder)
    data = folder / "data"
    initdb = [*as_owner, programs / "initdb", "-D", data, "-U", "cairn", "-A", "trust", "-E", "UTF8", "--no-sync"]
    initdb += ["--locale=C.UTF-8"]
    done = subprocess.run(initdb, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PostgresUnavailable(f"initdb failed: {done.stderr.strip()[-500:]}")
    return _serve(programs, as_owner, data, sync)


def _serve(programs: Path, as_owner: Sequence[str], data: Path, sync: bool) -> servers.Facts:
    port = free_ports(1)[0]
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": 200}
    if not sync:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    command = [*as_owner, str(programs / "postgres"), "-D", str(data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    log = data.parent / "postgres.log"
    url = f"postgresql+psycopg://cairn@127.0.0.1:{port}/postgres"
    guard = servers.launch(command, log)
    if not servers.came_up(guard, lambda: _answers(url), seconds=30):
        raise PostgresUnavailable(f"it did not start: {log.read_text()[-1000:]}")
    return {"url": url, "guard": str(guard)}


def _answers(url: str) -> bool:
    try:
        psycopg.connect(_conninfo(make_url(url)), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _programs() -> Path:
    found = _find_programs()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
        found = _find_programs()
    if found is None:
        raise PostgresUnavailable("no initdb on PATH or in /usr/lib/postgresql/*/bin")
    return found


def _find_programs() -> Path | None:
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(versions, key=lambda path: int(path.parts[4]) if path.parts[4].isdigit() else 0)
    if newest:
        return newest[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _install() -> None:
    # Debian's package would start a cluster of its own for good; tests want only the programs.
    config = Path("/etc/postgresql-common/createcluster.conf")
    if not config.exists():
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text("create_main_cluster = false\n")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-y", "-q", "postgresql"]):
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise PostgresUnavailable(f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}")


def _as_owner(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root; then its folder and its processes belong to the user postgres."""
    if os.geteuid() != 0:
        return []
    try:
        shutil.chown(folder, "postgres", "postgres")
    except LookupError as error:
        raise PostgresUnavailable("running as root, and there is no user postgres to run it as") from error
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]


def _conninfo(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
