"""What happened lately, newest first."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.service import Runtime
from contracts import checkins, goals, people
from tests.support.gateway import History, client, fold, read, someone, statements


@pytest.fixture
def history() -> History:
    return History()


def activity(runtime: Runtime, person: people.PersonState, **query: Any) -> Any:
    return read(runtime, someone(person), "/activity", **query)


def test_check_ins_praise_and_objectives_come_newest_first_with_names(runtime: Runtime, history: History) -> None:
    ada, ben, cycle = history.person("Ada Ames"), history.person("Ben Birk"), history.cycle()
    aim = history.objective(cycle, ada, "Quick help")
    measure = history.key_result(aim, "Replies")
    history.pass_days(1)
    said = history.check_in(measure, ada, note="better", value=4)
    history.pass_days(1)
    history.feedback(ben, ada, text="Thank you")
    history.pass_days(1)
    history.again(aim, goals.ObjectiveClosed, state="closed", grade=0.7, closed_at=history.now)
    fold(runtime, history.said)
    items = activity(runtime, ben)["items"]
    assert [one["kind"] for one in items] == ["objective_closed", "praise", "check_in", "objective_created"]
    closed, praise, check_in, created = items
    assert (closed["objective"]["title"], closed["objective"]["grade"]) == ("Quick help", 0.7)
    assert (praise["praise"]["summary"], praise["praise"]["text"]) == ("Praise from Ben Birk", "Thank you")
    assert (check_in["check_in"]["id"], check_in["check_in"]["author"]["name"]) == (said.id, "Ada Ames")
    assert (check_in["check_in"]["key_result"]["title"], check_in["check_in"]["value"]) == ("Replies", "4")
    assert created["objective"]["owner"]["name"] == "Ada Ames"


def test_what_is_private_withdrawn_or_a_draft_is_not_told(runtime: Runtime, history: History) -> None:
    ada, ben, cycle = history.person("Ada"), history.person("Ben"), history.cycle()
    history.feedback(ben, ada, visibility="recipient")
    history.feedback(ben, ada, visibility="recipient_and_manager", kind="feedback")
    history.objective(cycle, ada, state="draft")
    history.objective(cycle, ada, state="deleted")
    said = history.check_in(history.key_result(history.objective(cycle, ada, state="draft")), ada)
    history.again(said, checkins.CheckInWithdrawn, withdrawn=True)
    fold(runtime, history.said)
    assert activity(runtime, ada)["items"] == []


def test_words_to_oneself_are_no_recognition(runtime: Runtime, history: History) -> None:
    ada, ben = history.person("Ada"), history.person("Ben")
    history.feedback(ada, ada, text="Well done, me")
    history.feedback(ben, ada, text="Well done")
    fold(runtime, history.said)
    assert [one["praise"]["text"] for one in activity(runtime, ada)["items"]] == ["Well done"]
    overview = read(runtime, someone(ben), f"/persons/{ada.id}/overview")
    dashboard = read(runtime, someone(ada), "/dashboard")
    assert [one["text"] for one in (*overview["praise"], *dashboard["feedback"])] == ["Well done"] * 2


def test_pages_follow_each_other_without_gap_or_repeat(runtime: Runtime, history: History) -> None:
    ada, ben, cycle = history.person("Ada"), history.person("Ben"), history.cycle()
    moment = history.now + timedelta(days=1)
    for _ in range(7):
        measure = history.key_result(history.objective(cycle, ada))
        history.check_in(measure, ada, submitted_at=moment)
        history.feedback(ben, ada, given_at=moment)
    fold(runtime, history.said)
    page = activity(runtime, ada, limit=4)
    seen = page["items"]
    while page["next"]:
        page = activity(runtime, ada, limit=4, cursor=page["next"])
        seen += page["items"]
    assert len(seen) == len({(one["kind"], one["id"]) for one in seen}) == 21
    assert [one["at"] for one in seen] == sorted((one["at"] for one in seen), reverse=True)


def test_it_can_be_narrowed_to_kinds_and_to_one_person(runtime: Runtime, history: History) -> None:
    ada, ben, cycle = history.person("Ada"), history.person("Ben"), history.cycle()
    for one in (ada, ben):
        history.check_in(history.key_result(history.objective(cycle, one)), one)
    history.feedback(ben, ada)
    fold(runtime, history.said)
    kinds = activity(runtime, ada, kinds=["praise", "check_in"])["items"]
    assert sorted(one["kind"] for one in kinds) == ["check_in", "check_in", "praise"]
    of_ada = activity(runtime, ben, person_id=ada.id)["items"]
    assert sorted(one["kind"] for one in of_ada) == ["check_in", "objective_created", "praise"]


@pytest.mark.parametrize("query", ["cursor=abc", "kinds=gossip", "limit=201", "person_id=me", "limit=5&limit=6"])
def test_a_question_that_makes_no_sense_is_told_so(runtime: Runtime, history: History, query: str) -> None:
    ada = history.person("Ada")
    fold(runtime, history.said)
    answer = client(runtime, someone(ada)).get(f"/api/v1/activity?{query}")
    assert answer.status_code in (400, 422)
    assert answer.mimetype == "application/problem+json"


def test_a_page_takes_few_statements(runtime: Runtime, history: History) -> None:
    ada, cycle = history.person("Ada"), history.cycle()
    for _ in range(40):
        history.check_in(history.key_result(history.objective(cycle, ada)), ada)
        history.feedback(ada, ada)
    fold(runtime, history.said)
    with statements(runtime.db) as seen:
        assert len(activity(runtime, ada)["items"]) == 50
    assert len(seen) <= 5
