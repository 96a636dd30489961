"""The notifications service on both databases, on SQLite alone, and with a mail server on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hosted import Hosted
from tests.support.notifications import notifications_service
from tests.support.smtp import Behaviour, mail_server


@pytest.fixture
def notifications(database_url: str) -> Iterator[Hosted]:
    with notifications_service(database_url) as running:
        yield running


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Hosted]:
    with notifications_service(f"sqlite:///{tmp_path / 'notifications.db'}") as running:
        yield running


@pytest.fixture
def smtp() -> Iterator[tuple[Behaviour, str]]:
    with mail_server() as running:
        yield running
