"""One migrated service a module and database; every test finds it empty."""

from collections.abc import Iterator

import pytest

from tests.support.people import Office


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def premises(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    if request.param == "sqlite":
        made = Office(f"sqlite:///{tmp_path_factory.mktemp('people') / 'people.db'}")
        yield made
        made.close()
        return
    with request.getfixturevalue("postgres").database() as url:
        made = Office(url)
        yield made
        made.close()


@pytest.fixture
def office(premises: Office) -> Office:
    return premises.emptied()
