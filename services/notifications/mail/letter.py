"""What a letter looks like. It says that there is something and where to read it, never what it says."""

from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from html import escape
from urllib.parse import quote

from services.notifications.mail.settings import MailSettings
from services.notifications.rules import one_line, shortened

LONGEST_SUBJECT = 200
UNSUBSCRIBE = "/api/v1/notification-preferences/unsubscribe"
PREFERENCES = "/api/v1/notification-preferences"
PLACES = {
    "feedback": "/api/v1/feedback/{}",
    "key_result": "/api/v1/key-results/{}",
    "objective": "/api/v1/objectives/{}",
    "hand_over": "/api/v1/hand-over",
}
INBOX = "/api/v1/notifications"


class BadAddress(ValueError):
    """Nothing can be sent to this address; it is not one."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything a letter is made of."""

    message_id: str
    name: str
    email: str
    title: str
    kind: str
    subject_kind: str
    subject_id: str
    unsubscribe_key: str


def compose(letter: Letter, mail: MailSettings, now: datetime) -> EmailMessage:
    """The message to send. Raises BadAddress."""
    message = EmailMessage()
    message["From"] = _address(*parseaddr(mail.sender))
    message["To"] = _address(letter.name, letter.email)
    message["Subject"] = shortened(letter.title, LONGEST_SUBJECT)
    message["Date"] = now
    message["Message-ID"] = letter.message_id
    message["References"] = f"<{letter.subject_kind}.{letter.subject_id}@cairn>"
    message["Auto-Submitted"] = "auto-generated"
    way_out = mail.link(f"{UNSUBSCRIBE}/{quote(letter.unsubscribe_key)}?kind={quote(letter.kind)}")
    message["List-Unsubscribe"] = f"<{way_out}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    place, preferences = mail.link(_place(letter)), mail.link(PREFERENCES)
    message.set_content(_text(letter, place, preferences))
    message.add_alternative(_html(letter, place, preferences), subtype="html")
    return message


def _address(name: str, email: str) -> Address:
    """An address for a header; a name cannot break out of it. Raises BadAddress."""
    if one_line(email) != email or not email.isprintable():
        raise BadAddress("the address holds blanks or control characters")
    try:
        return Address(display_name=shortened(name, 100), addr_spec=email)
    except (ValueError, IndexError, MessageError) as fault:
        raise BadAddress("the address cannot be written into a header") from fault


def _place(letter: Letter) -> str:
    return PLACES.get(letter.subject_kind, INBOX).format(quote(letter.subject_id))


def _text(letter: Letter, place: str, preferences: str) -> str:
    return (
        f"Hello {one_line(letter.name)},\n\n{one_line(letter.title)}.\n\nRead it in Cairn: {place}\n\n-- \n"
        f"You asked for this by e-mail. Change what reaches you: {preferences}\n"
    )


def _html(letter: Letter, place: str, preferences: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(one_line(letter.title))}</title>'
        f"</head><body><p>Hello {escape(one_line(letter.name))},</p><p>{escape(one_line(letter.title))}.</p>"
        f'<p><a href="{escape(place)}">Read it in Cairn</a></p><hr>'
        f'<p>You asked for this by e-mail. <a href="{escape(preferences)}">Change what reaches you</a>.</p>'
        "</body></html>\n"
    )
