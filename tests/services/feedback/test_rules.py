"""The policy of feedback, as pure functions."""

from datetime import UTC, datetime, timedelta

import pytest

from services.feedback import rules
from services.feedback.rules import Known

NOW = datetime(2026, 7, 3, tzinfo=UTC)


def test_praise_is_for_all_and_feedback_for_one() -> None:
    assert rules.default_visibility("praise") == "public"
    assert rules.default_visibility("feedback") == "recipient"


@pytest.mark.parametrize(
    ("visibility", "travels"), [("public", "Well done"), ("recipient", None), ("recipient_and_manager", None)]
)
def test_only_public_words_travel(visibility: str, travels: str | None) -> None:
    assert rules.travelling_text(visibility, "Well done") == travels


@pytest.mark.parametrize(("text", "faults"), [("x", 0), ("x" * 4000, 0), ("x" * 4001, 1), ("", 1), (" \n", 1)])
def test_words_have_one_to_four_thousand_characters(text: str, faults: int) -> None:
    assert len(rules.about_wording(text)) == faults


@pytest.mark.parametrize(
    ("giver", "recipient", "imported", "refused"),
    [
        ("ana", Known(active=True), False, False),
        ("ben", Known(active=True), False, True),
        ("ben", Known(active=True), True, False),
        ("ana", Known(active=False), False, True),
        ("ana", None, False, True),
        ("ana", None, True, True),
    ],
)
def test_the_recipient_is_an_active_colleague(
    giver: str, recipient: Known | None, imported: bool, refused: bool
) -> None:
    assert bool(rules.about_recipient(giver, "ben", recipient, imported)) is refused


@pytest.mark.parametrize(
    ("visibility", "manager_id", "manager", "refused"),
    [
        ("recipient", None, None, False),
        ("recipient_and_manager", None, None, True),
        ("recipient_and_manager", "ana", Known(active=True), False),
        ("recipient_and_manager", "ana", Known(active=False), True),
        ("recipient_and_manager", "ana", None, False),
    ],
)
def test_a_manager_is_included_only_where_there_is_one(
    visibility: str, manager_id: str | None, manager: Known | None, refused: bool
) -> None:
    assert bool(rules.about_manager(visibility, manager_id, manager)) is refused


@pytest.mark.parametrize(
    ("moment", "imported", "refused"),
    [
        (None, False, False),
        (NOW - timedelta(days=400), True, False),
        (NOW, True, False),
        (NOW + timedelta(seconds=1), True, True),
        (NOW - timedelta(days=1), False, True),
    ],
)
def test_only_imports_bring_the_past(moment: datetime | None, imported: bool, refused: bool) -> None:
    assert bool(rules.about_moment(moment, NOW, imported)) is refused
