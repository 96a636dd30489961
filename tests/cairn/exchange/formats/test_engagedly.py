"""Engagedly: flat goals, in and out again cell by cell."""

from datetime import date

from cairn.exchange.formats.contract import Asked
from cairn.exchange.formats.engagedly import ENGAGEDLY
from chassis.files import read_book
from tests.support.formats import Place, knowing, rows, unchanged
from tests.support.real_files import data_root

FILE = "okr_tool_exports/engagedly_goals_import_layout/filled_from_sourcegraph.csv"


def test_a_real_file_comes_back_cell_by_cell_and_changes_nothing_again(place: Place) -> None:
    data = (data_root() / FILE).read_bytes()
    before = rows(data)
    place.people({row["Owner Email ID"]: row["Owner Email ID"].split("@")[0] for row in before})
    place.bring(ENGAGEDLY, data)
    after = rows(place.take(ENGAGEDLY))
    assert sorted(after, key=str) == sorted(before, key=str)
    assert unchanged(place.bring(ENGAGEDLY, data))


def test_a_goal_that_is_counted_is_marked_because_the_file_has_no_target() -> None:
    file = (
        "Goal,Goal Identifier,Start Date,End Date,Check-In Type,Status,Owner Email ID\n"
        "Sell 20,G-7,2026-01-01,2026-03-31,Quantity,,ana@example.org\n"
    )
    reading = ENGAGEDLY.read(read_book(file.encode()), Asked(knowing({"ana@example.org": "Ana"}), date(2026, 2, 1)))
    assert [(doubt.id, doubt.taken) for doubt in reading.doubts] == [("metric:engagedly:G-7", "percent")]
    assert [item["external_id"] for item in reading.okrs if item.kind == "objective"] == ["engagedly:G-7"]
