"""What stands and falls together, compared with following every need by hand."""

from hypothesis import given
from hypothesis import strategies as st

from services.people.rules.matching import fallen, lines_by_key

LINES = st.integers(2, 12)


@given(st.sets(LINES), st.dictionaries(LINES, st.sets(LINES)))
def test_a_line_falls_exactly_if_following_its_needs_leads_to_a_rejected_one(
    rejected: set[int], needs: dict[int, set[int]]
) -> None:
    down = set(rejected)
    for _ in range(12):
        down |= {line for line, others in needs.items() if others & down}
    found = fallen(rejected, needs)
    assert set(found) == down - rejected
    assert all(other in needs[line] and other in down for line, other in found.items())


def test_keys_that_come_twice_name_all_their_lines_and_no_key_is_none() -> None:
    assert lines_by_key([(2, "a"), (3, None), (4, "b"), (5, "a"), (6, None)]) == {"a": [2, 5]}
