"""Talking to a mail server: one connection, many letters, and three answers to each.

Sent, Later (try again) or Never (give up); AwayError where there is no server to talk to at all.
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from types import TracebackType

from services.notifications.mail.settings import Server
from services.notifications.rules import shortened

TIMEOUT = 10.0
"""Seconds any single answer of the server may take."""
LONGEST_REASON = 300


class AwayError(Exception):
    """The mail server cannot be reached or will not let us in; says why."""


@dataclass(frozen=True, slots=True)
class Sent:
    pass


@dataclass(frozen=True, slots=True)
class Later:
    reason: str
    broken: bool = False
    """The connection broke with it."""


@dataclass(frozen=True, slots=True)
class Never:
    reason: str
    address: bool = False
    """It is the recipient's address that was refused, not the letter or its sender."""


Outcome = Sent | Later | Never


class Connection:
    """An open connection to a mail server, as a context. Entering raises AwayError."""

    def __init__(self, server: Server, sender: str, timeout: float = TIMEOUT) -> None:
        self._server = server
        self._sender = sender
        self._timeout = timeout
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> "Connection":
        try:
            self._smtp = self._open()
        except (OSError, smtplib.SMTPException) as fault:
            raise AwayError(_said(fault)) from fault
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._smtp is not None:
            self._smtp.close()

    def _open(self) -> smtplib.SMTP:
        server, own_name = self._server, self._sender.rpartition("@")[2]
        if server.tls == "at_once":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, own_name, timeout=self._timeout, context=ssl.create_default_context()
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, own_name, timeout=self._timeout)
        try:
            self._enter(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _enter(self, smtp: smtplib.SMTP) -> None:
        if self._server.tls == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo_or_helo_if_needed()
        if self._server.user is not None:
            smtp.login(self._server.user, self._server.password or "")

    def send(self, message: EmailMessage, email: str) -> Outcome:
        """Hand over one letter to one recipient and say how it went. Never raises for what the server does."""
        if self._smtp is None:
            raise RuntimeError("enter the connection first")
        try:
            self._smtp.send_message(message, self._sender, [email])
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = refused.recipients[email]
            return _refused(code, said, address=True)
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
            return _refused(refused.smtp_code, refused.smtp_error, address=False)
        except (smtplib.SMTPNotSupportedError, UnicodeError):
            return Never("the mail server takes no such international address", address=True)
        except (OSError, smtplib.SMTPException) as fault:
            return Later(_said(fault), broken=True)
        return Sent()


def _refused(code: int, said: bytes | str, *, address: bool) -> Outcome:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    reason = shortened(f"{code} {text}", LONGEST_REASON)
    if 500 <= code < 600:
        return Never(reason, address=address)
    return Later(reason, broken=code == 421)


def _said(fault: Exception) -> str:
    return shortened(f"{type(fault).__name__}: {fault}", LONGEST_REASON)
