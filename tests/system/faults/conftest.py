"""What comes out of an injected fault is said, so that a run with `-s` reads as a report."""

import sys
from collections.abc import Callable

import pytest

Figure = Callable[[str], None]


@pytest.fixture
def figure(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Figure:
    """Notes what was measured, in words."""

    def note(words: str) -> None:
        record_property("figure", words)
        sys.stdout.write(f"\n{request.node.name}: {words}\n")

    return note
