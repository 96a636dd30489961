"""The grade an objective is closed with: suggested, overridden with a reason, coloured by kind."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.goals.rules.grading import Grade, band, grade_faults, grade_objective, missed, suggested_grade


@pytest.mark.parametrize(
    ("progress", "suggested"),
    [
        ("0", "0"),
        ("0.333333", "0.33"),
        ("0.695", "0.70"),
        ("0.685", "0.69"),
        ("0.694999", "0.69"),
        ("0.996", "0.99"),
        ("0.999999", "0.99"),
        ("1", "1"),
    ],
)
def test_the_suggested_grade_is_progress_to_two_places_but_whole_only_when_done(progress: str, suggested: str) -> None:
    assert suggested_grade(Decimal(progress)) == Decimal(suggested)


def test_nothing_contributed_means_nothing_suggested_and_a_grade_to_give() -> None:
    assert suggested_grade(None) is None
    assert [fault.pointer for fault in grade_faults(None, None, "a note")] == ["/grade"]
    assert grade_faults(None, Decimal("0.5"), None) == []


@pytest.mark.parametrize("grade", ["-0.01", "1.01", "100", "NaN", "Infinity", "1e400"])
def test_a_grade_outside_zero_and_one_is_refused(grade: str) -> None:
    assert [fault.pointer for fault in grade_faults(Decimal("0.5"), Decimal(grade), "why not")] == ["/grade"]


@pytest.mark.parametrize("grade", ["0", "0.0", "1", "1.0"])
def test_the_ends_of_the_scale_are_grades(grade: str) -> None:
    assert grade_faults(Decimal("0.5"), Decimal(grade), "why not") == []


@pytest.mark.parametrize("note", [None, "", "  \n"])
def test_another_grade_than_the_suggested_one_needs_a_note(note: str | None) -> None:
    [fault] = grade_faults(Decimal("0.5"), Decimal("0.6"), note)
    assert fault.pointer == "/grade_note"
    assert "0.50" in fault.sentence


def test_the_suggested_grade_needs_no_note_however_it_is_written() -> None:
    assert grade_faults(Decimal("0.5"), None, None) == []
    assert grade_faults(Decimal("0.5"), Decimal("0.5000"), None) == []


def test_suggestion_and_decision_are_both_kept() -> None:
    graded = grade_objective(Decimal("0.75"), "aspirational", Decimal("0.6"), " The market fell. ")
    assert graded == Grade(Decimal("0.75"), Decimal("0.6"), "The market fell.", "yellow", missed=False)
    accepted = grade_objective(Decimal("0.75"), "committed", None, None)
    assert accepted == Grade(Decimal("0.75"), Decimal("0.75"), None, "yellow", missed=True)


def test_grading_against_the_rules_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="no grade can be suggested"):
        grade_objective(None, "committed", None, None)
    with pytest.raises(ValueError, match="add a note"):
        grade_objective(Decimal("0.75"), "committed", Decimal(1), None)


@pytest.mark.parametrize(
    ("grade", "colour"),
    [
        ("1", "green"),
        ("0.7", "green"),
        ("0.699999", "yellow"),
        ("0.65", "yellow"),
        ("0.4", "yellow"),
        ("0.399999", "red"),
        ("0.35", "red"),
        ("0", "red"),
    ],
)
def test_bands_are_half_open_and_leave_no_gap(grade: str, colour: str) -> None:
    assert band(Decimal(grade)) == colour


@given(st.decimals(0, 1, places=4))
def test_a_commitment_is_kept_or_missed_and_a_miss_is_never_green(grade: Decimal) -> None:
    assert missed(grade, "committed") is (grade != 1)
    assert not missed(grade, "aspirational")
    assert (band(grade, "committed") == "green") is (grade == 1)
    assert (band(grade, "committed") == "red") is (band(grade) == "red")


@given(st.none() | st.decimals(0, 1, places=6), st.none() | st.decimals(0, 1, places=2), st.none() | st.just("why"))
def test_where_no_fault_is_found_there_is_a_grade(
    progress: Decimal | None, grade: Decimal | None, note: str | None
) -> None:
    if grade_faults(progress, grade, note):
        assert progress is None or note is None
    else:
        assert 0 <= grade_objective(progress, "committed", grade, note).grade <= 1
