"""When check-ins fall due: properties over all zones and days, and the cases the rule was made for."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.cadence import (
    AFTER_CYCLE,
    EVERY,
    GRACE,
    Watched,
    answered,
    due_moment,
    due_on,
    fallen_due,
    is_stale,
    local_day,
    waiting,
    zone,
)

LISBON = ZoneInfo("Europe/Lisbon")
MONDAY = date(2026, 5, 11)

days = st.dates(date(1971, 1, 1), date(2099, 12, 31))
zones = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
moments = st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))


def opened_on(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


@given(days)
def test_every_day_belongs_to_one_monday_at_most_three_days_away(day: date) -> None:
    monday = answered(day)
    assert monday.weekday() == 0
    assert abs((monday - day).days) <= 3


@given(days)
def test_the_next_due_date_is_four_to_ten_days_away(day: date) -> None:
    assert timedelta(days=4) <= due_on(day) - day <= timedelta(days=10)


@given(days, st.integers(0, 3))
def test_an_early_check_in_and_one_on_the_day_lead_to_the_same_next_date(day: date, early: int) -> None:
    monday = answered(day)
    assert due_on(monday - timedelta(days=early)) == due_on(monday) == monday + EVERY


@given(days, days)
def test_a_later_check_in_never_brings_the_due_date_forward(one: date, other: date) -> None:
    assert due_on(max(one, other)) >= due_on(min(one, other))


@given(days, zones)
def test_a_due_moment_is_nine_o_clock_where_the_person_is(day: date, where: ZoneInfo) -> None:
    monday = answered(day)
    local = due_moment(monday, where).astimezone(where)
    # A clock change at nine itself pushes the moment on; nothing ever pulls it before nine.
    assert local.date() == monday
    assert time(9) <= local.time() <= time(11)


@given(days, zones)
def test_due_moments_are_a_week_apart_but_for_clock_changes(day: date, where: ZoneInfo) -> None:
    monday = answered(day)
    apart = due_moment(monday + EVERY, where) - due_moment(monday, where)
    assert timedelta(days=6) <= apart - timedelta(0) <= timedelta(days=8)


@given(moments, zones)
def test_the_latest_due_date_has_come_and_the_next_has_not(now: datetime, where: ZoneInfo) -> None:
    day = fallen_due(now, where)
    assert due_moment(day, where) <= now < due_moment(day + EVERY, where)


@given(days, moments, zones)
def test_what_is_stale_is_due(day: date, now: datetime, where: ZoneInfo) -> None:
    watched = Watched(opened_on(day))
    local = now.astimezone(where).date()
    # On the Monday itself a due date has come only by nine; a stale key result waited longer than that.
    if is_stale(opened_on(day).astimezone(where).date(), local):
        found = waiting(watched, now, where)
        assert found is not None
        assert found.stale


@given(days, moments, zones)
def test_nothing_is_due_before_its_moment(day: date, now: datetime, where: ZoneInfo) -> None:
    found = waiting(Watched(opened_on(day)), now, where)
    if found is not None:
        assert due_moment(found.due_on, where) <= now
        assert found.overdue_days >= 0


@given(days, st.lists(days, min_size=1), moments, zones)
def test_any_further_check_in_makes_it_less_due(opened: date, said: list[date], now: datetime, where: ZoneInfo) -> None:
    fewer = waiting(Watched(opened_on(opened), min(said)), now, where)
    more = waiting(Watched(opened_on(opened), max(said)), now, where)
    if more is not None:
        assert fewer is not None
        assert fewer.due_on <= more.due_on


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (date(2026, 5, 7), date(2026, 5, 11)),  # Thursday: late for the 4th
        (date(2026, 5, 8), date(2026, 5, 18)),  # Friday: early for the 11th
        (date(2026, 5, 10), date(2026, 5, 18)),
        (date(2026, 5, 11), date(2026, 5, 18)),
        (date(2026, 5, 14), date(2026, 5, 18)),
    ],
)
def test_a_week_runs_from_friday_to_thursday(last: date, due: date) -> None:
    assert due_on(last) == due


def test_it_falls_due_at_nine_in_the_summer_and_the_winter_of_the_person() -> None:
    assert due_moment(date(2026, 1, 5), LISBON) == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert due_moment(MONDAY, LISBON) == datetime(2026, 5, 11, 8, tzinfo=UTC)
    assert due_moment(MONDAY, ZoneInfo("Pacific/Auckland")) == datetime(2026, 5, 10, 21, tzinfo=UTC)


def test_one_second_decides() -> None:
    watched = Watched(opened_on(date(2026, 4, 1)), date(2026, 5, 4))
    at_nine = datetime(2026, 5, 11, 8, tzinfo=UTC)
    assert waiting(watched, at_nine - timedelta(seconds=1), LISBON) is None
    found = waiting(watched, at_nine, LISBON)
    assert found is not None
    assert (found.due_on, found.overdue_days, found.stale) == (MONDAY, 0, False)


def test_more_than_ten_days_of_silence_are_stale() -> None:
    last = date(2026, 5, 4)
    assert not is_stale(last, last + EVERY + GRACE)
    assert is_stale(last, last + EVERY + GRACE + timedelta(days=1))


def test_the_first_due_date_stays_until_it_is_answered() -> None:
    found = waiting(Watched(opened_on(date(2026, 4, 20))), datetime(2026, 5, 12, 12, tzinfo=UTC), LISBON)
    assert found is not None
    assert (found.due_on, found.overdue_days, found.stale) == (date(2026, 4, 27), 15, True)


def test_the_cadence_counts_from_the_start_of_the_cycle_and_ends_a_week_after_it() -> None:
    watched = Watched(opened_on(date(2026, 3, 1)), None, date(2026, 4, 1), date(2026, 6, 30))

    def due_then(day: date) -> date | None:
        found = waiting(watched, datetime.combine(day, time(12), tzinfo=UTC), LISBON)
        return found.due_on if found else None

    assert due_then(date(2026, 3, 31)) is None
    assert due_then(date(2026, 4, 5)) is None
    assert due_then(date(2026, 4, 6)) == date(2026, 4, 6)
    last_day = date(2026, 6, 30) + AFTER_CYCLE
    assert due_then(last_day) == date(2026, 4, 6)
    assert due_then(last_day + timedelta(days=1)) is None


@pytest.mark.parametrize("name", ["", "Nowhere/Town", "../etc/passwd", "UTC\0", "Europe"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    assert zone(name).key == "UTC"


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("UTC", date(2026, 5, 4)),
        ("Pacific/Auckland", date(2026, 5, 5)),
        ("America/New_York", date(2026, 5, 4)),
        ("Nowhere/At_All", date(2026, 5, 4)),
        ("", date(2026, 5, 4)),
    ],
)
def test_the_day_is_that_of_the_zone_or_utc(name: str, day: date) -> None:
    assert local_day(datetime(2026, 5, 4, 23, tzinfo=UTC), name) == day
