"""A new SQLite file is opened by whoever comes first, and by everybody who comes at the same moment; a connection that
the server has ended is not used again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from sqlalchemy import text

from chassis.connections import stands
from chassis.db import Database
from tests.support import postgres


def test_eight_that_open_a_new_file_at_once_all_get_in(tmp_path: Path) -> None:
    for number in range(40):
        together = Barrier(8)
        url = f"sqlite:///{tmp_path}/{number}.db"

        def mode(_: int, url: str = url, together: Barrier = together) -> str | None:
            db = Database(url)
            together.wait(10)
            with db.engine.connect() as connection:
                found = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
            db.dispose()
            return found

        with ThreadPoolExecutor(8) as threads:
            assert set(threads.map(mode, range(8))) == {"wal"}


@pytest.mark.postgres
def test_a_connection_the_server_has_ended_is_not_used_again() -> None:
    with postgres.server().database() as url:
        db, own = Database(url), text("SELECT pg_backend_pid()")
        with db.reading() as session:
            first = session.execute(own).scalar_one()
            taken = session.connection().connection.driver_connection
        with db.reading() as session:
            assert session.execute(own).scalar_one() == first, "while it stands it is used again"
        assert stands(taken)
        with psycopg.connect(postgres.conninfo(url), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
        assert not stands(taken)
        with db.reading() as session:
            assert session.execute(own).scalar_one() != first
        db.dispose()
