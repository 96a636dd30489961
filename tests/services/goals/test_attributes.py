"""Attributes: texts by name that are kept for those who wrote them, and are edited like any other field."""

from typing import Any

import pytest

from contracts.goals import ObjectiveChanged
from tests.support.goals import Goals, key_result_body, objective_body

KEPT = {"Team": "Crew", "Last Check-in Note": "Fine; on we go.\nReally.", "Métrique": "=1+1"}


def test_attributes_are_kept_as_they_were_written(goals: Goals) -> None:
    made = goals.objective(goals.cycle(), attributes=KEPT, key_results=[key_result_body(attributes={"Unit": "%"})])
    assert made["attributes"] == KEPT
    assert made["key_results"][0]["attributes"] == {"Unit": "%"}
    assert goals.get(f"/objectives/{made['id']}") == made


def test_who_says_nothing_of_attributes_has_none(quick: Goals) -> None:
    made = quick.objective(quick.cycle(), key_results=[key_result_body()])
    assert (made["attributes"], made["key_results"][0]["attributes"]) == ({}, {})


def test_a_change_replaces_all_attributes_and_is_an_edition(goals: Goals) -> None:
    made = goals.objective(goals.cycle(), attributes=KEPT)
    changed = goals.patch(f"/objectives/{made['id']}", attributes={"Team": "Quay"})
    assert (changed["attributes"], changed["edition"]) == ({"Team": "Quay"}, made["edition"] + 1)
    told = len(goals.running.said(ObjectiveChanged))
    assert goals.patch(f"/objectives/{made['id']}", attributes={"Team": "Quay"}) == changed
    assert len(goals.running.said(ObjectiveChanged)) == told


def test_other_changes_leave_the_attributes_of_a_key_result(goals: Goals) -> None:
    above = goals.objective(goals.cycle())
    made = goals.key_result(above, attributes=KEPT)
    assert goals.patch(f"/key-results/{made['id']}", title="Reworded")["attributes"] == KEPT
    assert goals.patch(f"/key-results/{made['id']}", attributes={})["attributes"] == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {str(number): "x" for number in range(51)},
        {"n" * 101: "x"},
        {" Team": "x"},
        {"": "x"},
        {"Team": ""},
        {"Team": "x" * 4001},
        {"Team": 7},
        {"Team": None},
        {"two\nlines": "x"},
        ["Team"],
        "Team",
    ],
)
def test_attributes_that_do_not_fit_are_refused_at_their_place(quick: Goals, wrong: Any) -> None:
    answer = quick.try_post("/objectives", **objective_body(quick.cycle(), attributes=wrong))
    assert answer.status_code == 422
    assert all(error["pointer"].startswith("/attributes") for error in answer.json["errors"])
