"""JSON: exact numbers, a list of flat objects as a table, and what is no document refused with its line."""

from decimal import Decimal

import pytest

from chassis.files import Unreadable, read_book
from tests.support.workbooks import zipped


def test_numbers_are_exact() -> None:
    book = read_book(b'{"a": 0.1, "b": 12345678901234567890, "c": 1e2}')
    assert book.documents[""] == {"a": Decimal("0.1"), "b": 12345678901234567890, "c": Decimal("1e2")}
    assert not book.sheets


def test_a_list_of_flat_objects_is_a_table_too() -> None:
    book = read_book(b'[{"id":"0042","roles":["hr","admin"]}, {}, {"id":7,"active":true,"roles":null,"share":2.50}]')
    (sheet,) = book.sheets
    assert [(record.number, record.cells) for record in sheet.records] == [
        (0, ("id", "roles", "active", "share")),
        (1, ("0042", "hr|admin", "", "")),
        (3, ("7", "", "true", "2.50")),
    ]


@pytest.mark.parametrize("text", ['[{"a":{"b":1}}]', '[{"a":[1]}]', "[]", "[1]", '{"a":1}', '[{"a":1},2]'])
def test_what_is_no_table_is_a_document_only(text: str) -> None:
    book = read_book(text.encode())
    assert not book.sheets
    assert "" in book.documents


def test_a_header_in_brackets_is_no_json() -> None:
    assert read_book(b"[id],[name]\n1,A\n").form == "csv"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_json_may_be_in_other_encodings(encoding: str) -> None:
    assert read_book('[{"name":"Jörg"}]'.encode(encoding)).documents[""] == [{"name": "Jörg"}]


def test_a_broken_document_is_refused_with_its_line() -> None:
    with pytest.raises(Unreadable, match="Column 12 is no JSON") as refused:
        read_book(b'[{"id":"1"},\n {"id":"2",}]')
    assert refused.value.place == "line 2"


def test_an_export_in_a_zip_is_read_file_by_file() -> None:
    files = {
        "export/Users.json": b'[{"ID":"1","Name":"Amara"}]',
        "export/objectives.json": b'\xef\xbb\xbf {"items": [{"Owner": {"ID": 1}}]}',
        "export/teams.csv": b"id;name\n1;Ops\n",
        "export/read me.pdf": b"%PDF-1.7",
        "__MACOSX/export/._Users.json": b"[1]",
        "export/": b"",
    }
    book = read_book(zipped(files))
    assert book.form == "zip"
    assert sorted(book.documents) == ["export/Users.json", "export/objectives.json"]
    assert [sheet.name for sheet in book.sheets] == ["export/Users.json", "export/teams.csv"]
    assert book.remarks == (
        "export/teams.csv: The cells are separated by semicolons.",
        "export/read me.pdf was not read.",
        "__MACOSX/export/._Users.json was not read.",
    )


def test_a_broken_file_in_a_zip_is_named() -> None:
    with pytest.raises(Unreadable) as refused:
        read_book(zipped({"a/b.json": b'{"a":\n1,}'}))
    assert refused.value.place == "entry a/b.json, line 2"
