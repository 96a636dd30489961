"""Workbooks: what a person sees in the sheet is what the record says."""

import re
from datetime import date, datetime

import pytest

from chassis.files import LIMITS, Limits, Unreadable, read_book
from tests.support.workbooks import changed, in_sheet, workbook


def row(*cells: object, **formats: str) -> tuple[str, ...]:
    """The cells of a sheet's only row as they are read."""
    (record,) = read_book(workbook({"A": [cells]}, formats=formats)).sheets[0].records
    return tuple(record.cells)


def test_values_read_as_people_mean_them() -> None:
    assert row(42, 2.5, True, " text ", 0.1 + 0.2, -0.0) == ("42", "2.5", "true", "text", "0.3", "0")
    assert row(date(2026, 3, 31), datetime(2026, 3, 31, 8, 5)) == ("2026-03-31", "2026-03-31T08:05:00")
    assert row(1e20, 1e-7) == ("100000000000000000000", "0.0000001")


def test_leading_zeros_and_percent_signs_that_only_the_format_shows_are_kept() -> None:
    assert row(7, 17, 0.25, 0.12345, A="0000", B='"E-"00000', C="0%", D="0.0%") == ("0007", "E-00017", "25%", "12.345%")


def test_rows_keep_their_number_and_blank_ones_are_dropped() -> None:
    book = read_book(workbook({"A": [[], ["id", None], [None, None], [1, "x"]]}))
    assert [(record.number, tuple(record.cells)) for record in book.sheets[0].records] == [
        (2, ("id", "")),
        (4, ("1", "x")),
    ]


def test_empty_sheets_are_left_out_and_hidden_ones_told() -> None:
    sheets = {"Read me": [], "Users": [["id"]], "Lists": [["x"]], "Teams": [["name"]]}
    book = read_book(workbook(sheets, hidden=["Lists"]))
    assert [sheet.name for sheet in book.sheets] == ["Users", "Teams"]
    assert book.remarks == ("The sheet Lists is hidden and was not read.",)


def test_a_workbook_with_nothing_to_see_is_refused() -> None:
    with pytest.raises(Unreadable, match="No visible sheet holds anything"):
        read_book(workbook({"Front": [], "Users": [["id"]]}, hidden=["Users"]))


def test_formulas_read_as_their_results() -> None:
    assert row(("=1+3", 4), ("=A1&B1", "ab"), "x") == ("4", "ab", "x")


@pytest.mark.parametrize("written", [b"", b"<v></v>", b"<v/>"])
def test_a_formula_nobody_has_calculated_is_not_read_as_empty(written: bytes) -> None:
    data = changed(workbook({"Users": [["id"], [("=1+3", 4)]]}), in_sheet(b"<v>4</v>", written))
    with pytest.raises(Unreadable, match="never been calculated") as refused:
        read_book(data)
    assert refused.value.place == "sheet Users, cell A2"
    assert "save it as XLSX" in refused.value.remedy


def test_a_result_that_a_program_only_pretended_is_not_read() -> None:
    with pytest.raises(Unreadable, match="never been calculated"):
        read_book(workbook({"Users": [["id"], [("=1+3", 0)]]}))


def test_a_formula_whose_result_is_an_empty_text_is_empty() -> None:
    data = workbook({"Users": [["id", ("=1+3", 4)]]})
    calculated = changed(data, in_sheet(b'<c r="B1"><f>1+3</f><v>4</v>', b'<c r="B1" t="str"><f>""</f><v></v>'))
    assert read_book(calculated).sheets[0].records[0].cells == ("id", "")


def test_errors_stay_to_be_seen() -> None:
    book = read_book(workbook({"A": [["id", ("=B9", "#REF!"), ("=1/0", "#DIV/0!")]]}))
    assert tuple(book.sheets[0].records[0].cells) == ("id", "#REF!", "#DIV/0!")
    assert "errors in 2 cells, such as #REF! in row 1, column 2" in book.remarks[0]


def test_programs_that_prefix_their_xml_are_read_alike() -> None:
    def prefixed(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return content
        named = re.sub(rb"<(/?)(worksheet|sheetData|row|c|v|f)\b", rb"<\1x:\2", content)
        return named.replace(b"<x:worksheet xmlns=", b"<x:worksheet xmlns:x=")

    data = changed(workbook({"A": [[7, ("=B9", "#REF!")]]}, formats={"A": "0000"}), prefixed)
    assert tuple(read_book(data).sheets[0].records[0].cells) == ("0007", "#REF!")


def test_names_of_sheets_may_hold_any_sign() -> None:
    assert read_book(workbook({"Pérs&ons <1>": [[1]]})).sheets[0].name == "Pérs&ons <1>"


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(rows=2), "It has 3 rows"),
        (Limits(columns=1), "2 columns"),
        (Limits(cell=3), "A cell has 4 characters"),
        (Limits(memory=20 << 20), "damaged, or reading it takes more memory"),
        (Limits(unpacked=1 << 10), "Unpacked it would have"),
        (Limits(entries=3), "more than 3 entries"),
    ],
)
def test_limits_hold(limits: Limits, told: str) -> None:
    data = workbook({"A": [["id", "name"], [1, "Jane"], [2, "Rick"]]})
    assert read_book(data, limits=LIMITS).form == "xlsx"
    with pytest.raises(Unreadable, match=told):
        read_book(data, limits=limits)


def test_a_real_sheet_of_fifty_thousand_rows_is_no_bomb() -> None:
    rows = [["id", "unit"], *([number, "Engineering"] for number in range(50_000))]
    book = read_book(workbook({"People": rows}))
    assert len(book.sheets[0].records) == 50_001
