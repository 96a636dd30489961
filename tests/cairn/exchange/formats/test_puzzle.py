"""Puzzle OKR: three tables in a ZIP, with zones and confidence, in and out again cell by cell."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from cairn.exchange.formats.contract import Asked, Goals, Reading
from cairn.exchange.formats.puzzle import PUZZLE
from cairn.exchange.formats.registry import recognised
from cairn.exchange.layouts.native import CHECK_IN, Item
from cairn.exchange.layouts.wrong import Rejected
from chassis.files import read_book
from tests.support.formats import Place, differences, knowing, rows, unchanged
from tests.support.real_files import data_root, rows_of

FOLDER = "okr_tool_exports/puzzle_okr_numeric"
KEYS = {"objectives": "objective_id", "key_results": "key_result_id", "check_ins": "check_in_id"}
ANSWERS = {"cycle:Backlog": "2023-07-01/2025-06-30", "metric:puzzle-okr:PZ-K104": "stay above"}
SMALL = {
    "objectives": "objective_id,title,cycle,cycle_start,cycle_end,team,state\n"
    "O,Grow,Q1,2026-01-01,2026-03-31,ana,ONGOING\n",
    "key_results": "key_result_id,objective_id,type,baseline,stretch_goal,owner\n"
    "K,O,ordinal,,,ana\nL,O,metric,5,1,ana\n",
    "check_ins": "check_in_id,key_result_id,created_at,type,value,zone,confidence_0_10,author\n",
}


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(f"{name}.csv", data)
    return buffer.getvalue()


def real() -> bytes:
    return zipped({name: (data_root() / FOLDER / f"{name}.csv").read_bytes() for name in KEYS})


def small(check_ins: str, answers: Mapping[str, str]) -> Reading:
    files = {**SMALL, "check_ins": SMALL["check_ins"] + check_ins}
    book = read_book(zipped({name: file.encode() for name, file in files.items()}))
    return PUZZLE.read(book, Asked(knowing({"ana@example.org": "ana"}), date(2026, 2, 1), answers=answers))


@pytest.fixture(scope="module")
def staffed(place: Place) -> Place:
    place.people({f"p0{number}@puzzle.example.com": f"P0{number}" for number in (1, 2)})
    for team in sorted({row["team"] for row in rows_of(f"{FOLDER}/objectives.csv")}):
        place.client.post("teams", {"name": team})
    place.client.settle()
    return place


def test_the_real_tables_come_back_cell_by_cell_and_change_nothing_again(staffed: Place) -> None:
    assert recognised(read_book(real())) is PUZZLE
    staffed.bring(PUZZLE, real(), answers=ANSWERS)
    after = read_book(staffed.take(PUZZLE))
    for place, (name, key) in enumerate(KEYS.items()):
        before, found = rows_of(f"{FOLDER}/{name}.csv"), rows(after, place)
        assert len(found) == len(before)
        assert list(found[0]) == list(before[0])
        assert differences(before, found, key) == []
    assert unchanged(staffed.bring(PUZZLE, real(), answers=ANSWERS))


def test_every_check_in_is_there_with_its_zone_and_confidence(staffed: Place) -> None:
    staffed.bring(PUZZLE, real(), answers=ANSWERS)
    found = {str(one["external_id"]).removeprefix("puzzle-okr:"): one for one in staffed.goals().check_ins}
    rows_ = rows_of(f"{FOLDER}/check_ins.csv")
    assert found.keys() == {row["check_in_id"] for row in rows_}
    reached = {"FAIL": 0, "COMMIT": 1, "TARGET": 2, "STRETCH": 3}
    for row in rows_:
        one = found[row["check_in_id"]]
        assert Decimal(str(one["confidence"])) == Decimal(row["confidence_0_10"]) / 10
        if row["zone"]:
            assert len(one["milestones_done"] or ()) == reached[row["zone"]]
        else:
            assert one["value"] == Decimal(row["value"])


def test_a_backlog_without_days_and_a_goal_that_goes_nowhere_are_asked(staffed: Place) -> None:
    place = Asked(staffed.asked().directory, staffed.today)
    assert {doubt.id for doubt in PUZZLE.read(read_book(real()), place).open} == set(ANSWERS)


def test_zones_are_milestones_and_titles_come_from_the_file_where_it_has_any() -> None:
    reading = small("C,K,2026-01-20 10:00:00.5,ordinal,,TARGET,7,ana\n", {})
    [check_in] = reading.check_ins
    assert (check_in["milestones_done"], check_in["confidence"]) == (("COMMIT", "TARGET"), Decimal("0.7"))
    titles = {item["title"] for item in reading.okrs if item.kind in ("objective", "key_result")}
    assert titles == {"Grow", "Key result K", "Key result L"}
    assert {item["metric"] for item in reading.okrs if item.kind == "key_result"} == {"milestones", "decrease"}


def test_a_zone_nobody_knows_is_asked() -> None:
    row = "C,K,2026-01-20 10:00:00,ordinal,,MOON,7,ana\n"
    assert [doubt.id for doubt in small(row, {}).open] == ["zone:MOON"]
    assert [doubt.id for doubt in small(row, {"zone:MOON": "sun"}).open] == ["zone:MOON"]
    assert small(row, {"zone:MOON": "stretch"}).check_ins[0]["milestones_done"] == ("COMMIT", "TARGET", "STRETCH")


@pytest.mark.parametrize("name", ["objectives", "key_results"])
def test_an_id_that_comes_twice_is_refused(name: str) -> None:
    twice = {**SMALL, name: SMALL[name] + SMALL[name].splitlines()[-1]}
    with pytest.raises(Rejected):
        PUZZLE.read(
            read_book(zipped({key: file.encode() for key, file in twice.items()})),
            Asked(knowing({"ana@example.org": "ana"}), date(2026, 2, 1)),
        )


def test_an_author_nobody_knows_is_marked_and_strays_are_told() -> None:
    reading = small("C,L,2026-01-20 10:00:00,metric,2,,7,bo\nD,X,2026-01-20 10:00:00,metric,2,,7,ana\n", {})
    assert ("author:bo", "mark") in [(doubt.id, doubt.kind) for doubt in reading.doubts]
    assert [(item["value"], item["author"]) for item in reading.check_ins] == [(Decimal(2), "ana@example.org")]
    assert [remark for remark in reading.remarks if "left out" in remark] != []


def test_what_is_checked_in_later_joins_what_the_file_said() -> None:
    columns = "check_in_id,key_result_id,created_at,type,value,zone,confidence_0_10,author,comment_length\n"
    file = columns + "C,L,2026-01-20 10:00:00,metric,2.50,,7,ana,117\n"
    data = zipped({name: text.encode() for name, text in {**SMALL, "check_ins": file}.items()})
    people = knowing({"ana@example.org": "ana"})
    reading = PUZZLE.read(read_book(data), Asked(people, date(2026, 2, 1)))
    later = Item(CHECK_IN, {"external_id": "here", "key_result": "puzzle-okr:L", "as_of": date(2026, 2, 1), "value": 2})
    written = PUZZLE.write(Goals(reading.okrs, [*reading.check_ins, later], people))
    before, after = rows(read_book(written), 2)
    assert (before["check_in_id"], before["value"], before["comment_length"]) == ("C", "2.5", "117")
    assert (after["check_in_id"], after["value"], after["comment_length"]) == ("here", "2", "")
