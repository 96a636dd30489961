"""A unit of work happens as a whole or not at all, whether it needed a transaction around its statements or not."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

import psycopg
import pytest
from sqlalchemy import Executable, Table, event, select, text
from sqlalchemy.exc import IntegrityError

from chassis.db import Database
from chassis.relay import commit_signal
from chassis.tables import OUTBOX
from chassis.unit import Unit, unit_of_work
from contracts.people import TeamChanged
from tests.support import ledger, postgres
from tests.support.ledger import Counter

COUNTERS = cast(Table, Counter.__table__)
KNOWN = select(COUNTERS.c.id).where(COUNTERS.c.version > 0)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    db = Database(database_url)
    ledger.create_tables(db)
    yield db
    db.dispose()


@contextmanager
def failing(db: Database) -> Iterator[Unit]:
    """A unit of work that ends badly."""
    with suppress(ZeroDivisionError), unit_of_work(db) as unit:
        yield unit
        raise ZeroDivisionError


def ids(unit: Unit, statement: Executable = KNOWN) -> list[str]:
    return list(unit.look_up(statement, {}).scalars())


def adds(unit: Unit, *counters: str) -> None:
    """Make counters and say so."""
    for one in counters:
        unit.add(COUNTERS, {"id": one, "version": 1})
        unit.publish(TeamChanged(id=one, version=1, name="counted"))


def stored(db: Database) -> tuple[list[str], list[str]]:
    """The counters there are, and those the outbox tells of."""
    with db.reading() as session:
        counters = session.scalars(select(COUNTERS.c.id).order_by(COUNTERS.c.id))
        return list(counters), list(session.scalars(select(OUTBOX.c.key).order_by(OUTBOX.c.id)))


def test_what_was_added_and_told_is_there_afterwards(db: Database) -> None:
    with unit_of_work(db) as unit:
        assert ids(unit) == []
        adds(unit, "b", "a")
    assert stored(db) == (["a", "b"], ["b", "a"])
    with unit_of_work(db) as unit:
        unit.add(COUNTERS, {"id": "c", "version": 1})
    assert stored(db) == (["a", "b", "c"], ["b", "a"])


def test_a_unit_that_fails_leaves_nothing_of_what_it_added(db: Database) -> None:
    with failing(db) as unit:
        ids(unit)
        adds(unit, "a")
    assert stored(db) == ([], [])


def test_a_row_that_is_refused_takes_everything_with_it(db: Database) -> None:
    with unit_of_work(db) as unit:
        adds(unit, "a")
    with pytest.raises(IntegrityError), unit_of_work(db) as unit:
        adds(unit, "b", "a", "c")
    assert stored(db) == (["a"], ["a"])


def test_the_session_finds_what_was_added_and_takes_it_back_with_itself(db: Database) -> None:
    with failing(db) as unit:
        assert ids(unit) == []
        adds(unit, "a")
        ledger.bump(unit, "a")
        adds(unit, "b")
        assert ids(unit) == ["a"], "from here on it is looked up within the transaction"
        assert sorted(unit.session.scalars(KNOWN)) == ["a", "b"]
    assert stored(db) == ([], [])


def test_what_is_looked_up_before_a_change_does_not_commit_it(db: Database) -> None:
    with unit_of_work(db) as unit:
        assert ids(unit) == []
        ledger.bump(unit, "a")
        unit.write_outbox()
        assert ids(unit) == ["a"]
        with db.reading() as other:
            assert list(other.scalars(KNOWN)) == []
        adds(unit, "b")
    assert stored(db) == (["a", "b"], ["a", "b"])


def test_the_outbox_is_not_written_early_without_the_rest(db: Database) -> None:
    with failing(db) as unit:
        adds(unit, "a")
        unit.write_outbox()
    assert stored(db) == ([], [])


@pytest.mark.postgres
def test_on_postgres_looking_up_and_adding_takes_two_statements_and_no_transaction_around_them() -> None:
    with postgres.server().database() as url:
        db, own = Database(url), text("SELECT pg_backend_pid()")
        ledger.create_tables(db)
        sent: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_: sent.append(statement))
        with psycopg.connect(postgres.conninfo(url), autocommit=True) as other, unit_of_work(db) as unit:
            (backend,) = unit.look_up(own, {}).one()
            assert _state(other, backend) == "idle"
            adds(unit, "a", "b")
        assert [statement.split()[0] for statement in sent] == ["SELECT", "WITH"]
        assert stored(db) == (["a", "b"], ["a", "b"])
        with psycopg.connect(postgres.conninfo(url), autocommit=True) as other, unit_of_work(db) as unit:
            unit.look_up(own, {})
            (backend,) = unit.session.execute(own).one()
            assert _state(other, backend) == "idle in transaction"
        db.dispose()


def _state(other: psycopg.Connection, backend: int) -> str:
    return str(other.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [backend]).fetchone()[0])  # type: ignore[index]


@pytest.mark.postgres
def test_a_single_statement_wakes_the_relay() -> None:
    with postgres.server().database() as url:
        db = Database(url)
        ledger.create_tables(db)
        with commit_signal(db) as wait:
            wait(0.01)  # it listens from here on
            with unit_of_work(db) as unit:
                adds(unit, "a")
            began = time.monotonic()
            wait(30)
            assert time.monotonic() - began < 20
        db.dispose()
