"""docs/import.md says what the layouts say: every column is described, and its examples can be imported."""

import re
import textwrap
from pathlib import Path

import pytest

from cairn.exchange.layouts import csv_files, json_files
from cairn.exchange.layouts.native import CHECK_INS, OKRS, Layout
from cairn.exchange.praise import PRAISE

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "import.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def examples(title: str, beginning: str) -> list[str]:
    """The indented blocks of a section that begin with a word."""
    blocks = re.findall(r"(?:(?<=\n)(?: {4,}[^\n]*\n)+)", section(title))
    found = [textwrap.dedent(block) for block in blocks]
    return [block for block in found if block.startswith(beginning)]


@pytest.mark.parametrize(("title", "layout"), [("Goals", OKRS), ("Check-ins", CHECK_INS), ("Praise", PRAISE)])
def test_every_column_is_described(title: str, layout: Layout) -> None:
    described = {
        name for row in re.findall(r"(?m)^\| (`.*?) \|", section(title)) for name in re.findall(r"`([\w:]+)`", row)
    }
    assert described == set(layout.columns)


def test_the_csv_examples_can_be_read() -> None:
    (goals,), (check_ins,) = examples("Goals", "item,"), examples("Check-ins", "external_id,")
    assert [item.kind for item in csv_files.read(goals, OKRS)].count("objective") == 2
    assert len(csv_files.read(check_ins, CHECK_INS)) == 2
    (praise,) = examples("Praise", "external_id,")
    assert len(csv_files.read(praise, PRAISE)) == 1


def test_the_json_example_can_be_read() -> None:
    (goals,) = examples("Goals", "{")
    assert [item.kind for item in json_files.read(goals, OKRS)] == ["cycle", "objective", "key_result"]
