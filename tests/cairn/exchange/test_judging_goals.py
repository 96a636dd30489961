"""A file of goals is judged as a whole, against itself and against what Cairn has, before anything is written."""

from typing import Any

import pytest

from cairn.exchange.directory import PERSON, TEAM, Directory
from cairn.exchange.layouts import csv_files
from cairn.exchange.layouts.native import OKRS
from cairn.exchange.layouts.wrong import Rejected
from cairn.exchange.okrs.importing import prepare
from cairn.exchange.okrs.planning import Plan
from cairn.exchange.okrs.register import Standing

COLUMNS = (
    "item,external_id,name,starts_on,ends_on,cycle,objective,title,owner,parents,state,metric,start,target,weight,grade"
)


def row(**cells: str) -> str:
    return ",".join(cells.get(name, "") for name in COLUMNS.split(","))


def cycle(**cells: str) -> str:
    return row(**{"item": "cycle", "name": "Q1", "starts_on": "2026-01-01", "ends_on": "2026-03-31", **cells})


def objective(name: str, **cells: str) -> str:
    own = {"item": "objective", "external_id": name, "title": f"Title {name}", "cycle": "Q1", "owner": "P1"}
    return row(**{**own, **cells})


def key_result(name: str, above: str, **cells: str) -> str:
    own = {"item": "key_result", "external_id": name, "objective": above, "title": f"Title {name}"}
    return row(**{**own, "metric": "increase", "start": "0", "target": "10", **cells})


def people() -> Directory:
    found = Directory()
    found.add(
        PERSON, {"id": "p1", "external_id": "P1", "email": "One@example.org", "display_name": "1", "active": True}
    )
    found.add(
        PERSON, {"id": "p2", "external_id": "P2", "email": "two@example.org", "display_name": "2", "active": False}
    )
    found.add(TEAM, {"id": "t1", "external_id": "T1", "name": "Team 1", "archived": False})
    return found


def planned(*rows: str, standing: Standing | None = None, close: bool = False) -> Plan:
    items = csv_files.read("\n".join([COLUMNS, *rows, ""]), OKRS)
    return prepare(items, standing or Standing(), people(), close=close)


def refused(*rows: str, standing: Standing | None = None) -> str:
    with pytest.raises(Rejected) as fault:
        planned(*rows, standing=standing)
    return str(fault.value)


def in_cairn(state: str = "active", **fields: Any) -> Standing:
    """A cycle Q1 with the objective `old`, which has the key result `old-k`."""
    below = {
        "id": "k1", "external_id": "old-k", "version": 3, "edition": 1, "title": "Title old-k", "owner_id": None,
        "metric": "increase", "unit": "number", "currency": None, "start": "0", "target": "10", "lower": None,
        "upper": None, "milestones": [], "weight": "1",
    }  # fmt: skip
    above = {
        "id": "o1", "external_id": "old", "version": 7, "edition": 2, "cycle_id": "c1", "title": "Title old",
        "description": None, "owner_kind": "person", "owner_id": "p1", "co_owner_ids": [], "parents": [],
        "kind": "aspirational", "state": state, "grade": None, "grade_note": None, "key_results": [below],
    }  # fmt: skip
    period = {"id": "c1", "external_id": None, "name": "Q1", "version": 1, "state": "active"}
    return Standing([{**period, "starts_on": "2026-01-01", "ends_on": "2026-03-31"}], [{**above, **fields}])


def test_parents_may_stand_anywhere_in_the_file_and_are_written_first() -> None:
    plan = planned(objective("low", parents="k"), key_result("k", "top"), objective("top"), cycle())
    assert [own.node.name for own, _ in plan.objectives if own] == ["top", "low"]


def test_what_cairn_has_already_is_unchanged() -> None:
    plan = planned(cycle(), objective("old"), key_result("old-k", "old"), standing=in_cairn())
    assert {step.what for step in plan.steps()} == {"unchanged"}


def test_only_the_fields_that_differ_are_changed() -> None:
    plan = planned(objective("old", title="Anew"), key_result("old-k", "old", target="20.0"), standing=in_cairn())
    assert [(step.what, step.fields) for step in plan.steps()] == [("changed", ("title",)), ("changed", ("target",))]


def test_numbers_are_compared_as_numbers() -> None:
    plan = planned(key_result("old-k", "old", start="0.00", target="10.0"), standing=in_cairn())
    assert [step.what for step in plan.steps()] == ["unchanged"]


def test_a_loop_is_told_by_titles() -> None:
    said = refused(cycle(), objective("a", parents="b"), objective("b", parents="k"), key_result("k", "a"))
    assert "“Title a”" in said
    assert "“Title b”" in said
    assert "above themselves" in said


def test_a_loop_through_what_cairn_has_is_found() -> None:
    standing = in_cairn(parents=[{"parent_kind": "objective", "parent_id": "o2", "kind": "supports", "weight": "1"}])
    other = {**standing.objectives[0], "id": "o2", "external_id": "other", "title": "Title other", "parents": []}
    standing.objectives.append({**other, "key_results": []})
    assert "above themselves" in refused(objective("other", parents="old"), standing=standing)


REFUSALS = {
    "missing parent": ([cycle(), objective("a", parents="nobody")], "no objective or key result “nobody”"),
    "missing cycle": ([objective("a")], "no cycle “Q1”"),
    "missing objective": ([key_result("k", "a")], "no objective “a”"),
    "unknown person": ([cycle(), objective("a", owner="P9")], "Nobody is known as “P9”"),
    "unknown team": ([cycle(), objective("a", owner="team:T9")], "No team is known as “T9”"),
    "someone who left": ([cycle(), objective("a", owner="two@EXAMPLE.org")], "has left"),
    "start = target": ([cycle(), objective("a"), key_result("k", "a", target="0")], "equal"),
    "falling increase": ([cycle(), objective("a"), key_result("k", "a", target="-1")], "use decrease"),
    "no target": ([cycle(), objective("a"), key_result("k", "a", target="")], "Add target"),
    "twice": ([cycle(), objective("a"), objective("a")], "comes twice, first at line 3"),
    "a parent twice": ([cycle(), objective("a"), objective("b", parents="a|a")], "named twice"),
    "a cycle backwards": ([cycle(ends_on="2025-12-31")], "before it begins"),
    "no weight": ([cycle(), objective("a"), key_result("k", "a", weight="-1")], "negative"),
    "a grade of what is open": ([cycle(), objective("a", grade="0.7")], "Only what is closed has a grade"),
    "its own parent": ([cycle(), objective("a", parents="a")], "above themselves"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_file_is_refused_with_its_reason(name: str) -> None:
    rows, words = REFUSALS[name]
    said = refused(*rows)
    assert words in said
    assert said.startswith("line ")


def test_a_name_of_an_objective_and_a_key_result_must_be_told_apart() -> None:
    rows = [cycle(), objective("same"), key_result("same", "same"), objective("low", parents="same")]
    assert "Write objective:same or key_result:same" in refused(*rows)
    rows[-1] = objective("low", parents="key_result:same")
    assert len(planned(*rows).objectives) == 2


def test_an_owner_may_be_a_team_or_an_address() -> None:
    plan = planned(cycle(), objective("a", owner="team:T1"), objective("b", owner="one@example.org"))
    assert [own.node.owner for own, _ in plan.objectives if own] == [("team", "t1"), ("person", "p1")]


def test_a_key_result_does_not_move_to_another_objective() -> None:
    assert "belongs to “Title old”" in refused(objective("a"), key_result("old-k", "a"), standing=in_cairn())


def test_what_is_closed_stays_as_it_is() -> None:
    standing = in_cairn("closed")
    assert "stays as it is" in refused(objective("old", state="closed", title="Anew"), standing=standing)
    assert "It is closed in Cairn" in refused(objective("old"), standing=standing)
    assert not planned(objective("old", state="closed"), standing=standing, close=True).closing


def test_closing_waits_to_be_asked_for() -> None:
    rows = [objective("old", state="closed")]
    assert planned(*rows, standing=in_cairn()).left_open == 1
    assert [node.name for node in planned(*rows, standing=in_cairn(), close=True).closing] == ["old"]


def test_children_are_closed_before_their_parents() -> None:
    rows = [cycle(), objective("top", state="closed"), objective("low", parents="top", state="closed")]
    assert [node.name for node in planned(*rows, close=True).closing] == ["low", "top"]
