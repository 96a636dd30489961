"""PeopleCues: metrics of objectives, in and out again cell by cell."""

from datetime import date
from decimal import Decimal

from cairn.exchange.formats.contract import Asked
from cairn.exchange.formats.peoplecues import PEOPLECUES
from chassis.files import read_book
from tests.support.formats import Place, knowing, rows, unchanged
from tests.support.real_files import data_root

FILE = "okr_tool_exports/peoplecues_objectives_upload_layout/filled_from_sourcegraph.csv"
HEADER = (
    "Objective Title,Owner_Email_ID,Start_Date,Due_Date,Description,Metric_Name,Metric_Type,Metric_Start_Value,"
    "Metric_Target_Value\n"
)


def test_a_real_file_comes_back_cell_by_cell_and_changes_nothing_again(place: Place) -> None:
    data = (data_root() / FILE).read_bytes()
    before = rows(data)
    place.people({row["Owner_Email_ID"]: row["Owner_Email_ID"].split("@")[0] for row in before})
    place.bring(PEOPLECUES, data)
    assert sorted(rows(place.take(PEOPLECUES)), key=str) == sorted(before, key=str)
    assert unchanged(place.bring(PEOPLECUES, data))


def test_rows_of_one_objective_are_its_key_results() -> None:
    one = "Sell more,ana@example.org,2026-01-01,2026-03-31,,"
    file = f"{HEADER}{one}Deals,Number,0,20\n{one}Share,Percentage,5,10\n"
    reading = PEOPLECUES.read(read_book(file.encode()), _asked())
    found = [(item["title"], item["metric"], item["unit"]) for item in reading.okrs if item.kind == "key_result"]
    assert found == [("Deals", "increase", "number"), ("Share", "increase", "percent")]
    assert [item["title"] for item in reading.okrs if item.kind == "objective"] == ["Sell more"]


def test_the_currency_is_asked_once_for_all_amounts() -> None:
    one = "Sell more,ana@example.org,2026-01-01,2026-03-31,,"
    file = f"{HEADER}{one}Revenue,Currency,0,1000\n{one}Cost,Currency,50,20\n".encode()
    assert [doubt.id for doubt in PEOPLECUES.read(read_book(file), _asked()).open] == ["currency"]
    answered = PEOPLECUES.read(read_book(file), _asked(currency="EUR"))
    money = [(item["currency"], item["target"]) for item in answered.okrs if item.kind == "key_result"]
    assert answered.open == []
    assert money == [("EUR", Decimal(1000)), ("EUR", Decimal(20))]


def _asked(**answers: str) -> Asked:
    return Asked(knowing({"ana@example.org": "Ana"}), date(2026, 2, 1), answers=answers)
