"""Two tiny services that make loss, doubling and inversion visible: a source that counts, a sink that writes down.

The sink's table has no unique constraint on purpose: an effect that happens twice leaves two rows.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import BigInteger, Integer, String, func, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.db import Database, metadata
from chassis.service import Runtime, Service
from chassis.tables import METADATA
from chassis.unit import Unit, unit_of_work
from contracts.envelope import Envelope
from contracts.people import TeamChanged

Opened = Callable[[Service, str], Runtime]
"""Opens a service on a database; the fixture `opened` closes what it gave out."""


class Base(DeclarativeBase):
    metadata = metadata()


class Counter(Base):
    """The source's aggregate: how often it was bumped."""

    __tablename__ = "counters"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class Effect(Base):
    """What the sink did, in the order it did it."""

    __tablename__ = "effects"
    serial: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    aggregate: Mapped[str] = mapped_column(String(36))
    version: Mapped[int] = mapped_column(BigInteger)


def create_tables(db: Database) -> None:
    METADATA.create_all(db.engine)
    Base.metadata.create_all(db.engine)


def bump(unit: Unit, counter_id: str) -> int:
    """Count one up and say so."""
    counter = unit.session.get(Counter, counter_id, with_for_update=True)
    if counter is None:
        counter = Counter(id=counter_id, version=0)
        unit.session.add(counter)
    counter.version += 1
    unit.publish(TeamChanged(id=counter_id, version=counter.version, name="counted"))
    return counter.version


def bump_in(runtime: Runtime, counter_id: str) -> int:
    """One committed bump."""
    with unit_of_work(runtime.db, clock=runtime.clock, settle=runtime.service.settle) as unit:
        return bump(unit, counter_id)


def write_down(unit: Unit, event: TeamChanged, _envelope: Envelope) -> None:
    if event.description == "break":
        raise RuntimeError("this one cannot be handled")
    unit.session.execute(insert(Effect).values(aggregate=event.id, version=event.version))


def source() -> Service:
    return Service("source", Base.metadata, "chassis.migrations", lambda: ())


def sink(settle: object = None) -> Service:
    return Service("sink", Base.metadata, "chassis.migrations", lambda: (), handlers={TeamChanged: write_down})


def runtime(service: Service, url: str | Path) -> Runtime:
    db = Database(str(url) if "://" in str(url) else f"sqlite:///{url}")
    create_tables(db)
    return Runtime(service, db)


def effects(runtime: Runtime) -> list[tuple[str, int]]:
    """Every effect in the order it happened."""
    with runtime.db.reading() as session:
        rows = session.execute(select(Effect.aggregate, Effect.version).order_by(Effect.serial))
        return [(row.aggregate, row.version) for row in rows]


def counted(runtime: Runtime) -> dict[str, int]:
    """The source's truth: the last version of each counter."""
    with runtime.db.reading() as session:
        return {row.id: row.version for row in session.execute(select(Counter.id, Counter.version))}


def faults(seen: Sequence[tuple[str, int]], truth: dict[str, int]) -> list[str]:
    """What is wrong with the sink's history, compared with the source: lost, doubled, inverted, invented."""
    found = []
    for aggregate in truth.keys() | {name for name, _ in seen}:
        versions = [version for name, version in seen if name == aggregate]
        wanted = list(range(1, truth.get(aggregate, 0) + 1))
        if versions != wanted:
            found.append(f"{aggregate}: {versions} instead of {wanted}")
    return found


def waiting(runtime: Runtime) -> int:
    """Effects so far, cheaply."""
    with runtime.db.reading() as session:
        return session.execute(select(func.count(Effect.serial))).scalar_one()
