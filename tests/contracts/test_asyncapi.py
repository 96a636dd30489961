"""The AsyncAPI document is whole: its references lead somewhere, and every event and header is in it."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator

from contracts.asyncapi import asyncapi
from contracts.event import Event
from contracts.examples import example
from contracts.registry import BY_TYPE, OWNERS

DOCUMENT = asyncapi()
each_event = pytest.mark.parametrize("kind", BY_TYPE.values(), ids=BY_TYPE)


def follow(reference: str) -> Any:
    target: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        target = target[step]
    return target


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (inner for key, inner in value.items() if key == "$ref")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from references(inner)


def validator(schema: Any) -> Draft7Validator:
    return Draft7Validator({**schema, "components": DOCUMENT["components"]})


def test_all_references_lead_somewhere_inside_the_document() -> None:
    found = set(references(DOCUMENT))
    assert found
    assert all(reference.startswith("#/") and follow(reference) for reference in found)


def test_a_channel_is_a_topic_with_the_messages_of_its_owner() -> None:
    channels = {channel["address"]: set(channel["messages"]) for channel in DOCUMENT["channels"].values()}
    assert channels == {f"cairn.{owner}": {kind.__name__ for kind in kinds} for owner, kinds in OWNERS.items()}


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize("action", ["send", "receive"])
def test_every_channel_is_sent_to_and_received_from_with_all_its_messages(owner: str, action: str) -> None:
    (operation,) = (
        operation
        for operation in DOCUMENT["operations"].values()
        if operation["channel"]["$ref"] == f"#/channels/{owner}" and operation["action"] == action
    )
    promised = [f"#/channels/{owner}/messages/{kind.__name__}" for kind in OWNERS[owner]]
    assert [message["$ref"] for message in operation["messages"]] == promised


@each_event
def test_a_message_has_its_wire_type_meaning_and_key(kind: type[Event]) -> None:
    message = DOCUMENT["components"]["messages"][kind.__name__]
    assert message["name"] == kind.TYPE
    assert message["summary"] == kind.__doc__
    assert message["bindings"]["kafka"]["key"]["type"] == "string"


@each_event
def test_headers_and_data_of_an_example_fit_its_message(kind: type[Event]) -> None:
    message, said = DOCUMENT["components"]["messages"][kind.__name__], example(kind.TYPE)
    validator(message["headers"]).validate(said.headers)
    validator(message["payload"]).validate(said.data)


@pytest.mark.parametrize("header", ["ce_id", "ce_type", "ce_subject", "ce_specversion", "ce_aggregateversion"])
def test_headers_without_a_needed_attribute_do_not_fit(header: str) -> None:
    said = dict(example("cairn.goals.objective.closed.v1").headers)
    del said[header]
    assert not validator(DOCUMENT["components"]["messages"]["ObjectiveClosed"]["headers"]).is_valid(said)


def test_headers_of_one_event_do_not_fit_the_message_of_another() -> None:
    said = example("cairn.goals.objective.closed.v1").headers
    assert not validator(DOCUMENT["components"]["messages"]["ObjectiveCreated"]["headers"]).is_valid(said)
