"""The demo service, on SQLite for what only HTTP decides and on both databases for what the database decides."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chassis.http.demo import Demo, demo


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Demo]:
    """The demo service on SQLite."""
    with demo(f"sqlite:///{tmp_path / 'demo.db'}") as running:
        yield running


@pytest.fixture
def both(database_url: str) -> Iterator[Demo]:
    """The demo service, once on each database."""
    with demo(database_url) as running:
        yield running
