"""The cadence of check-ins over the read model: its rows for `chassis.cadence`, and what it calls stale, in SQL."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Row, and_, bindparam, false, func, or_, select, true

from chassis.cadence import AFTER_CYCLE, DUE_AT, EVERY, GRACE, Waiting, Watched, waiting, zone
from chassis.db import Moment
from gateway.projection.models import CHECK_INS, CYCLES, KEY_RESULTS

DAY = timedelta(days=1)


def waiting_of(row: Row[Any], now: datetime, zone_name: str) -> Waiting | None:
    """What a row of `cards.key_results` waits for, in a time zone; None where no check-ins are taken."""
    if not row.open or row.opened_at is None or row.objective_state not in (None, "active"):
        return None
    return waiting(Watched(row.opened_at, row.last_as_of, row.starts_on, row.ends_on), now, zone(zone_name))


def steady_until(now: datetime, zone_name: str) -> datetime:
    """Until when what waits changes by events only: the day ends, or at nine something may fall due, in a time zone."""
    where = zone(zone_name)
    today = now.astimezone(where).date()
    turns = (datetime.combine(today, DUE_AT, tzinfo=where), datetime.combine(today + DAY, time(), tzinfo=where))
    return min(turn for turn in (one.astimezone(UTC) for one in turns) if turn > now)


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
    """Whether `Waiting.stale`, in UTC, as a condition over KEY_RESULTS with CYCLES joined; parameters: `stale_on`."""
    oldest, running_until = bindparam("oldest", type_=Date), bindparam("running_until", type_=Date)
    return and_(
        counts(),
        or_(CYCLES.c.id.is_(None), and_(CYCLES.c.starts_on < oldest, CYCLES.c.ends_on >= running_until)),
        KEY_RESULTS.c.opened_at < bindparam("dawn", type_=Moment),
        func.coalesce(last_as_of(), date.min) < oldest,
    )


def stale_on(today: date) -> dict[str, Any]:
    """The parameters of `stale` on a day."""
    oldest = today - EVERY - GRACE
    dawn = datetime.combine(oldest, time(), tzinfo=UTC)
    return {"oldest": oldest, "dawn": dawn, "running_until": today - AFTER_CYCLE}
