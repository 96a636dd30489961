"""Reading JSON strictly: what goes in means one thing, and no digit is lost on the way."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http.bodies import parse
from chassis.problems import Invalid, Malformed, Problem

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_proper_json_is_read_as_it_was_written(value: Any, ascii_only: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=12))
def test_no_digit_of_a_number_is_lost(number: Decimal) -> None:
    assert parse(f"[{number:f}]".encode()) == [number]


def refused(data: bytes) -> Problem | None:
    try:
        parse(data)
    except Problem as told:
        return told
    return None


@given(st.binary(max_size=60))
def test_no_bytes_at_all_make_it_fail_otherwise_than_by_a_problem(data: bytes) -> None:
    told = refused(data)
    assert told is None or (told.status in (400, 422) and told.detail)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "line 1"),
        ("[1,]", "line 1"),
        ("'a'", "line 1"),
        ("[NaN]", "not JSON"),
        ("[-Infinity]", "not JSON"),
        ('{"a": 1, "a": 2}', "one name twice"),
        ('{"a": {"b": 1, "b": 1}}', "one name twice"),
        ("1e999999999", "beyond any range"),
        ("-1e-999999999", "beyond any range"),
        ("1e99999999999999999999", "cannot be read"),
        ("9" * 5000, "cannot be read"),
        ("[" * 100_000, "nested too deeply"),
        ("\ufeff{}", "line 1"),
    ],
)
def test_what_json_parsers_let_pass_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(Malformed) as told:
        parse(text.encode())
    assert reason.lower() in told.value.detail.lower()


def test_text_no_database_can_keep_is_found_where_it_is() -> None:
    with pytest.raises(Invalid) as told:
        parse(rb'{"a": [{"b/c": "x\u0000"}]}')
    assert [fault.pointer for fault in told.value.faults] == ["/a/0/b~1c"]


def test_a_pair_of_surrogates_is_one_letter() -> None:
    assert parse(rb'"\ud83d\ude00"') == "\U0001f600"


def test_a_large_exponent_stays_a_number_for_the_field_to_judge() -> None:
    assert parse(b"1e400") == Decimal("1e400")
    assert parse(b"0e999999") == 0
