"""Tables written for people: no cell is a formula or a link, and every cell reads back as it was."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from chassis.files import guarded, read_book, unguarded, write_csv, write_xlsx

HARMFUL = [
    f"{lead}{mark}{rest}"
    for lead in ("", "'", "''")
    for mark in ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
    for rest in ("1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://x/","y")', "SUM(A1:A9)", "", "x", "1")
]
HARMLESS = ["Amara", "http://example.org", "mailto:a@b.c", "'quoted'", "3-4", "O'Neil", "1+1=2", "", " =1"]


def formulas_and_links(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets" in name]
    return [mark for sheet in sheets for mark in ("<f", "hyperlink") if mark in sheet]


def test_there_are_more_than_two_hundred_payloads() -> None:
    assert len(HARMFUL) > 200


@pytest.mark.parametrize("text", [*HARMFUL, *HARMLESS])
def test_a_guarded_text_begins_with_no_formula_and_comes_back(text: str) -> None:
    assert guarded(text)[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_reads_back(separator: str) -> None:
    rows = [[text.strip(), "x"] for text in [*HARMFUL, *HARMLESS]]
    book = read_book(write_csv(["text", "=mark"], rows, separator=separator), separator=separator)
    header, *records = book.sheets[0].records
    assert tuple(header.cells) == ("text", "'=mark")
    assert [unguarded(record.cells[0]) for record in records] == [row[0] for row in rows]


def test_numbers_stay_numbers_and_days_are_iso() -> None:
    row = [-5, Decimal("-0.10"), date(2026, 3, 31), True, None, "-5"]
    assert write_csv(["a"], [row]) == b"a\r\n-5,-0.10,2026-03-31,true,,'-5\r\n"
    book = read_book(write_xlsx([("S", list("abcdef"), [row])]))
    assert tuple(book.sheets[0].records[1].cells) == ("-5", "-0.1", "2026-03-31", "true", "", "'-5")


def test_a_byte_order_mark_is_written_where_it_is_asked_for() -> None:
    assert write_csv(["ä"], [], bom=True) == b"\xef\xbb\xbf\xc3\xa4\r\n"


def test_a_workbook_holds_neither_formulas_nor_links() -> None:
    texts = [text for text in [*HARMFUL, *HARMLESS] if text.strip()]
    data = write_xlsx([("A", ["text"], [[text] for text in texts]), ("B", ["=x"], [])])
    assert formulas_and_links(data) == []
    book = read_book(data)
    assert [sheet.name for sheet in book.sheets] == ["A", "B"]
    assert [unguarded(record.cells[0]) for record in book.sheets[0].records[1:]] == [
        unguarded(guarded(text).strip()) for text in texts
    ]


def test_a_cell_no_sheet_can_hold_is_not_cut_silently() -> None:
    with pytest.raises(ValueError, match="Row 2, column 1"):
        write_xlsx([("A", ["text"], [["x" * 40_000]])])
