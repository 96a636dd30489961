"""What a day decides about rows and about who is active."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.people.rules.days import Activity, activity, timeline

TODAY = date(2026, 5, 13)
BEFORE, AFTER = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
DAYS = st.none() | st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days))


def test_the_newest_row_that_is_not_ahead_holds() -> None:
    found = timeline([(2, None), (3, AFTER), (4, TODAY), (5, BEFORE)], TODAY)
    assert (found.present, found.superseded, found.ahead) == ((4,), (2, 5), ((3, AFTER),))


def test_two_rows_of_one_day_both_claim_to_hold() -> None:
    assert timeline([(2, BEFORE), (3, BEFORE)], TODAY).present == (2, 3)


@given(st.lists(DAYS, max_size=6))
def test_every_row_is_somewhere_once(days: list[date | None]) -> None:
    found = timeline(list(enumerate(days)), TODAY)
    lines = [*found.present, *found.superseded, *(line for line, _ in found.ahead)]
    assert sorted(lines) == list(range(len(days)))


def test_who_starts_later_waits_and_who_is_here_stays() -> None:
    assert activity(True, None, False, AFTER, None, TODAY) == Activity(False, awaited=True)
    assert activity(None, None, False, TODAY, None, TODAY) == Activity(True)
    assert activity(True, True, False, AFTER, None, TODAY) == Activity(None)


def test_whose_last_day_is_over_has_left_whatever_else_is_said() -> None:
    assert activity(True, True, False, None, BEFORE, TODAY) == Activity(False)
    assert activity(True, True, False, None, TODAY, TODAY) == Activity(None)


def test_who_has_left_comes_back_only_if_the_file_says_so_or_they_are_awaited() -> None:
    assert activity(None, False, False, BEFORE, None, TODAY) == Activity(None)
    assert activity(True, False, False, BEFORE, None, TODAY) == Activity(True)
    assert activity(None, False, True, BEFORE, None, TODAY) == Activity(True)
    assert activity(False, False, True, AFTER, None, TODAY) == Activity(False)


@given(st.none() | st.booleans(), st.none() | st.booleans(), st.booleans(), DAYS, DAYS)
def test_asking_again_changes_nothing(
    said: bool | None, now: bool | None, awaited: bool, start: date | None, end: date | None
) -> None:
    first = activity(said, now, awaited, start, end, TODAY)
    then = now if first.active is None else first.active
    again = activity(said, then, first.awaited, start, end, TODAY)
    assert again.active in (None, then)
    assert again.awaited == first.awaited
