"""One's own inbox over HTTP: reading, marking, counting; and that it is nobody else's."""

import pytest

from chassis.access import Actor
from chassis.ids import new_id
from contracts.notifications import NotificationRead
from tests.support.hosted import MORNING, Hosted
from tests.support.notifications import ANA, BEN, MINUTE, assigned, at_risk, due, inbox, praise

HR = Actor(ANA, roles=frozenset({"employee", "hr", "admin"}))


@pytest.fixture
def filled(notifications: Hosted) -> Hosted:
    """Five entries for Ben, a minute apart, and one for Ana."""
    for event in (praise(), due(), at_risk(), assigned(), praise(), praise(recipient_id=ANA, giver_id=BEN)):
        notifications.tell(event)
        notifications.clock.advance(MINUTE)
    return notifications


def test_the_newest_entry_comes_first_and_pages_hold_all(filled: Hosted) -> None:
    client, seen, cursor = filled.client(BEN), [], None
    while True:
        page = client.get("/api/v1/notifications", query_string={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        assert page.status_code == 200, page.json
        seen += page.json["items"]
        cursor = page.json["next"]
        if cursor is None:
            break

    assert [entry["raised_at"][14:16] for entry in seen] == ["04", "03", "02", "01", "00"]
    assert [entry["kind"] for entry in seen[:2]] == ["praise_received", "became_owner"]


def test_reading_is_marked_once_and_published(filled: Hosted) -> None:
    entry = inbox(filled)[0]
    client = filled.client(BEN)

    first = client.post(f"/api/v1/notifications/{entry['id']}/read")
    second = client.post(f"/api/v1/notifications/{entry['id']}/read")

    assert first.json == second.json == entry | {"read_at": "2026-07-03T09:06:00Z", "version": 2}
    assert first.headers["ETag"] == '"2"'
    (event,) = filled.said(NotificationRead)
    assert (event.id, event.version, event.read_at) == (entry["id"], 2, MORNING + 6 * MINUTE)


def test_read_becomes_unread_again(filled: Hosted) -> None:
    entry = inbox(filled)[0]
    client = filled.client(BEN)
    client.post(f"/api/v1/notifications/{entry['id']}/read")

    answer = client.post(f"/api/v1/notifications/{entry['id']}/unread")

    assert answer.json == entry | {"version": 3}
    assert [event.read_at is None for event in filled.said(NotificationRead)] == [False, True]


def test_unread_entries_are_counted_and_listed(filled: Hosted) -> None:
    client = filled.client(BEN)
    entry = inbox(filled)[1]
    client.post(f"/api/v1/notifications/{entry['id']}/read")

    assert client.get("/api/v1/notifications/unread-count").json == {"count": 4}
    unread = inbox(filled, unread="true")
    assert len(unread) == 4
    assert entry["id"] not in [one["id"] for one in unread]


def test_everything_is_read_in_one_go(filled: Hosted) -> None:
    client = filled.client(BEN)

    assert client.post("/api/v1/notifications/read-all").json == {"count": 5}
    assert client.post("/api/v1/notifications/read-all").json == {"count": 0}
    assert client.get("/api/v1/notifications/unread-count").json == {"count": 0}
    assert len(filled.said(NotificationRead)) == 5
    assert filled.client(ANA).get("/api/v1/notifications/unread-count").json == {"count": 1}


def test_one_entry_is_read_without_marking_it(filled: Hosted) -> None:
    entry = inbox(filled)[0]

    answer = filled.client(BEN).get(f"/api/v1/notifications/{entry['id']}")

    assert answer.json == entry
    assert inbox(filled)[0]["read_at"] is None


def test_an_inbox_is_nobody_elses_not_even_hrs(filled: Hosted) -> None:
    entry, missing = inbox(filled)[0]["id"], new_id()
    stranger = filled.client(HR)

    for method, tail in (("get", ""), ("post", "/read"), ("post", "/unread")):
        answers = [getattr(stranger, method)(f"/api/v1/notifications/{one}{tail}") for one in (entry, missing)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json["detail"] == answers[1].json["detail"]
    assert [one["kind"] for one in stranger.get("/api/v1/notifications").json["items"]] == ["praise_received"]
    assert filled.said(NotificationRead) == []


def test_a_service_account_has_an_empty_inbox(filled: Hosted) -> None:
    robot = Actor("importer", kind="service", roles=frozenset({"admin"}))

    assert filled.client(robot).get("/api/v1/notifications").json == {"items": [], "next": None}


def test_marking_needs_a_token_that_writes(filled: Hosted) -> None:
    entry = inbox(filled)[0]["id"]
    reader = filled.client(Actor(BEN, scopes=frozenset({"notifications:read"})))

    assert reader.post(f"/api/v1/notifications/{entry}/read").status_code == 403
    assert filled.anybody().get("/api/v1/notifications").status_code == 401


@pytest.mark.parametrize("query", ["unread=maybe", "kind=gossip", "cursor=x", "limit=999", "colour=red"])
def test_bad_filters_are_refused(quick: Hosted, query: str) -> None:
    answer = quick.client(BEN).get(f"/api/v1/notifications?{query}")

    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"
