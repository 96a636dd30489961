"""Foreign events become inbox entries: one per fact and person, whatever the order and however often."""

import random
from pathlib import Path

import pytest

from chassis.bus import Received
from contracts.checkins import CheckInFellDue
from contracts.examples import load
from contracts.feedback import FeedbackGiven
from contracts.goals import KeyResultFellAtRisk, ObjectiveAssigned
from contracts.notifications import NotificationRaised, NotificationRead
from services.notifications.models import Notification
from tests.support.hosted import Hosted, person
from tests.support.notifications import (
    ANA,
    BEN,
    GONE,
    LATE,
    SECRET,
    assigned,
    at_risk,
    due,
    everyone,
    feedback,
    inbox,
    notifications_service,
    praise,
    titles,
)


def test_praise_is_told_to_its_recipient_by_the_name_of_its_giver(notifications: Hosted) -> None:
    given = praise()

    notifications.tell(given)

    (entry,) = inbox(notifications, BEN)
    assert entry["kind"] == "praise_received"
    assert entry["title"] == "Praise from Ana Lima"
    assert (entry["subject_kind"], entry["subject_id"]) == ("feedback", given.id)
    assert (entry["raised_at"], entry["read_at"]) == ("2026-07-03T09:00:00Z", None)
    assert inbox(notifications, ANA) == []


def test_the_entry_is_published_with_its_cause(notifications: Hosted) -> None:
    (message,) = notifications.tell(praise())

    (raised,) = notifications.published()
    (entry,) = inbox(notifications, BEN)
    assert raised.event == NotificationRaised(
        id=entry["id"],
        version=1,
        person_id=BEN,
        kind="praise_received",
        subject_kind="feedback",
        subject_id=message.message.key,
        title="Praise from Ana Lima",
        raised_at=notifications.clock(),
    )
    assert raised.headers["ce_causationid"] == message.message.headers["ce_id"]


def test_private_feedback_is_told_without_its_words(notifications: Hosted) -> None:
    notifications.tell(feedback())

    (entry,) = inbox(notifications, BEN)
    assert (entry["kind"], entry["title"]) == ("feedback_received", "Feedback from Ana Lima")
    assert not [row for row in notifications.published() if SECRET.encode() in row.payload]


@pytest.mark.parametrize(
    ("count", "title"), [(1, "1 key result is due for a check-in"), (3, "3 key results are due for a check-in")]
)
def test_what_is_due_is_counted(quick: Hosted, count: int, title: str) -> None:
    fell_due = due(BEN, count)

    quick.tell(fell_due)

    (entry,) = inbox(quick, BEN)
    assert (entry["kind"], entry["title"]) == ("check_in_due", title)
    expected = ("key_result", fell_due.key_result_ids[0]) if count == 1 else ("check_in", fell_due.id)
    assert (entry["subject_kind"], entry["subject_id"]) == expected


def test_nothing_due_is_no_news(quick: Hosted) -> None:
    quick.tell(due(BEN, 0))

    assert inbox(quick, BEN) == []


def test_all_owners_hear_that_a_key_result_is_at_risk(notifications: Hosted) -> None:
    fell = at_risk(ANA, BEN, GONE, title="Median first reply")

    notifications.tell(fell)

    for owner in (ANA, BEN):
        (entry,) = inbox(notifications, owner)
        assert (entry["kind"], entry["title"]) == ("key_result_at_risk", "At risk: Median first reply")
        assert (entry["subject_kind"], entry["subject_id"]) == ("key_result", fell.id)
    assert inbox(notifications, GONE) == []


def test_a_new_owner_hears_of_it_unless_they_did_it_themselves(notifications: Hosted) -> None:
    notifications.tell(assigned(ANA, BEN, title="Riders get help"), actor=ANA)

    (entry,) = inbox(notifications, BEN)
    assert (entry["kind"], entry["title"]) == ("became_owner", "You are now an owner of: Riders get help")
    assert entry["subject_kind"] == "objective"
    assert inbox(notifications, ANA) == []


def test_who_has_left_is_told_nothing(notifications: Hosted) -> None:
    notifications.tell(praise(recipient_id=GONE), due(GONE), at_risk(GONE), assigned(GONE))

    assert notifications.count(Notification) == 0
    assert notifications.published() == []


def test_words_to_oneself_are_no_news(quick: Hosted) -> None:
    quick.tell(praise(giver_id=BEN, recipient_id=BEN))

    assert inbox(quick, BEN) == []


def test_the_same_message_again_tells_nobody_again(notifications: Hosted) -> None:
    messages = notifications.tell(praise(), due(), at_risk(), assigned())

    notifications.take(messages)
    notifications.take(list(reversed(messages)))

    assert len(inbox(notifications, BEN)) == 4
    assert len(notifications.said(NotificationRaised)) == 4


def test_a_republished_fact_tells_nobody_again(notifications: Hosted) -> None:
    facts = [praise(), due(), at_risk(), assigned()]

    notifications.tell(*facts)
    notifications.tell(*facts)

    assert len(inbox(notifications, BEN)) == 4
    assert len(notifications.said(NotificationRaised)) == 4


def test_the_same_key_result_at_risk_again_is_news(quick: Hosted) -> None:
    first = at_risk(version=5)

    quick.tell(first, at_risk(id=first.id, version=9))

    assert len(inbox(quick, BEN)) == 2


def test_a_name_that_arrives_late_is_filled_in(notifications: Hosted) -> None:
    notifications.tell(praise(giver_id=LATE))
    assert titles(notifications) == ["Praise from a colleague"]

    notifications.tell(person("Lia Late", id=LATE))
    notifications.tell(person("Lia Married", id=LATE, version=2))

    (entry,) = inbox(notifications, BEN)
    assert (entry["title"], entry["version"]) == ("Praise from Lia Late", 2)
    assert [event.version for event in notifications.said(NotificationRaised)] == [1, 2]


def test_news_may_come_before_its_person(notifications: Hosted) -> None:
    notifications.tell(praise(recipient_id=LATE))
    notifications.tell(person("Lia Late", id=LATE))

    assert titles(notifications, LATE) == ["Praise from Ana Lima"]


def test_a_title_stays_one_line_whatever_a_name_holds(quick: Hosted) -> None:
    quick.tell(person("Mal\r\nBcc: all@example.org\u2028\x00x", id=LATE))

    quick.tell(praise(giver_id=LATE), at_risk(title="A\r\nB"), assigned(title="long " * 500))

    assert "Praise from Mal Bcc: all@example.org x" in titles(quick)
    assert "At risk: A B" in titles(quick)
    assert max(len(title) for title in titles(quick)) <= 300


@pytest.mark.parametrize("kind", [FeedbackGiven, CheckInFellDue, KeyResultFellAtRisk, ObjectiveAssigned])
def test_the_written_examples_reach_somebody(quick: Hosted, kind: type) -> None:
    _, event = load(kind)

    quick.tell(event)

    assert quick.count(Notification) == 1


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_and_repeated_news_end_in_the_same_inbox(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    facts = [*everyone(), praise(), praise(giver_id=LATE), feedback(), due(), at_risk(ANA, BEN), assigned(ANA, BEN)]
    facts += [person("Lia Late", id=LATE)]
    ends = []
    for number in range(2):
        with notifications_service(f"sqlite:///{tmp_path / f'{number}.db'}") as running:
            messages: list[Received] = [running.message(fact) for fact in facts]
            if number:
                messages = messages * 2
                chance.shuffle(messages)
            for start in range(0, len(messages), 3):
                running.take(messages[start : start + 3])
            entries = [entry for who in (ANA, BEN) for entry in inbox(running, who)]
            ends.append(sorted((entry["title"], entry["subject_id"]) for entry in entries))

    assert ends[0] == ends[1]
    assert len(ends[0]) == 8


def test_republishing_tells_the_present_state_of_every_entry(notifications: Hosted) -> None:
    notifications.tell(praise(), due())
    entry = inbox(notifications, BEN, kind="praise_received")[0]
    notifications.client(BEN).post(f"/api/v1/notifications/{entry['id']}/read")
    before = {row.event.id: row.event for row in notifications.published()}

    with notifications.unit() as unit:
        notifications.runtime.service.republish(unit)

    again = notifications.published()[-2:]
    assert {row.event.id: row.event for row in again} == before
    assert sorted(type(row.event) is NotificationRead for row in again) == [False, True]
