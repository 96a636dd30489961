"""`cairn export okrs|check-ins`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cairn.cli.exchange.groups import export
from cairn.cli.exchange.session import session, url_option
from cairn.cli.shared import Usage

if TYPE_CHECKING:
    from cairn.exchange.layouts.native import Item, Layout

Command = Callable[..., Any]


def _options(command: Command) -> Command:
    """What both exports take."""
    file = click.Path(dir_okay=False, writable=True, path_type=Path)
    kinds = click.Choice(["csv", "json"])
    options: tuple[Callable[[Command], Command], ...] = (
        url_option,
        click.option("--cycle", help="Only this cycle, by name or external id."),
        click.option("--format", "form", type=kinds, help="Default: by the name of FILE, else csv."),
        click.argument("file", type=file, required=False),
    )
    for option in options:
        command = option(command)
    return command


@export.command("okrs")
@click.option("--as", "tool", help="In the layout of another tool, check-ins included; see `cairn import formats`.")
@_options
def export_okrs(file: Path | None, form: str | None, cycle: str | None, tool: str | None, url: str) -> None:
    """Write cycles, objectives and key results to FILE, or to the standard output."""
    from cairn.exchange.directory import Directory
    from cairn.exchange.layouts.native import OKRS
    from cairn.exchange.okrs.exporting import exported
    from cairn.exchange.okrs.register import Standing

    if tool is not None:
        _export_as(tool, file, cycle, url)
        return
    with session(url) as client, _known_cycle():
        items = exported(Standing.read(client), Directory.read(client), cycle)
    _write(file, _native(items, OKRS, form, file), f"{len(items)} items")


@export.command("check-ins")
@_options
def export_check_ins(file: Path | None, form: str | None, cycle: str | None, url: str) -> None:
    """Write the check-ins that stand to FILE, or to the standard output."""
    from cairn.exchange.directory import Directory
    from cairn.exchange.layouts.native import CHECK_INS
    from cairn.exchange.okrs.exporting import exported_check_ins
    from cairn.exchange.okrs.register import Standing

    with session(url) as client, _known_cycle():
        standing, directory = Standing.read(client), Directory.read(client)
        items = exported_check_ins(client.items("check-ins"), standing, directory, cycle)
    _write(file, _native(items, CHECK_INS, form, file), f"{len(items)} check-ins")


def _export_as(tool: str, file: Path | None, cycle: str | None, url: str) -> None:
    from cairn.cli.exchange.foreign import called
    from cairn.exchange.directory import Directory
    from cairn.exchange.formats.contract import Goals
    from cairn.exchange.okrs.exporting import exported, exported_check_ins
    from cairn.exchange.okrs.register import Standing

    layout = called(tool)
    with session(url) as client, _known_cycle():
        standing, directory = Standing.read(client), Directory.read(client)
        okrs = exported(standing, directory, cycle)
        check_ins = exported_check_ins(client.items("check-ins"), standing, directory, cycle)
    content = layout.write(Goals(okrs, check_ins, directory))
    _write(file, content, f"{len(okrs)} items and {len(check_ins)} check-ins for {layout.label}")


@contextmanager
def _known_cycle() -> Iterator[None]:
    from cairn.exchange.okrs.exporting import NoSuchCycle

    try:
        yield
    except NoSuchCycle as fault:
        raise Usage(str(fault)) from fault


def _native(items: "list[Item]", layout: "Layout", form: str | None, file: Path | None) -> bytes:
    from cairn.exchange.layouts import csv_files, json_files

    chosen = form or (file.suffix.lower().lstrip(".") if file else "csv")
    content = json_files.write(items, layout) if chosen == "json" else csv_files.write(items, layout)
    return content.encode("utf-8")


def _write(file: Path | None, content: bytes, what: str) -> None:
    if file is None:
        click.echo(content, nl=False)
        return
    file.write_bytes(content)
    click.echo(f"{file}: {what}", err=True)
