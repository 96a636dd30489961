"""A whole Cairn for system tests, embedded and distributed, started once."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from cairn import topology
from tests.support import kafka as kafka_support
from tests.support import postgres as postgres_support
from tests.support import stack as stacks
from tests.support.whole import Whole, whole


@pytest.fixture(
    scope="session",
    params=["embedded", pytest.param("distributed", marks=[pytest.mark.kafka, pytest.mark.postgres])],
)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[stacks.Stack]:
    """A running Cairn; what tests leave in it stays: each makes what it needs."""
    folder = tmp_path_factory.mktemp(request.param)
    with ExitStack() as running:
        if request.param == "embedded":
            yield running.enter_context(stacks.embedded(folder))
            return
        bootstrap = request.getfixturevalue("kafka")
        server: postgres_support.Postgres = request.getfixturevalue("postgres")
        databases = {name: running.enter_context(server.database()) for name in topology.PARTS}
        prefix = kafka_support.fresh_prefix()
        yield running.enter_context(stacks.distributed(folder, databases, bootstrap, prefix))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """A Cairn in this process with a small organisation, shared by the tests of a file."""
    with whole(tmp_path_factory.mktemp("cairn")) as made:
        yield made


@pytest.fixture
def unchanged(running: Whole) -> Iterator[None]:
    """Fails a test after which any database holds anything else than before it."""
    before = running.state()
    yield
    after = running.state()
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
