"""`cairn parked`: what a part cannot handle is listed with its reason, tried again once mended, or given up."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select, text

from chassis.ids import new_id
from chassis.tables import PEOPLE
from contracts.people import PersonRegistered
from tests.support.command import Running
from tests.support.stack import until

pytestmark = pytest.mark.slow


def person(id: str, version: int = 1) -> PersonRegistered:
    return PersonRegistered(id=id, version=version, email=f"{id}@example.org", display_name="Ana", active=True)


def listed(running: Running, part: str, key: str) -> list[str]:
    """The numbers under which events of an aggregate are parked."""
    return re.findall(rf"{part} #(\d+) .*{key}", running.run("parked", "list", part).stdout)


def known(running: Running, part: str, key: str) -> bool:
    with running.cairn.parts[part].db.reading() as session:
        return session.execute(select(PEOPLE.c.id).where(PEOPLE.c.id == key)).first() is not None


@contextmanager
def refusing(running: Running, part: str, key: str) -> Iterator[None]:
    """The part's database has a constraint that this person violates."""
    rule = f"BEFORE INSERT ON replica_people WHEN NEW.id = '{key}' BEGIN SELECT RAISE(ABORT, 'not this one'); END"
    with running.cairn.parts[part].db.writing() as session:
        session.execute(text(f"CREATE TRIGGER refusing {rule}"))
    yield
    with running.cairn.parts[part].db.writing() as session:
        session.execute(text("DROP TRIGGER refusing"))


def broken(running: Running) -> str:
    """A person whose first event cannot be read by anybody and whose second is all right; parked everywhere."""
    key = new_id()
    # Ten parked in a row would stop the consumers.
    running.publish(person(new_id()))
    running.publish(person(key), b'{"id": "' + key.encode() + b'", "version": ')
    running.publish(person(key, 2))
    for part in ("goals", "gateway"):
        until(lambda part=part: len(listed(running, part, key)) == 2, 20, f"{part} has parked both")
    return key


def test_an_unreadable_event_is_listed_with_its_reason_and_the_next_one_behind_it(running: Running) -> None:
    key = broken(running)
    shown = running.run("parked", "list").stdout
    assert re.search(rf"goals #\d+ .*cairn\.people\.person\.registered\.v1  {key}\n    unreadable: ", shown)
    assert re.search(rf"gateway #\d+ .*{key}\n    behind: an earlier event", shown)
    assert not known(running, "goals", key)


def test_others_go_on_while_something_is_parked(running: Running) -> None:
    broken(running)
    other = new_id()
    running.publish(person(other))
    until(lambda: known(running, "goals", other), 20, "the other one is there")


def test_retrying_what_was_not_mended_changes_nothing_and_ends_with_1(running: Running) -> None:
    key = broken(running)
    ran = running.run("parked", "retry", "goals", "--key", key)
    assert ran.exit_code == 1
    assert f"{key}: 0 handled, 2 still parked" in ran.stdout
    assert "cairn parked drop goals" in ran.stderr
    assert len(listed(running, "goals", key)) == 2


def test_what_was_given_up_lets_those_behind_it_go_on(running: Running) -> None:
    key = broken(running)
    first, _behind = listed(running, "goals", key)
    ran = running.run("parked", "drop", "goals", first, "--yes")
    assert ran.exit_code == 0
    retry = re.search(r"`cairn (parked retry goals --key \S+)`", ran.stdout)
    assert retry, ran.stdout
    assert running.run(*retry[1].split()).stdout == f"{key}: 1 handled, 0 still parked\n"
    assert known(running, "goals", key)
    assert listed(running, "goals", key) == []
    assert len(listed(running, "gateway", key)) == 2, "another part's letters are its own"


@pytest.mark.parametrize(("typed", "code"), [("n\n", 1), ("", 2)], ids=["who says no", "where nobody answers"])
def test_nothing_is_dropped_without_a_yes(running: Running, typed: str, code: int) -> None:
    key = broken(running)
    first = listed(running, "goals", key)[0]
    ran = running.run("parked", "drop", "goals", first, typed=typed)
    assert (ran.exit_code, "Nothing was dropped" in ran.stderr) == (code, True)
    assert first in listed(running, "goals", key)


def test_a_yes_that_is_typed_drops(running: Running) -> None:
    key = broken(running)
    first = listed(running, "goals", key)[0]
    assert running.run("parked", "drop", "goals", first, typed="y\n").exit_code == 0
    assert first not in listed(running, "goals", key)


def test_an_event_the_database_refuses_is_handled_after_the_cause_was_mended(running: Running) -> None:
    key = new_id()
    with refusing(running, "goals", key):
        running.publish(person(key))
        until(lambda: len(listed(running, "goals", key)) == 1, 20, "it is parked")
        assert "handler_failed: IntegrityError" in running.run("parked", "list", "goals").stdout
        assert running.run("parked", "retry", "goals", "--key", key).exit_code == 1
    assert known(running, "gateway", key), "the other parts were not held up"
    ran = running.run("parked", "retry", "goals", "--key", key)
    assert (ran.exit_code, ran.stdout) == (0, f"{key}: 1 handled, 0 still parked\n")
    assert known(running, "goals", key)
    later = person(key, 2)
    running.publish(later)
    until(lambda: version(running, key) == 2, 20, "later events are handled again")


def version(running: Running, key: str) -> int:
    with running.cairn.parts["goals"].db.reading() as session:
        return session.execute(select(PEOPLE.c.version).where(PEOPLE.c.id == key)).scalar_one()


def test_status_says_that_something_is_parked(running: Running) -> None:
    broken(running)
    ran = running.run("status")
    assert ran.exit_code == 1
    assert "! goals: events are parked; `cairn parked list goals` says why" in ran.stdout


def test_a_number_or_an_aggregate_that_is_not_there_is_told(running: Running) -> None:
    assert running.run("parked", "drop", "goals", "99999", "--yes").exit_code == 2
    ran = running.run("parked", "retry", "goals", "--key", "nobody")
    assert (ran.exit_code, "cairn parked list goals" in ran.stderr) == (2, True)


def test_a_part_with_nothing_parked_says_so(running: Running) -> None:
    assert running.run("parked", "list", "people").stdout == "Nothing is parked.\n"
    assert running.run("parked", "retry", "people").stdout == "Nothing is parked.\n"
