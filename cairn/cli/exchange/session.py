"""What the commands of import and export share: a client of a running Cairn, and how they speak to people."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cairn.cli.shared import Away, Failed, Refused, Usage

if TYPE_CHECKING:
    from cairn.exchange.client import ApiFailure, Client
    from cairn.exchange.records.journal import Journal

DEFAULT_URL = "http://127.0.0.1:8080"
MOST_LINES = 50
FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
Command = Callable[..., Any]


def url_option(command: Command) -> Command:
    said = "Where Cairn answers (CAIRN_URL)."
    return click.option("--url", envvar="CAIRN_URL", default=DEFAULT_URL, show_default=True, help=said)(command)


def dry_run_option(command: Command) -> Command:
    return click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")(command)


def record_option(command: Command) -> Command:
    said = "Whether to keep a record with which the import can be undone."
    return click.option("--record/--no-record", default=True, show_default=True, help=said)(command)


@contextmanager
def recorded(file: Path, what: str, url: str, keep: bool) -> "Iterator[Journal]":
    """The record of one import; afterwards people are told how to take it back. Raises Usage."""
    from cairn.exchange.records.journal import Journal, folder

    journal = Journal(folder() if keep else None, {"what": what, "file": file.name, "url": url})
    try:
        yield journal
        journal.finish()
    except OSError as fault:
        remedy = "Set XDG_STATE_HOME to a folder that can be written to, or say --no-record."
        raise Usage(f"The record of the import cannot be kept: {fault}. {remedy}") from fault
    finally:
        if journal.wrote and keep:
            click.echo(f"to take this back: cairn import undo {journal.id}", err=True)


@contextmanager
def session(url: str) -> "Iterator[Client]":
    """A client; what fails inside becomes a message and an exit code."""
    from cairn.exchange import check_ins
    from cairn.exchange.client import ApiFailure, Client
    from cairn.exchange.layouts.wrong import Rejected
    from cairn.exchange.okrs import writing

    try:
        with Client(url, _token()) as client:
            yield client
    except Rejected as fault:
        say([str(one) for one in fault.rejections], error=True)
        raise Refused("Nothing was imported.") from fault
    except (writing.Interrupted, check_ins.Interrupted) as fault:
        raise _interrupted(fault, fault.cause, fault.done) from fault
    except ApiFailure as fault:
        raise _told(fault) from fault


def _token() -> str:
    """The token of CAIRN_TOKEN or of the file CAIRN_TOKEN_FILE names. Raises Usage."""
    try:
        kept = Path(os.environ["CAIRN_TOKEN_FILE"]).read_text() if "CAIRN_TOKEN_FILE" in os.environ else ""
    except (OSError, UnicodeDecodeError) as fault:
        raise Usage(f"CAIRN_TOKEN_FILE cannot be read: {fault}") from fault
    token = (os.environ.get("CAIRN_TOKEN") or kept).strip()
    if not token:
        raise Usage(
            "There is no token in CAIRN_TOKEN. Issue one on the machine Cairn runs on, for example:\n"
            "  export CAIRN_TOKEN=$(cairn token --service-account import --role hr --role admin)"
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Usage("CAIRN_TOKEN is no token: it holds blanks or other characters that do not belong there.")
    return token


def _interrupted(fault: Exception, cause: "ApiFailure", done: int) -> click.ClickException:
    from cairn.exchange.client import ApiRefused

    if not isinstance(cause, ApiRefused):
        return Away(f"Stopped after {done} items, at {fault}\nRun the same import again: it goes on from there.")
    if done:
        return Failed(
            f"Stopped after {done} items, at {fault}\nMend it and run the import again: it goes on from there."
        )
    return Refused(f"Nothing was imported. At {fault}")


def _told(fault: "ApiFailure") -> click.ClickException:
    from cairn.exchange.client import ApiRefused, Unreachable

    if isinstance(fault, Unreachable):
        return Away(str(fault))
    return Refused(str(fault)) if isinstance(fault, ApiRefused) else Usage(str(fault))


def say(lines: Sequence[str], *, error: bool = False, dry_run: bool = False) -> None:
    """Print lines, of very many only the first."""
    for line in lines[:MOST_LINES]:
        click.echo(f"would be {line}" if dry_run else line, err=error)
    if len(lines) > MOST_LINES:
        click.echo(f"… and {len(lines) - MOST_LINES} more", err=error)


@contextmanager
def progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A bar for people; nothing where nobody watches."""
    if not sys.stderr.isatty() or not length:
        yield lambda _: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield bar.update
