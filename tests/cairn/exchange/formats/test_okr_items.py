"""Lists of OKR items: two real histories as trees with results as grades, in and out again cell by cell."""

import io
import zipfile
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cairn.exchange.formats import words
from cairn.exchange.formats.contract import Asked, Goals
from cairn.exchange.formats.okr_items import OKR_ITEMS
from cairn.exchange.formats.registry import recognised
from cairn.exchange.layouts.native import CHECK_IN, Item
from chassis.files import read_book
from tests.support.formats import Place, Row, differences, knowing, rows, unchanged
from tests.support.real_files import data_root, rows_of

ANSWERS = {"author": "scribe@okr.example.com"}
PREFIX = "okr-items:"
HEADER = "cycle,cycle_start,cycle_end,item_id,parent_id,kind,owner,title,from_value,to_value,unit,result_raw,score\n"


def gitlab() -> bytes:
    return (data_root() / "gitlab_okrs" / "okr_items.csv").read_bytes()


def sourcegraph() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("okr_items.csv", "check_ins.csv"):
            archive.writestr(name, (data_root() / "sourcegraph_okrs" / name).read_bytes())
    return buffer.getvalue()


@pytest.fixture(scope="module")
def staffed(place: Place) -> Place:
    """With a team for every function that owns something, and one person who writes values down."""
    place.people({"scribe@okr.example.com": "The Scribe"})
    names = {
        row["owner"] for source in ("gitlab_okrs", "sourcegraph_okrs") for row in rows_of(f"{source}/okr_items.csv")
    }
    folded = {name.casefold(): name for name in sorted(names)}
    for name in folded.values():
        place.client.post("teams", {"name": name})
    place.client.settle()
    return place


def parents(found: Place) -> dict[str, str]:
    """The parent of every goal as it stands in Cairn, by the ids of the file."""
    above: dict[str, str] = {}
    for item in found.goals().okrs:
        id = str(item["external_id"]).removeprefix(PREFIX)
        if item.kind == "objective":
            above[id] = next((str(one.id).removeprefix(PREFIX) for one in item["parents"] or ()), "")
        elif item.kind == "key_result" and not id.endswith("#value"):
            above[id] = str(item["objective"]).removeprefix(PREFIX)
    return above


def depth(id: str, above: Mapping[str, str]) -> int:
    return 1 + depth(above[id], above) if above[id] else 0


def last(found: Place) -> dict[str, Mapping[str, Any]]:
    """The check-in of every key result of these files."""
    return {
        str(one["key_result"]).removeprefix(PREFIX).removesuffix("#value"): one.values
        for one in found.goals().check_ins
    }


@pytest.mark.parametrize(
    ("file", "source", "deepest"), [(gitlab, "gitlab_okrs", 7), (sourcegraph, "sourcegraph_okrs", 3)]
)
def test_a_real_history_becomes_its_tree_with_its_results_and_comes_back(
    staffed: Place, file: Any, source: str, deepest: int
) -> None:
    before = rows_of(f"{source}/okr_items.csv")
    assert recognised(read_book(file())) is OKR_ITEMS
    staffed.bring(OKR_ITEMS, file(), answers=ANSWERS)
    above = {id: one for id, one in parents(staffed).items() if id in {row["item_id"] for row in before}}
    assert above == {row["item_id"]: row["parent_id"] for row in before}
    assert max(depth(id, above) for id in above) == deepest
    _results_are_those_of(before, staffed)
    taken = read_book(staffed.take(OKR_ITEMS, f"{PREFIX}{before[0]['item_id'][:3]}"))
    assert differences(before, rows(taken), "item_id") == []
    assert len(rows(taken)) == len(before)
    if source == "sourcegraph_okrs":
        notes = rows_of(f"{source}/check_ins.csv")
        assert sorted(rows(taken, 1), key=str) == sorted(notes, key=str)
    assert unchanged(staffed.bring(OKR_ITEMS, file(), answers=ANSWERS))


def _results_are_those_of(before: list[Row], found: Place) -> None:
    closed = {
        str(item["external_id"]).removeprefix(PREFIX): item["grade"]
        for item in found.goals().okrs
        if item.kind == "objective" and item["state"] == "closed"
    }
    ends, wrong = last(found), []
    for row in filter(lambda row: row["score"], before):
        score = Decimal(row["score"])
        if row["kind"] == "objective" and closed.get(row["item_id"]) != min(score, Decimal(1)):
            wrong.append((row["item_id"], row["score"], closed.get(row["item_id"])))
        if row["kind"] == "key_result" and ends[row["item_id"]]["value"] != score * 100:
            wrong.append((row["item_id"], row["score"], ends[row["item_id"]]["value"]))
    assert wrong == []


def test_results_in_words_are_read_as_the_scores_of_the_files_say() -> None:
    """235 of 253 agree. 17 tell it in the midst of a sentence, one takes back what it begins with.

    Those are not read at all (`6 %` behind words may be of anything): the score of the file is taken. The other 38
    results have no score, and none is read from them.
    """
    agree, otherwise = Counter[str](), {}
    for row in rows_of("gitlab_okrs/okr_items.csv") + rows_of("sourcegraph_okrs/okr_items.csv"):
        if row["result_raw"]:
            read, score = words.result(row["result_raw"]), Decimal(row["score"]) if row["score"] else None
            if (read if read is None else round(read, 4)) == score:
                agree["a score" if row["score"] else "none"] += 1
            else:
                otherwise[row["item_id"]] = read
    assert agree == {"a score": 235, "none": 38}
    assert len(otherwise) == 18
    assert {id: read for id, read in otherwise.items() if read is not None} == {"SG-CY19-Q3-022": 0}


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("8/10 (80%)", "0.8"),
        ("6/5 (100%)", "1"),
        ("10/10 (110%)", "1.1"),
        ("120%", "1.2"),
        ("(57%)", "0.57"),
        ("90%. Prototype working but not shipped.", "0.9"),
        ("37/40 deliverables, 10/20 stretch)", "0.925"),
        ("Done: monitoring shipped in 3.8", "1"),
        ("not done, not done", "0"),
        ("X/10 (X%)", None),
        ("Completed mid-August", None),
        ("WIP", None),
    ],
)
def test_results_are_read_from_what_they_begin_with(text: str, share: str | None) -> None:
    assert words.result(text) == (None if share is None else Decimal(share))


def test_what_stands_beyond_all_of_it_stays_beyond() -> None:
    file = (
        HEADER
        + "Q1 2026,2026-01-01,2026-03-31,O,,objective,ana@example.org,Grow,,,,105%,1.05\n"
        + "Q1 2026,2026-01-01,2026-03-31,K,O,key_result,ana@example.org,Sell,,,,120%,\n"
        + "Q1 2026,2026-01-01,2026-03-31,L,O,key_result,ana@example.org,Call,,,,8/10,\n"
        + "Q1 2026,2026-01-01,2026-03-31,M,O,key_result,ana@example.org,Cover,46,60,%,58.3%,\n"
        + "Q1 2026,2026-01-01,2026-03-31,P,O,key_result,ana@example.org,Earn,N,N,,Done: paid,\n"
    )
    people = knowing({"ana@example.org": "Ana"})
    reading = OKR_ITEMS.read(read_book(file.encode()), Asked(people, date(2026, 5, 1)))
    values = {item["key_result"]: item["value"] for item in reading.check_ins}
    assert values == {
        f"{PREFIX}{id}": Decimal(value) for id, value in {"K": "120", "L": "80", "M": "58.3", "P": "100"}.items()
    }
    assert {item["as_of"] for item in reading.check_ins} == {date(2026, 3, 31)}
    [objective] = [item for item in reading.okrs if item.kind == "objective"]
    assert (objective["state"], objective["grade"], objective["attributes"]["score"]) == ("closed", 1, "1.05")
    assert [doubt.id for doubt in reading.doubts] == ["result:M", "number:N"]


def test_a_score_that_the_words_do_not_say_is_marked_and_taken() -> None:
    file = HEADER + 'Q1 2026,2026-01-01,2026-03-31,O,,objective,ana@example.org,Grow,,,,"Not done, half of it",0.5\n'
    reading = OKR_ITEMS.read(read_book(file.encode()), Asked(knowing({"ana@example.org": "Ana"}), date(2026, 5, 1)))
    assert [(doubt.id, doubt.taken) for doubt in reading.doubts] == [("score:O", "0.5, the score of the file")]
    assert [item["grade"] for item in reading.okrs if item.kind == "objective"] == [Decimal("0.5")]


def test_parents_that_go_round_in_a_circle_or_lead_nowhere_do_not_stop_the_reading() -> None:
    days = "Q1 2026,2026-01-01,2026-03-31"
    lines = (f"{days},A,B,objective,ana@example.org,A,,,,,\n", f"{days},B,A,objective,ana@example.org,B,,,,,\n",
             f"{days},C,X,key_result,ana@example.org,C,,,,,\n")  # fmt: skip
    people = knowing({"ana@example.org": "Ana"})
    reading = OKR_ITEMS.read(read_book((HEADER + "".join(lines)).encode()), Asked(people, date(2026, 5, 1)))
    assert [(doubt.id, doubt.kind) for doubt in reading.doubts] == [("parent:X", "mark")]
    assert {item["external_id"] for item in reading.okrs if item.kind == "objective"} == {
        f"{PREFIX}{id}" for id in "ABC"
    }


def test_notes_without_a_value_stay_beside_values_that_come_later() -> None:
    notes = "item_id,at,value_raw,value,note\nK,2026-02-01T10:00:00+02:00,WIP,,WIP\n"
    notes += "K,2026-03-01T10:00:00+02:00,5%,0.05,5%\n"
    items = HEADER + "Q1 2026,2026-01-01,2026-03-31,O,,objective,ana@example.org,Grow,,,,,\n"
    items += "Q1 2026,2026-01-01,2026-03-31,K,O,key_result,ana@example.org,Sell,,,,,\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("okr_items.csv", items)
        archive.writestr("check_ins.csv", notes)
        archive.writestr("retrospectives.csv", "cycle,kind,text\nQ1 2026,good,Tea\n")
    people = knowing({"ana@example.org": "Ana"})
    reading = OKR_ITEMS.read(read_book(buffer.getvalue()), Asked(people, date(2026, 5, 1)))
    assert reading.remarks[-1] == "retrospectives.csv holds no goals; it is left out"
    later = {"external_id": "here", "key_result": f"{PREFIX}K", "as_of": date(2026, 3, 9), "value": Decimal(7)}
    written = OKR_ITEMS.write(Goals(reading.okrs, [*reading.check_ins, Item(CHECK_IN, later)], people))
    found = rows(read_book(written), 1)
    assert sorted((row["value_raw"], row["value"]) for row in found) == [("", "0.07"), ("5%", "0.05"), ("WIP", "")]
