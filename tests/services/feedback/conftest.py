"""The feedback service on both databases, and on SQLite alone where the database decides nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.feedback import feedback_service
from tests.support.hosted import Hosted


@pytest.fixture
def feedback(database_url: str) -> Iterator[Hosted]:
    with feedback_service(database_url) as running:
        yield running


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Hosted]:
    with feedback_service(f"sqlite:///{tmp_path / 'feedback.db'}") as running:
        yield running
