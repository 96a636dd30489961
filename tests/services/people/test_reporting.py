"""Everyone below a person, by looking down and by looking up: the same people in the same order, page by page."""

import random

import pytest

from chassis.http import Page
from services.people import reporting
from services.people.models import Person
from tests.support.people import Office


def fill(office: Office, chance: random.Random, people: int) -> dict[str, Person]:
    """An organisation of several tops in which everybody reports to somebody at random; some have left."""
    made: list[Person] = []
    with office.unit() as unit:
        for number in range(people):
            person = Person.register(
                {"email": f"{number}@deep.example", "display_name": f"{chance.choice('abc')} {number % 7}"}
            )
            person.manager_id = chance.choice(made[-9:]).id if made and chance.random() < 0.95 else None
            person.active = chance.random() < 0.8
            made.append(person)
        unit.session.add_all(made)
    return {person.id: person for person in made}


def naive(people: dict[str, Person], top: str) -> list[str]:
    """Everybody with `top` somewhere above them, in the order of lists."""

    def under(person: Person) -> bool:
        here = person.manager_id
        while here is not None and here != top:
            here = people[here].manager_id
        return here is not None

    found = [person for person in people.values() if under(person)]
    return [person.id for person in sorted(found, key=lambda person: (person.name_key, person.id))]


def walked(office: Office, top: str, few: int, active: bool | None) -> list[str]:
    """All pages, one after the other."""
    found: list[str] = []
    cursor = None
    while True:
        with office.db.reading() as session:
            page = reporting.below(session, top, Page(4, cursor), active=active, few=few)
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found
        assert len(page["items"]) == 4


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("few", [0, 10, 1000])
def test_everyone_below_is_found_whichever_way_one_looks(office: Office, seed: int, few: int) -> None:
    chance = random.Random(seed)
    people = fill(office, chance, 90)
    for top in chance.sample(list(people), k=12):
        below = naive(people, top)
        assert walked(office, top, few, None) == below
        assert walked(office, top, few, False) == [one for one in below if not people[one].active]
