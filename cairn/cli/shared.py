"""What the commands have in common: settings, the names of parts, and failures that say the remedy."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from cairn import topology
from chassis.settings import Settings, load

if TYPE_CHECKING:
    from chassis.service import Runtime

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


@contextmanager
def asking(who: str = "A database") -> Iterator[None]:
    """Turn what is not there now into a message with its remedy: databases, migrations, the data folder."""
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.exc import TimeoutError as PoolTimeout

    from cairn.connect import NotReady
    from cairn.readiness import reason_of

    try:
        yield
    except NotReady as fault:
        raise Away(f"{who} is not ready: {fault}") from fault
    except (OperationalError, PoolTimeout) as fault:
        raise Away(f"{who} does not answer: {reason_of(fault)}\nIs its server up, and its address right?") from fault
    except PermissionError as fault:
        if fault.filename is None:
            raise
        raise Usage(f"{fault.filename} may not be used by this user: {fault.strerror}") from fault


@contextmanager
def opened(name: str, chosen: Settings | None = None) -> "Iterator[Runtime]":
    """One part whose database is there and up to date. Raises Away with what to do where it is not."""
    from cairn import connect
    from cairn.readiness import require_ready

    with asking(f"The database of {name}"):
        part = connect.runtime(chosen or settings(), name)
        try:
            require_ready(part)
            yield part
        finally:
            part.db.dispose()
