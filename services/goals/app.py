"""The goals service: cycles, objectives, key results, alignment, progress and grades."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chassis.service import Service

if TYPE_CHECKING:
    from flask_smorest import Blueprint


def service() -> Service:
    from services.goals import commands, models
    from services.goals.handlers import HANDLERS
    from services.goals.rollup.settling import settle

    return Service(
        name="goals",
        metadata=models.Base.metadata,
        migrations="services.goals.migrations",
        blueprints=_blueprints,
        handlers=HANDLERS,
        gather=0.05,
        settle=settle,
        republish=commands.republish,
    )


def _blueprints() -> "Sequence[Blueprint]":
    from services.goals.api import BLUEPRINTS

    return BLUEPRINTS
