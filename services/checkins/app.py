"""The check-ins service: what people say about their key results, and when they should say it again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chassis import replica
from chassis.service import Service, Task
from services.checkins.commands import republish, tell_due
from services.checkins.handlers import HANDLERS
from services.checkins.models import Base

if TYPE_CHECKING:
    from chassis.http import Blueprint

TELL_EVERY = 300.0


def _blueprints() -> Sequence["Blueprint"]:
    from services.checkins import api

    return [api.check_ins, api.waiting]


def service() -> Service:
    """What the service declares about itself."""
    return Service(
        name="checkins",
        metadata=Base.metadata,
        migrations="services.checkins.migrations",
        blueprints=_blueprints,
        handlers=replica.HANDLERS | HANDLERS,
        gather=0.1,
        tasks=(Task("tell_due", TELL_EVERY, tell_due),),
        republish=republish,
    )
