"""When a key result waits for a check-in, in Python and in SQL alike."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from chassis.service import Runtime
from gateway.projection.models import CYCLES, KEY_RESULTS
from gateway.queries.cadence import Watched, is_stale, last_word, local_day, stale, stale_on, waiting
from tests.support.gateway import History, fold

DAY = date(2026, 5, 4)
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31)) | st.none()


@pytest.mark.parametrize(
    ("ago", "due", "old"),
    [(0, False, False), (6, False, False), (7, True, False), (10, True, False), (11, True, True), (300, True, True)],
)
def test_seven_days_make_it_due_and_more_than_ten_stale(ago: int, due: bool, old: bool) -> None:
    last = DAY - timedelta(days=ago)
    found = waiting(Watched(last_as_of=last), DAY)
    expected = {"due_on": last + timedelta(days=7), "overdue_days": ago - 7, "stale": old}
    assert found == (expected if due else None)


def test_the_latest_of_coming_into_being_cycle_start_and_check_in_counts() -> None:
    early, middle, late = DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)
    assert last_word(Watched(known_on=late, starts_on=early, last_as_of=middle)) == late
    assert last_word(Watched(known_on=early, starts_on=late, last_as_of=None)) == late
    assert last_word(Watched(known_on=early, starts_on=middle, last_as_of=late)) == late


def test_without_any_day_to_count_from_it_is_due_at_once() -> None:
    assert waiting(Watched(), DAY) == {"due_on": None, "overdue_days": 0, "stale": True}


def test_nothing_is_due_before_the_cycle_begins() -> None:
    assert waiting(Watched(known_on=DAY - timedelta(days=90), starts_on=DAY + timedelta(days=1)), DAY) is None


@pytest.mark.parametrize(("after", "asked"), [(7, True), (8, False)])
def test_final_values_are_asked_for_a_week_after_the_cycle(after: int, asked: bool) -> None:
    cycle = Watched(starts_on=DAY - timedelta(days=90), ends_on=DAY - timedelta(days=after))
    assert (waiting(cycle, DAY) is not None) is asked


@given(DAYS, DAYS, DAYS, DAYS, st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_what_is_stale_is_due(
    known: date | None, starts: date | None, ends: date | None, last: date | None, today: date
) -> None:
    found = waiting(Watched(known, starts, ends, last), today)
    word = last_word(Watched(known, starts, ends, last))
    if found is not None and word is not None:
        assert found["overdue_days"] >= 0
        assert found["stale"] == is_stale(word, today)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", date(2026, 5, 4)),
        ("Pacific/Auckland", date(2026, 5, 5)),
        ("America/New_York", date(2026, 5, 4)),
        ("Nowhere/At_All", date(2026, 5, 4)),
        ("../etc/passwd", date(2026, 5, 4)),
        ("", date(2026, 5, 4)),
    ],
)
def test_the_day_is_that_of_the_zone_or_utc(zone: str, day: date) -> None:
    assert local_day(datetime(2026, 5, 4, 23, tzinfo=UTC), zone) == day


def test_the_database_calls_stale_what_the_rule_calls_stale(runtime: Runtime) -> None:
    history = History(datetime(2026, 3, 1, 12, tzinfo=UTC))
    ada = history.person("Ada")
    spans = [(0, 90), (40, 60), (20, 30), (70, 80), (90, 120)]
    first = history.now.date()
    cycles = [
        history.cycle(starts_on=first + timedelta(days=start), ends_on=first + timedelta(days=end))
        for start, end in spans
    ]
    measures = []
    for day in range(0, 80, 5):
        history.pass_days(5)
        measures += [history.key_result(history.objective(cycle, ada)) for cycle in cycles]
        for measure in measures[day % 3 :: 4]:
            history.check_in(measure, ada, withdrawn=day % 2 == 0)
    fold(runtime, history.said)
    cycle_of = {cycle.id: cycle for cycle in cycles}
    for ahead in (0, 5, 6, 12, 30, 50):
        today = history.now.date() + timedelta(days=ahead)
        by_rule = {m.id for m in measures if _stale_by_rule(history, m, cycle_of[m.cycle_id], today)}
        assert _stale_by_database(runtime, today) == by_rule
        if ahead < 12:
            assert by_rule


def _stale_by_rule(history: History, measure: object, cycle: object, today: date) -> bool:
    made = next(envelope.time.date() for envelope, event in history.said if event is measure)
    said = [e for _, e in history.said if getattr(e, "key_result_id", None) == measure.id and not e.withdrawn]  # type: ignore[attr-defined]
    last = max((one.as_of for one in said), default=None)  # type: ignore[attr-defined]
    found = waiting(Watched(made, cycle.starts_on, cycle.ends_on, last), today)  # type: ignore[attr-defined]
    return found is not None and bool(found["stale"])


def _stale_by_database(runtime: Runtime, today: date) -> set[str]:
    statement = select(KEY_RESULTS.c.id).outerjoin(CYCLES, CYCLES.c.id == KEY_RESULTS.c.cycle_id).where(stale())
    with runtime.db.reading() as session:
        return set(session.execute(statement, stale_on(today)).scalars())
