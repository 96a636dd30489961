"""What each event leaves in the read model, starting from the contracts' own examples."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select

from chassis.service import Runtime
from chassis.tables import INBOX, MEMBERS, PEOPLE, TEAMS
from contracts import checkins, feedback, goals, notifications, people
from contracts.event import Event
from contracts.examples import load
from contracts.registry import BY_TYPE
from gateway.projection.handlers import HANDLERS, born
from gateway.projection.models import (
    CHECK_INS,
    CYCLES,
    FEEDBACK,
    FRESHNESS,
    KEY_RESULTS,
    LINKS,
    NOTIFICATIONS,
    OBJECTIVES,
    OWNERS,
    SEARCH,
)
from tests.support.gateway import History, fold, supports

TABLES: Sequence[tuple[type[Event], Table]] = (
    (people.PersonState, PEOPLE),
    (people.TeamState, TEAMS),
    (goals.CycleState, CYCLES),
    (goals.ObjectiveState, OBJECTIVES),
    (goals.KeyResultState, KEY_RESULTS),
    (checkins.CheckInState, CHECK_INS),
    (feedback.FeedbackGiven, FEEDBACK),
    (notifications.NotificationState, NOTIFICATIONS),
)


def table_of(kind: type[Event]) -> Table:
    return next(table for state, table in TABLES if issubclass(kind, state))


def rows(runtime: Runtime, table: Table) -> list[dict[str, Any]]:
    with runtime.db.reading() as session:
        return [dict(row) for row in session.execute(select(table).order_by(*table.primary_key)).mappings()]


@pytest.mark.parametrize("kind", HANDLERS, ids=lambda kind: kind.__name__)
def test_the_example_of_every_event_becomes_the_row_of_its_aggregate(runtime: Runtime, kind: type[Event]) -> None:
    envelope, event = load(kind)
    fold(runtime, [(envelope, event)])
    (row,) = rows(runtime, table_of(kind))
    plain = {name: value for name, value in row.items() if hasattr(event, name) and name != "milestones"}
    assert plain == {name: getattr(event, name) for name in plain}
    assert {"id", "version"} <= plain.keys()


def test_every_event_that_carries_a_state_is_folded() -> None:
    assert set(BY_TYPE.values()) - set(HANDLERS) == {checkins.CheckInFellDue}


def test_what_fell_due_is_taken_and_leaves_nothing(runtime: Runtime) -> None:
    fold(runtime, [load(checkins.CheckInFellDue)])
    assert len(rows(runtime, INBOX)) == 1
    assert rows(runtime, FRESHNESS) == []


def test_the_example_story_folds_to_its_last_state_in_order_and_backwards(runtime: Runtime) -> None:
    story = sorted((load(kind) for kind in BY_TYPE.values()), key=lambda said: said[0].time, reverse=True)
    fold(runtime, story)
    (objective,) = rows(runtime, OBJECTIVES)
    assert (objective["version"], objective["state"], objective["grade"]) == (14, "closed", 0.7)
    assert [(row["owner_id"], row["role"]) for row in rows(runtime, OWNERS)] == [
        ("0191b1a3-fcc0-72dc-899c-8e59c150e3ec", "owner"),
        ("019bb16d-3578-7f04-8d5d-0d2a53d6230c", "co_owner"),
    ]
    assert [row["active"] for row in rows(runtime, PEOPLE)] == [True]
    assert [row["withdrawn"] for row in rows(runtime, CHECK_INS)] == [False, True]


def test_milestones_are_kept_as_they_were_said(runtime: Runtime) -> None:
    fold(runtime, [load(goals.KeyResultChanged)])
    (row,) = rows(runtime, KEY_RESULTS)
    assert [(stage["title"], stage["weight"]) for stage in row["milestones"]] == [
        ("Two people are trained", "1"),
        ("The rota covers Sundays until the end of June", "2"),
    ]


def test_text_that_is_not_public_never_comes_to_rest(runtime: Runtime) -> None:
    history = History()
    ada, ben = history.person("Ada Ames"), history.person("Ben Birk")
    for visibility in ("recipient", "recipient_and_manager", "something new"):
        history.feedback(ada, ben, visibility=visibility, text="between us")
    history.feedback(ada, ben, text="for all to read")
    fold(runtime, history.said)
    kept = {row["visibility"]: row["text"] for row in rows(runtime, FEEDBACK)}
    assert kept == {
        "recipient": None,
        "recipient_and_manager": None,
        "something new": None,
        "public": "for all to read",
    }


def test_a_straggler_changes_neither_the_row_nor_what_hangs_on_it(runtime: Runtime) -> None:
    history = History()
    ada, ben, cycle = history.person("Ada"), history.person("Ben"), history.cycle()
    above = history.objective(cycle, ada, "Above")
    first = history.objective(cycle, ada, "First words", co_owner_ids=[ben.id])
    last = history.again(first, goals.ObjectiveChanged, title="Last words", co_owner_ids=[], parents=[supports(above)])
    early = next(said for said in history.said if said[1] is first)
    fold(runtime, [said for said in history.said if said is not early])
    fold(runtime, [early])
    assert {row["id"]: row["title"] for row in rows(runtime, OBJECTIVES)}[first.id] == last.title
    assert [row["owner_id"] for row in rows(runtime, OWNERS) if row["objective_id"] == first.id] == [ada.id]
    assert [row["parent_id"] for row in rows(runtime, LINKS)] == [above.id]
    assert {row["id"]: row["folded"] for row in rows(runtime, SEARCH)}[first.id] == "last words"


def test_an_owner_named_twice_and_a_parent_named_twice_are_one_line_each(runtime: Runtime) -> None:
    history = History()
    ada, cycle = history.person("Ada"), history.cycle()
    above = history.objective(cycle, ada)
    twice = [supports(above, "supports"), supports(above, "contributes")]
    below = history.objective(cycle, ada, co_owner_ids=[ada.id, ada.id], parents=twice)
    fold(runtime, history.said)
    assert [row["role"] for row in rows(runtime, OWNERS) if row["objective_id"] == below.id] == ["owner"]
    assert [row["kind"] for row in rows(runtime, LINKS)] == ["contributes"]


def test_members_follow_the_person(runtime: Runtime) -> None:
    history = History()
    harbour, night = history.team("Harbour"), history.team("Night")
    ada = history.person("Ada", team_ids=[harbour.id])
    history.again(ada, people.PersonChanged, team_ids=[night.id])
    fold(runtime, history.said)
    assert rows(runtime, MEMBERS) == [{"team_id": night.id, "person_id": ada.id}]


@pytest.mark.parametrize("batch", [1, 50])
def test_freshness_is_the_newest_event_and_never_goes_back(runtime: Runtime, batch: int) -> None:
    history = History()
    history.person("Ada")
    history.pass_days(2)
    history.person("Ben")
    newest = history.now
    fold(runtime, reversed(history.said), batch)
    (row,) = rows(runtime, FRESHNESS)
    assert row["newest"] == newest
    history.now -= timedelta(days=30)
    history.person("Cleo")
    fold(runtime, history.said[-1:])
    assert rows(runtime, FRESHNESS) == [row]


def test_what_is_gone_cannot_be_found(runtime: Runtime) -> None:
    history = History()
    ada, cycle = history.person("Ada"), history.cycle()
    thrown = history.objective(cycle, ada, state="draft")
    history.again(thrown, goals.ObjectiveChanged, state="deleted")
    removed = history.key_result(history.objective(cycle, ada))
    history.again(removed, goals.KeyResultChanged, removed=True)
    history.again(history.team(), people.TeamChanged, archived=True)
    history.again(history.person("Ben"), people.PersonDeactivated, active=False)
    fold(runtime, history.said)
    shown = {row["kind"]: row["shown"] for row in rows(runtime, SEARCH) if row["id"] not in (ada.id,)}
    assert len(rows(runtime, SEARCH)) == 6
    assert shown["team"] is False
    assert [row["shown"] for row in rows(runtime, SEARCH) if row["id"] in (thrown.id, removed.id)] == [False, False]
    assert shown["person"] is False


def test_an_id_tells_when_its_thing_was_made() -> None:
    assert born("019d2001-0518-7772-a5fb-04f9bad38681") == datetime(2026, 3, 24, 13, 20, 31, tzinfo=UTC)
    assert born("ffffffff-ffff-7fff-bfff-ffffffffffff") is None
    assert born("8f14e45f-ceea-467f-9a0b-2b1b6c2f4e1d") is None
    assert born("no id") is None


def test_values_beyond_what_a_service_would_send_are_kept(runtime: Runtime) -> None:
    history = History()
    ada, cycle = history.person("Ada" * 100), history.cycle("Q" * 500)
    objective = history.objective(cycle, ada, "ñ" * 5000)
    history.key_result(objective, "é" * 2000, metric="some metric of tomorrow", progress_raw=-1e12)
    fold(runtime, history.said)
    assert len(rows(runtime, OBJECTIVES)[0]["title"]) == 5000
    assert rows(runtime, KEY_RESULTS)[0]["progress_raw"] == -1e12
    assert rows(runtime, CYCLES)[0]["starts_on"] == date(2026, 4, 1)


def test_a_key_result_is_open_since_it_says_or_else_since_it_was_made(runtime: Runtime) -> None:
    history = History()
    aim = history.objective(history.cycle(), history.person())
    told = history.now - timedelta(days=3)
    foreign = "0b8a3e5e-7a5e-4d0c-9f5e-2f4f6d0c8b11"
    says, silent = history.key_result(aim, opened_at=told), history.key_result(aim)
    draft = history.key_result(aim, open=False)
    history.say(goals.KeyResultCreated(**{**_state(silent), "id": foreign}))
    fold(runtime, history.said)
    with runtime.db.reading() as session:
        found = {row.id: row.opened_at for row in session.execute(select(KEY_RESULTS.c.id, KEY_RESULTS.c.opened_at))}
    assert found == {says.id: told, silent.id: born(silent.id), draft.id: None, foreign: history.now}


def _state(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}
