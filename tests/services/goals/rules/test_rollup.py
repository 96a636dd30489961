"""Roll-up of small families told one by one, and of random graphs against a naive reference."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.goals.rules.measuring import measure
from services.goals.rules.rollup import (
    Contribution,
    LoopFound,
    Node,
    Standing,
    measured_standing,
    recompute,
    roll_up,
    summed,
)
from tests.services.goals.rules.builders import FIRST_DAY, LAST_DAY, increase, reading

SEVERITY = ["not_started", "on_track", "behind", "at_risk"]


def line(
    child: str, progress: str | None, weight: str = "1", *, to: str = "top", status: str = "on_track"
) -> Contribution:
    return Contribution(to, child, Decimal(weight), Standing(None if progress is None else Decimal(progress), status))


def top(*lines: Contribution) -> Standing:
    return recompute([Node("top")], lines)["top"]


@pytest.mark.parametrize(
    ("lines", "progress"),
    [
        ([line("a", "0.4")], "0.4"),
        ([line("a", "0.2"), line("b", "0.6")], "0.4"),
        ([line("a", "0", "3"), line("b", "1", "1")], "0.25"),
        ([line("a", "0"), line("b", "0")], "0"),
        ([line("a", "1.25"), line("b", "0.5")], "0.75"),
        ([line("a", "-3"), line("b", "0.5")], "0.25"),
        ([line("a", None), line("b", "0.5")], "0.5"),
        ([line("a", "1", "0"), line("b", "0.5", "2")], "0.5"),
        ([line("a", "1"), line("b", "1"), line("c", "0")], "0.666667"),
        ([line("a", "1", "99999999"), line("b", "0.9")], "0.999999"),
        ([], None),
        ([line("a", None)], None),
        ([line("a", "0.7", "0"), line("b", "0.1", "0")], None),
    ],
)
def test_progress_is_the_weighted_mean_of_what_contributes(lines: list[Contribution], progress: str | None) -> None:
    assert top(*lines).progress == (None if progress is None else Decimal(progress))


@pytest.mark.parametrize(
    "left_out",
    [
        line("b", "1", status="at_risk")._replace(link="supports"),
        line("b", "1", status="at_risk")._replace(child_state="draft"),
        line("b", "1", status="at_risk")._replace(child_state="deleted"),
        line("b", "1", status="at_risk")._replace(child_state="removed"),
    ],
    ids=["supporting", "draft", "deleted", "removed"],
)
def test_some_children_neither_add_progress_nor_status(left_out: Contribution) -> None:
    assert top(line("a", "0.3"), left_out) == Standing(Decimal("0.3"), "on_track")
    assert top(left_out) == Standing(None, "not_started")


def test_a_closed_child_still_counts() -> None:
    assert top(line("a", "0.8")._replace(child_state="closed")).progress == Decimal("0.8")


def test_a_child_of_weight_zero_is_a_guardrail_seen_in_the_status_only() -> None:
    assert top(line("a", "0.9"), line("guard", "0", "0", status="at_risk")) == Standing(Decimal("0.9"), "at_risk")


def test_several_contributing_lines_to_different_parents_count_in_each() -> None:
    lines = [line("shared", "0.5", to="left"), line("shared", "0.5", "3", to="right"), line("x", "1", to="right")]
    new = recompute([Node("left"), Node("right")], lines)
    assert (new["left"].progress, new["right"].progress) == (Decimal("0.5"), Decimal("0.625"))


def test_a_diamond_takes_the_new_middle_on_both_sides() -> None:
    lines = [
        line("kr", "1", to="bottom", status="behind"),
        line("bottom", "0", to="left"),
        line("bottom", "0", to="right"),
        line("other", "0", to="right"),
        line("left", "0", to="top"),
        line("right", "0", to="top"),
    ]
    new = recompute([Node("top"), Node("right"), Node("left"), Node("bottom")], lines)
    assert {node: standing.progress for node, standing in new.items()} == {
        "bottom": Decimal(1),
        "left": Decimal(1),
        "right": Decimal("0.5"),
        "top": Decimal("0.75"),
    }
    assert new["top"].status == "behind"


def test_a_parent_waits_for_the_slowest_of_its_children() -> None:
    chain = [line("kr", "1", to="a"), *(line(low, "0", to=up) for low, up in ["ab", "bc", "cd"])]
    lines = [line("quick", "0"), line("d", "0"), *chain]
    for order in permutations([Node("top"), Node("quick"), Node("d"), Node("c")]):
        new = recompute([*order, Node("b"), Node("a")], lines)
        assert (new["d"].progress, new["top"].progress) == (1, 1)


def test_an_unmeasured_key_result_takes_the_mean_of_the_objectives_linked_to_it() -> None:
    lines = [line("o1", "0.2", "1", to="kr", status="behind"), line("o2", "0.6", "3", to="kr")]
    new = recompute([Node("kr", "key_result"), Node("top")], [*lines, line("kr", "0")])
    assert new["kr"] == Standing(Decimal("0.5"), "behind")
    assert new["top"] == Standing(Decimal("0.5"), "behind")


def test_a_measured_key_result_heeds_no_objective_linked_to_it() -> None:
    measured = Standing(Decimal("0.1"), "at_risk")
    new = recompute([Node("kr", "key_result", measured), Node("top")], [line("o1", "0.9", to="kr"), line("kr", "0")])
    assert new == {"kr": measured, "top": measured}


@pytest.mark.parametrize(
    "lines", [[], [line("o1", None, to="kr")], [line("o1", "1", "0", to="kr", status="not_started")]]
)
def test_an_unmeasured_key_result_without_contribution_stands_at_zero(lines: list[Contribution]) -> None:
    new = recompute([Node("kr", "key_result"), Node("top")], [*lines, line("kr", "0.4")])
    assert new["kr"] == Standing(Decimal(0), "not_started")
    assert new["top"] == Standing(Decimal(0), "not_started")


def test_a_measurement_becomes_a_standing_only_once_there_is_a_check_in() -> None:
    metric = increase()
    standing = measured_standing(metric, measure(metric, [reading("120")]), FIRST_DAY, LAST_DAY)
    assert standing == Standing(Decimal(1), "on_track")
    assert measured_standing(metric, measure(metric, []), FIRST_DAY, LAST_DAY) is None


def test_lines_into_nodes_that_are_not_computed_are_ignored() -> None:
    assert recompute([Node("top")], [line("a", "0.5"), line("top", "0", to="closed")]) == {
        "top": Standing(Decimal("0.5"), "on_track")
    }
    assert recompute([], [line("a", "0.5")]) == {}


def test_a_loop_is_told_with_its_path_upward() -> None:
    lines = [line("a", "0", to="b"), line("b", "0", to="c"), line("c", "0", to="a")]
    with pytest.raises(LoopFound) as caught:
        recompute([Node("a"), Node("b"), Node("c")], lines)
    path = caught.value.path
    assert path[0] == path[-1]
    assert set(pairwise(path)) == {("a", "b"), ("b", "c"), ("c", "a")}


def test_a_loop_of_supporting_links_harms_no_roll_up() -> None:
    lines = [line("a", "0", to="b")._replace(link="supports"), line("b", None, to="a"), line("kr", "0.5", to="b")]
    new = recompute([Node("a"), Node("b")], lines)
    assert new["a"].progress == new["b"].progress == Decimal("0.5")


ratios = st.decimals(min_value=-2, max_value=3, places=4)
weights = st.decimals(min_value=0, max_value=50, places=2)
families = st.lists(st.tuples(weights, st.builds(Standing, st.none() | ratios, st.sampled_from(SEVERITY))), max_size=8)


@given(families, st.randoms())
def test_the_order_of_children_does_not_matter(family: list[tuple[Decimal, Standing]], random: Random) -> None:
    shuffled = list(family)
    random.shuffle(shuffled)
    assert roll_up(shuffled) == roll_up(family)


@given(families, st.decimals(min_value="0.01", max_value=1000, places=2))
def test_only_the_proportions_of_weights_matter(family: list[tuple[Decimal, Standing]], factor: Decimal) -> None:
    assert roll_up([(weight * factor, child) for weight, child in family]) == roll_up(family)


@given(families)
def test_progress_lies_between_its_clamped_children_and_is_none_only_without_any(
    family: list[tuple[Decimal, Standing]],
) -> None:
    counting = [max(0, min(1, child.progress)) for weight, child in family if weight and child.progress is not None]
    progress = roll_up(family).progress
    assert (progress is None) is (not counting)
    if progress is not None:
        assert 0 <= min(counting) <= progress <= max(counting) <= 1


@dataclass
class Graph:
    """A whole company: nodes in an order in which children come before parents, and every line."""

    nodes: list[Node]
    lines: list[Contribution]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    size = draw(st.integers(2, 9))
    nodes = [draw(a_node(str(place))) for place in range(size)]
    pairs = [(child, parent) for parent in range(size) for child in range(parent)]
    linked = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    chosen = [pair for pair, is_linked in zip(pairs, linked, strict=True) if is_linked]
    return Graph(nodes, [draw(a_line(str(child), str(parent))) for child, parent in chosen])


def standings() -> st.SearchStrategy[Standing]:
    progress = st.decimals(min_value=0, max_value=1, places=3)
    return st.builds(Standing, progress, st.sampled_from(SEVERITY[1:]))


def a_node(node_id: str) -> st.SearchStrategy[Node]:
    key_result = st.builds(Node, st.just(node_id), st.just("key_result"), st.none() | standings())
    objective = st.just(Node(node_id))
    return objective | objective | key_result


def a_line(child: str, parent: str) -> st.SearchStrategy[Contribution]:
    return st.builds(
        Contribution,
        st.just(parent),
        st.just(child),
        st.sampled_from([Decimal(1), Decimal("2.5"), Decimal(7), Decimal(0)]),
        link=st.sampled_from(["contributes"] * 7 + ["supports"]),
        child_state=st.sampled_from(["active"] * 12 + ["closed", "draft", "deleted", "removed"]),
    )


def naive(graph: Graph, node: Node) -> Standing:
    """Roll-up as one would explain it at a blackboard: recursion and fractions, nothing remembered."""
    if node.measured is not None:
        return node.measured
    by_id = {each.id: each for each in graph.nodes}
    total = Fraction(0)
    weight = Fraction(0)
    worst = 0
    for line in graph.lines:
        if line.parent_id != node.id or line.link == "supports" or line.child_state not in ("active", "closed"):
            continue
        child = naive(graph, by_id[line.child_id])
        worst = max(worst, SEVERITY.index(child.status))
        if child.progress is not None:
            total += Fraction(line.weight) * Fraction(child.progress)
            weight += Fraction(line.weight)
    if weight == 0:
        return Standing(Decimal(0)) if node.kind == "key_result" else Standing(None, SEVERITY[worst])
    return Standing(six_places(total / weight), SEVERITY[worst])


def six_places(exact: Fraction) -> Decimal:
    millionths = int(exact * 10**6 + Fraction(1, 2))
    return Decimal(millionths - (exact < 1 and millionths == 10**6)) / 10**6


def with_standings(graph: Graph, standing: dict[str, Standing]) -> list[Contribution]:
    return [line._replace(standing=standing[line.child_id]) for line in graph.lines]


def upward(graph: Graph, dirty: set[str]) -> set[str]:
    affected = set(dirty)
    for node in graph.nodes:
        if any(line.child_id in affected for line in graph.lines if line.parent_id == node.id):
            affected.add(node.id)
    return affected


@given(graphs(), st.data())
def test_recomputing_what_is_above_any_change_equals_a_naive_recomputation_of_all(
    before: Graph, data: st.DataObject
) -> None:
    stored = {node.id: naive(before, node) for node in before.nodes}
    dirty = data.draw(st.sets(st.sampled_from([node.id for node in before.nodes])))
    nodes = [data.draw(a_node(node.id)) if node.id in dirty else node for node in before.nodes]
    after = Graph(nodes, before.lines)
    affected = data.draw(st.permutations([node for node in nodes if node.id in upward(after, dirty)]))
    lines = data.draw(st.permutations(with_standings(after, stored)))
    known = {node.id for node in affected}
    apart = [one for one in lines if one.child_id not in known and data.draw(st.booleans(), label="taken together")]
    new = recompute(affected, [one for one in lines if one not in apart], summed(apart))
    assert set(new) == known
    assert stored | new == {node.id: naive(after, node) for node in after.nodes}


@given(graphs())
def test_recomputing_what_is_already_right_changes_nothing(graph: Graph) -> None:
    right = {node.id: naive(graph, node) for node in graph.nodes}
    assert recompute(graph.nodes, with_standings(graph, right)) == right


def test_a_large_tree_with_many_measurements_is_computed_in_one_go() -> None:
    leaves = [line(f"kr{n}", f"0.{n % 10}", to=f"team{n % 100}") for n in range(3000)]
    teams = [line(f"team{n}", None, to=f"area{n % 10}") for n in range(100)]
    areas = [line(f"area{n}", None) for n in range(10)]
    nodes = [Node("top")] + [Node(part.child_id) for part in teams + areas]
    new = recompute(nodes, [*areas, *teams, *leaves])
    assert new["top"].progress == Decimal("0.45")
    assert len(new) == 111
