"""A running Cairn for the files of one format."""

from collections.abc import Iterator

import pytest

from cairn.exchange.client import Client
from tests.support.formats import Place
from tests.support.stack import embedded


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """With nobody and nothing in it; tests add the people of their files."""
    with embedded(tmp_path_factory.mktemp("cairn")) as stack, Client(stack.url, stack.admin()) as client:
        yield Place(client)
