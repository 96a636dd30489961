"""A check-ins service that knows the organisation, on each database; it is set up once and copied for every test."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.checkins import ORGANISATION, World, migrated
from tests.support.postgres import Postgres


def _set_up(url: str) -> None:
    with closing(World(migrated(url))) as world:
        world.hears(*ORGANISATION)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkins") / "template.db"
    _set_up(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """One database for all tests: emptying it is a tenth of making another."""
    with postgres.database() as url:
        yield migrated(url)


@pytest.fixture
def sqlite_world(sqlite_template: Path, tmp_path: Path) -> Iterator[World]:
    """On SQLite only, for what is decided before a database is asked."""
    shutil.copy(sqlite_template, tmp_path / "checkins.db")
    with closing(World(f"sqlite:///{tmp_path / 'checkins.db'}")) as world:
        yield world


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_world")
        return
    with closing(World(request.getfixturevalue("postgres_url"))) as world:
        yield world.emptied().hears(*ORGANISATION)
