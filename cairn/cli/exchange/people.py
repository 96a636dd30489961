"""`cairn import people`."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

import click

from cairn.cli.exchange.groups import import_
from cairn.cli.exchange.session import FILE, dry_run_option, session, url_option
from cairn.cli.shared import Failed, Refused

if TYPE_CHECKING:
    from cairn.exchange.client import Client
    from cairn.exchange.parts import Joined
    from cairn.exchange.people import Step

SHOWN, SHOWN_AS_JSON = 10, 1000
"""Rows of a kind that are shown: joiners, movers and so on."""
_OPTION = re.compile(r"\b([a-z_]+)=(true|top)\b")
"""How the API names an option in a sentence."""
OF_A_PROFILE = (
    "preset",
    "dates",
    "sheet",
    "encoding",
    "separator",
    "ignore",
    "partial",
    "complete",
    "accept_leavers",
    "unknown_managers",
    "map",
)


@import_.command("people")
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="FILE...")
@click.option("--teams", type=FILE, help="A file of teams, imported together with the people who are in them.")
@click.option("--partial", is_flag=True, help="Apply the good rows even where others are rejected.")
@click.option("--complete", is_flag=True, help="FILE names everybody: whoever is not in it has left.")
@click.option("--accept-leavers", is_flag=True, help="Apply it although unusually many people would leave.")
@click.option("--unknown-managers", type=click.Choice(["reject", "top"]), help="What becomes of rows below nobody.")
@click.option("--preset", help="The system the file comes from; see `cairn import presets`.")
@click.option("--dates", type=click.Choice(["dmy", "mdy", "ymd"]), help="Order of day, month and year in the file.")
@click.option("--map", "map_", help="Which header fills which column: external_id=Ref,email=Work mail; @FILE for JSON.")
@click.option("--profile", help="A saved profile; what is said here goes before it.")
@click.option("--save-profile", metavar="NAME", help="Keep these options under a name.")
@click.option("--sheet", help="The sheet of a workbook that holds the rows.")
@click.option("--encoding", help="Such as windows-1252; otherwise it is recognised.")
@click.option("--separator", help="What separates the cells: a character, or tab.")
@click.option("--ignore", help="Columns to leave out, separated by commas.")
@click.option(
    "--errors", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write rejected rows there."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@dry_run_option
@url_option
def import_people(
    files: tuple[Path, ...], teams: Path | None, map_: str | None, save_profile: str | None, errors: Path | None,
    as_json: bool, url: str, **options: Any,
) -> None:  # fmt: skip
    """Import people from FILE, as any HR system exports them: who is new, moves, changes or is gone.

    Several FILEs with the same header are parts of one import. People are matched by external id, then by e-mail.
    """
    from cairn.exchange import people
    from cairn.exchange.parts import joined

    options["map"] = _map(map_)
    with session(url) as client:
        parts = joined([path.name for path in files], [path.read_bytes() for path in files])
        if save_profile:
            client.put(f"import-profiles/{quote(save_profile, safe='')}", _profile(options))
        order = people.Order(
            parts.content,
            {**options, "name": "+".join(parts.names)[:255]},
            teams.read_bytes() if teams else None,
            SHOWN_AS_JSON if as_json else SHOWN,
        )
        watched = sys.stderr.isatty()
        steps = people.import_people(client, order, _tell_waiting if watched else _tell_nothing)
        click.echo("\r\033[K" if watched else "", nl=False, err=True)
        _say(steps, parts, as_json)
        if errors:
            _write_errors(client, steps[-1], errors)
        _settle(client, steps)
    _conclude(steps)
    if order.dry_run and not as_json:
        click.echo(_told_how_to_apply(steps))


@import_.command("apply")
@click.argument("import_id", metavar="ID", type=click.UUID)
@click.option("--partial", is_flag=True, help="Apply the good rows although others are rejected.")
@click.option("--accept-leavers", is_flag=True, help="Apply it although unusually many people would leave.")
@url_option
def apply_import(import_id: UUID, partial: bool, accept_leavers: bool, url: str) -> None:
    """Apply the import with this ID as it was judged: a dry run, or one that was stopped or refused.

    It is refused if it would come to something else by now.
    """
    from cairn.exchange import people, uploads
    from cairn.exchange.parts import Joined

    with session(url) as client:
        options = {"partial": partial, "accept_leavers": accept_leavers}
        ended = uploads.ended(client, uploads.accept(client, str(import_id), options), SHOWN, lambda _: None)
        step = people.Step(ended.upload["of"], ended.upload["of"], ended)
        _say([step], Joined(b"", [""]), as_json=False)
        _settle(client, [step])
    _conclude([step])


@import_.command("presets")
def list_presets() -> None:
    """List the systems whose people files are known by name, for --preset; others are recognised by their headers."""
    from services.people.layouts import PRESETS

    width = max(len(preset.name) for preset in PRESETS)
    for preset in PRESETS:
        click.echo(f"{preset.name:{width}}  {preset.label}")


def _tell_waiting(what: str, upload: Mapping[str, Any]) -> None:
    """One line that stays where it is, for whoever watches."""
    click.echo(f"\r{what}: {upload['state']} … ", nl=False, err=True)


def _tell_nothing(_what: str, _upload: Mapping[str, Any]) -> None:
    """Nobody watches."""


def _say(steps: "Sequence[Step]", parts: "Joined", as_json: bool) -> None:
    if as_json:
        told = [{"file": step.what, **step.ended.upload, "first": step.ended.rows} for step in steps]
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    from cairn.exchange.diff import told as lines_of

    for step in steps:
        place = parts.place if step.of == "people" else lambda line: f"line {line}"
        for line in lines_of(step.what, step.ended, place, SHOWN):
            click.echo(_here(line), err=not step.ended.good)


def _conclude(steps: "Sequence[Step]") -> None:
    """The exit code, with its sentence."""
    bad = next((step for step in steps if not step.ended.good), None)
    if bad is None:
        return
    why = _here(bad.ended.why)
    if bad.ended.upload["state"] == "failed":
        raise Failed(why)
    applied = [step.what for step in steps if step.ended.upload["state"] == "applied"]
    before = f"The {applied[-1]} were imported, the {bad.what} were not. " if applied else ""
    raise Refused(before + why)


def _here(told: str) -> str:
    """A sentence of the API in the words of this command."""
    return _OPTION.sub(lambda said: f"--{said[1].replace('_', '-')}{' top' if said[2] == 'top' else ''}", told)


def _told_how_to_apply(steps: "Sequence[Step]") -> str:
    ids = " and ".join(f"`cairn import apply {step.ended.upload['id']}`" for step in steps)
    return f"Nothing was changed. To apply exactly this: {ids}"


def _settle(client: "Client", steps: "Sequence[Step]") -> None:
    """Wait until the other parts know the people, as whatever is imported next expects."""
    from cairn.exchange import people

    if any(step.ended.upload["state"] == "applied" for step in steps) and not people.settled(client):
        click.echo("It is imported; other parts are still taking it over (see `cairn status`).", err=True)


def _write_errors(client: "Client", step: "Step", path: Path) -> None:
    if not step.ended.counts.get("rejected"):
        click.echo(f"No row was rejected; {path} was not written.", err=True)
        return
    path.write_bytes(client.download(f"imports/{step.ended.upload['id']}/errors"))
    click.echo(f"{path}: the rejected rows, to be mended and imported", err=True)


def _map(given: str | None) -> str | None:
    return Path(given[1:]).read_text(encoding="utf-8") if given and given.startswith("@") else given


def _profile(options: dict[str, Any]) -> dict[str, Any]:
    """The options a profile keeps, as the API takes them."""
    from chassis.files.columns import ColumnMap, Mismapped

    kept = {name: options[name] for name in OF_A_PROFILE if options.get(name)}
    if "map" in kept:
        try:
            kept["map"] = dict(ColumnMap.parse(kept["map"]).sources)
        except Mismapped as fault:
            raise Refused(str(fault)) from fault
    return kept
