"""Lists of check-ins: their order, pages and filters."""

import pytest

from tests.support.checkins import (
    AMARA,
    BORIS,
    DELE,
    IMPORTER,
    OBJECTIVE,
    REPLIES,
    World,
    key_result,
    pointers,
    some_id,
)

DAYS = ("2026-05-03", "2026-05-01", "2026-05-02", "2026-05-01", "2026-04-30")


def days(items: list[dict[str, str]]) -> list[str]:
    return [one["as_of"] for one in items]


def test_the_newest_day_comes_first_and_of_one_day_the_latest_said(world: World) -> None:
    made = [world.checks_in(as_of=day, value=place) for place, day in enumerate(DAYS)]
    assert [one["id"] for one in world.history()] == [made[place]["id"] for place in (0, 2, 3, 1, 4)]


def test_several_of_one_call_stand_in_the_order_sent(world: World) -> None:
    sent = [{"key_result_id": REPLIES, "value": value} for value in range(5)]
    world.post("/check-ins", {"check_ins": sent})
    assert [one["value"] for one in world.history()] == ["4", "3", "2", "1", "0"]


def test_pages_hold_every_check_in_once(world: World) -> None:
    for day in DAYS:
        world.checks_in(as_of=day)
    seen, cursor = [], {}
    while True:
        page = world.get(f"/key-results/{REPLIES}/check-ins", limit=2, **cursor)
        seen += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == world.history()


def test_filters_narrow_the_list(world: World) -> None:
    world.hears(key_result("Other", objective_id=some_id("to come")))
    world.as_(IMPORTER)
    world.checks_in(author_id=AMARA, as_of="2026-05-01", external_id="C-1")
    world.checks_in(author_id=BORIS, as_of="2026-05-02")
    world.checks_in(author_id=BORIS, as_of="2026-05-03", key_result_id=some_id("Other"))

    def found(**query: str) -> list[str]:
        return days(world.as_(DELE).get("/check-ins", **query)["items"])

    assert found() == ["2026-05-03", "2026-05-02", "2026-05-01"]
    assert found(author_id=BORIS) == ["2026-05-03", "2026-05-02"]
    assert found(objective_id=OBJECTIVE) == ["2026-05-02", "2026-05-01"]
    assert found(key_result_id=some_id("Other")) == ["2026-05-03"]
    assert found(external_id="C-1") == ["2026-05-01"]
    assert found(since="2026-05-02", until="2026-05-02") == ["2026-05-02"]
    assert found(author_id=some_id("nobody")) == []


def test_a_history_that_is_not_known_is_not_found(world: World) -> None:
    world.get(f"/key-results/{some_id('unknown')}/check-ins", 404)
    world.get(f"/check-ins/{some_id('unknown')}", 404)
    world.get("/check-ins/not-an-id", 404)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"limit": "0"}, 422),
        ({"limit": "many"}, 422),
        ({"cursor": "forged"}, 400),
        ({"since": "yesterday"}, 422),
        ({"until": "2026-02-30"}, 422),
        ({"withdrawn": "perhaps"}, 422),
        ({"author": AMARA}, 422),
        ({"author_id": "Amara"}, 422),
    ],
)
def test_bad_filters_are_named(sqlite_world: World, query: dict[str, str], answer: int) -> None:
    problem = sqlite_world.get("/check-ins", answer, **query)
    if answer == 422:
        assert pointers(problem) == [f"/{next(iter(query))}"]
