"""When a check-in falls due and when a key result has gone stale: weekly, Mondays at nine where the person is.

Pure, and the one rule there is: the check-ins service and the gateway's read model both ask it.

Every day belongs to exactly one due date, the Monday nearest to it: Friday to Thursday. A check-in for a day answers
the due date of that day and no other, so one made early at the weekend counts for the Monday that follows, and a
second one on that Monday does not move the next date. A key result that was just opened is treated as if it had been
checked in on that day. Hence what is stale is always due as well.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DUE_WEEKDAY = 0
"""Monday."""
DUE_AT = time(9)
"""In the zone of the person who should check in."""
EVERY = timedelta(days=7)
EARLY = timedelta(days=3)
"""So long before a due date a check-in already counts for it."""
GRACE = timedelta(days=3)
"""So long past the usual week a check-in may stay away before its key result is stale."""
AFTER_CYCLE = timedelta(days=7)
"""So long after the last day of a cycle final values are still asked for."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A check-in that is due and has not been made."""

    due_on: date
    """The first due date that nobody answered, in the person's zone."""
    overdue_days: int
    """Days since then; 0 on the day itself."""
    stale: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """What decides when a key result waits for a check-in. Dates of an unknown cycle are None."""

    opened_at: datetime
    last_as_of: date | None = None
    """The day of its latest check-in, None where there is none."""
    starts_on: date | None = None
    ends_on: date | None = None


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; UTC where the name or the zone data is missing."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local_day(moment: datetime, name: str = "UTC") -> date:
    """The day it is in the time zone of an IANA name, see `zone`."""
    return moment.astimezone(zone(name)).date()


def answered(day: date) -> date:
    """The one due date that a check-in for this day counts for."""
    shifted = day + EARLY
    return shifted - timedelta(days=(shifted.weekday() - DUE_WEEKDAY) % 7)


def due_on(last: date) -> date:
    """The due date after a check-in for the day `last`, or after the opening on it."""
    return answered(last) + EVERY


def due_moment(day: date, where: ZoneInfo) -> datetime:
    """The moment, in UTC, at which a due date falls due. A time of day skipped by a clock change moves on with it."""
    return datetime.combine(day, DUE_AT, tzinfo=where).astimezone(UTC)


def fallen_due(now: datetime, where: ZoneInfo) -> date:
    """The latest due date whose moment has come."""
    local = now.astimezone(where).date()
    day = local - timedelta(days=(local.weekday() - DUE_WEEKDAY) % 7)
    return day if due_moment(day, where) <= now else day - EVERY


def is_stale(last: date, today: date) -> bool:
    """Whether a check-in, or the opening, on the day `last` is too long ago."""
    return today - last > EVERY + GRACE


def waiting(watched: Watched, now: datetime, where: ZoneInfo) -> Waiting | None:
    """What an open key result waits for, None while nothing is due or its cycle is not running."""
    today = now.astimezone(where).date()
    if not _asked(watched, today):
        return None
    last = last_word(watched, where)
    due = due_on(last)
    if due > fallen_due(now, where):
        return None
    return Waiting(due, (today - due).days, is_stale(last, today))


def last_word(watched: Watched, where: ZoneInfo) -> date:
    """The day the cadence counts from: the latest of opening, first day of the cycle and last check-in."""
    opened = watched.opened_at.astimezone(where).date()
    return max(day for day in (opened, watched.starts_on, watched.last_as_of) if day is not None)


def _asked(watched: Watched, today: date) -> bool:
    if watched.starts_on is not None and today < watched.starts_on:
        return False
    return watched.ends_on is None or today - watched.ends_on <= AFTER_CYCLE
