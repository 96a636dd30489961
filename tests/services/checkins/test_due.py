"""What is due and stale over HTTP, and the one event each due date gives a person."""

from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.checkins import CheckInFellDue
from tests.support.checkins import (
    AMARA,
    BORIS,
    CHITRA,
    DELE,
    IMPORTER,
    OBJECTIVE,
    REPLIES,
    SUPPORT,
    World,
    cycle,
    key_result,
    objective,
    person,
    some_id,
    team,
)

MONDAY = date(2026, 5, 11)
NINE_IN_LISBON = datetime(2026, 5, 11, 8, tzinfo=UTC)
MONDAY_NOON = datetime(2026, 5, 11, 12, tzinfo=UTC)


@pytest.fixture
def due_world(world: World) -> World:
    """Amara last checked in on the Monday a week ago."""
    world.now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    world.checks_in(as_of="2026-05-04", value=44, confidence=0.6)
    world.now = MONDAY_NOON
    return world


def titles(world: World, path: str) -> list[str]:
    return [item["key_result"]["title"] for item in world.get(path)["items"]]


def test_an_item_says_all_a_reminder_needs(due_world: World) -> None:
    answer = due_world.get(f"/persons/{AMARA}/due")
    (item,) = answer["items"]
    assert answer["as_of"] == "2026-05-11T12:00:00Z"
    assert item["key_result"]["id"] == REPLIES
    assert item["objective"]["title"] == "Riders get help"
    assert item["responsible_ids"] == [AMARA]
    assert (item["last_check_in"]["value"], item["last_check_in"]["confidence"]) == ("44", 0.6)
    assert (item["due_on"], item["overdue_days"], item["stale"]) == ("2026-05-11", 0, False)


def test_it_is_due_by_the_clock_of_the_person(due_world: World) -> None:
    due_world.now = NINE_IN_LISBON - timedelta(seconds=1)
    assert titles(due_world, f"/persons/{AMARA}/due") == []
    due_world.hears(person("Amara", version=2, time_zone="Asia/Tokyo"))
    assert titles(due_world, f"/persons/{AMARA}/due") == ["First reply"]


def test_checking_in_answers_it_and_withdrawing_asks_again(due_world: World) -> None:
    made = due_world.checks_in()
    assert titles(due_world, "/me/due") == []
    due_world.withdraws(made)
    assert titles(due_world, "/me/due") == ["First reply"]


def test_a_check_in_for_the_past_answers_nothing(due_world: World) -> None:
    due_world.checks_in(as_of="2026-05-07")
    assert titles(due_world, "/me/due") == ["First reply"]
    due_world.checks_in(as_of="2026-05-09")
    assert titles(due_world, "/me/due") == []


def test_stale_is_what_was_left_for_more_than_ten_days(due_world: World) -> None:
    due_world.now = datetime(2026, 5, 14, 12, tzinfo=UTC)
    assert titles(due_world, "/me/stale") == []
    due_world.now = datetime(2026, 5, 15, 12, tzinfo=UTC)
    assert titles(due_world, "/me/stale") == titles(due_world, f"/persons/{AMARA}/stale") == ["First reply"]
    assert due_world.get("/me/due")["items"][0]["overdue_days"] == 4


def test_silence_from_the_start_is_due_and_then_stale(world: World) -> None:
    (item,) = world.get("/me/stale")["items"]
    assert item["last_check_in"] is None
    assert item["due_on"] == "2026-04-06"


@pytest.mark.parametrize(
    "ended",
    [
        key_result(version=2, open=False),
        key_result(version=2, removed=True),
        objective(version=2, state="closed"),
        cycle(version=2, state="closed"),
        cycle(version=2, ends_on=date(2026, 5, 3)),
        cycle(version=2, starts_on=date(2026, 5, 12)),
        person("Amara", version=2, active=False),
    ],
    ids=lambda event: f"{type(event).__name__} {event.version}",
)
def test_nothing_is_due_once_it_is_over(due_world: World, ended: object) -> None:
    due_world.hears(ended)  # type: ignore[arg-type]
    assert titles(due_world, f"/persons/{AMARA}/due") == []


def test_the_owner_of_the_key_result_answers_before_that_of_the_objective(due_world: World) -> None:
    due_world.hears(key_result(version=2, owner_id=DELE))
    assert titles(due_world, f"/persons/{AMARA}/due") == []
    assert titles(due_world, f"/persons/{DELE}/due") == ["First reply"]


def test_what_a_leaver_left_falls_to_the_manager(due_world: World) -> None:
    due_world.hears(person("Amara", version=2, active=False, manager_id=BORIS))
    assert titles(due_world, f"/persons/{BORIS}/due") == ["First reply"]
    due_world.hears(person("Boris", version=2, active=False, manager_id=CHITRA))
    assert titles(due_world, f"/persons/{BORIS}/due") == []
    assert titles(due_world, f"/persons/{CHITRA}/due") == ["First reply"]


def test_a_team_answers_by_its_lead_or_else_together(due_world: World) -> None:
    due_world.hears(objective(version=2, owner_kind="team", owner_id=SUPPORT))
    due_world.hears(person("Dele", version=2, team_ids=[SUPPORT]))
    assert titles(due_world, f"/persons/{DELE}/due") == titles(due_world, f"/persons/{AMARA}/due") == ["First reply"]
    due_world.hears(team("Support", version=2, lead_id=BORIS))
    assert titles(due_world, f"/persons/{DELE}/due") == []
    assert titles(due_world, f"/persons/{BORIS}/due") == ["First reply"]


def test_a_team_sees_what_its_people_and_the_teams_below_it_wait_for(due_world: World) -> None:
    due_world.hears(
        team("Company"),
        team("Support", version=2, parent_id=some_id("Company")),
        team("Riders", parent_id=some_id("Support")),
        team("Elsewhere"),
        objective("Owned by a team", owner_kind="team", owner_id=some_id("Riders")),
        key_result("Team result", objective_id=some_id("Owned by a team"), owner_id=DELE),
        at=datetime(2026, 5, 4, tzinfo=UTC),
    )
    for name in ("Company", "Support"):
        assert sorted(titles(due_world, f"/teams/{some_id(name)}/due")) == ["First reply", "Team result"]
    assert titles(due_world, f"/teams/{some_id('Riders')}/due") == ["Team result"]
    assert titles(due_world, f"/teams/{some_id('Elsewhere')}/due") == []
    assert titles(due_world, f"/teams/{SUPPORT}/stale") == []


def test_an_objective_that_has_not_arrived_yet_is_shown_as_none(due_world: World) -> None:
    due_world.hears(key_result("Early bird", objective_id=some_id("to come"), cycle_id=some_id("to come")))
    due_world.hears(key_result("Early bird", version=2, objective_id=some_id("to come"), owner_id=DELE))
    (item,) = due_world.get(f"/persons/{DELE}/due")["items"]
    assert item["objective"] is None


def test_long_lists_come_in_pages_the_most_overdue_first(due_world: World) -> None:
    due_world.hears(*(key_result(f"Result {number}") for number in range(5)))
    seen, cursor = [], {}
    while True:
        page = due_world.get(f"/persons/{AMARA}/due", limit=2, **cursor)
        seen += [(item["due_on"], item["key_result"]["id"]) for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == sorted(seen)
    assert len(set(seen)) == 6


@pytest.mark.parametrize("cursor", ["x", "e30", "WzEsMl0", "W10", "bnVsbA", "äöü"])
def test_a_bad_cursor_is_refused(sqlite_world: World, cursor: str) -> None:
    assert sqlite_world.get("/me/due", 400, cursor=cursor)["type"] == "urn:cairn:problem:cursor"


def test_unknown_people_and_teams_are_not_found(world: World) -> None:
    for path in ("persons", "teams"):
        for list_ in ("due", "stale"):
            world.get(f"/{path}/{some_id('nobody')}/{list_}", 404)
    world.as_(IMPORTER).get("/me/due", 404)


def test_a_due_date_is_told_once(due_world: World) -> None:
    due_world.now = NINE_IN_LISBON - timedelta(seconds=1)
    due_world.runs_the_task()
    assert due_world.said(CheckInFellDue) == []
    for minutes in (0, 5, 60, 24 * 60, 6 * 24 * 60):
        due_world.now = NINE_IN_LISBON + timedelta(minutes=minutes)
        due_world.runs_the_task()
    (event,) = due_world.said(CheckInFellDue)
    assert (event.person_id, event.due_on, event.key_result_ids) == (AMARA, MONDAY, [REPLIES])
    assert event.version == 1


def test_the_next_week_is_told_anew_while_nobody_answers(due_world: World) -> None:
    for _ in range(3):
        due_world.runs_the_task()
        due_world.now += timedelta(days=7)
    assert [event.due_on for event in due_world.said(CheckInFellDue)] == [MONDAY, date(2026, 5, 18), date(2026, 5, 25)]
    assert len({event.id for event in due_world.said(CheckInFellDue)}) == 3


def test_after_a_long_pause_only_the_latest_due_date_is_told(due_world: World) -> None:
    due_world.now += timedelta(days=30)
    due_world.runs_the_task()
    assert [event.due_on for event in due_world.said(CheckInFellDue)] == [date(2026, 6, 8)]


def test_whoever_moves_west_is_not_told_again(due_world: World) -> None:
    due_world.runs_the_task()
    due_world.hears(person("Amara", version=2, time_zone="America/Los_Angeles"))
    due_world.now += timedelta(hours=12)
    due_world.runs_the_task()
    assert len(due_world.said(CheckInFellDue)) == 1


def test_each_is_told_at_nine_where_they_are(due_world: World) -> None:
    zones = {"Tokyo": "Asia/Tokyo", "Lima": "America/Lima", "Kiritimati": "Pacific/Kiritimati"}
    due_world.hears(*(person(name, time_zone=zone) for name, zone in zones.items()))
    due_world.hears(
        *(key_result(f"of {name}", owner_id=some_id(name)) for name in zones), key_result(version=2, open=False)
    )
    told: list[tuple[str, datetime]] = []
    due_world.now = datetime(2026, 5, 10, 12, tzinfo=UTC)
    due_world.runs_the_task()
    before = len(due_world.said(CheckInFellDue))
    while due_world.now < datetime(2026, 5, 12, 12, tzinfo=UTC):
        due_world.now += timedelta(hours=1)
        due_world.runs_the_task()
        fresh = due_world.said(CheckInFellDue)[before + len(told) :]
        told += [(event.person_id, due_world.now) for event in fresh]
    assert told == [
        (some_id("Kiritimati"), datetime(2026, 5, 10, 19, tzinfo=UTC)),
        (some_id("Tokyo"), datetime(2026, 5, 11, 0, tzinfo=UTC)),
        (some_id("Lima"), datetime(2026, 5, 11, 14, tzinfo=UTC)),
    ]


def test_nobody_is_told_who_has_answered_left_or_is_not_known(due_world: World) -> None:
    due_world.hears(objective(version=2, owner_id=some_id("stranger")))
    due_world.runs_the_task()
    due_world.hears(objective(version=3), person("Amara", version=2, active=False))
    due_world.runs_the_task()
    due_world.hears(person("Amara", version=3))
    due_world.checks_in()
    due_world.runs_the_task()
    assert due_world.said(CheckInFellDue) == []


def test_two_workers_tell_once(due_world: World) -> None:
    due_world.runs_the_task()
    (event,) = due_world.said(CheckInFellDue)
    from services.checkins.commands.remind import _tell

    with due_world.unit() as unit:
        _tell(unit, event.person_id, event.due_on, event.key_result_ids)
    assert len(due_world.said(CheckInFellDue)) == 1


def test_an_objective_moved_to_a_cycle_that_runs_is_due_there(due_world: World) -> None:
    due_world.hears(cycle("2026-Q3", starts_on=date(2026, 7, 1), ends_on=date(2026, 9, 30)))
    due_world.hears(key_result(version=2, cycle_id=some_id("2026-Q3"), objective_id=OBJECTIVE))
    assert titles(due_world, "/me/due") == []
