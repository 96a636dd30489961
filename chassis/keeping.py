"""What is kept and for how long: published outbox rows for repair, inbox rows for longer than any topic could repeat
an event, idempotency records for as long as a client may retry."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from chassis.service import Task
from chassis.tables import IDEMPOTENCY, INBOX, OUTBOX
from chassis.unit import Unit

INBOX_KEPT = timedelta(days=60)
"""Longer than the retention of topics and outbox together; after it a repeated event would count again."""
IDEMPOTENCY_KEPT = timedelta(days=2)


def housekeeping(outbox_kept: timedelta) -> Task:
    """The recurring task every worker has beside its service's own."""

    def clear(unit: Unit) -> None:
        now = unit.now()
        unit.session.execute(delete(OUTBOX).where(OUTBOX.c.published_at < now - outbox_kept))
        unit.session.execute(delete(INBOX).where(INBOX.c.received_at < now - INBOX_KEPT))
        forget_before(unit.session, now - IDEMPOTENCY_KEPT)

    return Task("housekeeping", every=3600.0, run=clear)


def forget_before(session: Session, moment: datetime) -> int:
    """Drop the answers kept under Idempotency-Keys before this moment; how many there were."""
    dropped = session.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.created_at < moment))
    return dropped.rowcount  # type: ignore[attr-defined, no-any-return]
