"""Somebody left: who is told, once a day and in one entry, and that nobody is told twice."""

from datetime import timedelta

import pytest

from chassis.ids import new_id
from contracts.notifications import NotificationRaised
from contracts.people import PersonState
from services.notifications.models import Notification
from tests.support.hosted import Hosted, person
from tests.support.notifications import (
    ANA,
    BEN,
    at_risk,
    inbox,
    letters,
    mailing,
    send,
    titles,
    want_email,
)
from tests.support.smtp import Behaviour


def team(manager: str, *names: str) -> list[PersonState]:
    return [person(name, manager_id=manager) for name in names]


def gone(one: PersonState, version: int = 2) -> PersonState:
    fields = {"manager_id": one.manager_id, "roles": one.roles}
    return person(one.display_name, id=one.id, version=version, active=False, **fields)


def back(one: PersonState, version: int = 3) -> PersonState:
    return person(one.display_name, id=one.id, version=version, manager_id=one.manager_id)


def test_the_manager_learns_who_left_and_where_to_see_what_that_leaves(notifications: Hosted) -> None:
    (lia,) = team(BEN, "Lia Lund")
    notifications.tell(lia)
    assert inbox(notifications, BEN) == []

    notifications.tell(gone(lia))

    (entry,) = inbox(notifications, BEN)
    assert (entry["kind"], entry["title"]) == ("hand_over", "Lia Lund has left: see what waits for a new owner")
    assert (entry["subject_kind"], entry["subject_id"]) == ("hand_over", lia.id)
    assert inbox(notifications, ANA) == []


def test_forty_who_leave_with_one_import_are_one_entry(notifications: Hosted) -> None:
    crew = team(BEN, *(f"Person {number}" for number in range(40)))
    notifications.tell(*crew)

    notifications.tell(*(gone(one) for one in crew[:20]))
    notifications.tell(*(gone(one) for one in crew[20:]))

    assert titles(notifications) == ["Person 0 and others have left: see what waits for new owners"]
    assert len(notifications.said(NotificationRaised)) == 1


def test_one_more_on_the_same_day_makes_the_entry_unread_again(notifications: Hosted) -> None:
    first, second, third = team(BEN, "Lia Lund", "Max Moe", "Nia Noh")
    notifications.tell(first, second, third)
    notifications.tell(gone(first))
    (entry,) = inbox(notifications, BEN)
    notifications.client(BEN).post(f"/api/v1/notifications/{entry['id']}/read")

    notifications.tell(gone(second))
    notifications.tell(gone(third))

    (now,) = inbox(notifications, BEN)
    assert (now["id"], now["read_at"], now["version"]) == (entry["id"], None, 3)
    assert now["title"] == "Lia Lund and others have left: see what waits for new owners"


def test_the_next_day_is_news_of_its_own(quick: Hosted) -> None:
    first, second = team(BEN, "Lia Lund", "Max Moe")
    quick.tell(first, second)
    quick.tell(gone(first))
    quick.clock.advance(timedelta(days=1))
    quick.tell(gone(second))

    assert [title.partition(" has left")[0] for title in titles(quick)] == ["Lia Lund", "Max Moe"]


def test_where_the_manager_left_too_it_climbs(notifications: Hosted) -> None:
    (mid,) = team(BEN, "Mid Moe")
    (low,) = team(mid.id, "Low Lund")
    notifications.tell(mid, low)

    notifications.tell(gone(low), gone(mid))

    assert titles(notifications) == ["Low Lund and others have left: see what waits for new owners"]
    assert inbox(notifications, mid.id) == []


def test_where_nobody_above_is_here_hr_and_admins_are_told(notifications: Hosted) -> None:
    root = person("Rosa Ruiz")
    told = [person("Hana Hill", roles=["employee", "hr"]), person("Adam Arc", roles=["employee", "admin"])]
    not_told = [person("Aud Itor", roles=["employee", "auditor"]), person("Em Ployee", roles=["employee"])]
    was_hr = person("Past Hr", roles=["employee", "hr"], active=False)
    notifications.tell(root, *told, *not_told, was_hr)

    notifications.tell(gone(root))

    with notifications.runtime.db.reading() as session:
        assert {one.person_id for one in session.query(Notification)} == {one.id for one in told}


def test_repeated_and_republished_departures_tell_nobody_again(notifications: Hosted) -> None:
    (lia,) = team(BEN, "Lia Lund")
    notifications.tell(lia)
    messages = notifications.tell(gone(lia))
    notifications.take(messages)
    notifications.clock.advance(timedelta(days=400))

    notifications.tell(gone(lia))
    notifications.tell(gone(lia, version=3))

    assert len(inbox(notifications, BEN)) == 1
    assert len(notifications.said(NotificationRaised)) == 1


def test_who_was_never_seen_here_before_is_no_news(notifications: Hosted) -> None:
    known, unknown = team(BEN, "Lia Lund", "Max Moe")

    notifications.tell(known, gone(known))
    notifications.tell(gone(unknown))

    assert inbox(notifications, BEN) == []


def test_who_returns_and_leaves_again_later_is_news_again(quick: Hosted) -> None:
    (lia,) = team(BEN, "Lia Lund")
    quick.tell(lia)
    quick.tell(gone(lia))
    quick.tell(back(lia))
    quick.clock.advance(timedelta(days=30))
    quick.tell(gone(lia, version=4))

    assert len(inbox(quick, BEN)) == 2


def test_who_left_and_came_back_in_one_breath_is_no_news(quick: Hosted) -> None:
    (lia,) = team(BEN, "Lia Lund")
    quick.tell(lia)
    quick.tell(gone(lia), back(lia))

    assert inbox(quick, BEN) == []


@pytest.mark.parametrize("name", ["Mal\r\nBcc: all@example.org", "long " * 200])
def test_a_title_stays_one_line_whatever_the_name(quick: Hosted, name: str) -> None:
    one, other = (person("x", id=new_id(), display_name=name, manager_id=BEN, email=f"{n}@x.org") for n in "ab")
    quick.tell(one, other)
    quick.tell(gone(one), gone(other))

    (title,) = titles(quick)
    assert "\n" not in title
    assert len(title) <= 300
    assert title.endswith("and others have left: see what waits for new owners")


def test_one_letter_goes_out_for_all_who_left_together(notifications: Hosted, smtp: tuple[Behaviour, str]) -> None:
    server, url = smtp
    want_email(notifications, BEN, "hand_over")
    first, second = team(BEN, "Lia Lund", "Max Moe")
    notifications.tell(first, second)
    notifications.tell(gone(first))
    send(notifications, mailing(url))
    assert server.letters() == []

    notifications.tell(gone(second))
    notifications.clock.advance(timedelta(minutes=15))
    send(notifications, mailing(url))

    (message,) = server.letters()
    assert message["Subject"] == "Lia Lund and others have left: see what waits for new owners"
    assert "https://okr.example.org/api/v1/hand-over" in str(message.get_body(("plain",)).get_content())
    assert [letter.status for letter in letters(notifications)] == ["sent"]


def test_a_key_result_at_risk_of_a_leaver_is_told_to_the_manager(notifications: Hosted) -> None:
    (lia,) = team(BEN, "Lia Lund")
    notifications.tell(lia)
    notifications.tell(gone(lia))

    notifications.tell(at_risk(lia.id, title="Median first reply"))

    assert "At risk: Median first reply" in titles(notifications)
