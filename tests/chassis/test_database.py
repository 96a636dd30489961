"""A new SQLite file is opened by whoever comes first, and by everybody who comes at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from chassis.db import Database


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
