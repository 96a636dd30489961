"""What the commands have in common: settings, the names of parts, and failures that say the remedy."""

import os
from typing import Any

import click

from cairn import topology
from chassis.settings import Settings, load

PART = click.Choice(list(topology.PARTS))
SERVICE = click.Choice(list(topology.SERVICES))


class Failed(click.ClickException):
    """It did not work, and trying again will not help by itself."""

    exit_code = 1


class Usage(click.ClickException):
    """The call or the settings are wrong."""

    exit_code = 2


class Refused(click.ClickException):
    """The input was refused; nothing was changed."""

    exit_code = 3


class Away(click.ClickException):
    """Something needed is not there now; trying again may help."""

    exit_code = 4


def settings(**overrides: Any) -> Settings:
    """The settings of the environment, with what the command line says on top. Raises SettingsError."""
    said = {f"CAIRN_{name.upper()}": str(value) for name, value in overrides.items() if value is not None}
    return load({**os.environ, **said})
