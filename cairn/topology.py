"""The composition root's map: every part of Cairn by name, and how to get hold of its declaration.

Declarations are imported when asked for, so a process loads only the part it runs.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from importlib import import_module

from chassis.service import Service
from chassis.settings import Settings, SettingsError

SERVICES: Sequence[str] = ("people", "goals", "checkins", "feedback", "notifications")
PARTS: Sequence[str] = (*SERVICES, "gateway")


def declare(name: str, settings: Settings) -> Service:
    """The declaration of one part; KeyError for a name that is none."""
    if name not in PARTS:
        raise KeyError(name)
    if name == "notifications":
        return _notifications(settings)
    if name == "people":
        from services.people.app import service

        return service(timedelta(days=settings.import_files_days))
    build: Callable[[], Service] = import_module("gateway.app" if name == "gateway" else f"services.{name}.app").service
    return build()


def _notifications(settings: Settings) -> Service:
    from services.notifications.app import MailSettings, service

    try:
        mail = MailSettings(
            url=settings.smtp_url,
            sender=settings.mail_from or "cairn@localhost",
            public_url=settings.public_url or f"http://{settings.host}:{settings.port}",
        )
    except ValueError as fault:
        raise SettingsError([f"CAIRN_SMTP_URL, CAIRN_MAIL_FROM or CAIRN_PUBLIC_URL: {fault}"]) from fault
    return service(mail)
