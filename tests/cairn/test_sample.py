"""The sample organisation can be filled in at any hour of any day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from cairn.sample import goals
from cairn.sample.organisation import organisation

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def written(now: datetime) -> list[datetime]:
    made = organisation()
    return [
        check_in.submitted_at
        for cycle in goals.cycles(now.date())
        for check_in in goals.check_ins(goals.objectives(made, cycle), cycle, now)
    ]


@pytest.mark.parametrize("hours", range(0, 7 * 24, 3))
def test_no_check_in_of_the_sample_is_still_to_come(hours: int) -> None:
    now = MONDAY + timedelta(hours=hours)
    assert max(written(now)) <= now


def test_this_mondays_check_ins_are_there_from_nine_on() -> None:
    assert max(written(MONDAY + timedelta(hours=9))).date() == date(2026, 11, 23)
    assert max(written(MONDAY + timedelta(hours=8, minutes=59))).date() == date(2026, 11, 16)
