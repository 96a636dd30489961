"""Fixtures every test may ask for: real servers, and each test on both databases and on both buses."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from chassis.bus import Bus
from chassis.service import Runtime, Service
from tests.support import kafka as kafka_support
from tests.support import ledger, servers
from tests.support import postgres as postgres_support
from tests.support.buses import open_bus
from tests.support.scheduling import ByFile

# The Kafka client reads its schemas in a way Python 3.11 calls deprecated (and 3.13 does not any more).
KAFKA_CLIENT = "ignore:(read|open)_text is deprecated:DeprecationWarning"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", KAFKA_CLIENT)
    if not hasattr(config, "workerinput"):
        servers.lead(os.environ)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        servers.end_all(os.environ)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    return ByFile(config, log)  # type: ignore[no-untyped-call]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, so that no worker is left alone with them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def kafka() -> str:
    """host:port of a running Kafka broker."""
    return kafka_support.bootstrap()


@pytest.fixture(scope="session")
def postgres() -> postgres_support.Postgres:
    """A running PostgreSQL server to create databases on."""
    return postgres_support.server()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes fresh, empty databases of one kind, as SQLAlchemy URLs; they are gone after the test."""
    with ExitStack() as made:
        if request.param == "sqlite":
            numbers = count(1)
            yield lambda: f"sqlite:///{tmp_path / f'cairn-{next(numbers)}.db'}"
        else:
            server: postgres_support.Postgres = request.getfixturevalue("postgres")
            yield lambda: made.enter_context(server.database())


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """The SQLAlchemy URL of a fresh, empty database."""
    return new_database()


@pytest.fixture(params=["sqlite", pytest.param("kafka", marks=pytest.mark.kafka)])
def bus_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh bus without topics, as `tests.support.buses.open_bus` and child processes take it."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'bus.db'}"
    return f"kafka:{request.getfixturevalue('kafka')}:{kafka_support.fresh_prefix()}"


@pytest.fixture
def bus(bus_address: str) -> Iterator[Bus]:
    """A fresh bus without topics."""
    made = open_bus(bus_address)
    yield made
    made.close()


@pytest.fixture
def opened() -> Iterator[ledger.Opened]:
    """Opens ledger services and closes their databases after the test."""
    runtimes: list[Runtime] = []

    def open_one(service: Service, url: str) -> Runtime:
        runtimes.append(ledger.runtime(service, url))
        return runtimes[-1]

    yield open_one
    for runtime in runtimes:
        runtime.db.dispose()
