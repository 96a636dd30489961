"""The goals service on both databases, and on SQLite alone where the database decides nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.goals import Goals, goals_service
from tests.support.hosted import Hosted


@pytest.fixture
def running(database_url: str) -> Iterator[Hosted]:
    with goals_service(database_url) as service:
        yield service


@pytest.fixture
def goals(running: Hosted) -> Goals:
    """The service as HR uses it."""
    return Goals(running)


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Goals]:
    with goals_service(f"sqlite:///{tmp_path / 'goals.db'}") as service:
        yield Goals(service)
