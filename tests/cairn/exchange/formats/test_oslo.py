"""The OKR tracker of Oslo: its collections in a ZIP, in and out again field by field."""

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from cairn.exchange.formats.contract import Asked, Goals, Reading
from cairn.exchange.formats.oslo import OSLO
from cairn.exchange.formats.registry import recognised
from cairn.exchange.layouts.native import Item
from chassis.files import read_book
from tests.support.formats import Place, knowing, unchanged
from tests.support.real_files import data_root

FOLDER = "okr_tool_exports/oslo_okr_tracker_firestore"
ANSWERS = {"author": "mountain.peach.258@example.com", "archived": "imported"}
TODAY = date(2026, 2, 10)
UNITS = ("departments", "products", "organizations")


def zipped(documents: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, document in documents.items():
            archive.writestr(f"export/{name}.json", json.dumps(document))
    return buffer.getvalue()


def real() -> dict[str, Any]:
    return {path.stem: json.loads(path.read_bytes()) for path in sorted((data_root() / FOLDER).glob("*.json"))}


def taken(data: bytes) -> dict[str, dict[str, Any]]:
    """The documents of each collection by their paths."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name.removesuffix(".json"): json.loads(archive.read(name)) for name in archive.namelist()}
    return {name: {one["_path"]: one for one in found} for name, found in files.items()}


def small(**changes: Any) -> Reading:
    """One objective with one key result; `changes` are fields of these by `objective__name` and so on."""
    documents: dict[str, Any] = {
        "objectives": {"_path": "objectives/O", "name": "Grow", "parent": {"ref": "products/P"},
                       "period": {"ref": "periods/Q"}, "archived": False},
        "keyResults": {"_path": "keyResults/K", "name": "Sell", "objective": {"ref": "objectives/O"}, "startValue": 0,
                       "targetValue": 10, "unit": "antall", "weight": 1, "archived": False},
        "keyResults__progress": {"_path": "keyResults/K/progress/1", "value": 4, "createdBy": "nobody",
                                 "timestamp": "2026-01-31T23:30:00.000Z", "created": "2026-02-01T08:00:00.000Z"},
        "periods": {"_path": "periods/Q", "name": "Q1", "startDate": "2025-12-31T23:00:00.000Z",
                    "endDate": "2026-03-31T21:59:59.999Z"},
        "products": {"_path": "products/P", "name": "Ana"},
    }  # fmt: skip
    for place, value in changes.items():
        collection, _, field = place.partition("__at__")
        documents[collection] = {**documents[collection], field: value}
    data = zipped({name: [document] for name, document in documents.items()})
    return OSLO.read(read_book(data), Asked(knowing({"ana@example.org": "Ana"}), TODAY))


@pytest.fixture(scope="module")
def staffed(place: Place) -> Place:
    """With a team for every unit, and the users of the tracker."""
    documents = real()
    place.people({user["email"]: user["email"].split("@")[0] for user in documents["users"]})
    for name in sorted({unit["name"] for kind in UNITS for unit in documents[kind]}):
        place.client.post("teams", {"name": name})
    place.client.settle()
    return place


def test_the_real_collections_come_back_field_by_field_and_change_nothing_again(staffed: Place) -> None:
    before = real()
    assert recognised(read_book(zipped(before))) is OSLO
    staffed.bring(OSLO, zipped(before), answers=ANSWERS)
    after = taken(staffed.take(OSLO))
    for name in ("objectives", "keyResults", "keyResults__progress"):
        assert after[name] == {one["_path"]: one for one in before[name]}
    for name in ("periods", *UNITS):
        assert after[name].items() <= {one["_path"]: one for one in before[name]}.items()
    used = {one[field]["ref"] for one in before["objectives"] for field in ("parent", "period")}
    assert used <= {path for name in ("periods", *UNITS) for path in after[name]}
    assert unchanged(staffed.bring(OSLO, zipped(before), answers=ANSWERS))


def test_what_is_archived_is_left_out_unless_told_otherwise_and_kpis_always(staffed: Place) -> None:
    reading = staffed.read(OSLO, zipped(real()), answers={"author": ANSWERS["author"]})
    [doubt] = [doubt for doubt in reading.doubts if doubt.id == "archived"]
    assert (doubt.kind, doubt.taken, doubt.times) == ("mark", "left out", 1)
    assert sum(item.kind == "objective" for item in reading.okrs) == 28
    assert "6 KPIs with 702 values are series without a target, no goals: left out" in reading.remarks


def test_days_are_those_of_oslo_and_values_are_those_recorded() -> None:
    reading = small()
    [cycle] = [item for item in reading.okrs if item.kind == "cycle"]
    assert (cycle["name"], cycle["starts_on"], cycle["ends_on"]) == ("Q1 2026", date(2026, 1, 1), date(2026, 3, 31))
    assert [(one["value"], one["as_of"], one["author"]) for one in reading.check_ins] == [
        (4, date(2026, 2, 1), "ana@example.org")
    ]


def test_archived_progress_counts_for_nothing() -> None:
    assert small(keyResults__progress__at__archived=True).check_ins == []


def test_key_results_of_what_is_left_out_are_left_out_and_told() -> None:
    reading = small(objectives__at__archived=True)
    assert [item.kind for item in reading.okrs] == []
    assert "1 key results stand below objectives that are not imported; they are left out" in reading.remarks


def test_a_very_long_title_is_cut_and_kept_whole() -> None:
    reading = small(objectives__at__name="long " * 200)
    [objective] = [item for item in reading.okrs if item.kind == "objective"]
    assert len(objective["title"]) <= 500
    assert objective["attributes"]["name"] == "long " * 200


def test_documents_with_fields_of_other_kinds_are_no_disaster() -> None:
    reading = small(
        periods__at__startDate=None,
        periods__at__endDate="soon",
        products__at__name={"no": "text"},
        keyResults__at__weight="heavy",
        keyResults__progress__at__created="yesterday",
        keyResults__progress__at__timestamp=7,
    )
    asked = {doubt.id for doubt in reading.open}
    assert asked == {"day:soon", "cycle", "number:heavy", "day:7", "owner:products/P"}


def test_goals_of_other_origin_are_written_as_documents_and_come_in_again() -> None:
    people = knowing({"ana@example.org": "Ana"})
    days = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 3, 31)}
    okrs = [
        Item("cycle", {"name": "Q1 2026", **days}),
        Item("objective", {"external_id": "o/1", "title": "Grow", "cycle": "Q1 2026", "owner": "ana@example.org"}),
        Item("key_result", {"external_id": "k-1", "objective": "o/1", "title": "Sell", "metric": "increase", "start": 0,
                            "target": 5, "unit": "number"}),
    ]  # fmt: skip
    check_in = Item("check_in", {"external_id": "c-1", "key_result": "k-1", "as_of": date(2026, 1, 9), "value": 3})
    written = OSLO.write(Goals(okrs, [check_in], people))
    found = taken(written)
    assert {name: list(of) for name, of in found.items() if name not in ("periods", "departments")} == {
        "objectives": ["objectives/o-1"],
        "keyResults": ["keyResults/k-1"],
        "keyResults__progress": ["keyResults/k-1/progress/c-1"],
    }
    answers = {doubt.id: "ana@example.org" for doubt in OSLO.read(read_book(written), Asked(people, TODAY)).open}
    again = OSLO.read(read_book(written), Asked(people, TODAY, answers=answers))
    assert again.open == []
    assert [(one["value"], one["as_of"]) for one in again.check_ins] == [(3, date(2026, 1, 9))]
    assert {item["name"] for item in again.okrs if item.kind == "cycle"} == {"Q1 2026"}
