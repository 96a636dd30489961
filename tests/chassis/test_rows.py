"""Rows written many at once are what SQLAlchemy would have written one by one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Boolean, Column, Date, Integer, MetaData, String, Table, insert, select

from chassis.db import Database, Exact, Json, Moment
from chassis.rows import insert_all
from chassis.statements import among, listed

THINGS = Table(
    "many_things",
    MetaData(),
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("order", String(50)),
    Column("facts", Json),
    Column("seen", Boolean),
    Column("on", Date),
    Column("at", Moment),
    Column("much", Exact),
)
NOW = datetime(2026, 5, 13, 10, 0, 0, 123456, tzinfo=UTC)
GIVEN = {"order": 'Zoë "\\ 🚲', "facts": ["ä", {"a": 1}], "seen": True, "on": date(2026, 5, 13), "at": NOW}


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    db = Database(database_url)
    THINGS.metadata.create_all(db.engine)
    yield db
    db.dispose()


def test_every_kind_of_value_is_stored_as_one_by_one(db: Database) -> None:
    values = [{**GIVEN, "much": Decimal("0.1")}, {**GIVEN, "order": None, "seen": False, "on": None, "much": None}]
    with db.writing() as session:
        insert_all(session, THINGS, values)
        session.execute(insert(THINGS), values)
    with db.reading() as session:
        stored = [tuple(row)[1:] for row in session.execute(select(THINGS).order_by(THINGS.c.number))]
    assert stored[:2] == stored[2:]
    assert stored[0][0] == GIVEN["order"]


def test_rows_are_found_by_any_number_of_numbers(db: Database) -> None:
    with db.writing() as session:
        insert_all(session, THINGS, [{"order": str(number)} for number in range(5)])
        wanted = among(session, THINGS.c.number, [2, 3, *range(9, 40_000)])
        assert sorted(session.scalars(select(THINGS.c.order).where(wanted))) == ["1", "2"]


@pytest.mark.parametrize("texts", [[], ["a", "", " ", "NULL", "Zoë", '"', "\\", "{1,2}", ',"', "it's", "\t\n", '\\"']])
def test_texts_of_any_kind_reach_the_database_as_they_are(db: Database, texts: list[str]) -> None:
    with db.writing() as session:
        insert_all(session, THINGS, [{"order": text} for text in [*texts, "another"]])
        found = session.execute(select(THINGS.c.order).where(among(session, THINGS.c.order, texts)))
        assert sorted(found.scalars()) == sorted(texts)
        assert sorted(session.execute(listed(session, texts)).scalars()) == sorted(texts)
