"""The guard of every copy: the highest version stays, in whatever order the rows come."""

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Boolean, Column, Date, Integer, MetaData, String, Table, select

from chassis import guarded
from chassis.db import Database, Exact, Json, Moment
from chassis.guarded import keep, keep_all

THINGS = Table(
    "things",
    MetaData(),
    Column("id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("order", String(10)),
    Column("facts", Json),
    Column("seen", Boolean),
    Column("on", Date),
    Column("at", Moment),
    Column("much", Exact),
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
        assert rows(db) == [("a", 3, "v3", [3], True, None, None, None)]


def test_columns_that_are_not_named_stay_as_they_are(db: Database) -> None:
    with db.writing() as session:
        assert keep(session, THINGS, {"id": "a", "version": 1, "seen": True})
        assert keep(session, THINGS, {"id": "a", "version": 2, "facts": {"b": None}})
        assert keep(session, THINGS, {"version": 1, "id": "b"})
    never = (None,) * 3
    assert sorted(rows(db), key=str) == [("a", 2, None, {"b": None}, True, *never), ("b", 1, None, None, None, *never)]


def test_the_earliest_of_two_moments_stays_whichever_row_is_newer(db: Database) -> None:
    early, late = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 2, tzinfo=UTC)
    cases = [(early, late, early), (late, early, early), (None, late, late), (early, None, early), (None, None, None)]
    with db.writing() as session:
        for place, (known, said, kept) in enumerate(cases):
            one = {"id": str(place), "version": 1, "at": known}
            assert keep(session, THINGS, one, earliest="at")
            assert keep(session, THINGS, one | {"version": 2, "at": said}, earliest="at")
            assert session.execute(select(THINGS.c.at).where(THINGS.c.id == str(place))).scalar() == kept


def told(id_: str, version: int) -> dict[str, object]:
    moment = datetime(2026, 5, version, 10, 30, 0, 250, tzinfo=UTC)
    return {
        "id": id_,
        "version": version,
        "order": f"\u00fc'\"{version}",
        "facts": {"list": [version, None], "text": "\u20ac"},
        "seen": version % 2 == 0,
        "on": moment.date(),
        "at": moment,
        "much": Decimal("0.123456789") + version,
    }


@pytest.mark.parametrize("seed", range(4))
def test_many_at_once_end_as_one_by_one(db: Database, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(guarded, "MOST_VARIABLES", 30)
    history = [told(f"id-{chance.randrange(9)}", chance.randrange(1, 8)) for _ in range(60)]
    singly: set[tuple[object, object]] = set()
    with db.writing() as session:
        for row in history:
            keep(session, THINGS, row)
    alone = sorted(rows(db))
    with db.writing() as session:
        session.execute(THINGS.delete())
        while history:
            some, history = history[: (cut := chance.randrange(1, 25))], history[cut:]
            taken = keep_all(session, THINGS, some)
            stored = {(row.id, row.version) for row in session.execute(select(THINGS))}
            now = {(row["id"], row["version"]) for row in taken}
            assert now == stored - singly, "exactly what was newer took"
            singly = stored
        assert keep_all(session, THINGS, []) == []
    assert sorted(rows(db)) == alone
