"""What is written reads as the same items, whatever the texts hold."""

import csv
import io
import re

from hypothesis import given
from hypothesis import strategies as st

from cairn.exchange.layouts import csv_files, json_files
from cairn.exchange.layouts.joining import joined, texts
from cairn.exchange.layouts.native import CHECK_INS, OKRS, Item, Layout
from chassis.files import guarded, unguarded
from tests.support import native

FORMULA = re.compile(r"[=+\-@\t\r\n＝]")  # noqa: RUF001


def plain(items: list[Item]) -> list[Item]:
    """In CSV whoever has not got an attribute of another item has an empty one."""
    found = []
    for item in items:
        attributes = {name: text for name, text in (item["attributes"] or {}).items() if text}
        rest = {name: value for name, value in item.values.items() if name != "attributes"}
        found.append(Item(item.kind, {**rest, **({"attributes": attributes} if attributes else {})}))
    return found


def both_ways(items: list[Item], layout: Layout) -> tuple[list[Item], list[Item]]:
    as_csv = csv_files.read(csv_files.write(items, layout), layout)
    as_json = json_files.read(json_files.write(items, layout), layout)
    return as_csv, as_json


@given(native.GOALS.filter(bool))
def test_goals_come_back_from_csv_and_json_as_they_were(items: list[Item]) -> None:
    as_csv, as_json = both_ways(items, OKRS)
    assert plain(as_csv) == plain(items)
    assert as_json == items


@given(st.lists(native.CHECK_INS, min_size=1, max_size=4))
def test_check_ins_come_back_from_csv_and_json_as_they_were(items: list[Item]) -> None:
    as_csv, as_json = both_ways(items, CHECK_INS)
    assert as_csv == items
    assert as_json == items


@given(native.GOALS.filter(bool))
def test_writing_what_was_read_gives_the_same_file(items: list[Item]) -> None:
    once = csv_files.write(items, OKRS)
    assert csv_files.write(csv_files.read(once, OKRS), OKRS) == once


@given(st.lists(st.text(native.ALPHABET, min_size=1).filter(lambda text: bool(text.strip()))))
def test_joined_texts_split_into_the_same_texts(several: list[str]) -> None:
    assert texts(joined(several)) == several


@given(st.text())
def test_a_guarded_text_is_no_formula_and_loses_only_its_guard(text: str) -> None:
    assert not FORMULA.match(guarded(text))
    assert unguarded(guarded(text)) == text


@given(native.GOALS.filter(bool))
def test_no_text_of_an_export_begins_a_formula(items: list[Item]) -> None:
    numbers = {"start", "target", "lower", "upper", "weight", "grade"}
    for row in csv.DictReader(io.StringIO(csv_files.write(items, OKRS), newline="")):
        assert not [name for name, cell in row.items() if name not in numbers and FORMULA.match(cell)]
