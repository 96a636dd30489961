"""Making check-ins over HTTP, one and several at a time."""

from contextlib import closing
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event as sql_event

from contracts.checkins import CheckInCorrected, CheckInSubmitted
from tests.support.checkins import (
    AMARA,
    BORIS,
    CHITRA,
    DELE,
    ELIF,
    IMPORTER,
    NOW,
    OBJECTIVE,
    ORGANISATION,
    REPLIES,
    SUPPORT,
    World,
    key_result,
    milestones,
    objective,
    person,
    pointers,
    some_id,
    team,
)

UNKNOWN = some_id("unknown")


def test_an_owner_checks_in_and_everyone_is_told_the_full_state(world: World) -> None:
    made = world.checks_in(value="41.5", confidence=0.8, status="behind", note="Slow start", blockers="Hiring")
    (event,) = world.said()
    assert isinstance(event, CheckInSubmitted)
    assert (event.id, event.version, event.key_result_id, event.objective_id) == (made["id"], 1, REPLIES, OBJECTIVE)
    assert (event.value, event.confidence, event.status) == (Decimal("41.5"), 0.8, "behind")
    assert (event.note, event.blockers, event.author_id) == ("Slow start", "Hiring", AMARA)
    assert (event.as_of, event.submitted_at, event.withdrawn) == (NOW.date(), NOW, False)
    assert made["value"] == "41.5"


def test_the_answer_names_the_check_in_and_its_tag(world: World) -> None:
    response = world.client.post(f"/api/v1/key-results/{REPLIES}/check-ins", json={"value": 3})
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Location"] == f"/api/v1/check-ins/{response.json['id']}"  # type: ignore[index]
    assert world.client.get(response.headers["Location"]).json == response.json


def test_the_day_is_today_where_the_author_is(world: World) -> None:
    world.hears(person("Amara", version=2, time_zone="Pacific/Auckland"))
    world.now = NOW.replace(hour=13)
    assert world.checks_in()["as_of"] == "2026-05-14"


@pytest.mark.parametrize(
    ("who", "roles", "status"),
    [
        (AMARA, (), 201),
        (BORIS, (), 201),
        (CHITRA, (), 201),
        (DELE, (), 403),
        (DELE, ("auditor",), 403),
        (ELIF, ("hr",), 201),
    ],
)
def test_owners_their_managers_and_hr_may_check_in(world: World, who: str, roles: tuple[str, ...], status: int) -> None:
    world.as_(who, *roles).checks_in(status)


def test_co_owners_key_result_owners_and_team_members_may_check_in(world: World) -> None:
    world.hears(objective(version=2, co_owner_ids=[DELE])).as_(DELE).checks_in()
    world.hears(objective(version=3), key_result(version=2, owner_id=DELE)).checks_in()
    world.hears(key_result(version=3), objective(version=4, owner_kind="team", owner_id=SUPPORT)).checks_in(403)
    world.as_(AMARA).checks_in()
    world.hears(team("Support", version=2, lead_id=DELE)).as_(DELE).checks_in()
    world.as_(CHITRA).checks_in()


def test_a_key_result_whose_objective_is_not_known_yet_takes_check_ins_from_its_owner(world: World) -> None:
    orphan = key_result("Orphan", objective_id=some_id("to come"), owner_id=DELE)
    world.hears(orphan).as_(DELE).checks_in(key_result_id=orphan.id)


def test_several_are_made_together_in_the_order_sent(world: World) -> None:
    world.hears(key_result("Answers"))
    sent = [{"key_result_id": REPLIES, "value": 9}, {"key_result_id": some_id("Answers"), "value": -2.25}]
    made = world.post("/check-ins", {"check_ins": sent})["check_ins"]
    assert [one["value"] for one in made] == ["9", "-2.25"]
    assert [event.id for event in world.said()] == [one["id"] for one in made]


def test_one_fault_among_several_makes_none(world: World) -> None:
    good = {"key_result_id": REPLIES, "value": 9}
    sent = [good, {**good, "value": None}, {**good, "key_result_id": UNKNOWN}, {**good, "as_of": "2026-06-01"}]
    problem = world.post("/check-ins", {"check_ins": sent}, 422)
    assert pointers(problem) == ["/check_ins/1/value", "/check_ins/2/key_result_id", "/check_ins/3/as_of"]
    assert world.said() == []
    assert world.history() == []


def test_what_is_not_yours_is_named_by_its_place(world: World) -> None:
    world.hears(key_result("Mine", owner_id=DELE))
    sent = [{"key_result_id": some_id("Mine"), "value": 1}, {"key_result_id": REPLIES, "value": 1}]
    assert pointers(world.as_(DELE).post("/check-ins", {"check_ins": sent}, 403)) == ["/check_ins/1/key_result_id"]


def test_an_unknown_key_result_is_not_found(world: World) -> None:
    assert "try again" in world.checks_in(404, key_result_id=UNKNOWN)["detail"]


METRICS = [
    ("increase", {"value": "12.5"}, []),
    ("decrease", {"value": "-3"}, []),
    ("stay_below", {"value": 0}, []),
    ("between", {}, ["/value"]),
    ("increase", {"value": 1, "milestones_done": []}, ["/milestones_done"]),
    ("binary", {"value": 1}, []),
    ("binary", {"value": 0}, []),
    ("binary", {"value": "0.5"}, ["/value"]),
    ("milestones", {"milestones_done": ["pilot"]}, []),
    ("milestones", {"milestones_done": []}, []),
    ("milestones", {}, ["/milestones_done"]),
    ("milestones", {"value": 1, "milestones_done": ["pilot"]}, ["/value"]),
    ("milestones", {"milestones_done": ["pilot", "party"]}, ["/milestones_done/1"]),
]


@pytest.mark.parametrize(("metric", "said", "wrong"), METRICS)
def test_every_metric_takes_its_own_measurement(
    sqlite_world: World, metric: str, said: dict[str, object], wrong: list[str]
) -> None:
    sqlite_world.hears(key_result("Other", metric=metric, milestones=milestones("plan", "pilot")))
    path = f"/key-results/{some_id('Other')}/check-ins"
    answer = sqlite_world.post(path, said, 422 if wrong else 201)
    assert (pointers(answer) if wrong else []) == wrong


def test_milestones_are_kept_once_in_the_order_of_the_key_result(world: World) -> None:
    world.hears(key_result("Steps", metric="milestones", milestones=milestones("a", "b", "c")))
    made = world.post(f"/key-results/{some_id('Steps')}/check-ins", {"milestones_done": ["c", "a", "c"]})
    assert made["milestones_done"] == ["a", "c"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"open": False}, "activate the objective"),
        ({"removed": True}, "removed"),
    ],
)
def test_a_key_result_that_is_not_open_takes_none(world: World, change: dict[str, bool], word: str) -> None:
    world.hears(key_result(version=2, **change))
    problem = world.checks_in(409)
    assert problem["type"] == "urn:cairn:problem:key_result_not_open"
    assert word in problem["detail"]


def test_a_closed_objective_says_so(world: World) -> None:
    world.hears(key_result(version=2, open=False), objective(version=2, state="closed"))
    assert "closed" in world.checks_in(409)["detail"]


def test_late_and_out_of_order_check_ins_are_taken(world: World) -> None:
    for day in ("2026-05-04", "2026-04-06", "2019-01-01", "2026-05-12", "2026-05-14"):
        world.checks_in(as_of=day)
    days = [one["as_of"] for one in world.history()]
    assert days == ["2026-05-14", "2026-05-12", "2026-05-04", "2026-04-06", "2019-01-01"]


def test_a_fall_in_confidence_needs_a_note(world: World) -> None:
    world.checks_in(confidence=0.7, as_of="2026-05-01")
    assert pointers(world.checks_in(422, confidence=0.5)) == ["/note"]
    assert pointers(world.checks_in(422, confidence=0.5, note="  \n")) == ["/note"]
    world.checks_in(confidence=0.5, note="Two people are ill")


def test_confidence_is_compared_with_the_one_before_by_day(world: World) -> None:
    world.checks_in(confidence=0.9, as_of="2026-05-10")
    world.checks_in(confidence=0.4, as_of="2026-05-01")
    world.checks_in(as_of="2026-05-12")
    assert pointers(world.checks_in(422, confidence=0.8, as_of="2026-05-13")) == ["/note"]
    world.checks_in(confidence=0.9, as_of="2026-05-13")


def test_a_fall_within_one_call_needs_a_note_as_well(world: World) -> None:
    first = {"key_result_id": REPLIES, "value": 1, "confidence": 0.9, "as_of": "2026-05-02"}
    earlier = {**first, "confidence": 0.95, "as_of": "2026-05-01"}
    problem = world.post("/check-ins", {"check_ins": [first, earlier]}, 422)
    assert pointers(problem) == ["/check_ins/0/note"]


def test_a_withdrawn_check_in_is_nothing_to_fall_from(world: World) -> None:
    made = world.checks_in(confidence=0.9, as_of="2026-05-10")
    world.withdraws(made)
    world.checks_in(confidence=0.2)


def test_imported_history_explains_no_falls(world: World) -> None:
    world.as_(IMPORTER).checks_in(confidence=0.9, author_id=AMARA, as_of="2026-05-01")
    world.checks_in(confidence=0.2, author_id=AMARA, as_of="2026-05-02")
    world.as_(ELIF, "hr").checks_in(confidence=0.1, author_id=AMARA, as_of="2026-05-03")
    assert [one["author_id"] for one in world.history()] == [AMARA] * 3


def test_only_imports_and_hr_speak_for_others(world: World) -> None:
    said = {"author_id": BORIS, "submitted_at": "2026-05-01T08:00:00Z"}
    assert pointers(world.checks_in(403, **said)) == ["/author_id", "/submitted_at"]
    assert world.as_(IMPORTER).checks_in(**said)["submitted_at"] == "2026-05-01T08:00:00Z"


def test_a_service_account_says_for_whom_it_speaks(world: World) -> None:
    assert pointers(world.as_(IMPORTER).checks_in(422)) == ["/author_id"]
    assert pointers(world.checks_in(422, author_id=UNKNOWN)) == ["/author_id"]


def test_the_same_import_again_changes_nothing(world: World) -> None:
    said = {"external_id": "C-1", "confidence": 0.5, "as_of": "2026-05-01", "author_id": AMARA}
    made = world.as_(IMPORTER).checks_in(**said)
    world.now += timedelta(days=3)
    assert world.checks_in(**said) == made
    assert len(world.said()) == 1


def test_a_repeated_import_leaves_a_later_correction_alone(world: World) -> None:
    said = {"external_id": "C-1", "author_id": AMARA, "as_of": "2026-05-01"}
    corrected = world.corrects(world.as_(IMPORTER).checks_in(**said), value=30)
    body = {"check_ins": [{"key_result_id": REPLIES, "value": 40, **said}]}
    assert world.post("/check-ins?upsert=true", body)["check_ins"] == [corrected]


def test_another_content_under_a_known_external_id_is_refused_with_the_way_out(world: World) -> None:
    world.checks_in(external_id="C-1")
    problem = world.checks_in(409, external_id="C-1", value=39)
    assert "PATCH" in problem["detail"]
    assert pointers(problem) == ["/external_id"]
    assert len(world.said()) == 1


def test_an_import_may_correct_what_it_brought(world: World) -> None:
    item = {"key_result_id": REPLIES, "author_id": AMARA, "external_id": "C-1", "as_of": "2026-05-01"}
    world.as_(IMPORTER).post("/check-ins", {"check_ins": [{**item, "value": 40}]})
    (again,) = world.post("/check-ins?upsert=true", {"check_ins": [{**item, "value": 38}]})["check_ins"]
    assert (again["value"], again["version"]) == ("38", 2)
    assert isinstance(world.said()[-1], CheckInCorrected)
    world.post("/check-ins?upsert=true", {"check_ins": [{**item, "value": 38}]})
    assert len(world.said()) == 2


def test_only_imports_and_hr_correct_by_external_id(world: World) -> None:
    world.post("/check-ins?upsert=true", {"check_ins": [{"key_result_id": REPLIES, "value": 1}]}, 403)


def test_an_external_id_stays_with_its_key_result_and_author(world: World) -> None:
    world.hears(key_result("Other"))
    world.as_(IMPORTER).checks_in(external_id="C-1", author_id=AMARA)
    body = {"check_ins": [{"key_result_id": some_id("Other"), "author_id": AMARA, "external_id": "C-1", "value": 40}]}
    assert pointers(world.post("/check-ins?upsert=true", body, 409)) == ["/check_ins/0/external_id"]


def test_a_known_import_is_recognised_after_its_objective_closed(world: World) -> None:
    made = world.checks_in(external_id="C-1")
    world.hears(key_result(version=2, open=False))
    assert world.checks_in(external_id="C-1") == made


def test_twins_in_one_call_are_one_and_false_twins_are_refused(world: World) -> None:
    twin = {"key_result_id": REPLIES, "value": 1, "external_id": "C-1"}
    made = world.post("/check-ins", {"check_ins": [twin, twin]})["check_ins"]
    assert made[0] == made[1]
    assert len(world.said()) == 1
    false = [{**twin, "external_id": "C-2"}, {**twin, "external_id": "C-2", "value": 2}]
    assert pointers(world.post("/check-ins", {"check_ins": false}, 409)) == ["/check_ins/1/external_id"]


def test_imports_of_one_day_end_in_the_same_order_however_they_come(world: World) -> None:
    same = {"key_result_id": REPLIES, "author_id": AMARA, "as_of": "2026-05-01", "submitted_at": "2026-05-01T08:00:00Z"}
    items = [{**same, "external_id": f"C-{place}", "value": place} for place in range(6)]
    world.as_(IMPORTER)
    for item in reversed(items[3:]):
        world.post("/check-ins", {"check_ins": [item]})
    world.post("/check-ins", {"check_ins": items[:3]})
    history = world.history()
    assert len(history) == 6
    assert history == sorted(history, key=lambda one: one["id"], reverse=True)


def test_a_retry_with_the_same_key_is_answered_the_same(world: World) -> None:
    headers = {"Idempotency_Key": "k-1"}
    path = f"/key-results/{REPLIES}/check-ins"
    assert world.post(path, {"value": 1}, **headers) == world.post(path, {"value": 1}, **headers)
    assert len(world.said()) == 1


@pytest.mark.postgres
def test_of_two_requests_with_one_key_at_the_same_moment_one_is_kept_and_both_are_answered_alike(
    postgres_url: str,
) -> None:
    with closing(World(postgres_url)) as late, closing(World(postgres_url)) as early:
        late.emptied().hears(*ORGANISATION)
        first: list[object] = []

        def send(world: World) -> object:
            return world.post(f"/key-results/{REPLIES}/check-ins", {"value": 1}, Idempotency_Key="k-1")

        def overtaken(_c: object, _k: object, statement: str, *_: object) -> None:
            if statement.startswith("WITH new_check_ins"):
                first.append(send(early))

        sql_event.listen(late.db.engine, "before_cursor_execute", overtaken)
        assert [send(late)] == first
        assert (len(late.said()), len(late.history())) == (1, 1)


def words_sent(world: World) -> list[str]:
    """The first word of every statement from here on."""
    sent: list[str] = []
    sql_event.listen(world.db.engine, "before_cursor_execute", lambda _c, _k, said, *_: sent.append(said.split()[0]))
    return sent


def test_an_owners_check_in_is_looked_up_once_and_written_once(world: World) -> None:
    sent = words_sent(world)
    world.checks_in(confidence=0.5, note="Slow start")
    assert sent == (["BEGIN", "SELECT", "INSERT", "INSERT"] if world.db.sqlite else ["SELECT", "WITH"])


def test_a_key_takes_one_look_more(world: World) -> None:
    sent = words_sent(world)
    world.post(f"/key-results/{REPLIES}/check-ins", {"value": 1}, Idempotency_Key="k-1")
    assert sent == (["BEGIN", "SELECT", "SELECT", *["INSERT"] * 3] if world.db.sqlite else ["SELECT", "SELECT", "WITH"])


def test_what_a_call_makes_and_corrects_is_told_in_its_order_and_inserted_together(world: World) -> None:
    def called(value: int, *rows: str) -> dict[str, object]:
        items = [{"key_result_id": REPLIES, "author_id": AMARA, "external_id": row, "value": value} for row in rows]
        return {"check_ins": items}

    world.as_(IMPORTER).post("/check-ins", called(1, "b", "d"))
    sent = words_sent(world)
    made = world.post("/check-ins?upsert=true", called(2, "a", "b", "c", "d"))["check_ins"]
    assert sent.count("INSERT") + sent.count("WITH") == (3 if world.db.sqlite else 1)
    assert [(one["external_id"], one["version"]) for one in made] == [("a", 1), ("b", 2), ("c", 1), ("d", 2)]
    assert [told.id for told in world.said()[2:]] == [one["id"] for one in made]
    assert {one["id"]: one["value"] for one in world.history()} == {one["id"]: "2" for one in made}


@pytest.mark.postgres
def test_of_two_imports_at_the_same_moment_one_is_refused_and_tells_nobody(postgres_url: str) -> None:
    with closing(World(postgres_url)) as late, closing(World(postgres_url)) as early:
        late.emptied().hears(*ORGANISATION)
        said = {"author_id": AMARA, "external_id": "row 7"}

        def overtaken(_c: object, _k: object, statement: str, *_: object) -> None:
            if statement.startswith("WITH new_check_ins"):
                early.as_(IMPORTER).checks_in(**said)

        sql_event.listen(late.db.engine, "before_cursor_execute", overtaken)
        late.as_(IMPORTER).checks_in(409, **said)
        assert (len(late.said()), len(late.history())) == (1, 1)
