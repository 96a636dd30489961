"""When a file lets too many people go, and who stands at the top."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.people.rules.guarding import named, root, share, too_many


@pytest.mark.parametrize(
    ("leaving", "active", "expected"),
    [(2, 3, False), (3, 30, False), (3, 29, True), (10, 100, False), (11, 100, True), (0, 0, False)],
)
def test_more_than_a_tenth_and_at_least_three_are_too_many(leaving: int, active: int, expected: bool) -> None:
    assert too_many(leaving, active) is expected


def test_the_root_has_most_people_below_and_nobody_above() -> None:
    assert root({"a": None, "b": "a", "c": "b", "d": None, "e": "d"}) == "a"


def test_without_people_below_or_in_a_tie_there_is_no_root() -> None:
    assert root({"a": None, "b": None}) is None
    assert root({"a": None, "b": "a", "c": None, "d": "c"}) is None
    assert root({}) is None


def test_people_whose_manager_has_left_are_no_root() -> None:
    assert root({"a": "gone", "b": "a", "c": "b", "d": None, "e": "d"}) == "d"


@given(st.lists(st.integers(0, 30), max_size=30))
def test_the_root_is_whom_most_ways_up_lead_to(uppers: list[int]) -> None:
    above = {str(node): str(upper) if upper < node else None for node, upper in enumerate(uppers)}
    ends: dict[str, int] = {}
    for node in above:
        here = node
        while above[here] is not None:
            here = str(above[here])
        ends[here] = ends.get(here, 0) + (here != node)
    most = max(ends.values(), default=0)
    winners = [node for node, count in ends.items() if count == most]
    assert root(above) == (winners[0] if most and len(winners) == 1 else None)


def test_a_share_is_never_rounded_to_nothing_or_to_all() -> None:
    assert (share(1, 1000), share(999, 1000), share(5, 5), share(1, 3)) == ("1%", "99%", "100%", "33%")


def test_only_the_first_names_are_told() -> None:
    assert named(["A", "B", "C"], 2) == "A, B and 1 more"
    assert named(["A"]) == "A"
