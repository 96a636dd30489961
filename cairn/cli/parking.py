"""Dead letters from the command line: see what could not be handled, try it again, or give it up."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from cairn import topology
from cairn.cli.shared import PART, Failed, Usage, opened, settings

if TYPE_CHECKING:
    from chassis.service import Runtime

MOST = 200
"""So many letters a part are listed."""
ALL = 100_000


@click.group()
def parked() -> None:
    """Events that could not be handled and wait in a part's dead letters.

    \b
    cairn parked list              what waits, and why
    cairn parked retry PART        after the cause was mended: handle them in order
    cairn parked drop PART NUMBER  give one up, so that those behind it can go on

    Later events of the same aggregate wait behind a parked one; everything else goes on.
    """


@parked.command("list")
@click.argument("parts", metavar="[PART]...", nargs=-1, type=PART)
def list_parked(parts: tuple[str, ...]) -> None:
    """List what is parked in PARTS (default: all), oldest first, with its number and the reason."""
    chosen = settings()
    found = 0
    for name in parts or topology.PARTS:
        with opened(name, chosen) as part:
            letters = _letters(part)
        for row in letters[:MOST]:
            click.echo(_described(name, row))
        if len(letters) > MOST:
            click.echo(f"{name}: and {len(letters) - MOST} more")
        found += len(letters)
    if not found:
        click.echo("Nothing is parked.")


@parked.command("retry")
@click.argument("part", type=PART)
@click.option("--key", metavar="ID", help="Only the events of this aggregate.")
def retry_parked(part: str, key: str | None) -> None:
    """Handle the parked events of PART again, per aggregate in order, after the cause was mended.

    Exit code 1 when some still cannot be handled. A worker that stopped itself must be started again afterwards.
    """
    from chassis.consumer import retry_parked as retry

    with opened(part) as runtime:
        waiting = _letters(runtime)
        aggregates = dict.fromkeys((row.topic, row.key) for row in waiting if key in (None, row.key))
        if key and not aggregates:
            raise Usage(f"{part} has nothing parked of {key}; see `cairn parked list {part}`")
        if not aggregates:
            click.echo("Nothing is parked.")
        left = 0
        for topic, aggregate in aggregates:
            done, still = retry(runtime, topic, aggregate)
            click.echo(f"{aggregate}: {done} handled, {still} still parked")
            left += still
    if left:
        raise Failed(
            f"Some events still cannot be handled; `cairn parked list {part}` says why. Mend the cause and retry, "
            f"or give one up: `cairn parked drop {part} NUMBER`"
        )


@parked.command("drop")
@click.argument("part", type=PART)
@click.argument("number", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop_parked(part: str, number: int, yes: bool) -> None:
    """Give one parked event of PART up for good, by its NUMBER in the list. What waits behind it can be retried."""
    from chassis.parking import drop

    with opened(part) as runtime:
        letters = {row.id: row for row in _letters(runtime)}
        if number not in letters:
            raise Usage(f"{part} has no parked event #{number}; see `cairn parked list {part}`")
        _require_agreement(_described(part, letters[number]), yes)
        with runtime.db.writing() as session:
            drop(session, number)
    dropped = letters.pop(number)
    behind = sum((row.topic, row.key) == (dropped.topic, dropped.key) for row in letters.values())
    click.echo(f"{part} #{number}: dropped")
    if behind:
        click.echo(f"{behind} events wait behind it: `cairn parked retry {part} --key {dropped.key}`")


def _require_agreement(what: str, yes: bool) -> None:
    try:
        agreed = yes or click.confirm(f"{what}\nThe event will never be handled here. Drop it?")
    except click.Abort as fault:
        raise Usage("Nothing was dropped. Where nobody can answer, say --yes.") from fault
    if not agreed:
        raise Failed("Nothing was dropped.")


def _letters(part: "Runtime") -> Sequence[Any]:
    from chassis.parking import parked as letters

    with part.db.reading() as session:
        return letters(session, ALL)


def _described(name: str, row: Any) -> str:
    detail = (row.detail.splitlines() or [""])[0][:300]
    return f"{name} #{row.id}  {row.parked_at:%Y-%m-%d %H:%M}  {row.type or '?'}  {row.key}\n    {row.reason}: {detail}"
