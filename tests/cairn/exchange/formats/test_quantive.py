"""Quantive: key results, tasks and users in three sheets, in and out again cell by cell."""

import io
import zipfile
from datetime import date

import pytest
import xlsxwriter

from cairn.exchange.formats.contract import Asked, Reading
from cairn.exchange.formats.quantive import QUANTIVE
from cairn.exchange.formats.registry import recognised
from chassis.files import read_book, write_xlsx
from tests.support.formats import Place, Row, knowing, rows, unchanged
from tests.support.real_files import data_root

FOLDER = "okr_tool_exports/gtmhub_quantive_workbook"
SHEETS = ("Users", "OKRs", "Tasks")
FORMULA = {"number:=20*1.05": "21"}
HEADER = "Session,objective,keyResultName,owner,initialValue,targetValue,type\n"


def zipped() -> bytes:
    """The real sheets, as they lie in their folder, in one ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in SHEETS:
            archive.writestr(f"{name}.csv", (data_root() / FOLDER / f"{name}.csv").read_bytes())
    return buffer.getvalue()


def sheets(data: bytes) -> dict[str, list[Row]]:
    """The rows of each sheet in their order, numbers by value; people in no order."""
    book = read_book(data)
    found = {sheet.name.removesuffix(".csv"): rows(book, place) for place, sheet in enumerate(book.sheets)}
    plain = {name: [{key: _plain(cell) for key, cell in row.items()} for row in of] for name, of in found.items()}
    return {**plain, "Users": sorted(plain.get("Users", []), key=str)}


def _plain(cell: str) -> str:
    return cell.removesuffix(".0")


def understood(file: str, **said: object) -> Reading:
    people = knowing({"ana@example.org": "Ana", "bo@example.org": "Bo"})
    return QUANTIVE.read(read_book(file.encode()), Asked(people, date(2026, 2, 1), **said))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def staffed(place: Place) -> Place:
    names = {"behn_jones": "Behn Jones", "amy_wrent": "Amy Wrent", "jake_nordon": "Jake Nordon"}
    place.people({f"{email}@okrs.example.com": name for email, name in names.items()})
    return place


def test_the_real_sheets_come_back_cell_by_cell_and_change_nothing_again(staffed: Place) -> None:
    assert recognised(read_book(zipped())) is QUANTIVE
    staffed.bring(QUANTIVE, zipped(), answers=FORMULA)
    taken = staffed.take(QUANTIVE)
    assert sheets(taken) == sheets(zipped())
    assert unchanged(staffed.bring(QUANTIVE, zipped(), answers=FORMULA))
    assert unchanged(staffed.bring(QUANTIVE, taken, answers=FORMULA))


def test_the_key_results_alone_are_a_file_too(staffed: Place) -> None:
    data = (data_root() / FOLDER / "OKRs.csv").read_bytes()
    reading = staffed.read(QUANTIVE, data, answers=FORMULA)
    kinds = [item.kind for item in reading.okrs]
    assert [kinds.count(kind) for kind in ("cycle", "objective", "key_result")] == [1, 3, 6]
    [cycle] = [item for item in reading.okrs if item.kind == "cycle"]
    assert (cycle["name"], cycle["starts_on"], cycle["ends_on"]) == ("Q4 2021", date(2021, 10, 1), date(2021, 12, 31))


def test_a_formula_is_asked_and_never_evaluated(staffed: Place) -> None:
    [doubt] = staffed.read(QUANTIVE, zipped()).open
    assert (doubt.id, doubt.kind) == ("number:=20*1.05", "ask")


def test_tasks_stand_below_their_objective_without_counting_for_it(staffed: Place) -> None:
    reading = staffed.read(QUANTIVE, zipped(), answers=FORMULA)
    tasks = [item for item in reading.okrs if item.kind == "objective" and ":task-" in str(item["external_id"])]
    assert len(tasks) == 6
    assert {parent.kind for task in tasks for parent in task["parents"]} == {"supports"}


def test_the_words_for_the_target_say_how_it_is_measured() -> None:
    words = ("increase to", "decrease to", "stay above", "stay below")
    lines = [f"Q1 2026,O,K{place},ana@example.org,5,{place},should {word}\n" for place, word in enumerate(words)]
    found = [item for item in understood(HEADER + "".join(lines)).okrs if item.kind == "key_result"]
    assert [item["metric"] for item in found] == ["decrease", "decrease", "stay_above", "stay_below"]


def test_unknown_words_for_the_target_are_asked() -> None:
    reading = understood(HEADER + "Q1 2026,O,K,ana@example.org,0,5,should hover around\n")
    [doubt] = reading.open
    assert doubt.id.startswith("metric:quantive:")
    answered = understood(
        HEADER + "Q1 2026,O,K,ana@example.org,0,5,should hover around\n", answers={doubt.id: "stay above"}
    )
    assert [item["metric"] for item in answered.okrs if item.kind == "key_result"] == ["stay_above"]


def test_a_task_for_an_objective_of_two_sessions_is_asked_about() -> None:
    okrs = [("Session", "objective", "keyResultName", "owner", "initialValue", "targetValue", "type")]
    okrs += [(f"Q{number} 2026", "Grow", "K", "ana@example.org", "0", "5", "should increase to") for number in (1, 2)]
    tasks = [("objective", "taskName", "owner"), ("Grow", "Call", "bo@example.org"), ("Away", "Go", "bo@example.org")]
    book = read_book(write_xlsx([("OKRs", okrs[0], okrs[1:]), ("Tasks", tasks[0], tasks[1:])]))
    people = knowing({"ana@example.org": "Ana", "bo@example.org": "Bo"})
    reading = QUANTIVE.read(book, Asked(people, date(2026, 2, 1), answers={"cycle": "Q1 2026"}))
    assert [(doubt.id, doubt.choices) for doubt in reading.open] == [("parent:Grow", ("Q1 2026", "Q2 2026"))]
    assert "parent:Away" in [doubt.id for doubt in reading.doubts if doubt.kind == "mark"]


def test_the_number_a_formula_of_a_workbook_stood_at_is_read() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("OKRs")
        sheet.write_row(0, 0, HEADER.strip().split(","))
        sheet.write_row(1, 0, ["Q1 2026", "Grow", "Keep", "ana@example.org", 20])
        sheet.write_formula(1, 5, "=20*1.05", None, 21)
    reading = QUANTIVE.read(read_book(buffer.getvalue()), Asked(knowing({"ana@example.org": "Ana"}), date(2026, 2, 1)))
    [key_result] = [item for item in reading.okrs if item.kind == "key_result"]
    assert (reading.open, key_result["target"]) == ([], 21)
