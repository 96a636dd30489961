"""What a person wants by e-mail: off until asked for, changed with the version in hand, left by one click."""

import threading
from typing import Any

import pytest
from sqlalchemy import select

from services.notifications.models import Preferences
from tests.support.hosted import Hosted
from tests.support.notifications import ALL_KINDS, ANA, BEN, want_email

URL = "/api/v1/notification-preferences"


def key_of(running: Hosted, who: str = BEN) -> str:
    with running.runtime.db.reading() as session:
        return session.scalars(select(Preferences.unsubscribe_key).where(Preferences.person_id == who)).one()


def wanted(running: Hosted, who: str = BEN) -> set[str]:
    said = running.client(who).get(URL).json
    assert set(said) == set(ALL_KINDS)
    assert all(channels["inbox"] for channels in said.values())
    return {kind for kind, channels in said.items() if channels["email"]}


def test_e_mail_is_off_until_it_is_asked_for(notifications: Hosted) -> None:
    assert wanted(notifications) == set()
    assert notifications.client(BEN).get(URL).headers["ETag"] == '"1"'


def test_asking_for_some_kinds_turns_those_on(notifications: Hosted) -> None:
    tag = want_email(notifications, BEN, "check_in_due", "praise_received")

    assert wanted(notifications) == {"check_in_due", "praise_received"}
    assert notifications.client(BEN).get(URL).headers["ETag"] == tag == '"2"'
    assert wanted(notifications, ANA) == set()


def test_what_is_left_out_is_turned_off(notifications: Hosted) -> None:
    tag = want_email(notifications)

    notifications.client(BEN).put(URL, json={"became_owner": {"email": True}}, headers={"If-Match": tag})

    assert wanted(notifications) == {"became_owner"}


def test_a_change_names_the_version_it_changes(notifications: Hosted) -> None:
    client = notifications.client(BEN)
    want_email(notifications)

    assert client.put(URL, json={}).status_code == 428
    assert client.put(URL, json={}, headers={"If-Match": '"1"'}).status_code == 412
    assert wanted(notifications) == set(ALL_KINDS)


def test_of_two_first_changes_at_once_one_wins(notifications: Hosted) -> None:
    codes, start = [], threading.Barrier(2)

    def change(kind: str) -> None:
        client = notifications.client(BEN)
        start.wait(10)
        codes.append(client.put(URL, json={kind: {"email": True}}, headers={"If-Match": '"1"'}).status_code)

    threads = [threading.Thread(target=change, args=(kind,)) for kind in ALL_KINDS[:2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(codes) == [200, 412]
    assert len(wanted(notifications)) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"gossip": {"email": True}}, "/gossip"),
        ({"check_in_due": {"email": "yes"}}, "/check_in_due/email"),
        ({"check_in_due": {"pigeon": True}}, "/check_in_due/pigeon"),
        ({"check_in_due": {"inbox": False}}, "/check_in_due/inbox"),
        ({"check_in_due": True}, "/check_in_due"),
        ([], ""),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(quick: Hosted, body: Any, pointer: str) -> None:
    answer = quick.client(BEN).put(URL, json=body, headers={"If-Match": "*"})

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]


def test_what_is_answered_can_be_sent_back(quick: Hosted) -> None:
    tag = want_email(quick, BEN, "became_owner")
    client = quick.client(BEN)

    answer = client.put(URL, json=client.get(URL).json, headers={"If-Match": tag})

    assert answer.status_code == 200
    assert wanted(quick) == {"became_owner"}


def test_one_click_stops_one_kind_without_signing_in(notifications: Hosted) -> None:
    want_email(notifications)
    body = {"List-Unsubscribe": "One-Click"}

    answer = notifications.anybody().post(f"{URL}/unsubscribe/{key_of(notifications)}?kind=check_in_due", data=body)

    assert answer.status_code == 204
    assert wanted(notifications) == set(ALL_KINDS) - {"check_in_due"}


def test_one_click_without_a_kind_stops_all(quick: Hosted) -> None:
    want_email(quick)
    want_email(quick, ANA)

    for _ in range(2):
        assert quick.anybody().post(f"{URL}/unsubscribe/{key_of(quick)}").status_code == 204

    assert wanted(quick) == set()
    assert wanted(quick, ANA) == set(ALL_KINDS)


def test_a_key_of_nobody_opens_nothing(quick: Hosted) -> None:
    want_email(quick)

    assert quick.anybody().post(f"{URL}/unsubscribe/{'x' * 43}").status_code == 404
    assert quick.anybody().post(f"{URL}/unsubscribe/short").status_code == 404
    assert quick.anybody().post(f"{URL}/unsubscribe/{key_of(quick)}?kind=gossip").status_code == 422
    assert wanted(quick) == set(ALL_KINDS)
