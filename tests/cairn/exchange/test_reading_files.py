"""Files people really have: with marks, in other encodings, cut off, with columns misspelt."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from cairn.exchange.layouts.files import load
from cairn.exchange.layouts.links import Parent, Stage
from cairn.exchange.layouts.native import CHECK_INS, OKRS, Item, Layout
from cairn.exchange.layouts.wrong import Rejected

HEADER = "item,external_id,objective,title,owner,metric,start,target,milestones,parents,cycle,name,starts_on,ends_on\n"
CHECK_IN = "external_id,key_result,as_of,value,confidence\n"


@pytest.fixture
def reading(tmp_path: Path) -> Callable[..., list[Item]]:
    def read(content: str | bytes, layout: Layout = OKRS, name: str = "file.csv") -> list[Item]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(path, layout)

    return read


def test_a_byte_order_mark_is_no_part_of_the_first_column(reading: Callable[..., list[Item]]) -> None:
    rows = HEADER + "cycle,c1,,,,,,,,,,Q1,2026-01-01,2026-03-31\n"
    assert reading(b"\xef\xbb\xbf" + rows.encode()) == reading(rows)


def test_a_cell_may_hold_several_parents_with_kind_and_weight(reading: Callable[..., list[Item]]) -> None:
    (item,) = reading(HEADER + r"objective,o,,T,P1,,,,,a | supports:b@0.5|key_result:c\|d@2,Q1,,," + "\n")
    assert item["parents"] == (
        Parent("a"),
        Parent("b", kind="supports", weight=Decimal("0.5")),
        Parent("c|d", of="key_result", weight=Decimal(2)),
    )


def test_a_cell_may_hold_milestones_with_weights(reading: Callable[..., list[Item]]) -> None:
    (item,) = reading(HEADER + r"key_result,k,o,T,,milestones,,,a:Drafted; b:Sent \@ last@0.5,,,,," + "\n")
    assert item["milestones"] == (Stage("a", "Drafted"), Stage("b", "Sent @ last", Decimal("0.5")))


def test_a_column_the_file_has_not_got_is_not_among_the_values(reading: Callable[..., list[Item]]) -> None:
    (item,) = reading("external_id,key_result,as_of,value\nx,k,2026-01-05,-3.50\n", CHECK_INS)
    assert dict(item.values) == {
        "external_id": "x", "key_result": "k", "as_of": item["as_of"], "value": Decimal("-3.50"),
    }  # fmt: skip


def test_json_numbers_may_be_numbers_or_their_digits(reading: Callable[..., list[Item]]) -> None:
    text = '{"check_ins": [{"external_id": "a", "value": 0.1}, {"external_id": "b", "value": "0.1"}]}'
    assert [item["value"] for item in reading(text, CHECK_INS, "x.json")] == [Decimal("0.1")] * 2


WRONG_CSV = {
    "empty": ("", "line 1", "empty"),
    "blank": (" \n\n", "line 1", "empty"),
    "header only": (CHECK_IN, "line 2", "no rows"),
    "a misspelt column": ("external_id,key_result,as_of,valeu\nx,k,2026-01-01,1\n", "line 1, valeu", "value is meant"),
    "a column twice": ("external_id,key_result,as_of,as_of\n", "line 1, as_of", "twice"),
    "a column missing": ("external_id,key_result\nx,k\n", "line 1, as_of", "missing"),
    "semicolons": (CHECK_IN.replace(",", ";"), "line 1", "separated by “;”"),
    "a row cut off": (CHECK_IN + "x,k,2026-01-01,1,0.5\ny,k,2026", "line 3", "cut off"),
    "a quote never closed": (CHECK_IN + 'x,k,2026-01-01,"1', "line 2", "proper CSV"),
    "no such day": (CHECK_IN + "x,k,2026-02-30,1,\n", "line 2, as_of", "no day"),
    "another date order": (CHECK_IN + "x,k,01/02/2026,1,\n", "line 2, as_of", "year-month-day"),
    "NaN": (CHECK_IN + "x,k,2026-01-01,NaN,\n", "line 2, value", "not a number"),
    "1e400": (CHECK_IN + "x,k,2026-01-01,1e400,\n", "line 2, value", "digits"),
    "thousands": (CHECK_IN + 'x,k,2026-01-01,"1,000",\n', "line 2, value", "without separators"),
    "too sure": (CHECK_IN + "x,k,2026-01-01,1,7\n", "line 2, confidence", "between 0 and 1"),
    "an empty id": (CHECK_IN + ",k,2026-01-01,1,\n", "line 2, external_id", "empty"),
    "after a cell with line breaks": (CHECK_IN + '"a\nb",k,2026-01-01,1,\n', "line 2, external_id", "line break"),
}


@pytest.mark.parametrize("name", WRONG_CSV)
def test_a_csv_file_is_refused_with_the_place_and_the_remedy(reading: Callable[..., list[Item]], name: str) -> None:
    content, place, words = WRONG_CSV[name]
    with pytest.raises(Rejected) as refused:
        reading(content, CHECK_INS)
    assert str(refused.value).startswith(place)
    assert words in str(refused.value)


WRONG_GOALS = {
    "an unknown item": ("goal,g,,,,,,,,,,,,\n", "line 2, item", "Use one of cycle, objective, key_result"),
    "a target of an objective": ("objective,o,,T,P1,,,5,,,Q1,,,\n", "line 2, target", "has no target"),
    "a milestone without title": ("key_result,k,o,T,,milestones,,,a,,,,,\n", "line 2, milestones", "id:title"),
    "a weight below 0": ("objective,o,,T,P1,,,,,a@-1,Q1,,,\n", "line 2, parents", "no weight"),
    "an unknown metric": ("key_result,k,o,T,,more,,,,,,,,\n", "line 2, metric", "increase"),
}


@pytest.mark.parametrize("name", WRONG_GOALS)
def test_a_row_of_goals_is_refused_with_the_place_and_the_remedy(reading: Callable[..., list[Item]], name: str) -> None:
    content, place, words = WRONG_GOALS[name]
    with pytest.raises(Rejected) as refused:
        reading(HEADER + content)
    assert str(refused.value).startswith(place)
    assert words in str(refused.value)


WRONG_BYTES = {
    "latin-1": (CHECK_IN.encode() + b"x,k,2026-01-01,1,\n" + "é".encode("latin-1"), "line 3: Byte 64 (0xE9)"),
    "utf-16": (CHECK_IN.encode("utf-16"), "line 1: The file is in UTF-16"),
    "nul": (CHECK_IN.encode() + b"\0", "line 2: There is a NUL byte"),
}


@pytest.mark.parametrize("name", WRONG_BYTES)
def test_another_encoding_is_named_with_its_line(reading: Callable[..., list[Item]], name: str) -> None:
    content, words = WRONG_BYTES[name]
    with pytest.raises(Rejected, match=r"UTF-8|text") as refused:
        reading(content, CHECK_INS)
    assert str(refused.value).startswith(words)


WRONG_JSON = {
    "cut off": ('{"check_ins": [{"external_id": "a"', "line 1: Column 35"),
    "a list": ("[]", "the file: This is no JSON object"),
    "an unknown list": ('{"checkins": []}', "/checkins: There is no such list"),
    "nothing": ('{"check_ins": []}', "the file: It holds no items"),
    "no list": ('{"check_ins": {}}', "/check_ins: This is no list"),
    "NaN": ('{"check_ins": [{"external_id": "a", "value": NaN}]}', "the file: NaN is no number"),
    "1e400": ('{"check_ins": [{"external_id": "a", "value": 1e400}]}', "/check_ins/0, value"),
    "a truth": ('{"check_ins": [{"external_id": "a", "value": true}]}', "/check_ins/0, value"),
    "an unknown field": ('{"check_ins": [{"external_id": "a", "valeu": 1}]}', "/check_ins/0, valeu"),
    "no id": ('{"check_ins": [{"value": 1}]}', "/check_ins/0, external_id"),
    "a number for an id": ('{"check_ins": [{"external_id": 7}]}', "/check_ins/0, external_id: This is not text"),
    "a name twice": ('{"check_ins": [{"external_id": "a", "external_id": "b"}]}', "the file: An object has the name"),
    "very deep": ('{"check_ins": ' + "[" * 100_000, "the file: It is nested too deeply"),
}


@pytest.mark.parametrize("name", WRONG_JSON)
def test_a_json_file_is_refused_with_a_pointer(reading: Callable[..., list[Item]], name: str) -> None:
    content, place = WRONG_JSON[name]
    with pytest.raises(Rejected) as refused:
        reading(content, CHECK_INS, "file.json")
    assert str(refused.value).startswith(place)


def test_everything_wrong_is_told_at_once(reading: Callable[..., list[Item]]) -> None:
    with pytest.raises(Rejected) as refused:
        reading(CHECK_IN + "x,k,soon,1,\ny,k,2026-01-01,one,2\n", CHECK_INS)
    assert [one.column for one in refused.value.rejections] == ["as_of", "value", "confidence"]
