"""The command line teaches: every command, argument and option says what it is for."""

import re
from collections.abc import Iterator

import click
import pytest

from cairn import topology
from cairn.cli import cairn
from tests.support.command import run


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


EVERY = dict(commands(cairn))
NAMES = [" ".join(path) for path in EVERY]


@pytest.mark.parametrize("path", EVERY, ids=NAMES)
def test_every_command_says_what_it_does_and_every_option_what_it_is_for(path: tuple[str, ...]) -> None:
    command = EVERY[path]
    assert not command.hidden
    assert (command.help or "").strip()
    assert [option.name for option in command.params if isinstance(option, click.Option) and not option.help] == []


@pytest.mark.parametrize("path", EVERY, ids=NAMES)
def test_every_help_page_can_be_read_and_explains_its_arguments(path: tuple[str, ...]) -> None:
    shown = run({}, *path, "--help")
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 110
    for argument in (one for one in EVERY[path].params if isinstance(one, click.Argument)):
        names = re.findall(r"[A-Z]+", argument.make_metavar(click.Context(EVERY[path])).upper())
        told = (EVERY[path].help or "").upper()
        assert any(name in told or isinstance(argument.type, click.Choice) for name in names), argument.name


def test_the_first_page_leads_to_every_command_and_to_the_settings() -> None:
    shown = run({}, "--help").output
    assert {name for name in cairn.commands if not re.search(rf"^  {re.escape(name)} ", shown, re.MULTILINE)} == set()
    for word in (
        "cairn up --sample",
        "cairn import people",
        "cairn status",
        "cairn worker goals",
        "docs/operations.md",
    ):
        assert word in shown


def test_the_import_page_shows_the_way_in_and_where_the_token_comes_from() -> None:
    shown = run({}, "import", "--help").output
    for word in ("people.csv", "okrs.csv", "check-ins.csv", "CAIRN_TOKEN", "cairn token", "docs/import.md"):
        assert word in shown


@pytest.mark.parametrize(
    "arguments",
    [["wbe"], ["web"], ["web", "nobody"], ["token"], ["up", "--port", "x"], ["rebuild", "gateway", "--timeout", "0"]],
    ids=" ".join,
)
def test_a_wrong_call_is_told_and_ends_with_2(arguments: list[str]) -> None:
    assert run({}, *arguments).exit_code == 2


def test_a_part_that_is_none_is_answered_with_those_there_are() -> None:
    said = run({}, "worker", "goal").output
    assert all(part in said for part in topology.PARTS)
