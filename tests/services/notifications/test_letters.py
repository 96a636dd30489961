"""What a letter looks like: honest headers, both forms, nothing private, and nobody breaks out of a name."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from services.notifications.mail.letter import BadAddress, Letter, compose
from services.notifications.mail.settings import MailSettings, server_of

NOW = datetime(2026, 7, 3, 9, 0, tzinfo=UTC)
MAIL = MailSettings(
    url="smtp://127.0.0.1:2525", sender="Cairn <okr@example.org>", public_url="https://okr.example.org/"
)


def letter(**changed: Any) -> Letter:
    facts = {
        "message_id": "<019f@cairn>",
        "name": "Ben Okoro",
        "email": "ben@example.org",
        "title": "Feedback from Ana Lima",
        "kind": "feedback_received",
        "subject_kind": "feedback",
        "subject_id": "019f289b-9df8-75f3-b31b-52ad0fb2f820",
        "unsubscribe_key": "k" * 43,
    }
    return Letter(**(facts | changed))


def sent(**changed: Any) -> EmailMessage:
    """The letter as its receiver parses it."""
    return message_from_bytes(bytes(compose(letter(**changed), MAIL, NOW)), policy=policy.default)


def test_the_headers_say_who_what_and_how_to_leave() -> None:
    message = sent()

    assert message["From"] == "Cairn <okr@example.org>"
    assert message["To"] == "Ben Okoro <ben@example.org>"
    assert message["Subject"] == "Feedback from Ana Lima"
    assert message["Message-ID"] == "<019f@cairn>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = f"notification-preferences/unsubscribe/{'k' * 43}?kind=feedback_received"
    assert message["List-Unsubscribe"] == f"<https://okr.example.org/api/v1/{path}>"


def test_text_and_html_say_the_same_and_link_to_the_rest() -> None:
    message = sent()
    place = "https://okr.example.org/api/v1/feedback/019f289b-9df8-75f3-b31b-52ad0fb2f820"

    assert message.get_content_type() == "multipart/alternative"
    plain, html = (part.get_content() for part in message.iter_parts())
    for form in (plain, html):
        assert "Feedback from Ana Lima" in form
        assert place in form
        assert "https://okr.example.org/api/v1/notification-preferences" in form


def test_letters_about_one_thing_hang_together() -> None:
    assert sent()["References"] == sent(message_id="<other@cairn>")["References"]
    assert sent()["References"] != sent(subject_id="another")["References"]


@pytest.mark.parametrize(
    "name", ["Ben\r\nBcc: all@example.org", "Ben\nX-Evil: 1", "Ben\u2028Bcc: a@b.c", "Ben\x00\x1b"]
)
def test_a_name_cannot_add_a_header(name: str) -> None:
    message = sent(name=name, title=f"Praise from {name}")

    assert len(message.keys()) == len(sent().keys())
    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert [address.addr_spec for address in message["To"].addresses] == ["ben@example.org"]


@pytest.mark.parametrize("name", ["Zoë Çelik", "山田 太郎", '"Quoted", Ltd. <x@y.z>', "A" * 500, "", "Ünïcode " * 40])
def test_any_name_leaves_the_address_alone(name: str) -> None:
    message = sent(name=name, title=f"Praise from {name}")

    assert [address.addr_spec for address in message["To"].addresses] == ["ben@example.org"]
    assert name[:50].strip() in str(message["Subject"])


def test_markup_in_a_title_stays_text() -> None:
    _, html = (part.get_content() for part in sent(title='<script>alert("x")</script>', name="<b>").iter_parts())

    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&lt;b&gt;" in html


@pytest.mark.parametrize("email", ["", "ben", "ben@", "a b@c.d", "a@b.c\r\nRCPT TO:<x@y.z>", "a@b.c>", "a@b.c, d@e.f"])
def test_what_is_no_address_gets_no_letter(email: str) -> None:
    with pytest.raises(BadAddress):
        compose(letter(email=email), MAIL, NOW)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 587, "starttls", None, None)),
        ("smtps://u:p%40ss@mail.example.org", ("mail.example.org", 465, "at_once", "u", "p@ss")),
        ("smtp://localhost:1025", ("localhost", 1025, "off", None, None)),
        ("smtp://127.0.0.1:1025?tls=on", ("127.0.0.1", 1025, "starttls", None, None)),
        ("smtp://mailhog:1025?tls=off", ("mailhog", 1025, "off", None, None)),
    ],
)
def test_a_servers_address_is_read(url: str, read: tuple[Any, ...]) -> None:
    server = server_of(url)

    assert (server.host, server.port, server.tls, server.user, server.password) == read


@pytest.mark.parametrize(
    "url", ["", "mail.example.org", "http://mail", "smtp://", "smtp://h:99999", "smtp://h?tls=maybe"]
)
def test_a_wrong_servers_address_is_told_at_start(url: str) -> None:
    with pytest.raises(ValueError, match=r"mail server"):
        MailSettings(url=url, sender="okr@example.org", public_url="https://okr.example.org")


def test_a_wrong_sender_or_public_address_is_told_at_start() -> None:
    with pytest.raises(ValueError, match="sender"):
        MailSettings(url="smtp://localhost", sender="Cairn", public_url="https://okr.example.org")
    with pytest.raises(ValueError, match="public address"):
        MailSettings(url="smtp://localhost", sender="okr@example.org", public_url="okr.example.org")


def test_without_a_server_nothing_else_needs_to_be_right() -> None:
    assert MailSettings(url=None, sender="", public_url="").server is None


def test_a_password_is_not_shown() -> None:
    shown = repr(MailSettings(url="smtps://u:hunter2@h", sender="a@b.c", public_url="https://x")) + repr(
        server_of("smtps://u:hunter2@h")
    )

    assert "hunter2" not in shown
