"""Goals of other tools become native items and come back; what a row says beyond Cairn's fields is given back."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import same_figure
from cairn.exchange.formats.gathering import gathered
from cairn.exchange.formats.goals import OWN, PERCENT, Goal
from cairn.exchange.formats.keeping import MARKS, fitting, given_back, kept, renewed
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.shaping import shaped
from cairn.exchange.layouts.links import SUPPORTS, Parent
from cairn.exchange.layouts.native import MOST_ATTRIBUTES, Item
from cairn.exchange.okrs.register import Standing
from tests.support.formats import knowing

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=30)
ROWS = st.dictionaries(st.sampled_from(["Title", "Notes", "Target", "Notes [2]", "Odd column"]), TEXTS)


@given(ROWS, ROWS)
def test_a_row_is_given_back_whatever_it_holds(raw: dict[str, str], written: dict[str, str]) -> None:
    found = given_back("x", written, kept("x", raw, written, {}))
    assert {name: found.get(name, "") for name in raw} == _normalised(raw, written)


def _normalised(raw: dict[str, str], written: dict[str, str]) -> dict[str, str]:
    """Numbers may come back as they are written."""
    return {
        name: written[name] if name in written and same_figure(text, written[name]) else text
        for name, text in raw.items()
    }


def test_what_has_changed_since_counts_before_what_was_imported() -> None:
    attributes = kept("x", {"Target": "about 5", "Team": "Ops"}, {"Target": "5"}, {})
    assert given_back("x", {"Target": "5"}, attributes) == {"Target": "about 5", "Team": "Ops"}
    assert given_back("x", {"Target": "7"}, attributes) == {"Target": "7", "Team": "Ops"}
    assert given_back("x", {"Target": "5", "Team": "Sales"}, attributes)["Team"] == "Sales"


def test_another_format_does_not_take_these_texts_for_its_own() -> None:
    attributes = kept("x", {"Status": "Purple"}, {}, {})
    assert given_back("y", {"Status": "Green"}, attributes) == {"Status": "Green"}


def test_a_long_text_is_kept_in_pieces_and_too_much_is_left_out_and_told() -> None:
    raw = {"Notes": "n" * 9000, "Huge": "h" * 300_000, "Team": "Ops"}
    attributes, left_out = fitting(kept("x", raw, {}, {}))
    assert left_out == ["Huge"]
    assert len(attributes) <= MOST_ATTRIBUTES
    assert max(map(len, attributes.values())) <= 4000
    assert given_back("x", {}, attributes) == {"Notes": "n" * 9000, "Team": "Ops"}


def test_what_the_file_no_longer_says_is_taken_away_and_what_people_added_stays() -> None:
    before = {"Team": "Ops", "Notes […2]": "tail", "Added here": "yes", MARKS: "{}"}
    assert renewed({"Owner": "A"}, before, ["Team", "Notes", "Owner"]) == {
        "Team": "", "Notes […2]": "", MARKS: "", "Owner": "A",
    }  # fmt: skip


def test_marks_somebody_has_changed_do_no_harm() -> None:
    assert given_back("x", {"A": "1"}, {"A": "2", MARKS: "not json"}) == {"A": "1"}


def goal(id: str, *parents: Parent, **fields: Any) -> Goal:
    return Goal(id, f"Title {id}", "line 2", owner="ada@example.org", cycle="Q1", parents=parents, **fields)


def shape(*goals: Goal, standing: Standing | None = None, **answers: str) -> tuple[dict[str, Item], list[Item], Doubts]:
    doubts = Doubts({name.replace("_", ":"): answer for name, answer in answers.items()})
    owners = Owners(knowing({"ada@example.org": "Ada"}), doubts)
    okrs, check_ins = shaped(goals, standing or Standing(), owners, {}, "A tool")
    return {str(item["external_id"]): item for item in okrs}, check_ins, doubts


MEASURED: dict[str, Any] = {"key_result": True, "measure": PERCENT}


def test_a_key_result_needs_exactly_one_objective_above_it() -> None:
    two = goal("two", Parent("a"), Parent("b"), **MEASURED)
    below = goal("below", Parent("one"), **MEASURED)
    found, _, _ = shape(
        goal("a"), goal("b"), goal("one", Parent("a"), **MEASURED), two, below, goal("none", **MEASURED)
    )
    assert {id: item.kind for id, item in found.items() if not id.endswith(OWN)} == {
        "a": "objective", "b": "objective", "one": "key_result", "two": "objective", "below": "objective",
        "none": "objective",
    }  # fmt: skip
    assert found["below"]["parents"] == (Parent("one"),)


def test_goals_that_are_above_each_other_end() -> None:
    found, _, _ = shape(goal("a", Parent("b"), **MEASURED), goal("b", Parent("a"), **MEASURED))
    assert {found[id].kind for id in "ab"} <= {"objective", "key_result"}


def test_below_what_is_measured_by_itself_nothing_contributes() -> None:
    child = goal("child", Parent("top"), **MEASURED)
    found, _, _ = shape(goal("top", measure=PERCENT, rolls_up=False), child, goal("aim", Parent("top")))
    assert (found["child"]["weight"], found["top#value"]["weight"]) == (0, 1)
    assert found["aim"]["parents"][0].kind == SUPPORTS


def test_what_rolls_up_keeps_its_history_without_counting_it() -> None:
    said = {"external_id": "x", "as_of": date(2025, 1, 1), "value": Decimal(5)}
    top = goal("top", measure=PERCENT, check_ins=[said])
    found, check_ins, _ = shape(top, goal("child", Parent("top"), **MEASURED))
    assert (found["child"]["weight"], found["top#value"]["weight"]) == (1, 0)
    assert [(item["key_result"], item["author"]) for item in check_ins] == [("top#value", "ada@example.org")]


def test_an_objective_with_a_value_and_nothing_below_holds_it_as_a_key_result() -> None:
    found, _, _ = shape(goal("alone", measure=PERCENT))
    assert (found["alone#value"]["objective"], found["alone#value"]["weight"]) == ("alone", 1)


def test_what_is_closed_without_a_score_or_anything_that_counts_is_marked_and_stays_open() -> None:
    found, _, doubts = shape(goal("over", state="closed"))
    assert found["over"]["state"] == "active"
    assert [doubt.id for doubt in doubts.all()] == ["closed:over"]
    answered, _, _ = shape(goal("over", state="closed"), closed_over="0.5")
    assert (answered["over"]["state"], answered["over"]["grade"]) == ("closed", Decimal("0.5"))


def test_what_is_closed_is_not_graded_by_silence() -> None:
    child = goal("child", Parent("over"), **MEASURED)
    found, _, doubts = shape(goal("over", state="closed"), child)
    assert (found["over"]["state"], doubts.all()[0].id) == ("active", "closed:over")
    child.check_ins.append({"external_id": "x", "as_of": date(2025, 1, 1), "value": Decimal(0)})
    measured, _, _ = shape(goal("over", state="closed"), child)
    assert measured["over"]["state"] == "closed"


def test_what_cairn_has_already_stays_what_it_is() -> None:
    standing = Standing([], [{"external_id": "k", "key_results": []}])
    found, _, _ = shape(goal("top"), goal("k", Parent("top"), **MEASURED), standing=standing)
    assert found["k"].kind == "objective"


def test_goals_come_back_from_their_items() -> None:
    said = {"external_id": "x", "as_of": date(2025, 1, 1), "value": Decimal(5)}
    goals = [
        goal("top"),
        goal("one", Parent("top", "objective"), check_ins=[said], **MEASURED),
        goal("own", measure=PERCENT),
    ]
    found, check_ins, _ = shape(*goals)
    back = {one.id: one for one in gathered(found.values(), check_ins)}
    assert set(back) == {"top", "one", "own"}
    assert (back["one"].value, back["one"].parents, back["one"].owner) == (5, goals[1].parents, "ada@example.org")
    assert back["own"].measure == PERCENT
