"""The public API keeps to its own OpenAPI document, whatever it is asked: no failure of the server, no status and no
content type that is not documented, no answer that does not fit its schema. And whatever got in, every event of it
arrives everywhere."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.conformance import conform
from tests.support.whole import whole

pytestmark = pytest.mark.slow

CALLERS = {
    "service": {"examples": 1, "coverage": 1, "fuzzing": 2, "stateful": 4},
    "hr": {"fuzzing": 3},
    "employee": {"fuzzing": 3},
}


@pytest.mark.parametrize(("who", "phases"), CALLERS.items(), ids=CALLERS)
def test_the_api_keeps_to_its_document(who: str, phases: Mapping[str, int], tmp_path: Path) -> None:
    with whole(tmp_path) as running:
        operations = {
            f"{method.upper()} {path}"
            for path, item in running.get("/openapi.json")["paths"].items()
            for method in item
        }
        found = conform(running, who, phases)
        assert not found.faults, "\n\n".join(found.faults[:20])
        assert found.asked == operations
        assert running.call("GET", "/me", who).status_code == 200, "the caller's own token did not survive"
        assert not any(status >= 500 for status in found.statuses)
        assert {200, 201, 204, 400, 403, 404, 409, 422} <= set(found.statuses)
        with running.working():
            running.settle()
