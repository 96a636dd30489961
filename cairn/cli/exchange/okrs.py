"""`cairn import okrs|check-ins`: native files, and those of other tools."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from cairn.cli.exchange.groups import import_
from cairn.cli.exchange.session import FILE, dry_run_option, progress, record_option, recorded, say, session, url_option

NATIVE = "native"
WRITABLE = click.Path(dir_okay=False, writable=True, path_type=Path)


@import_.command("okrs")
@click.argument("file", type=FILE)
@click.option("--format", "form", help="The layout of FILE; otherwise it is recognised. See `cairn import formats`.")
@click.option("--map", "map_", help="Which header fills which column: title=Goal,owner=Responsible; @FILE for JSON.")
@click.option("--save-map", type=WRITABLE, help="Keep the map in a file, for --map @FILE.")
@click.option("--owners", type=FILE, help="A CSV file of two columns: a name in FILE, and who that is.")
@click.option("--doubts", type=WRITABLE, help="Write every open question to a CSV file, to be answered there.")
@click.option("--answers", type=FILE, help="That file, with answers.")
@click.option("--cycle", help="The cycle of goals that name none.")
@click.option(
    "--dates", type=click.Choice(["dmy", "mdy"]), help="Order of day and month, where the file leaves it open."
)
@click.option("--close", is_flag=True, help="Of a native file, also close what it calls closed, after its check-ins.")
@click.option("--reason", default="Changed by an import", help="Why definitions that were checked in on change.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@record_option
@dry_run_option
@url_option
def import_okrs(
    file: Path, form: str | None, close: bool, reason: str, as_json: bool, record: bool, dry_run: bool, url: str,
    **asked: Any,
) -> None:  # fmt: skip
    """Import goals from FILE: in Cairn's own layouts, or as another tool exported them, check-ins included.

    Where a file of another tool leaves something open, the questions are listed and nothing is imported.
    """
    from cairn.cli.exchange import foreign

    found = None if form == NATIVE else foreign.recognised(file, form, asked["map_"] is not None)
    if found is not None:
        foreign.bring_in(file, found, asked, reason, as_json=as_json, record=record, dry_run=dry_run, url=url)
        return
    foreign.refuse_for_native(asked)

    from cairn.exchange.directory import Directory
    from cairn.exchange.layouts.files import load
    from cairn.exchange.layouts.native import OKRS
    from cairn.exchange.okrs import importing
    from cairn.exchange.okrs.planning import UNCHANGED
    from cairn.exchange.okrs.register import Standing

    with session(url) as client:
        items = load(file, OKRS)
        plan = importing.prepare(items, Standing.read(client), Directory.read(client), close=close)
        if as_json:
            foreign.say_json((plan, None))
        elif dry_run:
            say([step.line() for step in plan.steps() if step.what != UNCHANGED])
        if not dry_run:
            with recorded(file, "okrs", url, record) as journal, progress("Goals", importing.size(plan)) as advance:
                importing.carry_out(client, journal, plan, reason, advance)
    if not as_json:
        say(importing.summary(plan), dry_run=dry_run)


@import_.command("check-ins")
@click.argument("file", type=FILE)
@record_option
@dry_run_option
@url_option
def import_check_ins(file: Path, record: bool, dry_run: bool, url: str) -> None:
    """Import check-ins from FILE, CSV or JSON. To speak for others the token must be HR's or a service account's."""
    from cairn.exchange import check_ins
    from cairn.exchange.directory import Directory
    from cairn.exchange.layouts.files import load
    from cairn.exchange.layouts.native import CHECK_INS
    from cairn.exchange.okrs.register import Standing

    with session(url) as client:
        items = load(file, CHECK_INS)
        known = client.items("check-ins", withdrawn="true")
        standing, directory = Standing.read(client), Directory.read(client)
        plan = check_ins.prepare(items, standing, directory, known, datetime.now(UTC))
        if dry_run:
            say([entry.line() for entry in plan.entries])
        else:
            size = len(plan.entries)
            with recorded(file, "check-ins", url, record) as journal, progress("Check-ins", size) as advance:
                check_ins.carry_out(client, journal, plan, advance)
    say([plan.summary()], dry_run=dry_run)


@import_.command("formats")
def list_formats() -> None:
    """List the layouts of other tools that `cairn import okrs` reads and `cairn export okrs --as` writes."""
    from cairn.exchange.formats.registry import FORMATS

    for one in FORMATS:
        click.echo(f"{one.name:20} {one.label}")
