"""A check-ins service on each database; the tables are made once and copied for every test."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chassis import migrate
from chassis.db import Database
from services.checkins.app import service
from tests.support.checkins import ORGANISATION, World
from tests.support.postgres import Postgres


def _migrated(url: str) -> str:
    db = Database(url)
    migrate.migrate(db, service())
    db.dispose()
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkins") / "template.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> Iterator[str]:
    name = postgres.create()
    _migrated(postgres.url(name))
    yield name
    postgres.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "checkins.db")
            url = f"sqlite:///{tmp_path / 'checkins.db'}"
        else:
            server: Postgres = request.getfixturevalue("postgres")
            url = stack.enter_context(server.database(request.getfixturevalue("postgres_template")))
        made = World(url)
        stack.callback(made.close)
        yield made.hears(*ORGANISATION)
