"""`cairn import praise`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from cairn.cli.exchange.groups import import_
from cairn.cli.exchange.session import FILE, dry_run_option, progress, say, session, url_option


@import_.command("praise")
@click.argument("file", type=FILE)
@dry_run_option
@url_option
def import_praise(file: Path, dry_run: bool, url: str) -> None:
    """Import praise from FILE, CSV or JSON. The token must be a service account's: it speaks for others."""
    from cairn.exchange import praise
    from cairn.exchange.directory import Directory
    from cairn.exchange.layouts.files import load

    with session(url) as client:
        items = load(file, praise.PRAISE)
        known = client.items("feedback", kind="praise")
        plan = praise.prepare(items, Directory.read(client), known, datetime.now(UTC))
        if dry_run:
            say(plan.lines())
        else:
            with progress("Praise", len(plan.entries)) as advance:
                praise.carry_out(client, plan, advance)
    say([plan.summary()], dry_run=dry_run)
