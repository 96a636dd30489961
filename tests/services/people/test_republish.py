"""Telling everything again: every aggregate with its present version, whatever the number."""

import msgspec

from chassis.unit import finish
from contracts.people import PersonChanged, TeamChanged
from services.people.commands import republish
from tests.support.people import Office


def test_everything_is_told_again_with_its_present_version(office: Office) -> None:
    rows = "".join(f"{number},p{number}@b.example,Person {number}\n" for number in range(1203))
    office.imported("external_id,email,display_name\n" + rows)
    team = office.team()
    office.change(f"/teams/{team['id']}", {"name": "Renamed"})
    gone = office.get("/persons", external_id="7")["items"][0]
    office.post(f"/persons/{gone['id']}/deactivate")
    before = len(office.said())
    with office.unit() as unit:
        republish(unit)
        assert len(unit.published) == 1204
    told = office.said()[before:]
    assert isinstance(told[0], TeamChanged)
    assert (told[0].name, told[0].version) == ("Renamed", 2)
    people = {event.id: event for event in told[1:] if isinstance(event, PersonChanged)}
    assert len(people) == 1203
    assert (people[gone["id"]].active, people[gone["id"]].version) == (False, 2)
    latest = {event.id: event for event in office.said()[:before]}
    assert all(msgspec.to_builtins(event) == msgspec.to_builtins(latest[event.id]) for event in told)


def test_nothing_to_tell_is_fine(office: Office) -> None:
    with office.unit() as unit:
        republish(unit)
        assert not finish(unit, None)
    assert office.said() == []
