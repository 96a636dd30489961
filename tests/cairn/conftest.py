"""A Cairn in one process, as `cairn up` makes it, and the command line told of its data folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support.command import Running, started


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests of a file."""
    with started({"CAIRN_DATA": str(tmp_path_factory.mktemp("cairn")), "CAIRN_PARTITIONS": "2"}) as one:
        yield one


@pytest.fixture
def start() -> Iterator[Callable[[dict[str, str]], Running]]:
    """Starts one with these settings; it is stopped after the test."""
    with ExitStack() as opened:
        yield lambda environment: opened.enter_context(started(environment))
