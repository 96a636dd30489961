"""Giving praise and feedback: what is taken, what is refused, and what is said about it."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.access import Actor
from chassis.ids import new_id
from contracts.feedback import FeedbackGiven, Subject
from services.feedback.models import Feedback
from tests.support.feedback import ANA, BEN, CLEO, GONE, IMPORTER, NOBODY, give, given, words
from tests.support.hosted import MORNING, Hosted

ABOUT = {"kind": "objective", "id": new_id()}


def faults(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.json
    assert answer.content_type == "application/problem+json"
    return {fault["pointer"]: fault["detail"] for fault in answer.json["errors"]}


def test_praise_is_public_unless_said_otherwise(feedback: Hosted) -> None:
    answer = give(feedback, CLEO, about=ABOUT)

    assert answer.status_code == 201
    assert answer.json["visibility"] == "public"
    assert answer.json["giver_id"] == CLEO
    assert answer.json["about"] == ABOUT
    assert answer.json["given_at"] == "2026-07-03T09:00:00Z"
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"/api/v1/feedback/{answer.json['id']}"
    assert "Cairn-Consistency" in answer.headers
    assert feedback.said(FeedbackGiven) == [
        FeedbackGiven(
            id=answer.json["id"],
            version=1,
            kind="praise",
            visibility="public",
            giver_id=CLEO,
            recipient_id=BEN,
            about=Subject(kind="objective", id=ABOUT["id"]),
            text="Thank you for staying late.",
            given_at=MORNING,
        )
    ]


def test_feedback_is_for_its_recipient_unless_said_otherwise(feedback: Hosted) -> None:
    answer = give(feedback, CLEO, kind="feedback")

    assert answer.json["visibility"] == "recipient"
    assert answer.json["text"] == "Thank you for staying late."
    assert [event.text for event in feedback.said(FeedbackGiven)] == [None]


def test_the_manager_of_the_moment_is_kept_where_the_visibility_includes_them(feedback: Hosted) -> None:
    included = give(feedback, CLEO, kind="feedback", visibility="recipient_and_manager")
    not_included = give(feedback, CLEO, kind="feedback")

    assert included.json["manager_id"] == ANA
    assert not_included.json["manager_id"] is None
    assert [event.manager_id for event in feedback.said(FeedbackGiven)] == [ANA, None]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"recipient_id": CLEO}, "/recipient_id"),
        ({"recipient_id": NOBODY}, "/recipient_id"),
        ({"recipient_id": GONE}, "/recipient_id"),
        ({"recipient_id": "ben"}, "/recipient_id"),
        ({"recipient_id": ANA, "visibility": "recipient_and_manager"}, "/visibility"),
        ({"visibility": "everybody"}, "/visibility"),
        ({"kind": "gossip"}, "/kind"),
        ({"text": ""}, "/text"),
        ({"text": " \n\t "}, "/text"),
        ({"text": "x" * 4001}, "/text"),
        ({"text": "bell \x07"}, "/text"),
        ({"text": None}, "/text"),
        ({"about": {"kind": "cycle", "id": NOBODY}}, "/about/kind"),
        ({"about": {"kind": "objective"}}, "/about/id"),
        ({"given_at": "2026-01-01T00:00:00Z"}, "/given_at"),
        ({"external_id": "7"}, "/external_id"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(quick: Hosted, changed: dict[str, Any], pointer: str) -> None:
    answer = give(quick, CLEO, **changed)

    assert list(faults(answer)) == [pointer]
    assert quick.count(Feedback) == 0
    assert quick.said(FeedbackGiven) == []


def test_a_person_cannot_praise_themselves_and_is_told_what_to_do(quick: Hosted) -> None:
    assert "name a colleague" in faults(give(quick, BEN))["/recipient_id"]


def test_a_manager_who_has_left_is_no_manager(quick: Hosted) -> None:
    from tests.support.hosted import person

    quick.tell(person("Ana Lima", id=ANA, version=2, active=False))

    answer = give(quick, CLEO, kind="feedback", visibility="recipient_and_manager")

    assert "No manager is known" in faults(answer)["/visibility"]


def test_all_faults_are_told_at_once(quick: Hosted) -> None:
    answer = give(quick, CLEO, recipient_id=GONE, given_at="2026-01-01T00:00:00Z")

    assert set(faults(answer)) == {"/recipient_id", "/given_at"}


def test_four_thousand_characters_are_fine(feedback: Hosted) -> None:
    text = "é" * 3998 + "\n✨"

    assert give(feedback, CLEO, text=text).json["text"] == text


def test_nobody_speaks_for_others_but_a_service_account(quick: Hosted) -> None:
    hr = Actor(ANA, roles=frozenset({"employee", "hr", "admin"}))

    assert give(quick, CLEO, giver_id=ANA).status_code == 403
    assert give(quick, hr, giver_id=CLEO).status_code == 403
    assert give(quick, CLEO, giver_id=CLEO).status_code == 201
    assert quick.count(Feedback) == 1


def test_a_service_account_brings_the_past(feedback: Hosted) -> None:
    answer = give(feedback, IMPORTER, giver_id=CLEO, given_at="2021-03-01T12:00:00+02:00", external_id="PF03522")

    assert answer.status_code == 201
    assert (answer.json["giver_id"], answer.json["given_at"]) == (CLEO, "2021-03-01T10:00:00Z")
    assert answer.json["external_id"] == "PF03522"


def test_an_import_may_hold_words_to_oneself(quick: Hosted) -> None:
    assert give(quick, IMPORTER, giver_id=BEN).status_code == 201


def test_an_import_may_hold_words_of_and_to_people_who_have_left(quick: Hosted) -> None:
    assert give(quick, IMPORTER, giver_id=CLEO, recipient_id=GONE).status_code == 201
    assert give(quick, IMPORTER, giver_id=GONE, recipient_id=CLEO).status_code == 201


def test_a_service_account_must_say_who_gave_it(quick: Hosted) -> None:
    assert list(faults(give(quick, IMPORTER))) == ["/giver_id"]
    assert list(faults(give(quick, IMPORTER, giver_id=NOBODY))) == ["/giver_id"]


def test_the_future_has_not_been_written(quick: Hosted) -> None:
    tomorrow = (MORNING + timedelta(days=1)).isoformat()

    assert list(faults(give(quick, IMPORTER, giver_id=CLEO, given_at=tomorrow))) == ["/given_at"]


def test_importing_the_same_again_changes_nothing(feedback: Hosted) -> None:
    same = {"giver_id": CLEO, "external_id": "PF1", "kind": "feedback", "given_at": "2021-03-01T12:00:00Z"}

    first, second = (give(feedback, IMPORTER, **same) for _ in range(2))

    assert first.json == second.json
    assert feedback.count(Feedback) == 1
    assert len(feedback.said(FeedbackGiven)) == 1


@pytest.mark.parametrize("changed", [{"visibility": "public"}, {"text": "Other words."}, {"recipient_id": ANA}])
def test_an_import_cannot_change_what_is_there(quick: Hosted, changed: dict[str, Any]) -> None:
    same = {"giver_id": CLEO, "external_id": "PF1", "kind": "feedback"}
    given(quick, IMPORTER, **same)

    answer = give(quick, IMPORTER, **(same | changed))

    assert answer.status_code == 409
    assert "fixed when written" in answer.json["detail"]
    assert quick.count(Feedback) == 1


def together(running: Hosted, who: Actor | str, *changes: dict[str, Any]) -> Any:
    body = {"feedback": [words(giver_id=CLEO) | changed for changed in changes]}
    return running.client(who).post("/api/v1/feedback/batch", json=body)


def test_an_import_brings_several_at_once_and_twice_is_once(feedback: Hosted) -> None:
    several = [{"external_id": "PF1", "text": "One."}, {"external_id": "PF2"}, {"external_id": "PF1", "text": "One."}]

    first, second = (together(feedback, IMPORTER, *several) for _ in range(2))

    assert first.status_code == 201
    assert [one["text"] for one in first.json["feedback"]] == ["One.", "Thank you for staying late.", "One."]
    assert first.json == second.json
    assert feedback.count(Feedback) == len(feedback.said(FeedbackGiven)) == 2


def test_of_several_all_are_given_or_none_and_everything_wrong_is_told(feedback: Hosted) -> None:
    tomorrow = (MORNING + timedelta(days=1)).isoformat()
    wrong = {"recipient_id": NOBODY, "given_at": tomorrow}

    answer = together(feedback, IMPORTER, {}, wrong, {}, {"giver_id": NOBODY})

    assert set(faults(answer)) == {"/feedback/1/recipient_id", "/feedback/1/given_at", "/feedback/3/giver_id"}
    assert feedback.count(Feedback) == 0
    assert feedback.said(FeedbackGiven) == []


def test_of_several_other_words_under_a_known_id_are_named(quick: Hosted) -> None:
    together(quick, IMPORTER, {"external_id": "PF1"})

    answer = together(quick, IMPORTER, {"external_id": "PF2"}, {"external_id": "PF1", "text": "Other words."})

    assert answer.status_code == 409
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/feedback/1/external_id"]
    assert quick.count(Feedback) == 1


@pytest.mark.parametrize("number", [0, 51])
def test_one_to_fifty_are_brought_at_once(quick: Hosted, number: int) -> None:
    assert list(faults(together(quick, IMPORTER, *[{}] * number))) == ["/feedback"]


@pytest.mark.parametrize("who", [CLEO, Actor(ANA, roles=frozenset({"employee", "hr", "admin"}))])
def test_only_a_service_account_brings_several(quick: Hosted, who: Actor | str) -> None:
    assert together(quick, who, {}).status_code == 403


def test_visibility_is_fixed_when_written(feedback: Hosted) -> None:
    feedback_id = given(feedback, CLEO)

    answer = feedback.client(CLEO).patch(f"/api/v1/feedback/{feedback_id}", json={"visibility": "recipient"})

    assert answer.status_code == 409
    assert answer.json["type"] == "urn:cairn:problem:fixed-when-written"
    assert "fixed when written" in answer.json["detail"]
    assert feedback.client(ANA).get(f"/api/v1/feedback/{feedback_id}").json["visibility"] == "public"


def test_a_change_attempt_does_not_betray_that_something_exists(quick: Hosted) -> None:
    hidden = given(quick, CLEO, kind="feedback")

    existing = quick.client(ANA).patch(f"/api/v1/feedback/{hidden}")
    missing = quick.client(ANA).patch(f"/api/v1/feedback/{NOBODY}")

    assert existing.status_code == missing.status_code == 404
    assert existing.json["detail"] == missing.json["detail"]


def test_a_repeated_request_with_its_key_is_done_once(feedback: Hosted) -> None:
    key = {"Idempotency-Key": "once"}
    client = feedback.client(CLEO)

    first, second = (client.post("/api/v1/feedback", json=words(), headers=key) for _ in range(2))

    assert first.json == second.json
    assert feedback.count(Feedback) == 1


def test_a_reading_token_cannot_give(quick: Hosted) -> None:
    reader = Actor(CLEO, scopes=frozenset({"feedback:read"}))

    assert give(quick, reader).status_code == 403


def test_republishing_says_everything_again_at_the_same_version(feedback: Hosted) -> None:
    given(feedback, CLEO)
    given(feedback, CLEO, kind="feedback")
    first = feedback.said(FeedbackGiven)

    with feedback.unit() as unit:
        feedback.runtime.service.republish(unit)

    assert feedback.said(FeedbackGiven) == first * 2
