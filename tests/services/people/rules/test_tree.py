"""Loops in trees, compared with looking at everything."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.people.rules.tree import loop_through, loops

NODES = [f"n{number}" for number in range(7)]
MAPS = st.dictionaries(st.sampled_from(NODES), st.none() | st.sampled_from(NODES))


def on_a_loop(above: dict[str, str | None], node: str) -> bool:
    """Whether so many steps upward as there are nodes lead back here."""
    here: str | None = node
    for _ in NODES:
        here = above.get(here) if here is not None else None
        if here == node:
            return True
    return False


@given(MAPS)
def test_loops_are_exactly_the_nodes_that_lead_back_to_themselves(above: dict[str, str | None]) -> None:
    found = loops(above)
    members = [node for loop in found for node in loop]
    assert sorted(members) == sorted(node for node in NODES if on_a_loop(above, node))
    for loop in found:
        assert all(above[lower] == upper for lower, upper in zip(loop, (*loop[1:], loop[0]), strict=True))


@given(MAPS, st.sampled_from(NODES), st.sampled_from(NODES))
def test_a_line_closes_a_loop_through_a_node_exactly_if_the_node_then_leads_back_to_itself(
    above: dict[str, str | None], node: str, upper: str
) -> None:
    after = {**above, node: upper}
    way = loop_through(above, node, upper)
    assert bool(way) == on_a_loop(after, node)
    if way:
        assert way[0] == way[-1] == node
        assert all(after[lower] == higher for lower, higher in pairwise(way))


def test_a_chain_of_a_hundred_thousand_is_no_loop_and_its_ends_tied_together_are_one() -> None:
    above: dict[str, str | None] = {str(number): str(number + 1) for number in range(100_000)}
    assert loops(above) == []
    assert len(loops({**above, "100000": "0"})[0]) == 100_001
