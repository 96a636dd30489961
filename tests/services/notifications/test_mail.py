"""Mail against a real server: each cause once, put off, refused, hung, unreachable, and nothing lost."""

import socket
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from services.notifications.mail import desk
from services.notifications.models import Address, Delivery
from services.notifications.rules import MOST_ATTEMPTS, PAUSES
from tests.support.hosted import Hosted, person
from tests.support.notifications import (
    ANA,
    BEN,
    LATE,
    MINUTE,
    SECRET,
    assigned,
    at_risk,
    due,
    feedback,
    inbox,
    letters,
    mailing,
    praise,
    send,
    want_email,
)
from tests.support.smtp import Behaviour, mail_server
from tests.support.stack import free_port

Smtp = tuple[Behaviour, str]
BEN_MAIL = "ben.okoro@example.org"


def statuses(running: Hosted) -> list[str]:
    return [letter.status for letter in letters(running)]


def test_news_goes_out_to_those_who_want_it_and_says_nothing_private(notifications: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    want_email(notifications, BEN, "feedback_received")

    notifications.tell(feedback(), praise(), praise(giver_id=BEN, recipient_id=ANA))
    send(notifications, mailing(url))

    (message,) = server.letters()
    (letter,) = letters(notifications)
    assert server.recipients == [BEN_MAIL]
    assert message["Subject"] == "Feedback from Ana Lima"
    assert message["Message-ID"] == letter.message_id == f"<{letter.id}@cairn>"
    assert (letter.status, letter.attempts, letter.sent_at) == ("sent", 1, notifications.clock())
    assert SECRET.encode() not in server.taken[0]


def test_each_cause_is_mailed_once_however_often_it_is_told(notifications: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    want_email(notifications)
    facts = [praise(), feedback(), due(), at_risk(), assigned()]

    for _ in range(2):
        messages = notifications.tell(*facts)
        notifications.take(messages)
        send(notifications, mailing(url))
        send(notifications, mailing(url))

    assert len(server.taken) == 5
    assert statuses(notifications) == ["sent"] * 5


def test_asking_later_brings_no_letters_about_the_past(quick: Hosted, smtp: Smtp) -> None:
    quick.tell(praise())
    want_email(quick)
    send(quick, mailing(smtp[1]))

    assert letters(quick) == []


def test_old_news_waits_in_the_inbox_and_is_not_mailed(quick: Hosted, smtp: Smtp) -> None:
    want_email(quick)

    quick.tell(praise(given_at=quick.clock() - timedelta(days=400)))
    send(quick, mailing(smtp[1]))

    assert len(inbox(quick)) == 1
    assert statuses(quick) == ["suppressed"]
    assert smtp[0].taken == []


def test_without_a_mail_server_letters_are_held_back_for_good(notifications: Hosted, smtp: Smtp) -> None:
    want_email(notifications)
    notifications.tell(praise())

    send(notifications, None)
    send(notifications, mailing(smtp[1]))

    (letter,) = letters(notifications)
    assert (letter.status, letter.reason) == ("suppressed", "no SMTP is configured")
    assert smtp[0].taken == []


def test_a_letter_that_was_unsubscribed_meanwhile_stays_here(quick: Hosted, smtp: Smtp) -> None:
    tag = want_email(quick)
    quick.tell(praise())
    quick.client(BEN).put("/api/v1/notification-preferences", json={}, headers={"If-Match": tag})

    send(quick, mailing(smtp[1]))

    assert statuses(quick) == ["suppressed"]
    assert smtp[0].taken == []


def test_who_left_meanwhile_gets_no_letter(quick: Hosted, smtp: Smtp) -> None:
    want_email(quick)
    quick.tell(praise(), person("Ben Okoro", id=BEN, version=2, active=False))

    send(quick, mailing(smtp[1]))

    assert [letter.reason for letter in letters(quick)] == ["the person has left"]


def test_a_letter_waits_for_its_person(quick: Hosted, smtp: Smtp) -> None:
    want_email(quick, LATE)
    quick.tell(praise(recipient_id=LATE))
    send(quick, mailing(smtp[1]))
    assert statuses(quick) == ["pending"]

    quick.tell(person("Lia Late", id=LATE))
    quick.clock.advance(MINUTE)
    send(quick, mailing(smtp[1]))

    assert statuses(quick) == ["sent"]
    assert smtp[0].recipients == ["lia.late@example.org"]


@pytest.mark.parametrize("stage", ["to_sender", "to_recipient", "to_data"])
@pytest.mark.parametrize("answer", ["451 greylisted, come again", "421 too busy"])
def test_a_temporary_refusal_is_tried_again_later_with_the_same_id(
    quick: Hosted, smtp: Smtp, stage: str, answer: str
) -> None:
    server, url = smtp
    want_email(quick)
    quick.tell(praise())
    setattr(server, stage, answer)

    send(quick, mailing(url))
    (letter,) = letters(quick)
    assert (letter.status, letter.attempts, letter.next_attempt_at) == ("pending", 1, quick.clock() + MINUTE)
    assert answer[:3] in (letter.reason or "")

    setattr(server, stage, None)
    send(quick, mailing(url))
    assert server.taken == [], "its time has not come yet"
    quick.clock.advance(MINUTE)
    send(quick, mailing(url))

    assert [message["Message-ID"] for message in server.letters()] == [letter.message_id]
    assert statuses(quick) == ["sent"]


def test_patience_grows_and_ends(notifications: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    want_email(notifications)
    notifications.tell(praise())
    server.to_data = "451 not now"

    waits = []
    while True:
        send(notifications, mailing(url))
        (letter,) = letters(notifications)
        if letter.status != "pending":
            break
        waits.append(letter.next_attempt_at - notifications.clock())
        notifications.clock.now = letter.next_attempt_at

    assert waits == list(PAUSES)
    assert (letter.status, letter.attempts) == ("failed", MOST_ATTEMPTS)


def test_a_permanent_refusal_is_not_tried_again(notifications: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    want_email(notifications)
    notifications.tell(praise())
    server.to_recipient = "550 no such user"

    send(notifications, mailing(url))
    server.to_recipient = None
    notifications.clock.advance(timedelta(hours=1))
    send(notifications, mailing(url))

    (letter,) = letters(notifications)
    assert (letter.status, letter.attempts) == ("failed", 1)
    assert "550" in (letter.reason or "")
    assert server.taken == []


def address(running: Hosted) -> Address | None:
    with running.runtime.db.reading() as session:
        return session.scalar(select(Address).where(Address.email == BEN_MAIL))


def test_an_address_that_keeps_refusing_gets_no_more_letters(notifications: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    want_email(notifications)
    want_email(notifications, ANA)
    server.to_recipient, server.only = "550 no such user", BEN_MAIL
    for _ in range(3):
        notifications.tell(praise())
        send(notifications, mailing(url))
    server.to_recipient = None

    notifications.tell(praise(), praise(giver_id=BEN, recipient_id=ANA))
    send(notifications, mailing(url))

    assert sorted(statuses(notifications)) == ["failed"] * 3 + ["sent", "suppressed"]
    assert server.recipients == ["ana.lima@example.org"]


def test_asking_again_lifts_the_ban_from_an_address(notifications: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    tag = want_email(notifications)
    server.to_recipient = "550 no such user"
    for _ in range(3):
        notifications.tell(praise())
        send(notifications, mailing(url))
    server.to_recipient = None
    notifications.client(BEN).put("/api/v1/notification-preferences", json={}, headers={"If-Match": tag})
    want_email(notifications)

    notifications.tell(praise())
    send(notifications, mailing(url))

    assert server.recipients == [BEN_MAIL]


def test_a_success_forgives_earlier_refusals(quick: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    want_email(quick)
    for answer in ("550 no", "550 no", None, "550 no", "550 no", None):
        server.to_recipient = answer
        quick.tell(praise())
        send(quick, mailing(url))

    assert statuses(quick).count("sent") == 2


@pytest.mark.parametrize("stage", ["to_sender", "to_data"])
def test_a_refusal_of_the_letter_does_not_count_against_the_address(quick: Hosted, smtp: Smtp, stage: str) -> None:
    server, url = smtp
    want_email(quick)
    setattr(server, stage, "554 looks like spam")

    quick.tell(praise())
    send(quick, mailing(url))

    assert statuses(quick) == ["failed"]
    assert address(quick) is None


def test_a_server_that_hangs_after_the_letter_is_given_up_in_time(notifications: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    want_email(notifications)
    want_email(notifications, ANA)
    server.hang_after_data, server.only = True, BEN_MAIL
    notifications.tell(praise(), praise(giver_id=BEN, recipient_id=ANA))

    send(notifications, mailing(url), timeout=0.5)
    send(notifications, mailing(url), timeout=0.5)
    server.hang_after_data = False
    notifications.clock.advance(MINUTE)
    send(notifications, mailing(url))

    assert statuses(notifications) == ["sent", "sent"]
    ids = [message["Message-ID"] for message in server.letters()]
    assert len(ids) == 3, "the letter that hung had been taken and goes out once more"
    assert set(ids) == {letter.message_id for letter in letters(notifications)}


def test_while_nobody_listens_letters_wait_and_lose_no_attempt(notifications: Hosted) -> None:
    port = free_port()
    mail = mailing(f"smtp://127.0.0.1:{port}")
    want_email(notifications)
    notifications.tell(praise(), due())

    for _ in range(MOST_ATTEMPTS + 1):
        send(notifications, mail)
        notifications.clock.advance(MINUTE)
    assert [(letter.status, letter.attempts) for letter in letters(notifications)] == [("pending", 0)] * 2
    assert "away" in (letters(notifications)[0].reason or "")

    with mail_server(port) as (server, _):
        send(notifications, mail)

    assert len(server.taken) == 2
    assert statuses(notifications) == ["sent"] * 2


def test_a_server_that_never_greets_is_away(quick: Hosted) -> None:
    want_email(quick)
    quick.tell(praise())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        send(quick, mailing(f"smtp://127.0.0.1:{silent.getsockname()[1]}"), timeout=0.3)

    (letter,) = letters(quick)
    assert (letter.status, letter.attempts) == ("pending", 0)


def test_a_server_without_tls_gets_nothing_where_tls_is_demanded(quick: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    want_email(quick)
    quick.tell(praise())

    send(quick, mailing(f"{url}?tls=on"))

    assert server.taken == []
    assert statuses(quick) == ["pending"]


def test_a_broken_address_fails_without_harm_to_others(quick: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    quick.tell(person("Ben Okoro", id=BEN, version=2, email="ben@example.org\r\nRCPT TO:<all@example.org>"))
    want_email(quick)
    want_email(quick, ANA)
    quick.tell(praise(), praise(giver_id=BEN, recipient_id=ANA))

    send(quick, mailing(url))

    assert statuses(quick) == ["failed", "sent"]
    assert server.recipients == ["ana.lima@example.org"]


def test_no_transaction_is_open_while_the_server_is_talked_to(notifications: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    want_email(notifications)
    notifications.tell(praise())
    server.hang_after_data = True
    told: list[bool] = []

    def meanwhile(original: Callable[..., object]) -> Callable[..., object]:
        async def handle(*args: object) -> object:
            notifications.tell(due())
            told.append(True)
            return "250 taken"

        return handle

    server.handle_DATA = meanwhile(server.handle_DATA)  # type: ignore[method-assign]
    send(notifications, mailing(url))

    assert told == [True]
    assert len(inbox(notifications)) == 2


def test_a_claim_keeps_others_away_until_its_sender_is_given_up(notifications: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    want_email(notifications)
    notifications.tell(praise())
    with notifications.unit() as unit:
        assert len(desk.claim(unit, 10)) == 1

    send(notifications, mailing(url))
    assert server.taken == [], "somebody else holds it"
    notifications.clock.advance(desk.CLAIM + MINUTE)
    send(notifications, mailing(url))

    (letter,) = letters(notifications)
    assert (letter.status, letter.attempts) == ("sent", 2)


def test_a_letter_that_kills_every_sender_comes_to_an_end(quick: Hosted, smtp: Smtp) -> None:
    want_email(quick)
    quick.tell(praise())
    for _ in range(MOST_ATTEMPTS):
        with quick.unit() as unit:
            assert len(desk.claim(unit, 10)) == 1
        quick.clock.advance(desk.CLAIM + MINUTE)

    send(quick, mailing(smtp[1]))

    assert statuses(quick) == ["failed"]


def test_many_letters_go_out_in_several_runs(quick: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    want_email(quick)
    quick.tell(*(praise() for _ in range(45)))

    for _ in range(3):
        send(quick, mailing(url))

    assert len(server.taken) == 45
    assert len({message["Message-ID"] for message in server.letters()}) == 45
    assert quick.count(Delivery) == 45
