"""Read your own writes: a read waits for the events it names, and never answers with an older state."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from chassis.http import consistency
from chassis.ids import new_id
from chassis.problems import Malformed
from chassis.tables import INBOX
from tests.chassis.http.demo import Demo, demo

LIST = "/api/v1/cycles"


class Waiting:
    """Stands in for time: each wait runs the next step."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.demo: Demo | None = None
        self.waits = 0

    def __call__(self, seconds: float) -> None:
        assert 0 < seconds <= 0.02
        self.waits += 1
        if self.steps and self.demo is not None:
            apply(self.demo, self.steps.pop(0))


def apply(running: Demo, event_id: str) -> None:
    with running.db.writing() as session:
        session.execute(insert(INBOX).values(event_id=event_id, received_at=running.runtime.clock()))


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


@pytest.fixture
def lagging(tmp_path: Path, waiting: Waiting) -> Iterator[Demo]:
    """The demo service, with a patience that a busy machine does not use up."""
    with demo(f"sqlite:///{tmp_path / 'demo.db'}", wait=waiting, patience=2.0) as running:
        waiting.demo = running
        yield running


def read(running: Demo, header: str) -> int:
    return running.client().get(LIST, headers={"Cairn-Consistency": header}).status_code


def test_a_read_waits_until_all_its_events_are_applied(lagging: Demo, waiting: Waiting) -> None:
    waiting.steps = [new_id(), new_id(), new_id()]
    token = consistency.token("people", waiting.steps[:2])
    assert read(lagging, token) == 200
    assert waiting.waits == 2


def test_a_read_of_what_is_there_does_not_wait(lagging: Demo, waiting: Waiting) -> None:
    event_id = new_id()
    apply(lagging, event_id)
    assert read(lagging, consistency.token("people", [event_id])) == 200
    assert waiting.waits == 0


def test_a_read_that_waits_in_vain_is_told_to_come_back(lagging: Demo, waiting: Waiting) -> None:
    answer = lagging.client().get(LIST, headers={"Cairn-Consistency": consistency.token("people", [new_id()])})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json["type"] == "urn:cairn:problem:behind"
    assert waiting.waits > 0


@pytest.mark.parametrize("service", ["goals", "feedback", "nobody"])
def test_what_is_ours_or_not_subscribed_to_passes(lagging: Demo, waiting: Waiting, service: str) -> None:
    assert read(lagging, consistency.token(service, [new_id()])) == 200
    assert waiting.waits == 0


def test_tokens_of_several_services_may_come_together(lagging: Demo, waiting: Waiting) -> None:
    waiting.steps = [new_id()]
    header = f"{consistency.token('goals', [new_id()])}; {consistency.token('people', waiting.steps)}"
    assert read(lagging, header) == 200
    assert waiting.waits == 1


def test_an_event_older_than_a_day_is_not_waited_for(lagging: Demo, waiting: Waiting) -> None:
    assert read(lagging, consistency.token("people", ["01800000-0000-7000-8000-000000000000"])) == 200
    assert waiting.waits == 0


def test_a_write_waits_as_well(lagging: Demo, waiting: Waiting) -> None:
    waiting.steps = [new_id()]
    assert lagging.create("Q1", **{"Cairn-Consistency": consistency.token("people", waiting.steps)}).status_code == 201
    assert waiting.waits == 1


def test_a_write_names_what_it_published(shop: Demo) -> None:
    from chassis.tables import OUTBOX

    header = shop.create("Q1").headers["Cairn-Consistency"]
    with shop.db.reading() as session:
        published = {row.event_id for row in session.execute(OUTBOX.select())}
    assert consistency.parse(header) == {"goals": published}


def test_a_write_without_events_names_none(shop: Demo) -> None:
    made = shop.create("Q1")
    answer = shop.client().delete(made.headers["Location"], headers={"If-Match": "*"})
    assert answer.status_code == 204
    assert "Cairn-Consistency" not in answer.headers


@given(st.lists(st.uuids().map(str), min_size=1, max_size=64, unique=True))
def test_a_token_reads_back_as_it_was_made(ids: list[str]) -> None:
    assert consistency.parse(consistency.token("people", ids)) == {"people": set(ids)}


def test_a_token_holds_64_events_at_most() -> None:
    ids = [new_id() for _ in range(100)]
    assert consistency.parse(consistency.token("people", ids)) == {"people": set(ids[-64:])}


@pytest.mark.parametrize(
    "header",
    [
        "",
        ";",
        "people",
        "people:",
        "people:abc",
        "People:" + "A" * 22,
        "people:" + "A" * 21 + "B",
        "people:" + "A" * 22 + ",",
        "people:" + ",".join(["A" * 22] * 65),
        ";".join(["people:" + "A" * 22] * 17),
        "people:" + "A" * 22 + " " * 9000,
    ],
)
def test_a_malformed_token_is_told_so(header: str) -> None:
    with pytest.raises(Malformed):
        consistency.parse(header)
