"""Identifiers are version 7, none comes twice, and what is made one after another keeps its order."""

from uuid import UUID

from chassis.ids import new_id


def test_ids_made_one_after_another_sort_in_that_order() -> None:
    made = [new_id() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {UUID(one).version for one in made} == {7}
