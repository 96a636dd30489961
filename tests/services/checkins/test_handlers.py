"""Goals events become copies: the same ones whatever the order, and however often they come."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from chassis.consumer import handle
from contracts import goals
from contracts.envelope import Envelope
from contracts.event import Event
from contracts.examples import load
from services.checkins.models import CycleCopy, KeyResultCopy, ObjectiveCopy
from tests.support.checkins import OPENED, World, cycle, envelope, key_result, milestones, objective

COPIES = (CycleCopy, ObjectiveCopy, KeyResultCopy)
Story = list[tuple[Envelope, Event]]


def rows(world: World) -> list[dict[str, Any]]:
    with world.db.reading() as session:
        found = [row for model in COPIES for row in session.scalars(select(model).order_by(model.id))]
    return [{column.name: getattr(row, column.name) for column in row.__table__.columns} for row in found]


def tell(world: World, story: Story) -> None:
    for said, event in story:
        with world.unit() as unit:
            handle(world.runtime.service, unit, event, said)


def written_down() -> Story:
    return [load(kind) for kind in goals.EVENTS]


def made_up() -> Story:
    """Several versions of each, opened and closed again."""
    events: list[Event] = [cycle("Q", version=version, ends_on=date(2026, 6, version)) for version in range(1, 4)]
    for version in range(1, 6):
        state = ["draft", "active", "active", "closed", "active"][version - 1]
        events.append(objective("O", version=version, state=state, co_owner_ids=[f"p{version}"]))
        stages = milestones(*"abcde"[:version])
        facts = {"open": state == "active", "owner_id": f"p{version}", "weight": Decimal(version)}
        events.append(key_result("K", version=version, metric="milestones", milestones=stages, **facts))
    return [(envelope(event, OPENED + timedelta(days=event.version)), event) for event in events]


@pytest.mark.parametrize("story", [written_down, made_up])
def test_shuffled_and_repeated_events_end_in_the_same_copies(world: World, story: Any) -> None:
    told = story()
    tell(world, told)
    expected = rows(world)
    for seed in range(5):
        with world.unit() as unit:
            for model in COPIES:
                unit.session.execute(model.__table__.delete())
        shuffled = told * 2
        random.Random(seed).shuffle(shuffled)
        tell(world, shuffled)
        kept = [row for row in expected if row["id"] in {event.id for _, event in told}]
        assert rows(world) == kept


@pytest.mark.parametrize("kind", goals.EVENTS)
def test_each_event_alone_makes_a_copy(world: World, kind: type[Event]) -> None:
    said, event = load(kind)
    tell(world, [(said, event)])
    (row,) = [row for row in rows(world) if row["id"] == event.id]
    assert row["version"] == event.version


def test_the_copy_of_a_key_result_holds_what_check_ins_need(world: World) -> None:
    said, event = load(goals.KeyResultProgressed)
    tell(world, [(said, event)])
    (row,) = [row for row in rows(world) if row["id"] == event.id]
    assert (row["title"], row["metric"], row["owner_id"]) == (event.title, event.metric, event.owner_id)
    assert (row["open"], row["opened_at"]) == (event.open, event.opened_at)


def test_an_opening_that_is_told_counts_however_late_it_is_told(world: World) -> None:
    told = datetime(2026, 4, 2, tzinfo=UTC)
    world.hears(key_result("K", version=2, opened_at=told, open=False), at=told + timedelta(days=30))
    world.hears(key_result("K", version=1), at=told + timedelta(days=2))
    (row,) = [row for row in rows(world) if row.get("title") == "K"]
    assert (row["open"], row["opened_at"]) == (False, told)


def test_where_it_is_not_told_the_earliest_opening_counts_even_when_it_comes_late(world: World) -> None:
    early, late = datetime(2026, 4, 2, tzinfo=UTC), datetime(2026, 4, 20, tzinfo=UTC)
    world.hears(key_result("K", version=1, open=False), at=early)
    world.hears(key_result("K", version=3), at=late)
    world.hears(key_result("K", version=2), at=early + timedelta(days=1))
    (row,) = [row for row in rows(world) if row.get("title") == "K"]
    assert (row["version"], row["opened_at"]) == (3, early + timedelta(days=1))
