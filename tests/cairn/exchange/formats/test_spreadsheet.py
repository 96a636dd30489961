"""Any other table, by a column map: trees of rows, and key results with their objective in a column."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cairn.exchange.formats.contract import Asked, Reading
from cairn.exchange.formats.spreadsheet import TABLE
from cairn.exchange.layouts.wrong import Rejected
from chassis.files import read_book, write_csv
from chassis.files.columns import ColumnMap
from tests.support.formats import Place, differences, knowing, rows, unchanged

PEOPLE = {"ada@sheets.example.org": "Ada Lane", "bo@sheets.example.org": "Bo Berg"}
MAP = ColumnMap.parse(
    "title=Key result,objective=Goal,owner=Who,cycle=Quarter,start=From,target=To,value=Now,status=How"
)
HEADER = ("Goal", "Key result", "Who", "Quarter", "From", "To", "Now", "How", "Remarks")
SHEET = [
    ("Customers stay", "Fewer cancel", "Ada Lane", "Q1 2025", "40", "25", "31", "green", "=1+1"),
    ("Customers stay", "Score of 9", "Bo Berg", "Q1 2025", "", "9,5", "", "", ""),
    ("Sell more", "Orders (EU)", "Bo Berg", "Q1 2025", "1.000.000", "€ 2.500.000,50", "1.250.000", "amber", "x"),
]


def table(lines: list[tuple[str, ...]] = SHEET, header: tuple[str, ...] = HEADER) -> bytes:
    return write_csv(header, lines)


def alone(data: bytes, columns: ColumnMap | None = MAP, **said: Any) -> Reading:
    directory = knowing(PEOPLE)
    return TABLE.read(read_book(data), Asked(directory, date(2025, 2, 20), columns=columns, **said))


def test_a_mapped_table_goes_in_and_comes_out_in_our_fields(place: Place) -> None:
    place.people(PEOPLE)
    place.bring(TABLE, table(), columns=MAP)
    exported = place.take(TABLE)
    names = {"Goal": "objective", "Key result": "title", "Quarter": "cycle", "Remarks": "Remarks", "Who": "owner",
             "From": "start", "To": "target", "Now": "value", "How": "status"}  # fmt: skip
    before = [{names[name]: cell for name, cell in row.items()} for row in rows(table())]
    assert differences(before, rows(exported), "title") == []
    assert unchanged(place.bring(TABLE, table(), columns=MAP))


def test_key_results_share_the_objective_of_their_column() -> None:
    reading = alone(table())
    made = {item["title"]: item["external_id"] for item in reading.okrs if item.kind == "objective"}
    assert [item["objective"] for item in reading.okrs if item.kind == "key_result"] == [
        made["Customers stay"], made["Customers stay"], made["Sell more"],
    ]  # fmt: skip
    assert {doubt.id for doubt in reading.doubts} == {
        "owner of:Customers stay", "owner of:Sell more", "owner:Ada Lane", "owner:Bo Berg",
    }  # fmt: skip


def test_numbers_of_a_file_agree_on_their_decimal_mark() -> None:
    measures = [item for item in alone(table()).okrs if item.kind == "key_result"]
    assert [(item["start"], item["target"], item["currency"]) for item in measures] == [
        (Decimal(40), Decimal(25), None), (Decimal(0), Decimal("9.5"), None),
        (Decimal(1_000_000), Decimal("2500000.5"), "EUR"),
    ]  # fmt: skip


def test_rows_name_their_parents_by_title_or_id_in_any_order() -> None:
    lines = [("k", "Below", "Top", "key result"), ("t", "Top", "", "objective"), ("u", "Under it", "t", "objective")]
    full = [(*line, "Ada Lane", "2025") for line in lines]
    columns = ColumnMap({"id": "Id", "title": "T", "parent": "P", "item": "I", "owner": "O", "cycle": "C"})
    reading = alone(table(full, ("Id", "T", "P", "I", "O", "C")), columns)
    found = {item["external_id"]: item for item in reading.okrs}
    assert found["table:k"]["objective"] == "table:t"
    assert [parent.id for parent in found["table:u"]["parents"]] == ["table:t"]


@pytest.mark.parametrize("columns", [None, ColumnMap({"title": "Nowhere"}), ColumnMap({"name": "Goal"})])
def test_a_map_that_does_not_fit_is_refused(columns: ColumnMap | None) -> None:
    with pytest.raises(Rejected):
        alone(table(), columns)
