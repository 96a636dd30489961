"""The copy of people: however events come and are cut into batches, it ends the same, and tells who stands above."""

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from chassis import replica
from chassis.db import Database
from chassis.tables import MEMBERS, METADATA, PEOPLE
from chassis.unit import unit_of_work
from contracts.people import PersonChanged

MANY = 40_000
"""More than either database takes as parameters of one statement."""


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    db = Database(database_url)
    METADATA.create_all(db.engine)
    yield db
    db.dispose()


def history(chance: random.Random, people: int) -> list[PersonChanged]:
    """Versions of people who move about at will, so that now and then some stand above themselves."""
    ids = [f"p{number}" for number in range(people)]
    return [
        PersonChanged(
            id=id_,
            version=version,
            email=f"{id_}@moving.example",
            display_name=f"{id_} v{version}",
            manager_id=chance.choice([None, "never-heard-of", *ids]),
            team_ids=chance.choices(["red", "green", "blue"], k=chance.randrange(4)),
        )
        for id_ in ids
        for version in range(1, chance.randrange(2, 6))
    ]


def fold(db: Database, events: list[PersonChanged], chance: random.Random) -> None:
    """Tell the copy these events in batches of any size."""
    while events:
        cut = chance.randrange(1, 30)
        with unit_of_work(db) as unit:
            replica.keep_people(unit, [(event, None) for event in events[:cut]])  # type: ignore[misc]
        events = events[cut:]


def above(managers: dict[str, str | None], person: str) -> frozenset[str]:
    found: set[str] = set()
    here = managers.get(person)
    while here is not None and here not in found:
        found.add(here)
        here = managers.get(here)
    return frozenset(found)


@pytest.mark.parametrize("seed", range(5))
def test_any_order_any_repeats_and_any_batches_end_the_same(db: Database, seed: int) -> None:
    chance = random.Random(seed)
    told = history(chance, 30)
    newest = {event.id: event for event in sorted(told, key=lambda event: event.version)}
    jumbled = chance.sample([*told, *chance.choices(told, k=20)], k=len(told) + 20)
    fold(db, jumbled, chance)
    managers = {event.id: event.manager_id for event in newest.values()}
    with db.reading() as session:
        kept = {row.id: (row.version, row.manager_id) for row in session.execute(select(PEOPLE))}
        members = {(row.person_id, row.team_id) for row in session.execute(select(MEMBERS))}
        for person in managers:
            assert replica.chain(session, [person]) == above(managers, person)
        some = chance.sample(list(managers), k=7)
        assert replica.chain(session, some) == frozenset().union(*(above(managers, person) for person in some))
    assert kept == {event.id: (event.version, event.manager_id) for event in newest.values()}
    assert members == {(event.id, team) for event in newest.values() for team in event.team_ids}


def test_any_number_of_people_may_be_asked_about(db: Database) -> None:
    fold(db, [PersonChanged(id="p1", version=1, email="p1@x.example", display_name="P", manager_id="boss")], random)  # type: ignore[arg-type]
    many = [f"p{number}" for number in range(MANY)]
    with db.reading() as session:
        assert replica.chain(session, many) == {"boss"}
        assert replica.teams_of(session, many) == replica.people_of(session, many) == frozenset()
