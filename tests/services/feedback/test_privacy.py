"""Private words stay in this service: a canary is written in every private way and looked for everywhere else."""

import io
import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from chassis import logs
from chassis.tables import METADATA
from services.feedback.models import Feedback
from tests.support.feedback import ANA, BEN, CANARY, CLEO, IMPORTER, OLGA, give
from tests.support.hosted import Hosted


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """Everything logged in this test, as operators would read it."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("feedback", "DEBUG", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def _sing(feedback: Hosted) -> list[str]:
    """Write the canary in every private way, also in ways that fail; answers what strangers got to see."""
    for visibility in ("recipient", "recipient_and_manager"):
        assert give(feedback, CLEO, visibility=visibility, text=CANARY).status_code == 201
        imported = {"giver_id": CLEO, "external_id": visibility, "visibility": visibility, "text": CANARY}
        assert give(feedback, IMPORTER, **imported).status_code == 201
    clash = give(feedback, IMPORTER, giver_id=CLEO, external_id="recipient", text="Something else.")
    refused = give(feedback, CLEO, recipient_id=CLEO, text=CANARY)
    strangers = [OLGA, IMPORTER, "0190b6a4-9d5c-7c3e-8a55-0000000000ff"]
    lists = [feedback.client(who).get("/api/v1/feedback").get_data(as_text=True) for who in strangers]
    return [clash.get_data(as_text=True), refused.get_data(as_text=True), *lists]


def test_private_words_are_in_no_event_no_log_and_no_strangers_answer(feedback: Hosted, log_lines: io.StringIO) -> None:
    shown = _sing(feedback)
    with feedback.unit() as unit:
        feedback.runtime.service.republish(unit)

    published = feedback.published()
    assert len(published) == 8
    assert not [row for row in published if CANARY.encode() in row.payload or CANARY in str(row.headers)]
    assert log_lines.getvalue().count("\n") >= 6
    assert CANARY not in log_lines.getvalue()
    assert not [answer for answer in shown if CANARY in answer]


def test_private_words_are_stored_in_one_table_only(feedback: Hosted) -> None:
    _sing(feedback)

    with feedback.runtime.db.reading() as session:
        assert len(session.scalars(select(Feedback).where(Feedback.text == CANARY)).all()) == 4
        for table in METADATA.sorted_tables:
            assert not [row for row in session.execute(select(table)) if CANARY in str(tuple(row))], table.name


def test_a_database_that_fails_does_not_spill_the_words(quick: Hosted, log_lines: io.StringIO) -> None:
    with quick.runtime.db.writing() as session:
        session.execute(text("DROP TABLE feedback"))

    answer = give(quick, CLEO, kind="feedback", text=CANARY)

    assert answer.status_code in (500, 503)
    assert CANARY not in answer.get_data(as_text=True)
    assert CANARY not in log_lines.getvalue()


def test_public_words_travel(feedback: Hosted) -> None:
    give(feedback, CLEO, text="Sing along.")

    assert b"Sing along." in feedback.published()[0].payload


def test_a_manager_who_is_not_included_hears_nothing(feedback: Hosted) -> None:
    give(feedback, CLEO, visibility="recipient", text=CANARY)

    assert CANARY not in feedback.client(ANA).get(f"/api/v1/feedback?recipient_id={BEN}").get_data(as_text=True)
