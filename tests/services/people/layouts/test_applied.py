"""Understood files go all the way: rows applied, the tree in the database, nothing new the second time."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from services.people.commands.filing import Options
from services.people.commands.people_file import apply_people
from services.people.models import Person
from tests.support.hr_files import FILES, people, read, reporting_lines
from tests.support.people import Office
from tests.support.real_files import data_root


@pytest.fixture
def office(tmp_path: Any) -> Iterator[Office]:
    made = Office(f"sqlite:///{tmp_path / 'people.db'}")
    yield made
    made.close()


def imported(office: Office, path: str) -> Any:
    understood = read((data_root() / path).read_bytes())
    with office.unit(office.actor) as unit:
        return apply_people(unit, understood.table, Options(), understood.skipped)


def lines(office: Office) -> dict[str, str]:
    with office.db.reading() as session:
        everyone = session.execute(select(Person)).scalars().all()
        email = {person.id: person.email for person in everyone}
        return {person.email: email[person.manager_id] for person in everyone if person.manager_id and person.active}


@pytest.mark.parametrize("system", FILES)
def test_a_file_of_another_system_is_applied_and_changes_nothing_again(office: Office, system: str) -> None:
    path = f"hris_layouts/{FILES[system]}"
    first, second = imported(office, path), imported(office, path)
    assert (first.rejected, first.created + first.skipped) == ([], 312 if system == "lattice" else 266)
    assert (second.created, second.changed, second.deactivated) == (0, 0, 0)
    assert lines(office) == reporting_lines(people(read((data_root() / path).read_bytes())))
