"""When a key result waits for a check-in and when it has gone stale, from what the read model knows.

Weekly: a check-in is due seven days after the last one, or after the key result came into being or its cycle began.
Ten days without one and it is stale; hence what is stale is due as well.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, Date, and_, bindparam, false, func, or_, select, true

from chassis.db import Moment
from gateway.projection.models import CHECK_INS, CYCLES, KEY_RESULTS

EVERY = timedelta(days=7)
GRACE = timedelta(days=3)
"""So long past the usual week a check-in may stay away before its key result is stale."""
AFTER_CYCLE = timedelta(days=7)
"""So long after the last day of a cycle final values are still asked for."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What decides when a key result waits for a check-in. What is not known is None."""

    known_on: date | None = None
    """The day it came into being."""
    starts_on: date | None = None
    ends_on: date | None = None
    last_as_of: date | None = None
    """The day its latest check-in is true for."""


def waiting(watched: Watched, today: date) -> dict[str, Any] | None:
    """Since when an open key result waits for a check-in; None while nothing is due or its cycle is not running.

    `due_on` is None where there is no day to count from.
    """
    if not _asked(watched, today):
        return None
    last = last_word(watched)
    if last is None:
        return {"due_on": None, "overdue_days": 0, "stale": True}
    due = last + EVERY
    return {"due_on": due, "overdue_days": (today - due).days, "stale": is_stale(last, today)} if due <= today else None


def is_stale(last: date, today: date) -> bool:
    """Whether the day that counts is too long ago."""
    return today - last > EVERY + GRACE


def last_word(watched: Watched) -> date | None:
    """The day the cadence counts from: the latest of coming into being, first day of the cycle and last check-in."""
    return max((d for d in (watched.known_on, watched.starts_on, watched.last_as_of) if d is not None), default=None)


def _asked(watched: Watched, today: date) -> bool:
    if watched.starts_on is not None and today < watched.starts_on:
        return False
    return watched.ends_on is None or today - watched.ends_on <= AFTER_CYCLE


def local_day(moment: datetime, zone: str = "UTC") -> date:
    """The day it is in a time zone; in UTC where the zone is not known."""
    try:
        return moment.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return moment.astimezone(UTC).date()


def last_as_of() -> ColumnElement[Any]:
    """The day of the latest check-in of a key result, as a column for statements over KEY_RESULTS."""
    return (
        select(func.max(CHECK_INS.c.as_of))
        .where(CHECK_INS.c.key_result_id == KEY_RESULTS.c.id, CHECK_INS.c.withdrawn == false())
        .correlate(KEY_RESULTS)
        .scalar_subquery()
    )


def counts() -> ColumnElement[bool]:
    """Key results that check-ins are taken for."""
    return and_(KEY_RESULTS.c.open == true(), KEY_RESULTS.c.removed == false())


def stale() -> ColumnElement[bool]:
    """`is_stale`, in UTC, as a condition over KEY_RESULTS with CYCLES joined; its parameters are `stale_on`."""
    oldest, running_until = bindparam("oldest", type_=Date), bindparam("running_until", type_=Date)
    return and_(
        counts(),
        or_(CYCLES.c.id.is_(None), and_(CYCLES.c.starts_on < oldest, CYCLES.c.ends_on >= running_until)),
        or_(KEY_RESULTS.c.created_at.is_(None), KEY_RESULTS.c.created_at < bindparam("dawn", type_=Moment)),
        func.coalesce(last_as_of(), date.min) < oldest,
    )


def stale_on(today: date) -> dict[str, Any]:
    """The parameters of `stale` on a day."""
    oldest = today - EVERY - GRACE
    dawn = datetime.combine(oldest, time(), tzinfo=UTC)
    return {"oldest": oldest, "dawn": dawn, "running_until": today - AFTER_CYCLE}
