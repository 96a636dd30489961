"""The notifications service: everybody's inbox, and letters for those who want them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chassis.service import Runtime, Service, Task
from services.notifications.commands import republish
from services.notifications.handlers import HANDLERS
from services.notifications.mail.settings import MailSettings
from services.notifications.models import Base
from services.notifications.queries import any_letter_due

if TYPE_CHECKING:
    from chassis.http import Blueprint

__all__ = ["MailSettings", "service"]

SEND_EVERY = 5.0
"""Seconds between two looks at what is to be mailed."""


def service(mail: MailSettings | None = None) -> Service:
    """The declaration. Without `mail`, or with one that names no server, letters are held back."""
    return Service(
        name="notifications",
        metadata=Base.metadata,
        migrations="services.notifications.migrations",
        blueprints=_blueprints,
        handlers=HANDLERS,
        gather=0.1,
        tasks=(Task("mail", SEND_EVERY, _sending(mail), own_transactions=True),),
        republish=republish,
    )


def _blueprints() -> Sequence["Blueprint"]:
    from services.notifications.api import blp

    return [blp]


def _sending(mail: MailSettings | None) -> Callable[[Runtime], None]:
    def send(runtime: Runtime) -> None:
        with runtime.db.reading() as session:
            if not any_letter_due(session, runtime.clock()):
                return
        # Python's mail library takes half a second and some memory; most installations never mail.
        from services.notifications.mail.sender import Sender

        Sender(mail).run(runtime)

    return send
