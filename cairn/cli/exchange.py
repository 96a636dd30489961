"""Filling a Cairn from files and writing its goals to a file, over the public API of a running one."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cairn.cli.shared import Away, Failed, Refused, Usage

if TYPE_CHECKING:
    from cairn.exchange.client import ApiFailure, Client

DEFAULT_URL = "http://127.0.0.1:8080"
MOST_LINES = 50
FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
Command = Callable[..., Any]


def _url(command: Command) -> Command:
    said = "Where Cairn answers (CAIRN_URL)."
    return click.option("--url", envvar="CAIRN_URL", default=DEFAULT_URL, show_default=True, help=said)(command)


def _dry_run(command: Command) -> Command:
    return click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")(command)


@click.group("import")
def import_() -> None:
    """Bring people, goals and check-ins in from files.

    \b
    The way in:  cairn import people people.csv --teams teams.csv
                 cairn import okrs okrs.csv
                 cairn import check-ins check-ins.csv
                 cairn import okrs okrs.csv --close      (where the file calls objectives closed)

    A file is judged as a whole before anything is written, and may be imported again and again: what is there
    already is recognised by its external id. The token is read from CAIRN_TOKEN; `cairn token` issues one.
    The layouts are described in docs/import.md.
    """


@click.group("export")
def export() -> None:
    """Write what Cairn has to files that `cairn import` takes back. The token is read from CAIRN_TOKEN."""


@import_.command("people")
@click.argument("file", type=FILE)
@click.option("--teams", type=FILE, help="A file of teams, imported together with the people who are in them.")
@click.option("--partial", is_flag=True, help="Apply the good rows even where others are rejected.")
@_dry_run
@_url
def import_people(file: Path, teams: Path | None, partial: bool, dry_run: bool, url: str) -> None:
    """Import people from the CSV FILE: whoever is new, changed or gone, matched by external id, then by e-mail."""
    from cairn.exchange.people import import_people as send

    contents = [_bytes(path) if path else None for path in (file, teams)]
    with _session(url) as client:
        outcomes = send(client, contents[0] or b"", contents[1], dry_run=dry_run, partial=partial)
    for outcome in outcomes:
        _say(outcome.lines(), error=outcome.refused)
    rejected = any(outcome.report["rejected_rows"] for outcome in outcomes)
    if outcomes[-1].refused or (rejected and dry_run):
        before = [outcome for outcome in outcomes[:-1] if outcome.report["applied"]]
        raise Refused("The teams were imported, the people were not." if before else "Nothing was imported.")


@import_.command("okrs")
@click.argument("file", type=FILE)
@click.option("--close", is_flag=True, help="Also close what the file calls closed. Import its check-ins before.")
@click.option("--reason", default="Changed by an import", help="Why definitions that were checked in on change.")
@_dry_run
@_url
def import_okrs(file: Path, close: bool, reason: str, dry_run: bool, url: str) -> None:
    """Import cycles, objectives and key results from FILE, CSV or JSON."""
    from cairn.exchange.directory import Directory
    from cairn.exchange.layouts.files import load
    from cairn.exchange.layouts.native import OKRS
    from cairn.exchange.okrs import importing
    from cairn.exchange.okrs.planning import UNCHANGED
    from cairn.exchange.okrs.register import Standing

    with _session(url) as client:
        items = load(file, OKRS)
        plan = importing.prepare(items, Standing.read(client), Directory.read(client), close=close)
        if dry_run:
            _say([step.line() for step in plan.steps() if step.what != UNCHANGED])
        else:
            with _progress("Goals", importing.size(plan)) as advance:
                importing.carry_out(client, plan, reason, advance)
    _say(importing.summary(plan), dry_run=dry_run)


@import_.command("check-ins")
@click.argument("file", type=FILE)
@_dry_run
@_url
def import_check_ins(file: Path, dry_run: bool, url: str) -> None:
    """Import check-ins from FILE, CSV or JSON. To speak for others the token must be HR's or a service account's."""
    from cairn.exchange import check_ins
    from cairn.exchange.directory import Directory
    from cairn.exchange.layouts.files import load
    from cairn.exchange.layouts.native import CHECK_INS
    from cairn.exchange.okrs.register import Standing

    with _session(url) as client:
        items = load(file, CHECK_INS)
        known = client.items("check-ins", withdrawn="true")
        standing, directory = Standing.read(client), Directory.read(client)
        plan = check_ins.prepare(items, standing, directory, known, datetime.now(UTC))
        if dry_run:
            _say([entry.line() for entry in plan.entries])
        else:
            with _progress("Check-ins", len(plan.entries)) as advance:
                check_ins.carry_out(client, plan, advance)
    _say([plan.summary()], dry_run=dry_run)


@export.command("okrs")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["csv", "json"]), help="Default: by the name of FILE, else csv.")
@click.option("--cycle", help="Only this cycle, by name or external id.")
@_url
def export_okrs(file: Path | None, form: str | None, cycle: str | None, url: str) -> None:
    """Write cycles, objectives and key results to FILE, or to the standard output."""
    from cairn.exchange.directory import Directory
    from cairn.exchange.layouts import csv_files, json_files
    from cairn.exchange.layouts.native import OKRS
    from cairn.exchange.okrs.exporting import NoSuchCycle, exported
    from cairn.exchange.okrs.register import Standing

    with _session(url) as client:
        standing, directory = Standing.read(client), Directory.read(client)
    try:
        items = exported(standing, directory, cycle)
    except NoSuchCycle as fault:
        raise Usage(str(fault)) from fault
    chosen = form or (file.suffix.lower().lstrip(".") if file else "csv")
    content = json_files.write(items, OKRS) if chosen == "json" else csv_files.write(items, OKRS)
    if file is None:
        click.echo(content, nl=False)
        return
    file.write_bytes(content.encode("utf-8"))
    click.echo(f"{file}: {len(items)} items", err=True)


@contextmanager
def _session(url: str) -> "Iterator[Client]":
    """A client; what fails inside becomes a message and an exit code."""
    from cairn.exchange import check_ins
    from cairn.exchange.client import ApiFailure, Client
    from cairn.exchange.layouts.wrong import Rejected
    from cairn.exchange.okrs import writing

    try:
        with Client(url, _token()) as client:
            yield client
    except Rejected as fault:
        _say([str(one) for one in fault.rejections], error=True)
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


def _bytes(path: Path) -> bytes:
    from cairn.exchange.layouts.decoding import decoded, read
    from cairn.exchange.layouts.wrong import Rejected

    try:
        content = read(path)
        decoded(content)
    except Rejected as fault:
        raise Refused(f"{path}: {fault}") from fault
    return content


def _say(lines: Sequence[str], *, error: bool = False, dry_run: bool = False) -> None:
    """Print lines, of very many only the first."""
    for line in lines[:MOST_LINES]:
        click.echo(f"would be {line}" if dry_run else line, err=error)
    if len(lines) > MOST_LINES:
        click.echo(f"… and {len(lines) - MOST_LINES} more", err=error)


@contextmanager
def _progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A bar for people; nothing where nobody watches."""
    if not sys.stderr.isatty() or not length:
        yield lambda _: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield bar.update
