"""The guard of every copy: the highest version stays, in whatever order the rows come."""

import itertools
from collections.abc import Iterator

import pytest
from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, select

from chassis.db import Database, Json
from chassis.guarded import keep

THINGS = Table(
    "things",
    MetaData(),
    Column("id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("order", String(10)),
    Column("facts", Json),
    Column("seen", Boolean),
)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    db = Database(database_url)
    THINGS.metadata.create_all(db.engine)
    yield db
    db.dispose()


def rows(db: Database) -> list[tuple[object, ...]]:
    with db.reading() as session:
        return [tuple(row) for row in session.execute(select(THINGS))]


def test_the_newest_stays_in_any_order_and_only_what_is_newer_takes(db: Database) -> None:
    for order in itertools.permutations((1, 2, 2, 3)):
        with db.writing() as session:
            session.execute(THINGS.delete())
            newest = 0
            for version in order:
                row = {"id": "a", "version": version, "order": f"v{version}", "facts": [version], "seen": True}
                assert keep(session, THINGS, row) is (version > newest)
                newest = max(newest, version)
        assert rows(db) == [("a", 3, "v3", [3], True)]


def test_columns_that_are_not_named_stay_as_they_are(db: Database) -> None:
    with db.writing() as session:
        assert keep(session, THINGS, {"id": "a", "version": 1, "seen": True})
        assert keep(session, THINGS, {"id": "a", "version": 2, "facts": {"b": None}})
        assert keep(session, THINGS, {"version": 1, "id": "b"})
    assert sorted(rows(db), key=str) == [("a", 2, None, {"b": None}, True), ("b", 1, None, None, None)]
