"""Finding things by parts of their names."""

from typing import Any

import pytest

from chassis.service import Runtime
from contracts import goals, people
from tests.support.gateway import History, client, fold, read, someone, statements


@pytest.fixture
def history() -> History:
    return History()


def search(runtime: Runtime, question: str, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = read(
        runtime, someone(people.PersonRegistered(id="x", version=1, email="", display_name="")), "/search",
        q=question, **query,
    )["items"]  # fmt: skip
    return items


def titles(hits: list[dict[str, Any]]) -> list[str]:
    return [hit["title"] for hit in hits]


def test_everything_that_has_a_name_is_found_with_what_tells_it_apart(runtime: Runtime, history: History) -> None:
    history.team("Harbour watch", parent_id=history.team("Company").id)
    ada = history.person("Ada Harbour", title="Pilot")
    aim = history.objective(history.cycle(), ada, "A safe harbour")
    measure = history.key_result(aim, "Harbour accidents")
    fold(runtime, history.said)
    found = {hit["kind"]: hit for hit in search(runtime, "harbour")}
    assert {kind: hit["detail"] for kind, hit in found.items()} == {
        "team": "Company",
        "person": "Pilot",
        "objective": "Ada Harbour · 2026 Q2",
        "key_result": "A safe harbour · 2026 Q2",
    }
    assert found["key_result"]["objective"] == {"id": aim.id, "title": "A safe harbour"}
    assert found["key_result"]["href"] == f"/api/v1/key-results/{measure.id}"


@pytest.mark.parametrize("question", ["müller", "MULLER", "Mull", "jörg mü", "müller jorg", "joerg@", "ller"])
def test_case_accents_order_and_beginnings_do_not_matter(runtime: Runtime, history: History, question: str) -> None:
    history.person("Jörg Müller", email="joerg@example.org")
    history.person("Somebody Else")
    fold(runtime, history.said)
    assert titles(search(runtime, question)) == ["Jörg Müller"]


def test_titles_that_begin_with_the_question_come_first(runtime: Runtime, history: History) -> None:
    for name in ("Barbecue", "Carbarn", "Bar", "Small bar", "Bar none"):
        history.team(name)
    fold(runtime, history.said)
    assert titles(search(runtime, "bar")) == ["Bar", "Bar none", "Barbecue", "Small bar", "Carbarn"]


@pytest.mark.parametrize("question", ["%", "_", "\\", "a%", "'", '"', "100%", ")"])
def test_signs_stand_for_themselves(runtime: Runtime, history: History, question: str) -> None:
    history.team("Ordinary")
    history.team(f"Sign {question} here")
    fold(runtime, history.said)
    assert titles(search(runtime, question)) == [f"Sign {question} here"]


def test_every_word_must_occur(runtime: Runtime, history: History) -> None:
    history.team("Night shift harbour")
    history.team("Night shift")
    fold(runtime, history.said)
    assert titles(search(runtime, "harbour night")) == ["Night shift harbour"]


def test_what_is_gone_is_not_found_and_what_comes_back_is(runtime: Runtime, history: History) -> None:
    ada = history.person("Ada Ames")
    gone = history.again(ada, people.PersonDeactivated, active=False)
    thrown = history.objective(history.cycle(), ada, "Ada's aim", state="draft")
    history.key_result(thrown, "Ada's measure")
    history.again(thrown, goals.ObjectiveChanged, state="deleted")
    fold(runtime, history.said)
    assert search(runtime, "ada") == []
    history.again(gone, people.PersonReactivated, active=True)
    fold(runtime, history.said[-1:])
    assert titles(search(runtime, "ada")) == ["Ada Ames"]


def test_a_new_name_replaces_the_old_one(runtime: Runtime, history: History) -> None:
    history.again(history.team("Harbour"), people.TeamChanged, name="Port")
    fold(runtime, history.said)
    assert (titles(search(runtime, "harbour")), titles(search(runtime, "port"))) == ([], ["Port"])


def test_kinds_narrow_it(runtime: Runtime, history: History) -> None:
    history.team("Ada's team")
    history.person("Ada Ames")
    fold(runtime, history.said)
    assert titles(search(runtime, "ada", kinds=["team"])) == ["Ada's team"]
    assert len(search(runtime, "ada", kinds=["team", "person"])) == 2


def test_pages_follow_each_other(runtime: Runtime, history: History) -> None:
    ada = history.person("Zoe")
    names = [f"{letter}harbour {number}" for letter in ("", "My ", "Old") for number in range(5)]
    for name in names:
        history.team(name)
    fold(runtime, history.said)
    seen, page = [], {"next": None}
    while True:
        page = read(runtime, someone(ada), "/search", q="harbour", limit=4, **_from(page))
        seen += titles(page["items"])
        if page["next"] is None:
            break
    assert sorted(seen) == sorted(names)
    assert seen[:5] == names[:5]


def _from(page: dict[str, Any]) -> dict[str, Any]:
    return {"cursor": page["next"]} if page["next"] else {}


@pytest.mark.parametrize("question", ["\u0301", " \u00a0 "])
def test_a_question_without_letters_finds_nothing(runtime: Runtime, history: History, question: str) -> None:
    ada = history.person("Ada")
    fold(runtime, history.said)
    answer = client(runtime, someone(ada)).get("/api/v1/search", query_string={"q": question})
    assert answer.status_code == 422 or answer.get_json()["items"] == []


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "x" * 201}, {"q": "a", "kinds": "cat"}, {"q": "\0"}])
def test_a_question_that_makes_no_sense_is_told_so(runtime: Runtime, history: History, query: dict[str, str]) -> None:
    ada = history.person("Ada")
    fold(runtime, history.said)
    answer = client(runtime, someone(ada)).get("/api/v1/search", query_string=query)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


def test_a_page_takes_three_statements(runtime: Runtime, history: History) -> None:
    for number in range(60):
        history.team(f"Harbour {number}")
    fold(runtime, history.said)
    with statements(runtime.db) as seen:
        assert len(search(runtime, "harbour")) == 50
    assert len(seen) <= 3
