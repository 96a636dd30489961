"""The worker's part: one upload after another, in the order they came.

An upload is taken, understood outside any transaction, then judged, applied and marked in a single one: killed at any
point it is as it was, and is taken again once the dead worker's lease has run out. Only who took it last may end it.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from chassis import metrics
from chassis.access import Actor
from chassis.failpoints import failpoint
from chassis.problems import Denied, Problem
from chassis.service import Runtime
from chassis.trace import new_trace
from chassis.unit import Unit, unit_of_work
from services.people.models import Person
from services.people.rules.table import Unreadable
from services.people.rules.wrong import Rejection
from services.people.uploads import models
from services.people.uploads.applying import carry_out
from services.people.uploads.models import Upload, UploadFile
from services.people.uploads.understanding import Reading, read

MOST_ATTEMPTS = 3
TURN_SECONDS = 30.0
"""How long one turn of the task goes on to the next upload: well within its lease of a minute."""
PATIENCE = 5 * 60 * 1000
"""Milliseconds PostgreSQL lets this transaction think and wait: 100,000 people are judged and applied in one."""

log = logging.getLogger(__name__)


def run(runtime: Runtime) -> None:
    """Carry out what waits; the task calls it."""
    until = time.monotonic() + TURN_SECONDS
    while time.monotonic() < until and _carry_out_next(runtime):
        pass


def _carry_out_next(runtime: Runtime) -> bool:
    """Whether there was one."""
    with unit_of_work(runtime.db, clock=runtime.clock) as unit:
        upload = _next(unit.session)
        if upload is None:
            return False
        again = upload.attempts < MOST_ATTEMPTS
        if again:
            upload.state, upload.attempts, upload.started_at = models.RUNNING, upload.attempts + 1, unit.now()
        else:
            _give_up(unit, upload)
    failpoint("import.taken")
    if again:
        _carry_out(runtime, upload)
    return True


def _next(session: Session) -> Upload | None:
    """The oldest that is not finished, locked; None where there is none, or a worker is at its last step."""
    unfinished = Upload.state.in_(models.UNFINISHED)
    first = select(Upload.id).where(unfinished).order_by(Upload.queued_at, Upload.id).limit(1)
    oldest = session.execute(first).scalar()
    # Another worker may have ended it since; then its state says so.
    locked = select(Upload).where(Upload.id == oldest, unfinished).with_for_update(skip_locked=True)
    return session.execute(locked).scalar_one_or_none()


def _give_up(unit: Unit, upload: Upload) -> None:
    detail = (
        f"The worker ended, or lost its database, {MOST_ATTEMPTS} times while at this file, which is not tried "
        "again. Nothing of it was applied. Its log may say why; send the file in parts to find the row."
    )
    upload.state, upload.detail = models.FAILED, detail
    _end(unit, upload)


def _carry_out(runtime: Runtime, upload: Upload) -> None:
    began = time.monotonic()
    try:
        _understand_and_apply(runtime, upload)
    except (OperationalError, InterfaceError, PoolTimeout):
        raise
    except Exception:
        log.exception("import failed", extra={"service": runtime.service.name})
        detail = "Something went wrong on our side, and nothing was applied; the log of the people worker says what."
        _end_later(runtime, upload, models.FAILED, detail)
    metrics.IMPORT_SECONDS.labels(runtime.service.name, upload.of).observe(time.monotonic() - began)


def _understand_and_apply(runtime: Runtime, upload: Upload) -> None:
    with runtime.db.reading() as session:
        sent = session.get_one(UploadFile, (upload.id, models.SENT)).content
    try:
        reading = read(upload, sent)
    except Unreadable as fault:
        _end_later(runtime, upload, models.REFUSED, "Nothing was imported: the file cannot be read.", fault.rejected)
        return
    failpoint("import.understood")
    try:
        _apply(runtime, upload, reading)
    except Problem as fault:
        _end_later(runtime, upload, models.REFUSED, f"Nothing was imported. {fault.detail}")
    failpoint("import.committed")


def _apply(runtime: Runtime, taken: Upload, reading: Reading) -> None:
    """All of it in one transaction; nothing where another worker has taken it over in the meantime."""
    trace = new_trace(taken.traceparent)
    with unit_of_work(runtime.db, actor=taken.actor(), clock=runtime.clock, trace=trace) as unit:
        _be_patient(unit.session)
        upload = _still_ours(unit.session, taken)
        if upload is None:
            return
        unit.actor = _as_of_now(unit.session, unit.actor)
        carry_out(unit, upload, reading)
        _end(unit, upload)
        failpoint("import.applied")


def _be_patient(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        for limit in ("idle_in_transaction_session_timeout", "statement_timeout", "lock_timeout"):
            session.execute(text(f"SET LOCAL {limit} = {PATIENCE}"))


def _still_ours(session: Session, taken: Upload) -> Upload | None:
    ours = (Upload.id == taken.id, Upload.state == models.RUNNING, Upload.attempts == taken.attempts)
    return session.execute(select(Upload).where(*ours).with_for_update()).scalar_one_or_none()


def _as_of_now(session: Session, actor: Actor) -> Actor:
    """A person may have left, or have lost roles, since they sent the file. Raises Denied."""
    if actor.kind != "person":
        return actor
    person = session.get(Person, actor.id)
    if person is None or not person.active:
        raise Denied("Whoever sent this file has left since; let somebody else send it.")
    return replace(actor, roles=actor.roles & frozenset(person.roles))


def _end(unit: Unit, upload: Upload) -> None:
    upload.finished_at = unit.now()
    metrics.IMPORTS.labels("people", upload.of, upload.state).inc()


def _end_later(runtime: Runtime, taken: Upload, state: str, detail: str, rejected: Sequence[Rejection] = ()) -> None:
    """End an upload of which nothing was applied, in a transaction of its own."""
    with unit_of_work(runtime.db, clock=runtime.clock) as unit:
        upload = _still_ours(unit.session, taken)
        if upload is not None:
            upload.state, upload.detail = state, detail
            upload.rejected = [_plain(one) for one in rejected]
            _end(unit, upload)


def _plain(one: Rejection) -> dict[str, Any]:
    told = {"row": one.row, "column": one.column, "value": one.value}
    return {**told, "reason": one.wrong.reason, "remedy": one.wrong.remedy}
