"""The envelope survives the journey through headers, and a header that is wrong is named."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import HEADERS, Envelope, MalformedEnvelope, from_headers

MINUTES = st.integers(min_value=-23 * 60, max_value=23 * 60)
ZONES = MINUTES.map(lambda minutes: timezone(timedelta(minutes=minutes)))
NAMES = st.text(min_size=1)
ENVELOPES = st.builds(
    Envelope,
    id=NAMES,
    type=NAMES,
    source=NAMES,
    subject=NAMES,
    time=st.datetimes(min_value=datetime(1970, 1, 3), max_value=datetime(9999, 12, 29), timezones=ZONES),
    aggregate_version=st.integers(min_value=1, max_value=2**63 - 1),
    traceparent=st.none() | st.text(),
    correlation=st.none() | st.text(),
    causation=st.none() | st.text(),
    actor=st.none() | st.text(),
)
REQUIRED = ["id", "type", "source", "subject", "time", "aggregate_version"]


def headers() -> dict[str, str]:
    return Envelope(
        id="e1",
        type="cairn.goals.cycle.created.v1",
        source="/cairn/goals",
        subject="c1",
        time=datetime(2026, 5, 11, 9, 14, 37, tzinfo=UTC),
        aggregate_version=1,
    ).headers()


@given(ENVELOPES)
def test_an_envelope_is_the_same_after_its_journey_through_headers(envelope: Envelope) -> None:
    assert from_headers(envelope.headers()) == envelope


def test_attributes_without_a_value_are_not_sent() -> None:
    assert set(headers()) == {"ce_specversion", "content-type", *(HEADERS[attribute] for attribute in REQUIRED)}


def test_headers_nobody_knows_are_ignored() -> None:
    assert from_headers(headers() | {"ce_colour": "blue", "x-hop": "3"}) == from_headers(headers())


@pytest.mark.parametrize("attribute", REQUIRED)
def test_a_missing_header_is_named(attribute: str) -> None:
    said = headers()
    del said[HEADERS[attribute]]
    with pytest.raises(MalformedEnvelope, match=f"`{attribute}`"):
        from_headers(said)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("id", ""),
        ("type", ""),
        ("source", ""),
        ("subject", ""),
        ("time", "yesterday"),
        ("time", "2026-05-11T09:14:37"),
        ("aggregate_version", "second"),
        ("aggregate_version", "1.5"),
        ("aggregate_version", "0"),
        ("aggregate_version", ""),
    ],
)
def test_a_header_that_makes_no_sense_is_named(attribute: str, value: str) -> None:
    with pytest.raises(MalformedEnvelope, match=attribute):
        from_headers(headers() | {HEADERS[attribute]: value})


@pytest.mark.parametrize("said", [{}, {"ce_specversion": "2.0"}, {"ce_specversion": ""}])
def test_a_message_of_no_or_another_cloudevents_version_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(MalformedEnvelope, match="specversion"):
        from_headers(said and headers() | said)


@given(
    st.dictionaries(
        st.sampled_from([*HEADERS.values(), "ce_specversion"]), st.sampled_from(["", "1", "1.0", "null", "x"])
    )
)
def test_whatever_the_headers_are_reading_ends_in_an_envelope_or_a_malformed_one(said: dict[str, str]) -> None:
    read = None
    with suppress(MalformedEnvelope):
        read = from_headers(said)
    assert read is None or read.headers().items() >= {("ce_specversion", said["ce_specversion"])}
