"""For those who change Cairn: the generated contracts, and drafts of schema revisions. Run them in the source tree."""

import re
from pathlib import Path

import click

from cairn import topology
from cairn.cli.shared import Failed, Refused, Usage, settings


@click.group()
def contracts() -> None:
    """The generated documents: event schemas, AsyncAPI, OpenAPI, docs/events.md."""


@contracts.command("write")
def write_contracts() -> None:
    """Write them anew from the code."""
    from cairn.documents import write

    for path in write(_source_tree()):
        click.echo(f"written: {path}")


@contracts.command("check")
def check_contracts() -> None:
    """Exit code 1 if they differ from the code, or if the code breaks what was released."""
    from cairn.documents import check

    if differences := check(_source_tree()):
        raise Failed(
            "\n".join([*differences, "Run `cairn contracts write` and commit, or keep the change compatible."])
        )
    click.echo("The contracts say what the code does.")


@click.command("draft-migration")
@click.argument("part", type=click.Choice([*topology.PARTS, "chassis"]))
@click.argument("name")
def draft_migration(part: str, name: str) -> None:
    """Write the next schema revision of PART from what its models have and its migrations lack.

    NAME says what changes, in lower_case_words. Read and mend what was written: a draft cannot tell a rename from a
    removal. `chassis` stands for the tables all parts share.

    \b
    cairn draft-migration goals objective_colours
    """
    from chassis.migrate import draft
    from chassis.service import Service
    from chassis.tables import METADATA

    if not re.fullmatch(r"[a-z][a-z0-9_]{0,60}", name):
        raise Usage(f"{name!r} is no name for a revision; use lower-case letters, digits and underscores")
    if part == "chassis":
        service = Service("chassis", METADATA, "chassis.migrations", lambda: ())
    else:
        service = topology.declare(part, settings())
    try:
        click.echo(f"written: {draft(service, name)}")
    except FileExistsError as fault:
        raise Refused(str(fault)) from fault


def _source_tree() -> Path:
    """The folder we are in, which must be the one the documents lie in."""
    here = Path.cwd()
    if not (here / "contracts" / "generated").is_dir():
        raise Usage(f"{here} is not Cairn's source tree; go to the folder that has contracts/generated in it")
    return here
