"""Everybody computes the same shares, the shares are even, and few partitions move."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.bus.sharing import share

PARTITIONS = [(topic, number) for topic in ("cairn.goals", "cairn.people") for number in range(4)]
MEMBERS = st.lists(st.sampled_from("abcdef"), min_size=1, unique=True)
BOTH = {"cairn.goals", "cairn.people"}


def loads(owners: dict[tuple[str, int], str], members: list[str]) -> list[int]:
    return sorted(list(owners.values()).count(member) for member in members)


@given(MEMBERS, st.dictionaries(st.sampled_from(PARTITIONS), st.sampled_from("abcdefgh")))
def test_shares_are_even_whoever_held_what(members: list[str], held: dict[tuple[str, int], str]) -> None:
    owners = share(PARTITIONS, dict.fromkeys(members, BOTH), held)
    counts = loads(owners, members)
    assert set(owners) == set(PARTITIONS)
    assert counts[-1] - counts[0] <= 1


@given(MEMBERS)
def test_what_is_even_already_stays(members: list[str]) -> None:
    everyone = dict.fromkeys(members, BOTH)
    owners = share(PARTITIONS, everyone, {})
    assert share(PARTITIONS, everyone, owners) == owners


def test_a_newcomer_takes_its_share_and_nothing_else_moves() -> None:
    before = share(PARTITIONS, dict.fromkeys("ab", BOTH), {})
    after = share(PARTITIONS, dict.fromkeys("abc", BOTH), before)
    moved = {partition for partition in PARTITIONS if before[partition] != after[partition]}
    assert {after[partition] for partition in moved} == {"c"}
    assert len(moved) == 2


def test_a_member_gets_only_what_it_reads() -> None:
    owners = share(PARTITIONS, {"a": {"cairn.goals"}, "b": BOTH}, {})
    assert {topic for (topic, _), member in owners.items() if member == "a"} == {"cairn.goals"}
    assert loads(owners, ["a", "b"]) == [4, 4]


def test_a_topic_nobody_reads_is_left_out() -> None:
    assert share(PARTITIONS, {"a": {"cairn.goals"}}, {}).keys() == {("cairn.goals", number) for number in range(4)}
