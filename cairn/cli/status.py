"""`cairn status`: the condition of every part as a table for people, or as JSON for scripts."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cairn.cli.shared import Failed, settings

if TYPE_CHECKING:
    from cairn.condition import Condition, Folder

HEAD = ("part", "condition", "outbox", "oldest", "lag", "oldest", "relay", "parked")
NUMBERS = (2, 3, 4, 5)
"""Columns that are set flush right."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table, for scripts.")
def status(as_json: bool) -> None:
    """Show every part: its database, its outbox, its lag, its relay, what is parked.

    \b
    outbox   events committed and not published yet, and how long the oldest has waited
    lag      events the parts it reads have published and it has not received yet, and since when
    relay    held while a worker of the part runs
    parked   events it could not handle, and of how many aggregates: see `cairn parked list`

    It reads the databases and asks no process. Exit code 1 when something needs attention.
    """
    from cairn.condition import conditions, data_folder, troubles

    chosen = settings()
    folder, found = data_folder(chosen), conditions(chosen)
    attention = troubles(found)
    click.echo(document(found, folder, attention) if as_json else report(found, folder, attention))
    if attention:
        raise Failed("Something needs attention; docs/operations.md says what to do.")


def document(found: "Sequence[Condition]", folder: "Folder | None", attention: Sequence[str]) -> str:
    """Everything as JSON."""
    place = {"path": str(folder.path), "process": folder.process} if folder else None
    return json.dumps({"parts": [asdict(one) for one in found], "data_folder": place, "attention": attention}, indent=1)


def report(found: "Sequence[Condition]", folder: "Folder | None", attention: Sequence[str]) -> str:
    """Everything as a table, with what needs attention below it."""
    lines = _table([HEAD, *(_row(one) for one in found)])
    if folder:
        held = f"`cairn up` runs on it as process {folder.process}" if folder.process else "no `cairn up` runs on it"
        lines += ["", f"{folder.path}: {held}"]
    if attention:
        lines += ["", *(f"! {sentence}" for sentence in attention)]
    return "\n".join(lines)


def _row(one: "Condition") -> tuple[str, ...]:
    if not one.known:
        return one.part, "see below", *(["?"] * 6)
    lag = "?" if one.lag is None else str(one.lag)
    parked = f"{one.parked} of {one.parked_aggregates}" if one.parked else "-"
    relay = "held" if one.relay else "missing"
    return one.part, "ok", str(one.outbox), _age(one.outbox_age), lag, _age(one.lag_age), relay, parked


def _age(seconds: float) -> str:
    from cairn.condition import span

    return span(seconds) if seconds else "-"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(_cell(row, column, widths[column]) for column in range(len(row))).rstrip() for row in rows]


def _cell(row: Sequence[str], column: int, width: int) -> str:
    return row[column].rjust(width) if column in NUMBERS else row[column].ljust(width)
