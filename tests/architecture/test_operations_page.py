"""docs/operations.md names every setting, every metric, every health address and every command there is."""

import re
from pathlib import Path

import click
import pytest
from prometheus_client.metrics import MetricWrapperBase

from cairn.cli import cairn
from chassis import metrics
from chassis.http.ops import PATHS
from chassis.settings import describe

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text()


def rows(pattern: str) -> dict[str, list[str]]:
    """The rows of all tables whose first cell is code that fits the pattern, by that cell; the other cells."""
    found = {}
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and (name := re.fullmatch(rf"`({pattern})`", cells[0])):
            found[name[1]] = cells[1:]
    return found


def exported() -> list[str]:
    """The names under which our metrics are scraped."""
    collectors = [value for value in vars(metrics).values() if isinstance(value, MetricWrapperBase)]
    described = [one for collector in collectors for one in collector.describe()]
    return [f"{one.name}_total" if one.type == "counter" else one.name for one in described]


def test_every_setting_has_a_row_with_its_default() -> None:
    told = rows(r"CAIRN_[A-Z_<>]+")
    assert list(told) == [name for name, _, _ in describe()]
    for name, _, default in describe():
        meaning, shown = told[name]
        assert len(meaning) > 15, name
        assert shown == (f"`{default}`" if default else ""), name


def test_every_metric_has_a_row_with_what_to_do() -> None:
    told = rows(r"cairn_\w+")
    assert sorted(told) == sorted(exported())
    for name, cells in told.items():
        assert len(cells) == 2, name
        assert all(len(cell) > 15 for cell in cells), name


@pytest.mark.parametrize("path", sorted(PATHS))
def test_every_health_address_is_told(path: str) -> None:
    assert f"`{path}`" in PAGE


def test_every_command_it_names_is_one() -> None:
    known = set(_commands(cairn))
    for line in re.findall(r"`cairn ([^`]+)`", PAGE) + re.findall(r"^    cairn (.+)$", PAGE, re.MULTILINE):
        words = line.split()
        assert words[0] in known, line
        if isinstance(cairn.commands[words[0]], click.Group):
            assert " ".join(words[:2]) in known, line


def _commands(group: click.Group) -> list[str]:
    names = list(group.commands)
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            names += [f"{name} {inner}" for inner in command.commands]
    return names
