"""Goals that never were in a tool, written in its layout: recognised, and readable again with the same figures."""

from datetime import date
from decimal import Decimal

import pytest

from cairn.exchange.formats.contract import Asked, Format, Goals
from cairn.exchange.formats.mirro import MIRRO
from cairn.exchange.formats.okr_items import OKR_ITEMS
from cairn.exchange.formats.oslo import OSLO
from cairn.exchange.formats.puzzle import PUZZLE
from cairn.exchange.formats.quantive import QUANTIVE
from cairn.exchange.formats.registry import recognised
from cairn.exchange.layouts.links import Parent, Stage
from cairn.exchange.layouts.native import Item
from chassis.files import read_book
from tests.support.formats import knowing

PEOPLE = knowing({"ana@example.org": "Ana"})
DAYS = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 3, 31)}
OWNED = {"cycle": "Q1 2026", "owner": "ana@example.org"}
OKRS = [
    Item("cycle", {"name": "Q1 2026", **DAYS}),
    Item("objective", {"external_id": "o-1", "title": "Grow", **OWNED}),
    Item("objective", {"external_id": "o-2", "title": "Sell", "parents": (Parent("o-1"),), **OWNED}),
    Item("key_result", {"external_id": "k-1", "objective": "o-2", "title": "Call", "metric": "increase",
                        "start": Decimal(0), "target": Decimal(3), "unit": "number"}),
    Item("key_result", {"external_id": "k-2", "objective": "o-2", "title": "Churn", "metric": "stay_below",
                        "target": Decimal(5), "unit": "percent"}),
    Item("key_result", {"external_id": "k-3", "objective": "o-2", "title": "Launch", "metric": "milestones",
                        "milestones": (Stage("a", "Alpha"), Stage("b", "Beta")), "unit": "number"}),
]  # fmt: skip
TODAY = date(2026, 5, 1)
CHECK_INS = [
    Item("check_in", {"external_id": "c-1", "key_result": "k-1", "as_of": date(2026, 1, 9), "value": Decimal(1)}),
    Item("check_in", {"external_id": "c-2", "key_result": "k-3", "as_of": date(2026, 1, 9), "value": None,
                      "milestones_done": ("a",)}),
]  # fmt: skip


VALUES = {
    QUANTIVE: [],
    OKR_ITEMS: [Decimal(1)],
    PUZZLE: [Decimal(1), ("COMMIT",)],
    OSLO: [Decimal(1)],
    MIRRO: [],
}
"""What comes back of the check-ins in the layouts that have any: a third of the way, and one of two milestones."""


@pytest.mark.parametrize("form", VALUES, ids=lambda form: form.name)
def test_any_goals_can_be_written_and_are_found_again(form: Format) -> None:
    book = read_book(form.write(Goals(OKRS, CHECK_INS, PEOPLE)))
    assert recognised(book) is form
    asked = Asked(PEOPLE, TODAY)
    answers = {doubt.id: "ana@example.org" for doubt in form.read(book, asked).open if doubt.id.startswith("owner")}
    reading = form.read(book, Asked(PEOPLE, TODAY, answers={"cycle": "Q1 2026", **answers}))
    assert reading.open == []
    assert "Sell" in {item["title"] for item in reading.okrs if item.kind == "objective"}
    targets = {item["title"]: item["target"] for item in reading.okrs if item.kind == "key_result"}
    assert targets.get("Call") == (None if form is MIRRO else 3)
    assert [one["value"] or one["milestones_done"] for one in reading.check_ins] == VALUES[form]
