"""`cairn status`: what the databases say of every part, running or not, and an exit code scripts can trust."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from cairn import connect, topology
from cairn.condition import Condition, span, troubles
from cairn.embedded import only_one
from cairn.settling import settled
from chassis.settings import load
from chassis.tables import OUTBOX
from chassis.unit import unit_of_work
from contracts.people import TeamChanged
from tests.support.command import Running, run
from tests.support.stack import until

Start = Callable[[dict[str, str]], Running]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"CAIRN_DATA": str(tmp_path / "data"), "CAIRN_PARTITIONS": "2"}


def told(environment: dict[str, str]) -> dict[str, Any]:
    return dict(json.loads(run(environment, "status", "--json").stdout))


def say(environment: dict[str, str], **changes: Any) -> None:
    """An event of people's, straight into the outbox; `changes` are made to its row."""
    part = connect.runtime(load(environment), "people")
    with unit_of_work(part.db) as unit:
        unit.publish(TeamChanged(id="team", version=1, name="Team"))
    if changes:
        with part.db.writing() as session:
            session.execute(update(OUTBOX).values(**changes))
    part.db.dispose()


def test_a_folder_without_databases_is_told_once_and_left_as_it_was(environment: dict[str, str]) -> None:
    ran = run(environment, "status")
    assert ran.exit_code == 1
    assert ran.output.count("`cairn migrate`") == 1
    assert not list(Path(environment["CAIRN_DATA"]).rglob("*"))


def test_with_nothing_running_it_says_what_to_start(environment: dict[str, str]) -> None:
    run(environment, "migrate")
    ran = run(environment, "status")
    assert ran.exit_code == 1
    assert "no worker runs: start `cairn up`" in ran.stdout
    assert [part["relay"] for part in told(environment)["parts"]] == [False] * len(topology.PARTS)


def test_a_running_cairn_is_all_right_and_its_process_is_named(environment: dict[str, str], start: Start) -> None:
    with only_one(load(environment)):
        start(environment)
        until(lambda: run(environment, "status").exit_code == 0, 10, "all is well")
        ran = run(environment, "status")
        found = told(environment)
    assert found["attention"] == []
    assert [part["part"] for part in found["parts"]] == list(topology.PARTS)
    assert {(part["answer"], part["relay"], part["outbox"], part["lag"]) for part in found["parts"]} == {
        ("ok", True, 0, 0)
    }
    assert f"`cairn up` runs on it as process {found['data_folder']['process']}" in ran.stdout
    assert run(environment, "status", "--json").exit_code == 0


def test_what_waits_in_an_outbox_shows_with_its_age(environment: dict[str, str]) -> None:
    run(environment, "migrate")
    say(environment, created_at=datetime.now(UTC) - timedelta(minutes=5))
    people = told(environment)["parts"][0]
    assert people["outbox"] == 1
    assert 300 <= people["outbox_age"] < 360
    assert " 5 min " in run(environment, "status").stdout


def test_what_was_published_and_not_received_is_the_lag_of_every_part_that_reads_it(
    environment: dict[str, str],
) -> None:
    run(environment, "migrate")
    say(environment, published_at=datetime.now(UTC) - timedelta(hours=3))
    lags = {part["part"]: part["lag"] for part in told(environment)["parts"]}
    readers = {name for name in topology.PARTS if "cairn.people" in topology.declare(name, load({})).topics()}
    assert lags == {name: int(name in readers) for name in topology.PARTS}
    assert {"goals", "gateway"} <= readers
    with connect.opened(load(environment)) as parts:
        assert not settled(parts)


def test_a_database_that_is_away_hides_nothing_of_the_others(environment: dict[str, str]) -> None:
    run(environment, "migrate")
    away = {**environment, "CAIRN_PEOPLE_DATABASE_URL": "postgresql://cairn:hunter-two@127.0.0.1:1/people"}
    ran = run(away, "status")
    assert ran.exit_code == 1
    assert "! people: the database does not answer" in ran.stdout
    assert "hunter-two" not in ran.output
    found = {part["part"]: part for part in told(away)["parts"]}
    assert found["goals"]["answer"] == "ok"
    assert found["goals"]["lag"] is None
    assert found["people"]["answer"] != "ok"


def test_a_database_that_was_not_migrated_is_told_with_the_command(environment: dict[str, str]) -> None:
    run(environment, "migrate", "people")
    Path(environment["CAIRN_DATA"], "goals.db").touch()
    assert "run `cairn migrate goals`" in run(environment, "status").stdout


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ({"outbox": 1, "outbox_age": 61.0}, "its outbox is not drained"),
        ({"lag": 3, "lag_age": 7200.0}, "it has not received events for 2 h"),
        ({"parked": 2, "parked_aggregates": 1}, "`cairn parked list goals`"),
        ({"relay": False}, "start `cairn worker goals`"),
    ],
)
def test_what_needs_attention_is_told_with_what_to_do(state: dict[str, Any], sentence: str) -> None:
    well = {"answer": "ok", "relay": True, "lag": 0}
    found = [Condition("people", **well), Condition("goals", **{**well, **state})]
    assert [sentence in one for one in troubles(found)] == [True]


def test_work_that_is_under_way_needs_no_attention() -> None:
    busy = Condition("goals", "ok", outbox=500, outbox_age=3.0, lag=2000, lag_age=20.0, relay=True)
    assert troubles([busy]) == []


def test_lengths_of_time_are_told_as_people_say_them() -> None:
    assert [span(seconds) for seconds in (0, 61, 600, 7200, 200_000)] == ["0 s", "61 s", "10 min", "2 h", "2 d"]
