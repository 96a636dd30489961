"""How a process learns that the read model has moved on: PostgreSQL tells it; where that may be too late, it asks."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import select, text, update

from chassis.db import Database
from chassis.service import Runtime
from gateway.kept import Kept
from gateway.projection import changes
from gateway.projection.models import EDITION
from tests.support.gateway import listening
from tests.support.postgres import Postgres, conninfo
from tests.support.stack import until

pytestmark = pytest.mark.postgres


@pytest.fixture
def here(postgres: Postgres) -> Iterator[Runtime]:
    with postgres.database() as url, listening(url) as runtime:
        yield runtime


@pytest.fixture
def elsewhere(here: Runtime) -> Iterator[Database]:
    """The same database as another process has it."""
    other = Database(here.db.url)
    yield other
    other.dispose()


@pytest.fixture
def only_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asks for want of news."""
    monkeypatch.setattr("gateway.kept.UNHEARD_SECONDS", 600.0)


def note(db: Database, *ids: str) -> int:
    """A change; answers the edition it makes."""
    with db.writing() as session:
        changes.note(session, ids)
        return session.execute(select(EDITION.c.edition)).scalar_one()


def asked(db: Database) -> tuple[int, object]:
    """The connections that ask for the edition, and when one did last."""
    with db.reading() as session:
        asking = "FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT edition FROM edition'"
        return tuple(session.execute(text(f"SELECT count(*), max(query_start) {asking}")).one())


@pytest.mark.usefixtures("only_told")
def test_a_change_elsewhere_is_told(here: Runtime, elsewhere: Database) -> None:
    kept = Kept(here.db)
    kept.keep("mine", 1, ["me"], 1, kept.look())
    edition = note(elsewhere, "me")
    until(lambda: kept.look() == edition, 5, "the change is heard of")
    assert kept.find("mine") is None


@pytest.mark.usefixtures("only_told")
def test_while_nothing_moves_nothing_is_asked(here: Runtime, elsewhere: Database) -> None:
    kept = Kept(here.db)
    kept.look()
    before = asked(elsewhere)
    assert before[0] == 1
    for _ in range(50):
        kept.look()
    assert asked(elsewhere) == before
    kept.look(sure=True)
    assert asked(elsewhere) != before


@pytest.mark.usefixtures("only_told")
def test_what_was_committed_here_is_known_at_once(here: Runtime) -> None:
    kept = Kept(here.db)
    for _ in range(20):
        assert kept.look() == note(here.db, "me") - 1
        kept.look()


@pytest.mark.usefixtures("only_told")
def test_who_has_to_be_sure_is(here: Runtime, elsewhere: Database) -> None:
    kept = Kept(here.db)
    for _ in range(20):
        kept.look()
        edition = note(elsewhere, "me")
        assert kept.look(sure=True) == edition


def test_what_nobody_told_is_found_by_asking(here: Runtime, elsewhere: Database) -> None:
    note(here.db, "me")
    kept = Kept(here.db)
    kept.look()
    with elsewhere.writing() as session:
        session.execute(update(EDITION).values(edition=EDITION.c.edition + 1))
    until(lambda: kept.look() == 2, 5, "the edition is asked for")


@pytest.mark.usefixtures("only_told")
def test_after_its_connection_has_ended_it_listens_again(here: Runtime, elsewhere: Database) -> None:
    kept = Kept(here.db)
    kept.look()
    with psycopg.connect(conninfo(here.db.url.render_as_string(hide_password=False)), autocommit=True) as admin:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT edition FROM edition'"
        assert admin.execute(f"{ended} AND datname = current_database()").fetchall() == [(True,)]
    until(lambda: asked(elsewhere)[0] == 0, 5, "the connection is gone")
    edition = note(elsewhere, "me")
    assert kept.look() == edition
    edition = note(elsewhere, "me")
    until(lambda: kept.look() == edition, 5, "the change is heard of over a new connection")
