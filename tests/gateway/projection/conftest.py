from collections.abc import Iterator

import pytest

from chassis.service import Runtime
from tests.support import gateway


@pytest.fixture
def runtime(database_url: str) -> Iterator[Runtime]:
    """A gateway that listens, on an empty read model."""
    with gateway.listening(database_url) as listening:
        yield listening
