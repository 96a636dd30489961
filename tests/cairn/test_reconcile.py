"""`cairn reconcile`: what the bus has lost is found in the outboxes and sent again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from cairn.embedded import Embedded
from chassis.ids import new_id
from chassis.reconcile import absent
from chassis.relay import waiting_since
from chassis.tables import INBOX, OUTBOX
from chassis.unit import unit_of_work
from contracts.people import TeamChanged
from tests.support.command import Running, started
from tests.support.stack import Stack, until

LOST = 3


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"CAIRN_DATA": str(tmp_path / "data"), "CAIRN_PARTITIONS": "2"}


@pytest.fixture
def bereft(environment: dict[str, str], tmp_path: Path) -> Iterator[Running]:
    """A Cairn whose bus was lost and made anew after three events had been published."""
    with started(environment) as before:
        with unit_of_work(before.cairn.parts["people"].db) as unit:
            for number in range(LOST):
                unit.publish(TeamChanged(id=new_id(), version=1, name=f"Team {number}"))
        until(lambda: arrived(before.cairn) == LOST, 30, "everything has arrived")
    for file in (tmp_path / "data").glob("bus.db*"):
        file.unlink()
    with started(environment) as after:
        yield after


def arrived(cairn: Embedded) -> int:
    with cairn.parts["goals"].db.reading() as session:
        return session.execute(select(func.count(INBOX.c.event_id))).scalar_one()


def test_what_the_bus_has_lost_is_told_and_nothing_sent_in_a_dry_run(bereft: Running) -> None:
    said = bereft.run("reconcile", "--dry-run", "people")
    assert said.exit_code == 0, said.output
    assert f"people: {LOST} published events are not on the bus, 0 did not reach every reader" in said.output
    assert f"{LOST} events would be sent again" in said.output
    assert len(absent(bereft.cairn.parts["people"], bereft.cairn.bus)) == LOST


def test_what_the_bus_has_lost_is_sent_again_and_then_nothing_is_missing(bereft: Running) -> None:
    assert f"{LOST} events are sent again." in bereft.run("reconcile").output
    people = bereft.cairn.parts["people"]
    until(lambda: waiting_since(people.db)[0] == 0, 30, "it is published again")
    assert absent(people, bereft.cairn.bus) == []
    assert bereft.run("reconcile").output.endswith("Nothing is missing.\n")
    assert arrived(bereft.cairn) == LOST, "readers dropped what they had"


def test_an_event_that_never_reached_a_reader_is_sent_again(bereft: Running) -> None:
    parts = bereft.cairn.parts
    bereft.run("reconcile", "people")
    until(lambda: waiting_since(parts["people"].db)[0] == 0, 30, "the bus has everything")
    with parts["goals"].db.writing() as session:
        session.execute(delete(INBOX))
    with parts["people"].db.writing() as session:
        session.execute(update(OUTBOX).values(published_at=parts["people"].clock() - timedelta(hours=1)))
    assert f"people: 0 published events are not on the bus, {LOST} did not reach every reader" in (
        bereft.run("reconcile", "people").output
    )
    until(lambda: arrived(bereft.cairn) == LOST, 30, "it has arrived now")


def test_a_bus_that_is_away_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    with started(environment):
        pass
    said = Stack({**environment, "CAIRN_KAFKA": "127.0.0.1:9"}, "", tmp_path).cairn("reconcile", check=False)
    assert said.returncode == 4
    assert "The bus cannot be read (127.0.0.1:9)" in said.stderr
