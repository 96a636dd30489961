"""Small situations in which a rule earns its keep: each plays one fault on the ledger or a service, on files.

Every scenario answers the violations the checker finds: none with the code as it is. A crash is an exception that
nothing here catches, thrown where the process would have been killed; what it held in memory is thrown away.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from chassis import consumer, relay, unit
from chassis.bus import Bus, BusError, Message, Received
from chassis.bus.sqlite import SqliteBus
from chassis.consumer import Consumer, retry_parked
from chassis.relay import Relay
from chassis.service import Runtime, Service
from chassis.tables import INBOX, OUTBOX, PEOPLE
from tests.chaos import checker
from tests.chaos.checker import Copy, Told
from tests.chaos.history import FAIL, OK, Attempt
from tests.support import ledger

TOPIC = "cairn.people"
ANA = "0190b6a4-9d5c-7c3e-8a55-00000000000a"


class Crash(BaseException):
    """The process was killed here."""


@contextmanager
def replaced(owner: Any, **values: Any) -> Iterator[None]:
    """Attributes of a module or class exchanged for a while."""
    before = {name: getattr(owner, name) for name in values}
    for name, value in values.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(owner, name, value)


@contextmanager
def crash_at(name: str) -> Iterator[None]:
    """Whoever reaches this failpoint in the block dies; the block ends there."""

    def die(passed: str) -> None:
        if passed == name:
            raise Crash

    with ExitStack() as armed:
        armed.enter_context(suppress(Crash))
        for module in (consumer, relay, unit):
            armed.enter_context(replaced(module, failpoint=die))
        yield
        raise AssertionError(f"{name} was not reached")


@dataclass
class Pair:
    """A source that counts and a sink that writes down, with a bus between them."""

    bus: Bus
    source: Runtime
    sink: Runtime

    def bump(self, *names: str) -> None:
        for name in names:
            ledger.bump_in(self.source, name)

    def relay(self, bus: Bus | None = None) -> None:
        """Send what waits; another relay each time, as after a restart."""
        sender = Relay(self.source, bus or self.bus)
        try:
            with suppress(BusError):
                while sender.drain():
                    pass
        finally:
            with self.source.db.writing() as session:
                relay.lease.release(session, "relay", sender._owner)

    def consume(self) -> None:
        """Take what is there; another member each time, as after a restart."""
        member = Consumer(self.sink, self.bus)
        try:
            while member.step(timeout=0.3):
                pass
        finally:
            member.close()

    def send_again(self) -> None:
        with self.source.db.writing() as session:
            session.execute(update(OUTBOX).values(published_at=None))

    def violations(self, *, once: bool = False) -> list[str]:
        said, heard = self.outbox(), self.topic()
        effects = ledger.effects(self.sink)
        with self.sink.db.reading() as session:
            received = set(session.execute(select(INBOX.c.event_id)).scalars())
        last = {aggregate: {"version": version} for aggregate, version in effects}
        source = {name: {"version": version} for name, version in ledger.counted(self.source).items()}
        taken = [Told(TOPIC, aggregate, version, f"{aggregate}/{version}") for aggregate, version in effects]
        return [
            *checker.i2_published(said, heard),
            *(checker.i2_once(heard) if once else ()),
            *checker.i3_received(heard, {"sink": received}, {"sink": {TOPIC}}),
            *checker.i3_once(("sink", *effect) for effect in effects),
            *checker.i4_in_order("sink", taken),
            *checker.i5_equal([Copy("sink", last, source)]),
        ]

    def outbox(self) -> list[Told]:
        with self.source.db.reading() as session:
            return [Told(row.topic, row.key, row.aggregate_version, row.event_id, row.id)
                    for row in session.execute(select(OUTBOX))]  # fmt: skip

    def topic(self) -> list[Told]:
        reader = self.bus.subscribe("reader", [TOPIC])
        found: list[Told] = []
        try:
            while received := reader.poll(500, 0.3):
                found += [_told(one) for one in received]
        finally:
            reader.close()
        return found


def _told(one: Received) -> Told:
    headers = one.message.headers
    return Told(TOPIC, one.message.key, int(headers["ce_aggregateversion"]), headers["ce_id"], one.offset)


@contextmanager
def pair(folder: Path, sink: Service | None = None) -> Iterator[Pair]:
    """Both services on files in a folder of their own."""
    folder.mkdir(parents=True)
    bus = SqliteBus(folder / "bus.db", lease=1.0)
    bus.ensure_topics([TOPIC], 2)
    source = ledger.runtime(ledger.source(), folder / "source.db")
    written = ledger.runtime(sink or ledger.sink(), folder / "sink.db")
    try:
        yield Pair(bus, source, written)
    finally:
        bus.close()
        for runtime in (source, written):
            runtime.db.dispose()


@dataclass
class Breaking:
    """The bus, with something that happens at a publish."""

    bus: Bus
    before: Callable[[Sequence[Message]], list[BusError | None] | None]

    def publish(self, messages: Sequence[Message]) -> list[BusError | None]:
        return self.before(messages) or self.bus.publish(messages)


def everything_twice(folder: Path) -> list[str]:
    """F7: all events are delivered once more."""
    with pair(folder) as two:
        two.bump("a", "b", "a")
        for _ in range(2):
            two.relay()
            two.consume()
            two.send_again()
        return two.violations()


def consumer_killed_in_transaction(folder: Path) -> list[str]:
    """F6: the effect is written, not committed."""
    return _consumer_killed(folder, "consumer.in_transaction")


def consumer_killed_before_offset(folder: Path) -> list[str]:
    """F5: the effect is committed, the offset is not."""
    return _consumer_killed(folder, "consumer.after_commit_before_offset")


def _consumer_killed(folder: Path, point: str) -> list[str]:
    with pair(folder) as two:
        two.bump("a", "b", "a")
        two.relay()
        with crash_at(point):
            two.consume()
        two.consume()
        return two.violations()


def one_message_refused(folder: Path) -> list[str]:
    """F13: of three messages the first is not acknowledged, the others are."""
    with pair(folder) as two:

        def refuse_first(messages: Sequence[Message]) -> list[BusError | None]:
            two.bus.publish(messages[1:])
            return [BusError("not acknowledged"), *[None] * (len(messages) - 1)]

        two.bump("a", "b", "c")
        sender = Relay(two.source, Breaking(two.bus, refuse_first))  # type: ignore[arg-type]
        with suppress(BusError):
            sender.drain()
        sender._bus = two.bus
        while sender.drain():
            pass
        two.consume()
        return two.violations()


def relay_killed_after_ack(folder: Path) -> list[str]:
    """F3: between the acknowledgement and the mark; a relay that marks first dies between mark and publish."""
    with pair(folder) as two:
        two.bump("a", "b", "a")
        with crash_at("relay.after_ack_before_mark"):
            two.relay()
        two.relay()
        two.consume()
        return two.violations()


def two_relays(folder: Path) -> list[str]:
    """F4: while one relay publishes another one looks for work."""
    with pair(folder) as two:
        other = Relay(two.source, two.bus)

        def meanwhile(_messages: Sequence[Message]) -> None:
            other.drain()

        two.bump("a", "b", "a")
        two.relay(Breaking(two.bus, meanwhile))  # type: ignore[arg-type]
        two.consume()
        return two.violations(once=True)


def writer_killed_after_commit(folder: Path) -> list[str]:
    """F1: the change is committed, nothing is published yet."""
    with pair(folder) as two:
        two.bump("a")
        with crash_at("unit.after_commit"):
            two.bump("a")
        two.relay()
        two.consume()
        return two.violations()


def one_aggregate_fails(folder: Path) -> list[str]:
    """F21: the handler fails for a's first event only; the rest goes on; then it is mended and retried."""
    broken = Service(
        "sink", ledger.Base.metadata, "chassis.migrations", lambda: (), handlers={ledger.TeamChanged: _fails}
    )
    with pair(folder, broken) as two:
        two.bump("a", "b")
        two.relay()
        two.consume()
        two.sink = Runtime(ledger.sink(), two.sink.db)
        two.bump("a", "b")
        two.relay()
        two.consume()
        retry_parked(two.sink, TOPIC, "a")
        return two.violations()


def _fails(unit_: unit.Unit, event: ledger.TeamChanged, envelope: Any) -> None:
    if event.id == "a":
        raise RuntimeError("a bug that concerns a only")
    ledger.write_down(unit_, event, envelope)


def older_state_arrives_late(folder: Path) -> list[str]:
    """F9: the second version of a person comes before the first."""
    from services.feedback.app import service
    from tests.support.hosted import hosted, person

    folder.mkdir(parents=True)
    now = person("Ana Lima", id=ANA, version=2)
    with hosted(service(), f"sqlite:///{folder / 'feedback.db'}") as copying:
        copying.tell(now)
        copying.tell(person("Ana Before", id=ANA, version=1))
        with copying.runtime.db.reading() as session:
            kept = {
                row.id: {"name": row.display_name, "version": row.version} for row in session.execute(select(PEOPLE))
            }
    return checker.i5_equal([Copy("people", kept, {ANA: {"name": now.display_name, "version": 2}})])


def told_anew_after_loss(folder: Path) -> list[str]:
    """F26: the database of notifications was lost; praise that was mailed last month is published anew, and again."""
    from services.notifications.models import Delivery, Notification, Preferences
    from tests.support.hosted import MORNING
    from tests.support.notifications import BEN, notifications_service, praise

    folder.mkdir(parents=True)
    event = praise(given_at=MORNING - timedelta(days=31))
    with notifications_service(f"sqlite:///{folder / 'fresh.db'}") as fresh:
        with fresh.runtime.db.writing() as session:
            session.add(Preferences(person_id=BEN, email_kinds=["praise_received"], unsubscribe_key="k" * 43))
        fresh.tell(event)
        fresh.tell(event)
        with fresh.runtime.db.reading() as session:
            told = [(row.subject_id, row.person_id, "inbox") for row in session.scalars(select(Notification))]
            letters = session.scalars(select(Delivery).where(Delivery.status == "pending"))
            told += [(event.id, row.person_id, row.channel) for row in letters]
    return checker.i7_told_once([(event.id, BEN, "email"), *told])


def answer_lost_after_commit(folder: Path) -> list[str]:
    """F39: the process dies after the commit and before the answer; the client asks again under its key."""
    from services.people.models import Team
    from tests.support.people import Office

    folder.mkdir(parents=True)
    office = Office(f"sqlite:///{folder / 'people.db'}")
    history = []

    def ask(number: int) -> None:
        answer = office.call("POST", "/teams", json={"name": "key-1"}, headers={"Idempotency-Key": "key-1"})
        type_ = OK if answer.status_code == 201 else FAIL
        history.append(Attempt(0, number, number, "team", "key-1", type_, answer.status_code, answer.json["id"]))

    try:
        with crash_at("unit.after_commit"):
            ask(0)
        ask(1)
        ask(2)
        with office.db.reading() as session:
            owned = {"key-1": list(session.scalars(select(Team.id)))}
    finally:
        office.close()
    return checker.i1_written(history, owned) + checker.i6_one_resource(history, owned)
