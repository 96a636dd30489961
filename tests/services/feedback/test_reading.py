"""Who reads what: one rule, told twice (for one piece and for lists), and the two never differ."""

import random
from collections.abc import Sequence

import pytest
from sqlalchemy import select

from chassis import access
from chassis.access import Actor
from chassis.tables import PEOPLE
from services.feedback import queries
from services.feedback.models import Feedback
from tests.support.feedback import ANA, BEN, CLEO, IMPORTER, NOBODY, OLGA, can_read, given
from tests.support.hosted import MORNING, Hosted, person

BOTH = {"kind": "feedback", "visibility": "recipient_and_manager"}


def test_everybody_reads_what_is_public(feedback: Hosted) -> None:
    praise = given(feedback, CLEO)

    assert all(can_read(feedback, who, praise) for who in (ANA, BEN, CLEO, OLGA, IMPORTER))


def test_private_feedback_is_read_by_giver_and_recipient_alone(feedback: Hosted) -> None:
    hidden = given(feedback, CLEO, kind="feedback")

    assert can_read(feedback, CLEO, hidden)
    assert can_read(feedback, BEN, hidden)
    assert not any(can_read(feedback, who, hidden) for who in (ANA, OLGA, IMPORTER))


def test_the_manager_reads_what_includes_them(feedback: Hosted) -> None:
    shared = given(feedback, CLEO, **BOTH)

    assert can_read(feedback, ANA, shared)
    assert not can_read(feedback, OLGA, shared)


def test_a_new_manager_gains_nothing_and_the_old_one_keeps_nothing(feedback: Hosted) -> None:
    shared = given(feedback, CLEO, **BOTH)

    feedback.tell(person("Ben Okoro", id=BEN, manager_id=OLGA.id, version=2))

    assert not can_read(feedback, ANA, shared)
    assert not can_read(feedback, OLGA, shared)
    assert can_read(feedback, BEN, shared)


def test_a_manager_who_comes_back_reads_again(feedback: Hosted) -> None:
    shared = given(feedback, CLEO, **BOTH)

    feedback.tell(person("Ben Okoro", id=BEN, manager_id=OLGA.id, version=2))
    feedback.tell(person("Ben Okoro", id=BEN, manager_id=ANA, version=3))

    assert can_read(feedback, ANA, shared)


def test_hidden_and_missing_look_the_same(feedback: Hosted) -> None:
    hidden = given(feedback, CLEO, kind="feedback")

    answers = [feedback.client(OLGA).get(f"/api/v1/feedback/{one}") for one in (hidden, NOBODY)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json["detail"] == answers[1].json["detail"]
    assert answers[0].headers.get("ETag") is None


def _mixed(running: Hosted, chance: random.Random, everybody: Sequence[str]) -> None:
    with running.unit() as unit:
        for number in range(150):
            giver, recipient = chance.sample(everybody, 2)
            visibility = chance.choice(["public", "recipient", "recipient_and_manager"])
            manager = chance.choice(everybody) if visibility == "recipient_and_manager" else None
            unit.session.add(
                Feedback(
                    kind=chance.choice(["praise", "feedback"]),
                    visibility=visibility,
                    giver_id=giver,
                    recipient_id=recipient,
                    manager_id=manager,
                    text=f"words {number}",
                    given_at=MORNING,
                )
            )


@pytest.mark.parametrize("seed", range(2))
def test_a_list_holds_exactly_what_the_policy_allows(feedback: Hosted, seed: int) -> None:
    chance = random.Random(seed)
    everybody = [ANA, BEN, CLEO, OLGA.id]
    _mixed(feedback, chance, everybody)
    actors = [*(Actor(one) for one in everybody), OLGA, IMPORTER, access.SYSTEM, Actor(NOBODY)]
    for version in range(2, 8):
        moved = chance.choice(everybody)
        manager = chance.choice([None, *(one for one in everybody if one != moved)])
        feedback.tell(person("Somebody", id=moved, manager_id=manager, version=version * 10))
        with feedback.runtime.db.reading() as session:
            there = session.scalars(select(Feedback)).all()
            manager_of = {row.id: row.manager_id for row in session.execute(select(PEOPLE))}
            for actor in actors:
                listed = set(session.scalars(select(Feedback.id).where(queries.visible_to(actor))))
                things = {one.id: one.seen_by(manager_of.get(one.recipient_id)) for one in there}
                checked = {key for key, thing in things.items() if access.allowed(actor, "feedback.read", thing)}
                assert listed == checked, (actor, version)
                assert 0 < len(listed) < len(there)


def test_every_relation_of_the_policy_can_be_told_in_sql() -> None:
    """A relation added to the policy must not be missing from lists."""
    by_role = access.ROLES | {"service", "system", "person", "anyone"}

    assert access.POLICY["feedback.read"] <= queries.RELATIONS.keys() | by_role


def test_pages_hold_everything_once_newest_first(feedback: Hosted) -> None:
    ids = [
        given(feedback, IMPORTER, giver_id=CLEO, given_at=f"2026-01-{day:02}T00:00:00Z") for day in (3, 1, 5, 2, 4, 2)
    ]
    given(feedback, CLEO, kind="feedback")

    seen, cursor = [], ""
    while cursor is not None:
        page = feedback.client(OLGA).get(
            "/api/v1/feedback", query_string={"limit": 2} | ({"cursor": cursor} if cursor else {})
        )
        seen += page.json["items"]
        cursor = page.json["next"]

    assert sorted(item["id"] for item in seen) == sorted(ids)
    assert [item["given_at"][8:10] for item in seen] == ["05", "04", "03", "02", "02", "01"]


def test_lists_are_narrowed_by_person_kind_subject_and_origin(feedback: Hosted) -> None:
    goal = {"kind": "key_result", "id": NOBODY}
    about = given(feedback, CLEO, about=goal)
    to_ana = given(feedback, CLEO, recipient_id=ANA, kind="feedback")
    imported = given(feedback, IMPORTER, giver_id=OLGA.id, external_id="PF1")
    client = feedback.client(CLEO)

    def found(**filters: str) -> set[str]:
        return {item["id"] for item in client.get("/api/v1/feedback", query_string=filters).json["items"]}

    assert found(recipient_id=ANA) == {to_ana}
    assert found(giver_id=CLEO) == {about, to_ana}
    assert found(about_kind="key_result", about_id=NOBODY) == {about}
    assert found(kind="feedback") == {to_ana}
    assert found(visibility="public") == {about, imported}
    assert found(external_id="PF1") == {imported}
    assert found(recipient_id=BEN, giver_id=ANA) == set()


@pytest.mark.parametrize(
    "query", ["cursor=forged", "limit=0", "limit=201", "recipient_id=ben", "about_kind=cycle", "x=1"]
)
def test_bad_filters_are_told_apart_from_empty_lists(quick: Hosted, query: str) -> None:
    answer = quick.client(CLEO).get(f"/api/v1/feedback?{query}")

    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"


def test_an_unchanged_piece_is_not_sent_twice(quick: Hosted) -> None:
    praise = given(quick, CLEO)
    client = quick.client(BEN)
    tag = client.get(f"/api/v1/feedback/{praise}").headers["ETag"]

    assert client.get(f"/api/v1/feedback/{praise}", headers={"If-None-Match": tag}).status_code == 304


def test_nobody_reads_without_proof_or_scope(quick: Hosted) -> None:
    assert quick.anybody().get("/api/v1/feedback").status_code == 401
    assert quick.client(Actor(CLEO, scopes=frozenset({"goals:read"}))).get("/api/v1/feedback").status_code == 403
