"""The people service: persons, teams, reporting lines and roles. Everyone else keeps a copy of what it publishes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chassis.service import Service

if TYPE_CHECKING:
    from flask_smorest import Blueprint


def service() -> Service:
    """The declaration; it reads no foreign events."""
    from services.people import commands
    from services.people.models import Base

    return Service(
        name="people",
        metadata=Base.metadata,
        migrations="services.people.migrations",
        blueprints=_blueprints,
        republish=commands.republish,
    )


def _blueprints() -> Sequence["Blueprint"]:
    from services.people.api import imports, persons, teams

    return [persons.blp, teams.blp, imports.blp]
