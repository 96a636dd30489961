"""`cairn rebuild gateway` and `cairn republish`: a spoiled read model is as before, and answers all the while."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from chassis.tables import DEAD_LETTERS, MEMBERS, PEOPLE, TEAMS
from gateway.projection import rebuild
from gateway.projection.models import CHECK_INS, CYCLES, FEEDBACK, KEY_RESULTS, LINKS, OBJECTIVES, SEARCH
from tests.support.stack import Stack
from tests.support.whole import Whole, whole

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with whole(tmp_path_factory.mktemp("whole")) as running:
        yield running


@pytest.fixture
def command(world: Whole) -> Stack:
    """The command line in a process of its own, on the same folder."""
    folder = Path(world.cairn.settings.data)
    return Stack({"CAIRN_DATA": str(folder)}, "http://127.0.0.1:1", folder)


def answers(world: Whole) -> list[Any]:
    """What the read model answers to everything people ask it."""
    ids = world.ids
    asked = {
        "/dashboard": "employee",
        "/me": "employee",
        f"/persons/{ids['employee']}/overview": "manager",
        f"/teams/{ids['team']}/overview": "root",
        f"/cycles/{ids['cycle']}/alignment": "colleague",
        f"/organisation/overview?cycle_id={ids['cycle']}": "root",
        "/search?q=load": "employee",
        "/activity": "employee",
    }
    found = [dict(world.call("GET", path, who).json or {}) for path, who in asked.items()]
    return [{name: value for name, value in answer.items() if name not in ("as_of", "trace_id")} for answer in found]


def fingerprint(world: Whole) -> str:
    with world.cairn.parts["gateway"].db.reading() as session:
        return rebuild.checksum(session)


def spoil(world: Whole) -> None:
    """Rows that are gone, rows that say something else, and rows nobody ever spoke of."""
    with world.cairn.parts["gateway"].db.writing() as session:
        for table in (KEY_RESULTS, CHECK_INS, LINKS, MEMBERS, TEAMS, CYCLES):
            session.execute(delete(table))
        session.execute(update(OBJECTIVES).values(title="Spoiled", progress=None, version=OBJECTIVES.c.version + 1000))
        session.execute(update(PEOPLE).values(display_name="Spoiled"))
        session.execute(delete(FEEDBACK))
        invented = dict(session.execute(select(SEARCH)).mappings().first() or {})
        session.execute(SEARCH.insert().values({**invented, "id": "00000000-0000-7000-8000-000000000000"}))


def test_a_spoiled_read_model_answers_as_before_once_it_was_rebuilt(world: Whole, command: Stack) -> None:
    before, checksum = answers(world), fingerprint(world)
    assert not [answer for answer in before if "detail" in answer]
    spoil(world)
    assert answers(world) != before
    with world.working():
        ran = command.cairn("rebuild", "gateway", "--timeout", "60")
    assert "gateway: rebuilt from" in ran.stdout
    assert "people: 7 events" in ran.stdout
    assert answers(world) == before
    assert fingerprint(world) == checksum


def test_reads_are_answered_as_before_while_it_is_rebuilt(world: Whole, command: Stack) -> None:
    before = answers(world)
    done = threading.Event()
    seen: list[bool] = []

    def read() -> None:
        while not done.is_set():
            seen.append(answers(world) == before)

    reader = threading.Thread(target=read)
    with world.working():
        reader.start()
        try:
            command.cairn("rebuild", "gateway", "--timeout", "60")
        finally:
            done.set()
            reader.join()
    assert len(seen) > 3
    assert all(seen)


def test_without_workers_it_gives_up_in_time_and_nothing_is_lost(world: Whole, command: Stack) -> None:
    before = answers(world)
    ran = command.cairn("rebuild", "gateway", "--timeout", "1", check=False)
    assert ran.returncode == 4
    assert "are the workers running? Start `cairn rebuild gateway` again: nothing was removed." in ran.stderr
    assert answers(world) == before


def test_republishing_refills_a_copy_that_lost_rows(world: Whole, command: Stack) -> None:
    goals = world.cairn.parts["goals"].db
    with goals.writing() as session:
        session.execute(delete(PEOPLE).where(PEOPLE.c.id == world.ids["employee"]))
    with world.working():
        assert "people: 7 events" in command.cairn("republish", "people").stdout
        world.settle()
    with goals.reading() as session:
        assert session.execute(select(PEOPLE.c.email).where(PEOPLE.c.id == world.ids["employee"])).scalar_one()


def test_rows_whose_events_were_parked_are_not_removed(world: Whole, command: Stack) -> None:
    """What could not be applied has arrived, and still must not count as disowned."""
    gateway, people = world.cairn.parts["gateway"].db, world.ids["employee"]
    letter = {"topic": "cairn.people", "partition": 0, "offset": 0, "key": people, "type": "t", "headers": {}}
    with gateway.writing() as session:
        behind = {**letter, "payload": b"{", "reason": "unreadable", "detail": "x"}
        session.execute(DEAD_LETTERS.insert().values(parked_at=world.cairn.parts["gateway"].clock(), **behind))
    with world.working():
        ran = command.cairn("rebuild", "gateway", "--timeout", "60", check=False)
    assert ran.returncode == 4
    assert "1 of" in ran.stderr
    assert "nothing was removed" in ran.stderr
    assert world.call("GET", f"/persons/{people}/overview").status_code == 200
    with gateway.writing() as session:
        session.execute(delete(DEAD_LETTERS))
