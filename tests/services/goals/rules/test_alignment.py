"""Links upward: what is refused, and loops found before they are closed."""

from decimal import Decimal
from itertools import pairwise, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.goals.rules.alignment import Link, link_faults, loop_fault, would_cycle

SOUND = [Link("objective", "parent"), Link("key_result", "kr", "supports", Decimal(0))]


def test_sound_links_have_no_fault() -> None:
    assert link_faults("me", ["my-kr"], SOUND) == []
    assert link_faults("me", [], []) == []


@pytest.mark.parametrize(
    ("link", "pointer"),
    [
        (Link("objective", "me"), "/parents/2/parent_id"),
        (Link("key_result", "my-kr"), "/parents/2/parent_id"),
        (Link("objective", "parent", "supports"), "/parents/2/parent_id"),
        (Link("team", "x"), "/parents/2/parent_kind"),
        (Link("objective", "x", "blocks"), "/parents/2/kind"),
        (Link("objective", "x", weight=Decimal(-1)), "/parents/2/weight"),
        (Link("objective", "x", weight=Decimal("NaN")), "/parents/2/weight"),
    ],
    ids=str,
)
def test_a_senseless_link_is_refused_at_its_place(link: Link, pointer: str) -> None:
    assert [fault.pointer for fault in link_faults("me", ["my-kr"], [*SOUND, link])] == [pointer]


def test_an_edge_to_itself_is_the_shortest_loop() -> None:
    assert would_cycle([], "a", "a") == ("a", "a")


def test_a_loop_is_found_through_key_results_and_their_objectives() -> None:
    edges = [("kr", "parent"), ("parent", "other-kr"), ("other-kr", "child"), ("parent", "elsewhere")]
    assert would_cycle(edges, "child", "kr") == ("child", "kr", "parent", "other-kr", "child")


def test_an_objective_cannot_hang_below_its_own_key_result() -> None:
    assert would_cycle([("kr", "objective")], "objective", "kr") == ("objective", "kr", "objective")


def test_of_several_loops_the_shortest_is_told() -> None:
    short, long = [("b", "a")], [("b", "c"), ("c", "d"), ("d", "a")]
    for edges in (short + long, long + short):
        assert would_cycle(edges, "a", "b") == ("a", "b", "a")
    detour = [("b", "x"), ("x", "a"), ("b", "c"), ("c", "d"), ("d", "a")]
    for edges in permutations(detour):
        assert would_cycle(edges, "a", "b") == ("a", "b", "x", "a")


def test_a_second_way_to_the_same_ancestor_is_no_loop() -> None:
    assert would_cycle([("a", "b"), ("b", "top"), ("a", "c")], "c", "top") is None


def test_the_refusal_of_a_loop_names_what_it_goes_through() -> None:
    fault = loop_fault("/parents/0", ("a", "b", "a"), {"a": "Grow", "b": "Hire"})
    assert fault.pointer == "/parents/0"
    assert "Grow → Hire → Grow" in fault.sentence
    assert "a → Hire → a" in loop_fault("/parents/0", ("a", "b", "a"), {"b": "Hire"}).sentence


names = st.sampled_from("abcde")


@given(st.sets(st.tuples(names, names).filter(lambda edge: edge[0] < edge[1])), names, names, st.randoms())
def test_loops_are_found_as_by_trying_every_way(
    edges: set[tuple[str, str]], child: str, parent: str, random: Random
) -> None:
    given_order = sorted(edges)
    random.shuffle(given_order)
    path = would_cycle(given_order, child, parent)
    ways = [
        (child, *way)
        for length in range(1, 6)
        for way in permutations("abcde", length)
        if way[0] == parent and way[-1] == child and set(pairwise(way)) <= edges
    ]
    if path is None:
        assert ways == []
    else:
        assert path in ways
        assert len(path) == min(map(len, ways))
