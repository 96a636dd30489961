"""`cairn import list|undo`: the records of imports, and taking a whole import back."""

from pathlib import Path

import click

from cairn.cli.exchange.groups import import_
from cairn.cli.exchange.session import progress, say, session
from cairn.cli.shared import Away, Refused, Usage


@import_.command("list")
def list_imports() -> None:
    """List the imports of goals and check-ins made from here, the oldest first."""
    from cairn.exchange.records.journal import folder
    from cairn.exchange.records.record import records

    kept_in = folder()
    try:
        found = records(kept_in)
    except (OSError, ValueError) as fault:
        raise Usage(f"The records cannot be read: {fault}. Move that file elsewhere.") from fault
    for one in found:
        head = one.head
        click.echo(f"{one.id}  {len(one.steps):>6} items  {one.state:17}  {head['what']} {head['file']}  {head['url']}")
    click.echo(f"{len(found)} {'import' if len(found) == 1 else 'imports'} in {kept_in}", err=True)


@import_.command("undo")
@click.argument("import_id", metavar="ID")
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@click.option("--force", is_flag=True, help="Also take back what somebody has changed since.")
@click.option("--url", help="Where Cairn answers now; otherwise where it was imported to.")
def undo(import_id: str, dry_run: bool, force: bool, url: str | None) -> None:
    """Take a whole import back: what it made is removed, what it changed is changed back.

    Whatever people have changed since, checked in on or built upon stays and is listed; the command then ends with 3.
    ID is one of `cairn import list`, or a record file.
    """
    from cairn.exchange.records.judging import Now, judge
    from cairn.exchange.records.record import read
    from cairn.exchange.records.undoing import Interrupted, Undoing

    try:
        record = read(_path(import_id))
    except (OSError, ValueError) as fault:
        raise Usage(f"There is no such record: {fault}") from fault
    if not record.open:
        click.echo("There is nothing to take back.")
        return
    with session(url or record.head["url"]) as client:
        verdict = judge(record, Now.read(client), force=force)
        undoing = Undoing(client, record, force)
        if dry_run:
            say([action.line() for action in verdict.actions])
        else:
            try:
                with progress("Taking back", len(verdict.actions)) as advance:
                    undoing.carry_out(verdict, advance)
            except Interrupted as fault:
                raise Away(f"Stopped after {fault.done}: {fault}\nRun it again: it goes on from there.") from fault
    left = [*verdict.left, *undoing.left]
    say(verdict.summary(len(undoing.left)), dry_run=dry_run)
    if left:
        say([f"  {line}" for line in left], error=True)
        raise Refused(f"{len(left)} left as they are, for the reasons above. Later imports are taken back first.")


def _path(import_id: str) -> Path:
    from cairn.exchange.records.journal import folder

    named = Path(import_id)
    return named if named.suffix == ".jsonl" else folder() / f"{import_id}.jsonl"
