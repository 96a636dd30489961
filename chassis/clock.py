"""Time as the code sees it: one injected clock, always UTC, so that tests decide what time it is."""

from collections.abc import Callable
from datetime import UTC, date, datetime

Clock = Callable[[], datetime]
"""Answers the present moment, timezone-aware in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)


def today(clock: Clock) -> date:
    """The current day in UTC."""
    return clock().date()
