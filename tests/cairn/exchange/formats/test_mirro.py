"""Mirro: objectives with an action and whom they belong to, in and out again row by row."""

from collections.abc import Mapping
from datetime import date

import pytest

from cairn.exchange.formats.contract import Asked, Reading
from cairn.exchange.formats.mirro import MIRRO
from cairn.exchange.formats.registry import recognised
from cairn.exchange.layouts.wrong import Rejected
from chassis.files import read_book, write_xlsx
from tests.support.formats import Place, knowing, rows, unchanged

HEADER = ("Objective Action", "Objective ID", "Objective Title", "Objective Description", "Objective Type",
          "Objective Type Value", "Visibility")  # fmt: skip
ROWS = (
    ("update", "17", "Grow (in the south)", "By selling more", "individual", "ana@mirro.example.org", "public"),
    ("add", "", "Hire  well", "", "team", "Mirro hiring", ""),
    ("Update", "0012", "Be known", "", "department", "D-07", "public"),
    ("update", "18", "Stay", "", "organization", "", ""),
)
ANSWERS = {"cycle": "Q1 2026", "owner:*": "ana@mirro.example.org", "owner:D-07": "bo@mirro.example.org"}
CODES = ("Codes", ("Department", "Code"), [("Marketing", "D-07")])


def workbook(*found: tuple[str, ...]) -> bytes:
    return write_xlsx([("Objectives", HEADER, found), CODES])


def understood(*found: tuple[str, ...], answers: Mapping[str, str] | None = None) -> Reading:
    people = knowing({"ana@mirro.example.org": "Ana"})
    return MIRRO.read(read_book(workbook(*found)), Asked(people, date(2026, 2, 1), answers=answers or {}))


def test_a_file_comes_back_row_by_row_and_changes_nothing_again(place: Place) -> None:
    place.people({"ana@mirro.example.org": "Ana", "bo@mirro.example.org": "Bo"})
    place.client.post("teams", {"name": "Mirro hiring"})
    place.client.settle()
    assert recognised(read_book(workbook(*ROWS))) is MIRRO
    place.bring(MIRRO, workbook(*ROWS), answers=ANSWERS)
    taken = place.take(MIRRO)
    assert rows(taken) == rows(workbook(*ROWS))
    assert unchanged(place.bring(MIRRO, workbook(*ROWS), answers=ANSWERS))
    assert unchanged(place.bring(MIRRO, taken, answers=ANSWERS))


def test_period_and_owners_the_file_cannot_say_are_asked() -> None:
    reading = understood(*ROWS)
    assert {doubt.id for doubt in reading.open} == {"cycle", "owner:Mirro hiring", "owner:D-07", "owner:*"}


def test_a_deletion_is_passed_over_and_told() -> None:
    reading = understood(
        ("delete", "9", "Old", "", "individual", "ana@mirro.example.org", ""), ROWS[0], answers=ANSWERS
    )
    assert [(doubt.id, doubt.taken) for doubt in reading.doubts if doubt.kind == "mark"] == [
        ("delete", "are passed over")
    ]
    assert [item["external_id"] for item in reading.okrs if item.kind == "objective"] == ["mirro:17"]


@pytest.mark.parametrize("found", [[("upsert", "9", *ROWS[0][2:])], [ROWS[0], ROWS[0]]])
def test_an_unknown_action_and_an_id_that_comes_twice_are_refused(found: list[tuple[str, ...]]) -> None:
    with pytest.raises(Rejected):
        understood(*found, answers=ANSWERS)
