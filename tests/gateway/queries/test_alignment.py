"""The alignment of a cycle, read from the database."""

from typing import Any

import pytest

from chassis.service import Runtime
from contracts import goals, people
from tests.support.gateway import History, client, fold, ids, read, someone, statements, supports


class Quarter:
    """A cycle with one person, ready for objectives."""

    def __init__(self) -> None:
        self.history = History()
        self.ada = self.history.person("Ada Ames")
        self.cycle = self.history.cycle()

    def aim(self, title: str, *parents: Any, **fields: Any) -> goals.ObjectiveCreated:
        lines = [one if isinstance(one, goals.ParentLink) else supports(one) for one in parents]
        fields = {"cycle": self.cycle, "owner": self.ada} | fields
        return self.history.objective(fields.pop("cycle"), fields.pop("owner"), title, parents=lines, **fields)

    def tree(self, runtime: Runtime, **query: Any) -> Any:
        return read(runtime, someone(self.ada), f"/cycles/{self.cycle.id}/alignment", **query)


@pytest.fixture
def quarter() -> Quarter:
    return Quarter()


def test_objectives_hang_on_objectives_and_key_results_with_names_and_progress(
    runtime: Runtime, quarter: Quarter
) -> None:
    top = quarter.aim("Riders stay", progress=0.4)
    measure = quarter.history.key_result(top, "Fewer leave", value=3, progress=0.3, owner_id=quarter.ada.id)
    below = quarter.aim("Quick help", top, progress=0.5, status="behind")
    on_measure = quarter.aim("Fix locks", supports(measure, "supports"))
    fold(runtime, quarter.history.said)
    shown = quarter.tree(runtime)
    (tree,) = shown["objectives"]
    assert (tree["title"], tree["progress"], tree["owner"]["name"]) == ("Riders stay", 0.4, "Ada Ames")
    assert ids(tree["objectives"]) == [below.id]
    (hung,) = tree["key_results"]
    assert (hung["title"], hung["progress"], hung["owner"]["name"]) == ("Fewer leave", 0.3, "Ada Ames")
    assert ids(hung["objectives"]) == [on_measure.id]
    assert hung["objectives"][0]["alignment"] == {"kind": "supports", "weight": "1"}
    assert (shown["objective_count"], shown["key_result_count"]) == (3, 1)


def test_one_with_several_parents_names_the_others(runtime: Runtime, quarter: Quarter) -> None:
    first, second = quarter.aim("First"), quarter.aim("Second")
    measure = quarter.history.key_result(second, "Measured")
    quarter.aim("Shared", first, measure)
    fold(runtime, quarter.history.said)
    one, two = quarter.tree(runtime)["objectives"]
    shared, again = one["objectives"][0], two["key_results"][0]["objectives"][0]
    assert shared["also_under"] == [{"kind": "key_result", "id": measure.id, "title": "Measured"}]
    assert again["also_under"] == [{"kind": "objective", "id": first.id, "title": "First"}]
    assert (shared["repeated"], again["repeated"]) == (False, True)


def test_parents_and_children_in_other_cycles_are_references(runtime: Runtime, quarter: Quarter) -> None:
    year = quarter.history.cycle("2026")
    company = quarter.aim("Grow", cycle=year)
    company_measure = quarter.history.key_result(company, "Riders")
    here = quarter.aim("Riders stay", company, supports(company_measure, "supports"))
    fold(runtime, quarter.history.said)
    (tree,) = quarter.tree(runtime)["objectives"]
    elsewhere = {"id": year.id, "name": "2026"}
    assert sorted(tree["parents_elsewhere"], key=lambda one: one["kind"]) == [
        {"kind": "key_result", "id": company_measure.id, "title": "Riders", "cycle": elsewhere},
        {"kind": "objective", "id": company.id, "title": "Grow", "cycle": elsewhere},
    ]
    yearly = read(runtime, someone(quarter.ada), f"/cycles/{year.id}/alignment")["objectives"][0]
    assert [(one["title"], one["cycle"]["name"]) for one in yearly["children_elsewhere"]] == [
        ("Riders stay", "2026 Q2"),
        ("Riders stay", "2026 Q2"),
    ]
    assert ids(yearly["children_elsewhere"]) == [here.id, here.id]


def test_orphans_stand_at_the_top_with_what_they_refer_to(runtime: Runtime, quarter: Quarter) -> None:
    gone = quarter.aim("Thrown away", state="deleted")
    removed = quarter.history.key_result(quarter.aim("Keeps"), "Taken out", removed=True)
    orphan = quarter.aim("Orphan", gone, removed, goals.ParentLink(parent_kind="objective", parent_id="unheard-of"))
    fold(runtime, quarter.history.said)
    shown = {one["id"]: one for one in quarter.tree(runtime)["objectives"]}
    references = {one["title"] for one in shown[orphan.id]["parents_elsewhere"]}
    assert references == {"Thrown away", "Taken out", "Unknown objective"}
    assert gone.id not in shown


def test_a_root_shows_what_is_below_it_alone(runtime: Runtime, quarter: Quarter) -> None:
    top = quarter.aim("Top")
    middle = quarter.aim("Middle", top)
    measure = quarter.history.key_result(middle, "Measured")
    quarter.history.key_result(middle, "Not asked for")
    leaf = quarter.aim("Leaf", measure)
    quarter.aim("Other leaf", middle)
    fold(runtime, quarter.history.said)
    (by_objective,) = quarter.tree(runtime, root=middle.id)["objectives"]
    assert (by_objective["id"], by_objective["also_under"][0]["title"]) == (middle.id, "Top")
    assert len(by_objective["objectives"]) == 1
    (by_measure,) = quarter.tree(runtime, root=measure.id)["objectives"]
    assert ids(by_measure["key_results"]) == [measure.id]
    assert ids(by_measure["key_results"][0]["objectives"]) == [leaf.id]
    assert by_measure["objectives"] == []


def test_depth_cuts_the_tree_and_says_how_much_is_hidden(runtime: Runtime, quarter: Quarter) -> None:
    top = quarter.aim("Top")
    middle = quarter.aim("Middle", top)
    quarter.aim("Leaf", middle)
    fold(runtime, quarter.history.said)
    (tree,) = quarter.tree(runtime, depth=2)["objectives"]
    assert (tree["hidden"], tree["objectives"][0]["hidden"], tree["objectives"][0]["objectives"]) == (0, 1, [])


def test_a_chain_deeper_than_any_organisation_is_answered(runtime: Runtime, quarter: Quarter) -> None:
    last = quarter.aim("Link 0")
    for number in range(1, 300):
        last = quarter.aim(f"Link {number}", last)
    fold(runtime, quarter.history.said)
    (tree,) = quarter.tree(runtime)["objectives"]
    for _ in range(29):
        (tree,) = tree["objectives"]
    assert tree["hidden"] == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"root": "019d2001-0518-7772-a5fb-04f9bad38681"}, 404),
        ({"root": "no id"}, 422),
        ({"depth": "0"}, 422),
        ({"depth": "31"}, 422),
        ({"depth": "deep"}, 422),
        ({"colour": "red"}, 422),
    ],
)
def test_a_question_that_makes_no_sense_is_told_so(
    runtime: Runtime, quarter: Quarter, query: dict[str, str], status: int
) -> None:
    fold(runtime, quarter.history.said)
    asking = client(runtime, someone(quarter.ada))
    answer = asking.get(f"/api/v1/cycles/{quarter.cycle.id}/alignment", query_string=query)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_a_cycle_nobody_told_us_of_is_not_found(runtime: Runtime, quarter: Quarter) -> None:
    fold(runtime, quarter.history.said)
    answer = client(runtime, someone(quarter.ada)).get(f"/api/v1/cycles/{quarter.history.new_id()}/alignment")
    assert answer.status_code == 404


def test_two_hundred_objectives_take_as_many_statements_as_two(runtime: Runtime, quarter: Quarter) -> None:
    top = quarter.aim("Top")
    quarter.aim("Below", top)
    fold(runtime, quarter.history.said)
    with statements(runtime.db) as few:
        quarter.tree(runtime)
    said = len(quarter.history.said)
    parents: list[Any] = [top]
    for number in range(200):
        below = quarter.aim(f"Aim {number}", parents[number // 3])
        parents += [below, quarter.history.key_result(below)]
    fold(runtime, quarter.history.said[said:])
    with statements(runtime.db) as many:
        shown = quarter.tree(runtime)
    assert shown["objective_count"] == 202
    assert len(many) == len(few) <= 5


def test_a_team_owner_is_named_as_a_team(runtime: Runtime, quarter: Quarter) -> None:
    harbour: people.TeamState = quarter.history.team("Harbour")
    quarter.aim("Ours", owner=harbour)
    fold(runtime, quarter.history.said)
    (tree,) = quarter.tree(runtime)["objectives"]
    assert tree["owner"] == {"kind": "team", "id": harbour.id, "name": "Harbour"}
