"""Viva Goals, Explorer view: a real tree in and out again, and every trap of real exports in a small view."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cairn.exchange.formats.contract import Asked, Reading
from cairn.exchange.formats.viva_explorer import ALIGNED, COLUMNS, VIVA_EXPLORER, links, plain_id
from cairn.exchange.layouts.links import Parent
from cairn.exchange.layouts.native import Item
from chassis.files import read_book, unguarded, write_csv, write_xlsx
from tests.support.formats import Place, differences, knowing, rows, unchanged
from tests.support.real_files import data_root

FILE = "okr_tool_exports/viva_goals_export_layout/filled_from_gitlab_2018-Q3.csv"
PEOPLE = {"ada@example.org": "Ada Lane", "bo@example.org": "Bo Østby", "cy@example.org": "Cyril O'Neil"}
OLD = (
    "Id", "Title", "Tag", "OKR type", "Type name", "Creator", "Owner", "Period", "Start Date", "End Date",
    "Description", ALIGNED, "Metric Name", "Target", "Object Type", "Goal Type", "Start", "Created At",
    "Last Check-in", "Progress %", "Status", "Last Check-in Note", "Score", "Checkins",
)  # fmt: skip
DELIVERY = "Clear Success Criteria for 'Definition of Done' (Delivery)"


def check_in(day: str, user: str, note: str, status: str, value: str, time: str = "20:57:08") -> str:
    return (
        f"Checkin Date: {day}; User: {user}; Note: {note}; Metric Name: Progress; Status: {status}; "
        f"Current Value: {value}; Activity Date: {day} {time} UTC;"
    )


def row(id: str, title: str, **cells: str) -> dict[str, str]:
    usual = {"Owner": "Ada Lane", "Period": "Q1 2025", "Start Date": "2025-01-01", "End Date": "2025-03-31"}
    named = {name.replace("_", " "): cell for name, cell in cells.items()}
    return {"Id": id, "Title": title, **usual, "Object Type": "Objective", **named}


VIEW = [
    row("2503050", DELIVERY, Team="Ops; Sales", Creator="Somebody Else", Status="On Track", Target="100%", Unit="%"),
    row("9007", "Orders, large (all)", Object_Type="Key result", Start="1,250", Target="3,637,839",
        Metric_Name="Orders", Actual_Progress="1,251", Status="Behind", Goal_Type="Committed Goal",
        Description="In pieces",
        Aligned=f"{DELIVERY}(weight: 50%, Id: 2503050)"),
    row("9008", "Fewer complaints", Object_Type="Key result", Start="40", Target="25", Owner="Bo Østby, Cyril O'Neil",
        Aligned=f"{DELIVERY}(weight: 0%, Id: 2503050)", Created_At="2024-12-09 14:36:20 UTC",
        check_ins=[check_in("2025-03-10", "Bo Østby", "Two of\nthree; done; nearly", "On Track", "31"),
                   check_in("2025-02-10", "Gone Long", "", "Not Started", "40")]),
    row("9009", "Build the hotline", Object_Type="Deliverable", Unit="%", Target="100%", Status="Postponed",
        Aligned="Fewer complaints(weight: 0%, Id: 9008)", Progress="25%"),
    row("9010", "Shared by two", Object_Type="Key result", Unit="€", Target="1,000.50", Actual_Progress="250",
        Aligned=f"{DELIVERY}(weight: 14.29%, Id: 2503050), Orders, large (all)(weight: 100%, Id: 9007)"),
    row("9011", "Its parent stayed at home", Object_Type="Key result", Target="5",
        Aligned="Elsewhere (EU)(weight: 100%, Id: 999900)"),
    row("9012", "=Over and scored", Status="Closed", Score="0.7", Goal_Type="Aspirational Goal"),
]  # fmt: skip


def view(columns: tuple[str, ...] = COLUMNS, given: list[Any] = VIEW) -> bytes:
    """The rows as a CSV file; check-ins go into the last column and unnamed ones behind it."""
    most = max(len(one.get("check ins", ())) for one in given) or 1
    spelt = {"Aligned": ALIGNED, "Progress": "Progress %"}
    lines = []
    for one in given:
        cells = {spelt.get(name.replace("_", " "), name.replace("_", " ")): cell for name, cell in one.items()}
        said = [*cells.pop("check ins", ()), *[""] * most][:most] if columns[-1] == "Checkins" else []
        lines.append([*(cells.get(name, "") for name in columns[: len(columns) - bool(said)]), *said])
    return write_csv([*columns, *[""] * (most - 1 if columns[-1] == "Checkins" else 0)], lines)


def alone(data: bytes, people: Mapping[str, str] = PEOPLE, **said: Any) -> Reading:
    """The file read against a Cairn that has only these people."""
    directory = knowing(people)
    return VIVA_EXPLORER.read(read_book(data), Asked(directory, date(2025, 2, 20), **said))


def found(reading: Reading, id: str) -> Item:
    return next(item for item in [*reading.okrs, *reading.check_ins] if item["external_id"] == id)


def test_a_real_file_comes_back_cell_by_cell_and_changes_nothing_again(place: Place) -> None:
    data = (data_root() / FILE).read_bytes()
    before = rows(data)
    people = {f"{name.lower().replace(' ', '.').replace('/', '-')}@viva.example.org": name for name in owners(before)}
    place.people(people)
    place.bring(VIVA_EXPLORER, data)
    after = rows(place.take(VIVA_EXPLORER, "viva:"))
    assert len(after) == len(before)
    assert differences(before, after, "Id") == []
    assert unchanged(place.bring(VIVA_EXPLORER, data))


def owners(of: list[dict[str, str]]) -> set[str]:
    return {one["Owner"] for one in of}


@pytest.mark.parametrize("columns", [COLUMNS, OLD], ids=["2025", "2023"])
def test_a_view_with_every_trap_comes_back_cell_by_cell(place: Place, columns: tuple[str, ...]) -> None:
    data = view(columns).replace(b"90", b"91" if columns is OLD else b"90")
    data = data.replace(b"2503050", b"2503051" if columns is OLD else b"2503050")
    before = rows(data)
    place.people(PEOPLE)
    place.bring(VIVA_EXPLORER, data)
    exported = place.take(VIVA_EXPLORER, "viva:")
    after = {one["Id"]: one for one in rows(exported)}
    assert differences(before, after.values(), "Id") == []
    assert _check_ins(exported)[: len(_check_ins(data))] == _check_ins(data)
    assert unchanged(place.bring(VIVA_EXPLORER, data))


def _check_ins(data: bytes) -> list[str]:
    cells = [cell for record in read_book(data).sheets[0].records for cell in record.cells]
    return [cell for cell in cells if cell.startswith("Checkin Date")]


def test_a_link_ends_with_its_weight_and_id_whatever_its_title_holds() -> None:
    assert [(link.title, link.weight, link.id) for link in links(f"{DELIVERY}(weight: 50%, Id: 2503050)")] == [
        (DELIVERY, Decimal("0.5"), "2503050")
    ]
    several = "Odd (weight: 5%, Id: 3) title, really(weight: 14.29%, Id: 1), B(weight: 0%, Id: 2)"
    assert [(link.title, link.weight, link.id) for link in links(several)] == [
        ("Odd (weight: 5%, Id: 3) title, really", Decimal("0.1429"), "1"), ("B", Decimal(0), "2"),
    ]  # fmt: skip
    assert links("") == links("no link at all") == []


@pytest.mark.parametrize(
    "cell", ['"https://goals.example.com/1" "17"', '=HYPERLINK("https://x.y/17","17")', "17", " 17 "]
)
def test_an_id_may_be_a_link(cell: str) -> None:
    assert plain_id(cell) == "17"


def test_key_results_stay_what_they_measure_and_everything_else_becomes_an_objective() -> None:
    reading = alone(view())
    kinds = {str(item["external_id"]): item.kind for item in reading.okrs}
    assert [kinds[f"viva:{id}"] for id in (2503050, 9007, 9008)] == ["objective", "key_result", "key_result"]
    assert [kinds[f"viva:{id}"] for id in (9009, 9010, 9011)] == ["objective"] * 3
    assert found(reading, "viva:9009")["parents"] == (Parent("viva:9008", None, "supports", Decimal(0)),)
    assert found(reading, "viva:9009#value")["objective"] == "viva:9009"
    shared = found(reading, "viva:9010")["parents"]
    assert [(one.id, one.weight) for one in shared] == [("viva:2503050", Decimal("0.1429")), ("viva:9007", Decimal(1))]


def test_weights_become_shares_and_none_is_a_guardrail() -> None:
    reading = alone(view())
    assert [found(reading, f"viva:{id}")["weight"] for id in (9007, 9008)] == [Decimal("0.5"), 0]


def test_numbers_keep_their_value_and_their_currency() -> None:
    reading = alone(view())
    assert (found(reading, "viva:9007")["start"], found(reading, "viva:9007")["target"]) == (1250, 3_637_839)
    own = found(reading, "viva:9010#value")
    assert (own["target"], own["unit"], own["currency"]) == (Decimal("1000.5"), "currency", "EUR")
    assert found(reading, "viva:9008")["metric"] == "decrease"


def test_check_ins_keep_semicolons_line_breaks_and_days() -> None:
    old, new = [item for item in alone(view()).check_ins if item["key_result"] == "viva:9008"]
    assert (new["as_of"], new["value"], new["status"]) == (date(2025, 3, 10), 31, "on_track")
    assert new["note"] == "Two of\nthree; done; nearly"
    assert new["submitted_at"] == datetime(2025, 3, 10, 20, 57, 8, tzinfo=UTC)
    assert (new["author"], old["author"]) == ("bo@example.org", "bo@example.org")


def test_a_note_may_look_like_the_rest_of_a_check_in() -> None:
    note = "Status: good; Metric Name: none; Current Value: 7; ok"
    said = [row("1", "T", check_ins=[check_in("2025-01-05", "Ada Lane", note, "Behind", "3%")])]
    [made] = alone(view(given=said)).check_ins
    assert (made["note"], made["value"], made["status"]) == (note, 3, "behind")


def test_every_doubt_is_told_and_none_is_invented() -> None:
    doubts = {doubt.id: (doubt.kind, doubt.taken) for doubt in alone(view()).doubts}
    assert doubts == {
        "author:Gone Long": ("mark", "are recorded in the owner's name"),
        "owner:Ada Lane": ("mark", "ada@example.org"),
        "owner:Bo Østby": ("mark", "bo@example.org"),
        "owner:Cyril O'Neil": ("mark", "cy@example.org"),
        "parent:999900": ("mark", "imported without it"),
    }


def test_a_name_only_one_person_bears_is_told_and_may_be_overruled() -> None:
    given = view(given=[row("1", "A")])
    assert ("owner:Ada Lane", "mark", "ada@example.org") in [
        (doubt.id, doubt.kind, doubt.taken) for doubt in alone(given).doubts
    ]
    other = alone(given, answers={"owner:Ada Lane": "bo@example.org"})
    assert other.open == []
    assert found(other, "viva:1")["owner"] == "bo@example.org"


def test_an_owner_nobody_is_called_is_asked_for_once_and_answered_by_e_mail() -> None:
    rows_ = [row("1", "A", Owner="Jo Doe"), row("2", "B", Owner="Jo Doe, Ada Lane")]
    [asked] = alone(view(given=rows_)).open
    assert (asked.id, asked.times) == ("owner:Jo Doe", 2)
    answered = alone(view(given=rows_), answers={"owner:Jo Doe": "bo@example.org"})
    assert answered.open == []
    assert (found(answered, "viva:2")["owner"], found(answered, "viva:2")["co_owners"]) == (
        "bo@example.org", ("ada@example.org",),
    )  # fmt: skip


def test_two_people_of_one_name_are_never_guessed_between() -> None:
    people = {**PEOPLE, "ada2@example.org": "ada  lane"}
    [asked] = alone(view(given=[row("1", "A")]), people).open
    assert asked.choices == ("ada2@example.org", "ada@example.org")


def test_what_reads_like_a_threshold_is_marked_and_can_be_said() -> None:
    given = [row("1", "Keep churn below 5", Object_Type="Key result", Target="5")]
    [marked] = [doubt for doubt in alone(view(given=given)).doubts if not doubt.id.startswith("owner:")]
    assert (marked.id, marked.kind, marked.taken) == ("metric:viva:1", "mark", "increase")
    said = alone(view(given=given), answers={"metric:viva:1": "stay below"})
    assert found(said, "viva:1#value")["metric"] == "stay_below"


def test_a_start_that_equals_the_target_is_asked_about() -> None:
    given = [row("1", "Uptime", Start="99", Target="99")]
    assert [doubt.id for doubt in alone(view(given=given)).open] == ["metric:viva:1"]


def test_a_view_without_ids_finds_parents_by_their_titles() -> None:
    without = tuple(column for column in COLUMNS if column != "Id")
    reading = alone(view(without, VIEW[:3]))
    top, *below = [item for item in reading.okrs if item.kind != "cycle"]
    assert {item["objective"] for item in below} == {top["external_id"]}
    assert any("no id of their own" in remark for remark in reading.remarks)
    again = alone(view(without, VIEW[:3]))
    assert [item["external_id"] for item in again.okrs] == [item["external_id"] for item in reading.okrs]


def test_the_same_view_is_read_from_a_workbook() -> None:
    header, *lines = [list(map(unguarded, record.cells)) for record in read_book(view()).sheets[0].records]
    padded = [[*line, *[""] * (len(header) - len(line))] for line in lines]
    workbook = write_xlsx([("View", header, padded)])
    assert VIVA_EXPLORER.recognises(read_book(workbook))
    told, same = alone(workbook), alone(view())
    assert [item.values for item in told.okrs] == [item.values for item in same.okrs]
    assert [item.values for item in told.check_ins] == [item.values for item in same.check_ins]
