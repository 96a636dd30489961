"""Single values: what passes, what does not, and that a refusal says what to do."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.people.rules import fields

GOOD: list[tuple[str, Any]] = [
    ("email", "a@b"),
    ("email", "Ana.O'Neill+okr@sub.Example.ORG"),
    ("email", "josé@exämple.org"),
    ("external_id", "0042"),
    ("external_id", "S/N 7"),
    ("display_name", "X Æ A-12"),
    ("title", None),
    ("time_zone", "UTC"),
    ("time_zone", "America/Argentina/Buenos_Aires"),
    ("locale", "en"),
    ("locale", "zh-Hant-TW"),
    ("roles", ["admin"]),
    ("roles", []),
]
BAD: list[tuple[str, Any]] = [
    ("email", ""),
    ("email", "a"),
    ("email", "a@"),
    ("email", "@b"),
    ("email", "a@b@c"),
    ("email", "a b@c"),
    ("email", "a@b..c"),
    ("email", "<a@b>"),
    ("email", "a@b\n"),
    ("email", "a" * 65 + "@b"),
    ("email", None),
    ("external_id", " "),
    ("external_id", "x" * 201),
    ("display_name", "a\0b"),
    ("display_name", "\ud800"),
    ("display_name", None),
    ("title", "a\tb"),
    ("time_zone", "Europe"),
    ("time_zone", "europe/lisbon"),
    ("time_zone", "localtime"),
    ("time_zone", "/etc/localtime"),
    ("time_zone", ""),
    ("locale", "e"),
    ("locale", "en_US.UTF-8"),
    ("locale", "en-"),
    ("locale", "en" + "-abcdefgh" * 5),
    ("roles", ["employee", "boss"]),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_good_values_pass(name: str, value: Any) -> None:
    assert fields.wrongs({name: value}, fields.PERSON_CHECKS) == {}


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_values_are_refused_with_a_remedy(name: str, value: Any) -> None:
    wrong = fields.wrongs({name: value}, fields.PERSON_CHECKS)[name]
    assert wrong.reason
    assert wrong.remedy


def test_the_remedy_for_a_zone_in_the_wrong_case_is_the_right_name() -> None:
    assert "Europe/Lisbon" in str(fields.time_zone_wrong("europe/LISBON"))
    assert "pt-PT" in str(fields.locale_wrong("pt_PT.UTF-8"))


def test_a_description_may_have_lines_and_a_name_may_not() -> None:
    assert fields.wrongs({"description": "one\ntwo"}, fields.TEAM_CHECKS) == {}
    assert "name" in fields.wrongs({"name": "one\ntwo"}, fields.TEAM_CHECKS)


@given(st.lists(st.sampled_from(fields.ROLES)))
def test_roles_are_kept_once_in_one_order_with_employee_among_them(roles: list[str]) -> None:
    found = fields.canonical_roles(roles)
    assert set(found) == {"employee", *roles}
    assert found == fields.canonical_roles(reversed(found))


@given(st.text(max_size=30))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fields.folded(fields.folded(text)) == fields.folded(text)
    assert fields.folded(text.lower()) == fields.folded(fields.folded(text.lower()))


def test_addresses_that_differ_in_case_or_composition_are_the_same() -> None:
    assert fields.folded("JOSE\u0301@X.example") == fields.folded("josé@x.EXAMPLE")


def test_a_search_finds_without_case_and_accents() -> None:
    assert fields.searchable("Zoë", None, "Ångström") == "zoe angstrom"


@given(st.none() | st.dates(), st.none() | st.dates())
def test_dates_are_wrong_exactly_if_the_end_lies_before_the_start(start: date | None, end: date | None) -> None:
    expected = start is not None and end is not None and end < start
    assert bool(fields.dates_wrong(start, end)) == expected
