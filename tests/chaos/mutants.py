"""Rules switched off one at a time: the harness is worth believing when it notices each of them.

A mutant exchanges a function of the chassis in this process; its scenario must find nothing without the mutant and
something with it.
"""

import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from chassis import consumer, guarded, lease, relay
from chassis.clock import system_clock
from chassis.consumer import Consumer
from chassis.http import idempotency, pipeline
from chassis.relay import Relay
from chassis.rows import insert_all
from chassis.tables import IDEMPOTENCY, OUTBOX
from chassis.unit import Unit, unit_of_work
from tests.chaos import scenarios
from tests.chaos.scenarios import replaced
from tests.support import ledger

Patch = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Mutant:
    name: str
    patch: Patch
    scenario: Callable[[Path], list[str]]
    caught_by: str
    """The invariant that must complain."""


def no_inbox() -> AbstractContextManager[None]:
    """The rows are written, and nobody looks whether they were there."""
    claim = consumer.claim

    def careless(session: Any, ids: Sequence[str], unit: Unit) -> set[str]:
        claim(session, ids, unit)
        return set(ids)

    return replaced(consumer, claim=careless)


def offset_first() -> AbstractContextManager[None]:
    def step(self: Consumer, timeout: float) -> int:
        subscription = self._joined()
        if received := subscription.poll(self._batch, timeout):
            subscription.commit(received)
            self.apply(received)
        return len(received)

    return replaced(Consumer, step=step)


def inbox_apart() -> AbstractContextManager[None]:
    whole, claim = Consumer._apply_together, consumer.claim

    def apply(self: Consumer, items: Sequence[Any]) -> Any:
        with unit_of_work(self.runtime.db) as unit:
            fresh = claim(unit.session, [item.id for item in items], unit)
        with replaced(consumer, claim=lambda *_: set(fresh)):
            return whole(self, items)

    return replaced(Consumer, _apply_together=apply)


def relay_by_last_id() -> AbstractContextManager[None]:
    def unpublished(self: Relay) -> Sequence[Row[Any]]:
        with self._db.reading() as session:
            last = select(OUTBOX.c.id).where(OUTBOX.c.published_at.is_not(None)).order_by(OUTBOX.c.id.desc()).limit(1)
            after = OUTBOX.c.id > (session.execute(last).scalar() or 0)
            return session.execute(select(OUTBOX).where(after).order_by(OUTBOX.c.id)).all()

    return replaced(Relay, _unpublished=unpublished)


def marked_first() -> AbstractContextManager[None]:
    def drain(self: Relay) -> int:
        if not self._hold_lease() or not (rows := self._unpublished()):
            return 0
        marked = self._mark([row.id for row in rows])
        relay.failpoint("relay.after_ack_before_mark")
        self._bus.publish([relay._message(row) for row in rows])
        return marked

    return replaced(Relay, drain=drain)


def no_relay_lease() -> AbstractContextManager[None]:
    return replaced(lease, acquire=lambda *_: True)


@contextmanager
def no_version_guard() -> Any:
    careful = guarded._guarded

    def careless(*of: Any) -> str:
        before, _, after = careful(*of).partition(" WHERE ")
        return f"{before} RETURNING {after.partition(' RETURNING ')[2]}"

    guarded._statement.cache_clear()
    try:
        with replaced(guarded, _guarded=careless):
            yield
    finally:
        guarded._statement.cache_clear()


def nothing_held_back() -> AbstractContextManager[None]:
    return replaced(consumer, parked_keys=lambda *_: set())


def cause_named_by_message() -> AbstractContextManager[None]:
    from services.notifications import handlers

    return replaced(handlers, _cause=lambda event: f"{event.TYPE}/{event.id}/{time.monotonic_ns()}")


def old_news_mailed() -> AbstractContextManager[None]:
    from services.notifications import rules

    return replaced(rules, is_old_news=lambda *_: False)


@contextmanager
def key_kept_apart() -> Any:
    """The answer is kept under its key in a transaction of its own, after that of the work."""
    owed: list[dict[str, Any]] = []
    respond = pipeline._response

    def keep(unit: Unit, attempt: idempotency.Attempt, answer: idempotency.Kept) -> None:
        made = {"status": answer.status, "headers": answer.headers, "body": answer.body, "created_at": unit.now()}
        owed[:] = [asdict(attempt) | made]  # what a request that died still owed is lost

    def response(answer: Any, now: Any, **more: Any) -> Any:
        if owed:
            with pipeline.site().runtime.db.writing() as session:
                insert_all(session, IDEMPOTENCY, owed)
            owed.clear()
        return respond(answer, now, **more)

    with replaced(idempotency, keep=keep), replaced(pipeline, _response=response):
        yield


@contextmanager
def outbox_apart() -> Any:
    """Events are written in a transaction of their own, after that of the change."""
    owed: list[Any] = []
    write = Unit.write_outbox

    def later(self: Unit, **_: Any) -> None:
        self.flush()
        owed.extend(self._pending)
        self._pending = []

    @contextmanager
    def unit_of_work_apart(db: Any, **options: Any) -> Any:
        with unit_of_work(db, **options) as unit:
            yield unit
        with db.transaction() as transaction:
            late = Unit(transaction, unit.actor, system_clock, unit.trace)
            late._pending = list(owed)
            write(late)
        owed.clear()

    with replaced(Unit, write_outbox=later), replaced(ledger, unit_of_work=unit_of_work_apart):
        yield


MUTANTS = (
    Mutant("no inbox", no_inbox, scenarios.everything_twice, "I3"),
    Mutant("no inbox, killed before the offset", no_inbox, scenarios.consumer_killed_before_offset, "I3"),
    Mutant("offset committed before the SQL commit", offset_first, scenarios.consumer_killed_in_transaction, "I3"),
    Mutant("inbox row in a transaction of its own", inbox_apart, scenarios.consumer_killed_in_transaction, "I5"),
    Mutant("relay by id > last", relay_by_last_id, scenarios.one_message_refused, "I2"),
    Mutant("rows marked before the acknowledgement", marked_first, scenarios.relay_killed_after_ack, "I2"),
    Mutant("no relay lease", no_relay_lease, scenarios.two_relays, "I2"),
    Mutant("no version guard", no_version_guard, scenarios.older_state_arrives_late, "I5"),
    Mutant("parked aggregate not held back", nothing_held_back, scenarios.one_aggregate_fails, "I4"),
    Mutant("cause named by the message", cause_named_by_message, scenarios.told_anew_after_loss, "I7"),
    Mutant("replay mails old news", old_news_mailed, scenarios.told_anew_after_loss, "I7"),
    Mutant("idempotency record outside the transaction", key_kept_apart, scenarios.answer_lost_after_commit, "I6"),
    Mutant("outbox in a transaction of its own", outbox_apart, scenarios.writer_killed_after_commit, "I5"),
)


OF_PROCESSES: dict[str, Patch] = {"offset-first": offset_first, "marked-first": marked_first}
"""Mutants that the workers of a whole run can be started with: `python -m tests.chaos --mutant offset-first`."""


def outcome(mutant: Mutant, folder: Path, *, mutated: bool) -> list[str]:
    """What the checker finds in the mutant's scenario."""
    with ExitStack() as patched:
        if mutated:
            patched.enter_context(mutant.patch())
        return mutant.scenario(folder / ("mutated" if mutated else "as-is"))


def main(say: Callable[[str], None]) -> int:
    """Run all; the exit status is 0 when every mutant was caught and the code as it is passed every scenario."""
    logging.disable(logging.CRITICAL)
    caught, wrong = 0, 0
    for number, mutant in enumerate(MUTANTS):
        folder = Path(tempfile.mkdtemp(prefix="cairn-mutant-")) / str(number)
        as_is, changed = outcome(mutant, folder, mutated=False), outcome(mutant, folder, mutated=True)
        noticed = any(violation.startswith(mutant.caught_by) for violation in changed)
        caught, wrong = caught + noticed, wrong + bool(as_is)
        say(
            f"{'caught ' if noticed else 'MISSED '} {mutant.name} ({mutant.scenario.__name__}): {(changed or ['-'])[0]}"
        )
        for violation in as_is:
            say(f"  VIOLATED without a mutant: {violation}")
    say(f"{caught} of {len(MUTANTS)} mutants killed; {wrong} scenarios failed without a mutant")
    return 0 if caught == len(MUTANTS) and not wrong else 1
