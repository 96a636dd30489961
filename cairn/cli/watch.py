"""`cairn watch`: a folder whose files are imported as they come."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cairn.cli.exchange.session import session, url_option
from cairn.cli.shared import Failed, Refused, Usage

if TYPE_CHECKING:
    from cairn.exchange.client import Client

FOLDER = click.Path(exists=True, file_okay=False, writable=True, path_type=Path)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option(
    "--of", type=click.Choice(["people", "teams"]), default="people", show_default=True, help="What the files hold."
)
@click.option("--profile", help="The profile for files right in FOLDER.")
@click.option("--every", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Seconds between two looks.")
@click.option("--once", is_flag=True, help="Import what is complete and end: for cron. Ends with 3 if any was refused.")
@url_option
def watch(folder: Path, of: str, profile: str | None, every: float, once: bool, url: str) -> None:
    """Import the files that are dropped into FOLDER, over HTTPS, with the token in CAIRN_TOKEN.

    A file that does not change between two looks is sent; then it moves to FOLDER/done or FOLDER/refused, its report
    and its rejected rows beside it. Files in FOLDER/NAME are read with the profile NAME. Files that end in .part or
    .tmp are not complete. It may be stopped and started at any time.
    """
    options = {"of": of, "profile": profile}
    try:
        with _alone(folder), session(url) as client:
            refused = _watch(client, folder, options, every, once)
    except OSError as fault:
        raise Failed(f"{fault.filename or folder} cannot be used: {fault.strerror}") from fault
    if refused and once:
        files = "1 file was" if refused == 1 else f"{refused} files were"
        raise Refused(f"{files} refused; the reports lie in {folder / 'refused'}.")


def _watch(client: "Client", folder: Path, options: dict[str, Any], every: float, once: bool) -> int:
    """Look and carry until told to stop; how many files were refused."""
    from cairn.exchange import watching
    from cairn.exchange.client import Unreachable

    pause, before, refused = threading.Event(), watching.look(folder), 0
    while True:
        pause.wait(every)
        now = watching.look(folder)
        for path in watching.complete(before, now):
            try:
                drop = watching.carry(client, folder, path, options)
            except (Unreachable, OSError) as fault:
                if once:
                    raise
                click.echo(f"{path.name} waits: {fault}", err=True)
                continue
            refused += not drop.good
            click.echo(f"{path.name}: {drop.lines[0]}; it lies in {drop.path.relative_to(folder)}", err=not drop.good)
        if once:
            return refused
        before = now


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the lock goes with the process, however it ends."""
    with ExitStack() as ending:
        descriptor = os.open(folder, os.O_RDONLY)
        ending.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Usage(f"Another `cairn watch` looks after {folder} already.") from None
        yield
