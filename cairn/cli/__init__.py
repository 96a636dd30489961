"""The `cairn` command: run it, look after it, fill it.

Exit codes: 0 done; 1 it failed; 2 the call or the settings are wrong; 3 the input was refused and nothing was
changed; 4 something it needs is not there now, so trying again may help.
"""

import sys

import click

from cairn.cli import develop, exchange, operate, parking, run, status
from cairn.cli.shared import Refused, Usage
from cairn.cli.watch import watch
from chassis import VERSION

COMMANDS: tuple[click.Command, ...] = (
    run.up,
    run.web,
    run.worker,
    operate.migrate,
    operate.topics,
    operate.token,
    operate.keygen,
    status.status,
    parking.parked,
    operate.rebuild,
    operate.republish,
    operate.reconcile,
    exchange.import_,
    exchange.export,
    watch,
    develop.contracts,
    develop.draft_migration,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name=None, version=VERSION, prog_name="cairn")
def cairn() -> None:
    """Cairn: objectives and key results, check-ins and feedback, as services that speak through events.

    \b
    Try it:            cairn up --sample
    Fill it:           cairn import people FILE, cairn import okrs FILE, cairn import check-ins FILE
    Look after it:     cairn status, cairn parked list
    Run it in parts:   cairn migrate, cairn topics apply, cairn web goals, cairn worker goals

    Settings come from the environment (CAIRN_*); docs/operations.md lists them all.
    """


for command in COMMANDS:
    cairn.add_command(command)


def main() -> None:
    """Run the command line; every expected failure is one clear message and an exit code."""
    from chassis.settings import SettingsError

    try:
        cairn(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except SettingsError as fault:
        click.echo(f"The settings are wrong:\n{fault}", err=True)
        sys.exit(Usage.exit_code)


__all__ = ["Refused", "main"]
