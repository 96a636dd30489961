"""Safe retries: one key, one effect, one answer, on both databases and however many ask at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text
from werkzeug.test import TestResponse

from chassis import keeping
from chassis.access import Actor
from chassis.ids import new_id
from chassis.tables import IDEMPOTENCY
from tests.chassis.http.demo import Demo, demo
from tests.support.postgres import Postgres

KEY = {"Idempotency-Key": "a-key"}


def test_a_retry_gets_the_same_answer_and_does_nothing(both: Demo) -> None:
    first, second = both.create("Q1", **KEY), both.create("Q1", **KEY)
    assert (second.status_code, second.data) == (first.status_code, first.data) == (201, first.data)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    for name in ("ETag", "Location", "Cairn-Consistency", "Content-Type"):
        assert second.headers[name] == first.headers[name]
    assert both.levers.runs == ["Q1"]


def test_a_key_may_have_any_visible_character(both: Demo) -> None:
    for number, key in enumerate(("o'key", "''", '"', "50%", "%s", "%(key)s", ":key", "\\'", "$1", "--", "/*")):
        first, second = (both.create(f"Q{number}", **{"Idempotency-Key": key}) for _ in range(2))
        assert (first.status_code, second.data) == (201, first.data)
        assert second.headers["Idempotent-Replayed"] == "true"


@pytest.mark.postgres
def test_no_plan_for_finding_a_key_is_kept(postgres: Postgres) -> None:
    with postgres.database() as url, demo(url) as running:
        for number in range(10):
            running.create(f"Q{number}", **{"Idempotency-Key": f"key-{number}"})
        with running.db.reading() as session:
            kept = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
        assert any("INTO idempotency" in one for one in kept)
        assert not any("FROM idempotency" in one for one in kept)


def test_another_request_under_the_same_key_is_refused(both: Demo) -> None:
    both.create("Q1", **KEY)
    answer = both.create("Q2", **KEY)
    assert answer.status_code == 422
    assert "take a new key" in answer.json["detail"]
    assert both.levers.runs == ["Q1"]


def test_keys_of_two_actors_are_strangers(both: Demo) -> None:
    both.create("Q1", **KEY)
    answer = both.client(Actor(new_id())).post("/api/v1/cycles", json={"name": "Q2"}, headers=KEY)
    assert answer.status_code == 201
    assert both.levers.runs == ["Q1", "Q2"]


def test_a_failed_request_may_be_sent_again_under_its_key(both: Demo) -> None:
    client = both.client()
    assert client.post("/api/v1/conflict", headers=KEY).status_code == 409
    assert client.post("/api/v1/conflict", headers=KEY).status_code == 409
    assert both.levers.runs == ["conflict", "conflict"]
    assert both.create("Q1", **KEY).status_code == 201


def test_ten_at_once_with_one_key_make_one_cycle(both: Demo) -> None:
    clients = [both.client() for _ in range(10)]
    start = threading.Barrier(10)

    def send(client: object) -> tuple[int, bytes]:
        start.wait(timeout=10)
        answer = client.post("/api/v1/cycles", json={"name": "Q1"}, headers=KEY)  # type: ignore[attr-defined]
        return answer.status_code, answer.data

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, clients))
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert len(both.client().get("/api/v1/cycles").json["items"]) == 1


@pytest.mark.postgres
def test_who_is_refused_because_the_first_did_the_same_meanwhile_is_answered_as_the_first(postgres: Postgres) -> None:
    with postgres.database() as url, demo(url) as running:
        inserts: list[str] = []
        first: list[TestResponse] = []

        def overtake(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("INSERT INTO cycles"):
                inserts.append(statement)
                if len(inserts) == 1:
                    first.append(running.create("Q1", **KEY))

        event.listen(running.db.engine, "before_cursor_execute", overtake)
        second = running.create("Q1", **KEY)
        assert (first[0].status_code, second.status_code) == (201, 201)
        assert "Idempotent-Replayed" not in first[0].headers
        assert (second.data, second.headers["Idempotent-Replayed"]) == (first[0].data, "true")
        assert len(running.client().get("/api/v1/cycles").json["items"]) == 1


def test_deleting_twice_under_one_key_is_answered_twice(both: Demo) -> None:
    made = both.create("Q1")
    client = both.client()
    headers = {**KEY, "If-Match": made.headers["ETag"]}
    path = made.headers["Location"]
    assert [client.delete(path, headers=headers).status_code for _ in range(2)] == [204, 204]
    assert client.delete(path, headers={"If-Match": "*"}).status_code == 404


def test_old_answers_can_be_forgotten(both: Demo) -> None:
    both.create("Q1", **KEY)
    now = both.runtime.clock()
    with both.db.writing() as session:
        assert keeping.forget_before(session, now - timedelta(days=2)) == 0
        assert keeping.forget_before(session, now + timedelta(days=2)) == 1


@pytest.mark.postgres
def test_a_retry_while_the_first_is_still_at_work_is_told_so(postgres: Postgres) -> None:
    with postgres.database() as url, demo(url) as running:

        def impatient(connection: Any, _record: object) -> None:
            connection.execute("SET lock_timeout = '100ms'")
            connection.commit()

        event.listen(running.db.engine, "connect", impatient)
        running.db.dispose()
        answers: list[int] = []
        running.levers.inside_create = lambda: answers.append(running.create("Q1", **KEY).status_code)
        assert running.create("Q1", **KEY).status_code == 201
        assert answers == [409]


def test_what_must_not_be_kept_is_not(shop: Demo) -> None:
    client = shop.client()
    first, second = (client.post("/api/v1/secrets", headers=KEY) for _ in range(2))
    assert first.json != second.json
    with shop.db.reading() as session:
        assert session.execute(select(IDEMPOTENCY)).all() == []
