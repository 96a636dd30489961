"""Every part's database, made by its migrations alone, on both databases: it is what the models say, making it again
changes nothing, what is pending is told truly, and two at once wait for each other."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import inspect, text

from cairn import topology
from chassis.db import Database
from chassis.migrate import drift, migrate, pending
from chassis.service import Service
from chassis.settings import load

WHERE = re.compile(r" at 0x[0-9a-f]+")
each_part = pytest.mark.parametrize("part", topology.PARTS)


@pytest.fixture
def connected(new_database: Callable[[], str]) -> Iterator[Callable[[], Database]]:
    """Several connections to one fresh, empty database."""
    url, made = new_database(), []

    def connect() -> Database:
        made.append(Database(url))
        return made[-1]

    yield connect
    for db in made:
        db.dispose()


def declared(part: str) -> Service:
    return topology.declare(part, load({}))


def tables(db: Database) -> dict[str, str]:
    """Every table with its columns, keys and indexes, as the database describes them."""
    asked = inspect(db.engine)
    return {
        name: WHERE.sub("", repr([asked.get_columns(name), asked.get_pk_constraint(name), asked.get_indexes(name)]))
        for name in asked.get_table_names()
    }


@each_part
def test_the_migrations_make_what_the_models_say(part: str, connected: Callable[[], Database]) -> None:
    db, service = connected(), declared(part)
    migrate(db, service)
    assert drift(db, service) == []


def test_on_postgres_the_pages_of_key_results_have_room_for_check_ins(connected: Callable[[], Database]) -> None:
    db, service = connected(), declared("goals")
    migrate(db, service)
    if not db.sqlite:
        with db.engine.connect() as connection:
            options = connection.execute(text("SELECT reloptions FROM pg_class WHERE relname = 'key_results'"))
            assert options.scalar_one() == ["fillfactor=85"]


@each_part
def test_what_is_pending_is_told_before_and_after(part: str, connected: Callable[[], Database]) -> None:
    db, service = connected(), declared(part)
    told = pending(db, service)
    assert len(told) == 2, "the tables of the chassis, and the part's own"
    assert all("nothing is there" in sentence and f"cairn migrate {part}" in sentence for sentence in told)
    assert inspect(db.engine).get_table_names() == [], "asking changes nothing"
    migrate(db, service)
    assert pending(db, service) == []


@each_part
def test_migrating_again_changes_nothing(part: str, connected: Callable[[], Database]) -> None:
    db, service = connected(), declared(part)
    migrate(db, service)
    before = tables(db)
    migrate(db, service)
    assert tables(db) == before


@each_part
def test_two_at_once_wait_for_each_other(part: str, connected: Callable[[], Database]) -> None:
    service, start = declared(part), Barrier(2)
    databases = [connected(), connected()]

    def run(db: Database) -> list[str]:
        start.wait(10)
        migrate(db, service)
        return pending(db, service)

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(run, databases)) == [[], []]
    assert drift(databases[0], service) == []
