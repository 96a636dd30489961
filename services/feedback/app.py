"""The feedback service: praise and private feedback from person to person."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chassis.service import Service
from services.feedback.commands import republish
from services.feedback.handlers import HANDLERS
from services.feedback.models import Base

if TYPE_CHECKING:
    from chassis.http import Blueprint


def service() -> Service:
    return Service(
        name="feedback",
        metadata=Base.metadata,
        migrations="services.feedback.migrations",
        blueprints=_blueprints,
        handlers=HANDLERS,
        gather=0.1,
        republish=republish,
    )


def _blueprints() -> Sequence["Blueprint"]:
    from services.feedback.api import blp

    return [blp]
