"""The people service: persons, teams, reporting lines and roles. Everyone else keeps a copy of what it publishes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from chassis.service import Service, Task

if TYPE_CHECKING:
    from flask_smorest import Blueprint

LOOK_EVERY = 1.0
"""Seconds between two looks at what waits to be imported."""
FALL_DUE_EVERY = 300.0
"""Seconds between two looks at what has fallen due; a day begins at midnight UTC."""


def service(files_kept: timedelta = timedelta(days=30)) -> Service:
    """The declaration; it reads no foreign events. `files_kept` is how long files stay after they were imported."""
    from services.people import commands
    from services.people.models import Base
    from services.people.uploads import keeping, running

    return Service(
        name="people",
        metadata=Base.metadata,
        migrations="services.people.migrations",
        blueprints=_blueprints,
        tasks=(
            Task("scheduled_changes", FALL_DUE_EVERY, commands.apply_due),
            Task("imports", LOOK_EVERY, running.run, own_transactions=True),
            keeping.task(files_kept),
        ),
        republish=commands.republish,
    )


def _blueprints() -> Sequence["Blueprint"]:
    from services.people.api import imports, persons, profiles, teams, uploads

    return [persons.blp, teams.blp, imports.blp, uploads.blp, profiles.blp]
