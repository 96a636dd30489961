"""Constants as they stand in statements."""

import pytest

from chassis.statements import constant


def test_a_constant_stands_in_the_statement() -> None:
    assert str(constant("closed")) == "'closed'"


@pytest.mark.parametrize("word", ["it's", "", "a b", "1", "'; --"])
def test_only_plain_words_are_constants(word: str) -> None:
    with pytest.raises(ValueError, match="not a plain word"):
        constant(word)
