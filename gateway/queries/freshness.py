"""How new an aggregate answer is: the time of the newest event that has been folded."""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gateway.projection.models import FRESHNESS


def newest() -> ColumnElement[datetime]:
    """`as_of` as a column, so that a statement that is needed anyway can bring it along."""
    return select(FRESHNESS.c.newest).scalar_subquery().label("newest")


def as_of(session: Session) -> datetime | None:
    """The time of the newest event applied; None before the first."""
    return session.execute(select(FRESHNESS.c.newest)).scalar_one_or_none()
