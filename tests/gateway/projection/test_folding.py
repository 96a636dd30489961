"""Text as search sees it."""

import pytest

from gateway.projection.folding import folded


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Müller", "muller"),
        ("MULLER", "muller"),
        ("  two \t words ", "two words"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Ærø", "aero"),
        ("\u0130stanbul \u0131l\u0131k", "istanbul ilik"),
        ("ﬁrst", "first"),
        ("e\u0301te\u0301", "ete"),
        ("北京", "北京"),
        ("", ""),
    ],
)
def test_case_accents_and_surplus_blanks_do_not_count(written: str, seen: str) -> None:
    assert folded(written) == seen


@pytest.mark.parametrize("text", ["İ", "ẞ", "ǅ", "Å", "ŉ", "Ω"])
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)
