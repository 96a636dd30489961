"""Fields: exact numbers, clean text, real dates, and messages that say what to send."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from chassis.http import Schema, fields
from chassis.http.bodies import Raw, parse
from chassis.http.schema import faults_of

ID = "0190b6a4-9d5c-7c3e-8a55-0d4c2b7f1e60"


def load(field: Any, text: str) -> Any:
    """What a field makes of a JSON text."""
    return Schema.from_dict({"it": field})().load({"it": parse(text.encode())})["it"]


def refusal(field: Any, text: str) -> str:
    with pytest.raises(ValidationError) as told:
        load(field, text)
    assert isinstance(told.value.messages, dict)
    return str(told.value.messages["it"][0])


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (fields.Quantity(), "12.5", Decimal("12.5")),
        (fields.Quantity(), '"12.5"', Decimal("12.5")),
        (fields.Quantity(), "-0.000000001", Decimal("-0.000000001")),
        (fields.Quantity(), "999999999999999999.999999999", Decimal("999999999999999999.999999999")),
        (fields.Quantity(), "1e3", Decimal(1000)),
        (fields.Quantity(), "1.50000000000000000000", Decimal("1.5")),
        (fields.Ratio(), "0", 0.0),
        (fields.Ratio(), "0.25", 0.25),
        (fields.Ratio(), "1", 1.0),
        (fields.Integer(), "7", 7),
        (fields.Integer(), "7.0", 7),
        (fields.Boolean(), "true", True),
        (fields.Text(), '" Grüße 🎯 "', " Grüße 🎯 "),
        (fields.Text(lines=True), r'"a\nb\tc"', "a\nb\tc"),
        (fields.Id(), f'"{ID.upper()}"', ID),
        (fields.Date(), '"2026-02-28"', dt.date(2026, 2, 28)),
        (fields.Moment(), '"2026-02-28T12:00:00+02:00"', dt.datetime(2026, 2, 28, 10, tzinfo=dt.UTC)),
        (fields.Choice(["draft", "open"]), '"open"', "open"),
        (fields.Email(), '"ana@example.org"', "ana@example.org"),
    ],
)
def test_good_values_are_taken(field: Any, text: str, value: Any) -> None:
    assert load(field, text) == value


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        (fields.Quantity(), "1e400", "below 1000000000000000000"),
        (fields.Quantity(), "1000000000000000000", "below 1000000000000000000"),
        (fields.Quantity(), "0.0000000001", "at most 9 decimals"),
        (fields.Quantity(), "1.00000000000000000000000000000000001", "at most 9 decimals"),
        (fields.Quantity(), "true", "a number"),
        (fields.Quantity(), '"NaN"', "a number"),
        (fields.Quantity(), '"1e5"', "a number"),
        (fields.Quantity(), '" 1"', "a number"),
        (fields.Quantity(), '"\u0661"', "a number"),
        (fields.Ratio(), "1.0000001", "from 0 to 1"),
        (fields.Ratio(), "-0.1", "from 0 to 1"),
        (fields.Ratio(), '"0.5"', "from 0 to 1"),
        (fields.Ratio(), "false", "from 0 to 1"),
        (fields.Integer(), "1.5", "whole number"),
        (fields.Integer(), '"1"', "whole number"),
        (fields.Integer(), "true", "whole number"),
        (fields.Integer(), "1e300", "from -9007199254740991"),
        (fields.Integer(least=1, most=5), "6", "from 1 to 5"),
        (fields.Boolean(), '"true"', "true or false"),
        (fields.Boolean(), "1", "true or false"),
        (fields.Text(), r'"a\nb"', "control character"),
        (fields.Text(lines=True), r'"a\u0007"', "control character"),
        (fields.Text(), "5", "text"),
        (fields.Text(longest=3), '"abcd"', "0 to 3 characters"),
        (fields.Text(shortest=1), '""', "1 to 10000 characters"),
        (fields.Text(shortest=1), '"  "', "blanks alone"),
        (fields.Id(), '"x"', "a UUID"),
        (fields.Id(), f'"{{{ID}}}"', "a UUID"),
        (fields.Id(), f'"urn:uuid:{ID}"', "a UUID"),
        (fields.Date(), '"2026-02-30"', "a date such as"),
        (fields.Date(), '"20260228"', "a date such as"),
        (fields.Moment(), '"2026-02-28T12:00:00"', "with its zone"),
        (fields.Moment(), '"0001-01-01T00:00:00+14:00"', "with its zone"),
        (fields.Choice(["draft", "open"]), '"shut"', "one of: draft, open"),
        (fields.Email(), '"ana at example"', "e-mail address"),
        (fields.List(fields.Integer(), most=2), "[1, 2, 3]", "at most 2 items"),
        (fields.Text(), "null", "may not be null"),
    ],
)
def test_bad_values_are_refused_with_what_to_send(field: Any, text: str, message: str) -> None:
    assert message in refusal(field, text)


@given(st.decimals(-(10**18) + 1, 10**18 - 1, places=9))
def test_a_quantity_survives_the_way_out_and_in(number: Decimal) -> None:
    schema = Schema.from_dict({"it": fields.Quantity()})()
    dumped = schema.dump({"it": number})
    assert isinstance(dumped["it"], str)
    assert "E" not in dumped["it"]
    assert schema.load(dumped) == {"it": number}


def test_values_of_a_query_are_read_from_their_text() -> None:
    kinds = {"n": fields.Integer(), "b": fields.Boolean(), "r": fields.Ratio(), "q": fields.Quantity()}
    given_ = {"n": Raw("7"), "b": Raw("false"), "r": Raw("0.5"), "q": Raw("1.5")}
    assert Schema.from_dict(kinds)().load(given_) == {"n": 7, "b": False, "r": 0.5, "q": Decimal("1.5")}


def test_a_moment_is_answered_in_utc() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    schema = Schema.from_dict({"it": fields.Moment()})()
    assert schema.dump({"it": dt.datetime(2026, 1, 1, 1, tzinfo=zone)}) == {"it": "2025-12-31T23:00:00Z"}


def test_an_unknown_field_is_told_the_known_ones() -> None:
    schema = Schema.from_dict({"title": fields.Text(), "aim": fields.Text(data_key="target")})()
    with pytest.raises(ValidationError) as told:
        schema.load({"titel": "x"})
    assert told.value.messages == {"titel": ["There is no such field; allowed are target, title."]}


def test_faults_have_json_pointers() -> None:
    messages = {"a/b": {0: {"c~d": ["one", "two"]}}, "_schema": ["whole"]}
    assert [(fault.pointer, fault.detail) for fault in faults_of(messages)] == [
        ("/a~1b/0/c~0d", "one"),
        ("/a~1b/0/c~0d", "two"),
        ("", "whole"),
    ]
