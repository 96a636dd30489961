"""A PostgreSQL server of a test's own, which it may stop, freeze and fill: others must not notice."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from deploy.kafka.broker import free_ports
from deploy.postgres import programs as installed
from tests.support.stack import until

SMALL_MB = 160
"""What the whole server has to live on: its own files take about half."""
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "32MB",
    "fsync": "off",
}


class OwnPostgres:
    """Its data lies in a file system of `SMALL_MB` where that can be had, which is as root only."""

    def __init__(self, folder: Path, connections: int = 60) -> None:
        self.folder = folder
        self._own = {"max_connections": str(connections)}
        self.port = free_ports(1)[0]
        self._programs = installed.find_or_install()
        self._as_owner = installed.as_owner(folder)
        self._process: subprocess.Popen[bytes] | None = None
        command = [*self._as_owner, self._programs / "initdb", "-D", folder / "data", "-U", "cairn", "-A", "trust"]
        subprocess.run([*command, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], check=True, capture_output=True)

    def start(self) -> None:
        command = [*self._as_owner, str(self._programs / "postgres"), "-D", str(self.folder / "data")]
        for name, value in {**SETTINGS, **self._own, "port": str(self.port)}.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self.answers, 60, "PostgreSQL answers")

    def stop_at_once(self) -> None:
        """As `pg_ctl stop -m immediate`: no checkpoint, every connection is cut."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
            self._process = None

    def freeze(self) -> None:
        """Every process of it stands still; connections stay open and say nothing."""
        self._tell(signal.SIGSTOP)

    def thaw(self) -> None:
        self._tell(signal.SIGCONT)

    def _tell(self, number: signal.Signals) -> None:
        if self._process is not None:
            pid = self._process.pid
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for one in [pid, *map(int, children)]:
                with suppress(ProcessLookupError):
                    os.kill(one, number)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://cairn@127.0.0.1:{self.port}/{database}"

    def answers(self) -> bool:
        try:
            psycopg.connect(f"postgresql://cairn@127.0.0.1:{self.port}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def run(self, database: str, statement: str) -> list[tuple[object, ...]]:
        """Run one statement; its rows, if it has any."""
        with psycopg.connect(
            f"postgresql://cairn@127.0.0.1:{self.port}/{database}", autocommit=True, connect_timeout=5
        ) as connection:
            answer = connection.execute(statement)  # type: ignore[call-overload]
            return answer.fetchall() if answer.description else []

    @contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte is free meanwhile."""
        balloon = self.folder / "balloon"
        with balloon.open("wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 4096):
                    pass
            except OSError:
                pass
        try:
            yield
        finally:
            balloon.unlink()


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """A running server, on a small file system of its own where this may be mounted."""
    # Not below pytest's folders: its owner is another user, who may not enter those.
    folder = Path(tempfile.mkdtemp(prefix="cairn-postgres-"))
    options = ["-t", "tmpfs", "-o", f"size={SMALL_MB}m", "tmpfs"]
    small = subprocess.run(["mount", *options, folder], capture_output=True, check=False).returncode == 0
    server = None
    try:
        server = OwnPostgres(folder)
        server.start()
        yield server
    finally:
        if server is not None:
            server.thaw()
            server.stop_at_once()
        if small:
            subprocess.run(["umount", folder], check=True)
        shutil.rmtree(folder, ignore_errors=True)
