"""Viva Goals, organisation data: a ZIP of JSON with every trap its importers met, in and out again."""

import io
import json
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

from cairn.exchange.formats.contract import Asked, Reading
from cairn.exchange.formats.viva_export import VIVA_EXPORT
from cairn.exchange.layouts.links import Parent
from cairn.exchange.layouts.native import Item
from chassis.files import Book, read_book
from tests.support.formats import Place, knowing, unchanged

PEOPLE = {"ada@example.org": "Ada Lane", "bo@example.org": "Bo Østby"}
ADA, BO = ({"ID": number, "Name": name, "Email": email} for number, (email, name) in enumerate(PEOPLE.items(), 1))
PERIODS = [{"ID": 5, "Time Period Name": "FY25-Q3", "Start Date": "2025-01-01", "End Date": "2025-03-31"}]
USUAL = {
    "Created By": ADA, "Owner": [ADA], "Teams": [{"ID": 3, "Name": "Ops"}], "Time Period": {"ID": 5, "Name": "FY25-Q3"},
    "Start Date": "2025-01-01", "End Date": "2025-03-31", "Description": "", "Status": "On Track",
    "Check-in Owners": [ADA], "Children": [], "Parent IDs": [], "Alignment": [],
    "Created At": "2024-12-09 14:36:20 UTC",
}  # fmt: skip


def metric(start: str, target: str, kind: str = "Reach", unit: str | None = None) -> dict[str, Any]:
    named = {"Outcome Type": "Metric", "Metric Name": "Orders", "Metric Unit": unit}
    return {**named, "Start": start, "Target": target, "Target Type": kind}


def under(id: int, weight: float = 100) -> dict[str, Any]:
    return {"Parent IDs": [id], "Alignment": [{"ID": id, "Title": f"Title {id}", "Weight": weight}]}


OBJECTIVES = [
    {"ID": 1, "Title": "Title 1", "Type": "Big rock", **USUAL, "Children": [{"ID": 2, "Title": "x", "Type": "Kpi"}]},
    {"ID": 2, "Title": "Sell (more)", "Type": "Kpi", **USUAL, **under(1, 14.29), "Progress": "1,200,000",
     "Outcome": metric("1,000", "3,637,839"), "Owner": [BO, ADA], "Goal Type": "Committed Goal",
     "Phased Targets": {"Interval": "Monthly", "Phased Targets": [{"Target Value": 5, "Target Date": "2025-02-01"}]}},
    {"ID": 3, "Title": "Complaints", "Type": "Kpi", **USUAL, **under(1, 0), "Outcome": metric("0", "5", "Keep below")},
    {"ID": 4, "Title": "Errors", "Type": "Kpi", **USUAL, **under(1), "Outcome": metric("0", "5", "At most")},
    {"ID": 5, "Title": "Hotline", "Type": "Project", **USUAL, **under(2), "Progress": "25", "Status": "Postponed",
     "Outcome": {"Outcome Type": "Percentage", "Start": "0", "Target": "100"}},
    {"ID": 6, "Title": "Parent stayed at home", "Type": "Kpi", **USUAL, **under(99)},
    {"ID": 7, "Title": "Over", "Type": "Big rock", **USUAL, "Status": "Closed", "Score": 0.7},
]  # fmt: skip
CHECK_INS = [
    {"ID": 70, "OKR ID": 2, "CheckIn Date": "2025-02-10", "Check In Owner": BO,
     "Check In Note": {"Check In Note": "Two;\nof three", "Check In Note HTML": "<p>Two;</p>"}, "Metric Name": "Orders",
     "Status": "At Risk", "Current Value": "1,500,000", "Activity Date": "2025-02-10 20:57:08 UTC"},
    {"ID": 71, "OKR ID": 2, "CheckIn Date": "2025-02-11", "Check In Owner": {"ID": 9, "Name": "Gone", "Email": "g@x.y"},
     "Check In Note": {"Check In Note": "", "Check In Note HTML": ""}, "Metric Name": "Orders", "Status": "Behind",
     "Current Value": None, "Activity Date": "2025-02-11 08:00:00 UTC"},
]  # fmt: skip


def export(objectives: list[dict[str, Any]] = OBJECTIVES, check_ins: list[dict[str, Any]] = CHECK_INS) -> bytes:
    named = {"TimePeriods": PERIODS, "Users": [ADA, BO], "Teams": [], "objectives": objectives, "checkins": check_ins}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, document in named.items():
            archive.writestr(f"contoso/{name}_2025.json", json.dumps(document))
    return buffer.getvalue()


def documents(data: bytes) -> dict[str, list[dict[str, Any]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            name.rsplit("/")[-1].split("_")[0].removesuffix(".json"): json.loads(archive.read(name))
            for name in archive.namelist()
        }


def alone(objectives: list[dict[str, Any]], check_ins: list[dict[str, Any]] = [], **said: Any) -> Reading:  # noqa: B006
    """These objectives read against a Cairn that has only the people."""
    directory = knowing(PEOPLE)
    named = {"TimePeriods.json": PERIODS, "objectives.json": objectives, "checkins.json": check_ins}
    return VIVA_EXPORT.read(Book("zip", documents=named), Asked(directory, date(2025, 2, 20), **said))


def found(reading: Reading, id: str) -> Item:
    return next(item for item in [*reading.okrs, *reading.check_ins] if item["external_id"] == id)


def test_an_export_comes_back_field_by_field_and_changes_nothing_again(place: Place) -> None:
    data = export()
    place.people(PEOPLE)
    place.bring(VIVA_EXPORT, data)
    before, after = documents(data), documents(place.take(VIVA_EXPORT, "viva:"))
    written = {one["ID"]: one for one in after["objectives"]}
    for one in before["objectives"]:
        assert {name: written[one["ID"]].get(name) for name in one} == one
    assert sorted(after["checkins"], key=lambda one: one["ID"]) == before["checkins"]
    assert after["TimePeriods"] == before["TimePeriods"]
    assert unchanged(place.bring(VIVA_EXPORT, data))


def test_a_threshold_is_told_by_the_words_of_the_target() -> None:
    reading = alone(OBJECTIVES)
    assert [found(reading, f"viva:{id}")["metric"] for id in (2, 3, 4)] == ["increase", "stay_below", "stay_below"]
    assert [doubt.taken for doubt in reading.doubts if doubt.id == "metric:viva:4"] == ["stay below"]


def test_words_nobody_listed_are_asked_about() -> None:
    odd = [{**OBJECTIVES[0], "ID": 1, "Type": "North star"}, {**OBJECTIVES[1], "Outcome": metric("0", "9", "Hover at")}]
    reading = alone(odd, CHECK_INS)
    assert [doubt.id for doubt in reading.open] == ["metric:viva:2"]
    assert "type:North star" in [doubt.id for doubt in reading.doubts]
    answered = alone(odd, CHECK_INS, answers={"metric:viva:2": "stay above"})
    assert not answered.open
    assert found(answered, "viva:2")["metric"] == "stay_above"


def test_whether_progress_is_a_percentage_or_the_value_is_asked_once() -> None:
    asked = alone(OBJECTIVES[:2])
    assert [(doubt.id, doubt.choices) for doubt in asked.open] == [("progress", ("percentage", "value"))]
    as_value = alone(OBJECTIVES[:2], answers={"progress": "value"})
    assert [item["value"] for item in as_value.check_ins] == [Decimal(1_200_000)]
    half = [OBJECTIVES[0], {**OBJECTIVES[1], "Progress": 50, "Outcome": metric("100", "300")}]
    assert [item["value"] for item in alone(half, answers={"progress": "percentage"}).check_ins] == [Decimal(200)]


def test_check_ins_carry_dates_authors_and_notes() -> None:
    first, second = alone(OBJECTIVES, CHECK_INS).check_ins[:2]
    assert (first["value"], first["author"], first["status"], first["note"]) == (
        Decimal(1_500_000), "bo@example.org", "at_risk", "Two;\nof three",
    )  # fmt: skip
    assert (second["value"], second["author"], second["as_of"]) == (first["value"], "bo@example.org", date(2025, 2, 11))


def test_a_project_under_a_key_result_becomes_an_objective_that_contributes_to_it() -> None:
    reading = alone(OBJECTIVES, CHECK_INS)
    assert found(reading, "viva:5")["parents"] == (Parent("viva:2"),)
    assert found(reading, "viva:5#value")["objective"] == "viva:5"


def test_children_name_their_parents_where_they_do_not_themselves() -> None:
    orphan = {**OBJECTIVES[1], "Parent IDs": [], "Alignment": []}
    assert found(alone([OBJECTIVES[0], orphan], CHECK_INS), "viva:2")["objective"] == "viva:1"


def test_a_parent_that_is_not_exported_is_marked() -> None:
    reading = alone(OBJECTIVES, CHECK_INS)
    assert "parent:99" in [doubt.id for doubt in reading.doubts]
    assert found(reading, "viva:6")["parents"] == ()


def test_the_export_is_recognised_inside_its_zip() -> None:
    assert VIVA_EXPORT.recognises(read_book(export()))
