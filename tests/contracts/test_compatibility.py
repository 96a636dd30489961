"""Which changes of a schema break someone, at every depth, and which do not."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.compatibility import breaks, language_breaks
from contracts.schemas import schemas

Schema = dict[str, Any]
Change = Callable[[Schema], object]

TEXT: Schema = {"type": "string"}
MAYBE_TEXT: Schema = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}


def trip() -> Schema:
    """A schema with everything in it: optional and needed fields, a list of records, a record or null, a tree."""
    stop = {
        "type": "object",
        "properties": {
            "place": TEXT,
            "minutes": {"type": "integer", "default": 5},
            "fee": {"type": "string", "format": "decimal"},
            "around": {"type": "array", "items": {"$ref": "#/$defs/Stop"}, "default": []},
        },
        "required": ["place", "fee"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Trip",
        "description": "A trip.",
        "type": "object",
        "properties": {
            "id": {"type": "string", "description": "Whose."},
            "note": MAYBE_TEXT,
            "length": {"type": "number"},
            "stops": {"type": "array", "items": {"$ref": "#/$defs/Stop"}, "default": []},
            "last": {"anyOf": [{"$ref": "#/$defs/Stop"}, {"type": "null"}], "default": None},
            "prices": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Price"}, "default": {}},
        },
        "required": ["id", "length"],
        "$defs": {
            "Stop": stop,
            "Price": {"type": "object", "properties": {"amount": TEXT}, "required": ["amount"]},
        },
    }


def fields(schema: Schema, record: str = "") -> Schema:
    return (schema["$defs"][record] if record else schema)["properties"]


def required(schema: Schema, record: str = "") -> list[str]:
    return (schema["$defs"][record] if record else schema)["required"]


def rename(properties: Schema, old: str, new: str) -> None:
    properties[new] = properties.pop(old)


def changed(change: Change) -> Schema:
    schema = copy.deepcopy(trip())
    change(schema)
    return schema


BREAKING: dict[str, tuple[Change, str]] = {
    "an optional field removed": (lambda s: fields(s).pop("note"), "`note` was removed"),
    "a needed field removed": (
        lambda s: (fields(s).pop("length"), required(s).remove("length")),
        "`length` was removed",
    ),
    "a field renamed": (lambda s: rename(fields(s), "note", "remark"), "`note` was removed"),
    "a field retyped": (lambda s: fields(s).update(length=TEXT), "`length` was number and is now text"),
    "a number narrowed": (lambda s: fields(s)["length"].update(type="integer"), "`length` was number and is now whole"),
    "a field that may be null now": (
        lambda s: fields(s).update(id=MAYBE_TEXT),
        "`id` was text and is now text or null",
    ),
    "a field that may not be null any more": (
        lambda s: fields(s).update(note={**TEXT, "default": ""}),
        "`note` was text or null and is now text",
    ),
    "another alternative": (
        lambda s: fields(s)["note"]["anyOf"].append({"type": "integer"}),
        "`note` was text or null",
    ),
    "an optional field made needed": (lambda s: required(s).append("note"), "`note` became required"),
    "a default taken away": (
        lambda s: (fields(s)["stops"].pop("default"), required(s).append("stops")),
        "`stops` became required",
    ),
    "a needed field made optional": (lambda s: required(s).remove("length"), "`length` became optional"),
    "a new needed field": (
        lambda s: (fields(s).update(new=TEXT), required(s).append("new")),
        "`new` is new and required",
    ),
    "a default changed": (
        lambda s: fields(s, "Stop")["minutes"].update(default=6),
        "`stops[].minutes` changed its default",
    ),
    "a default of another type": (lambda s: fields(s, "Stop")["minutes"].update(default=5.0), "changed its default"),
    "a format changed": (
        lambda s: fields(s, "Stop")["fee"].pop("format"),
        "`stops[].fee` was decimal, as text and is now",
    ),
    "a rule added": (lambda s: fields(s)["id"].update(maxLength=3), "`id` changed its rule `maxLength`"),
    "values listed": (lambda s: fields(s)["id"].update(enum=["a"]), "`id` changed its rule `enum`"),
    "unknown fields refused": (
        lambda s: s.update(additionalProperties=False),
        "changed its rule `additionalProperties`",
    ),
    "a list made a single value": (
        lambda s: fields(s).update(stops={"$ref": "#/$defs/Stop"}),
        "`stops` was list of Stop and is now record",
    ),
    "items of a list retyped": (
        lambda s: fields(s)["stops"].update(items=TEXT),
        "`stops[]` was record and is now text",
    ),
    "a field of a nested record removed": (
        lambda s: (fields(s, "Stop").pop("place"), required(s, "Stop").remove("place")),
        "`stops[].place` was removed",
    ),
    "a field of a nested record made needed": (
        lambda s: required(s, "Stop").append("minutes"),
        "`stops[].minutes` became required",
    ),
    "a new needed field of a record that may be null": (
        lambda s: (fields(s, "Stop").update(new=TEXT), required(s, "Stop").append("new")),
        "`last.new` is new and required",
    ),
    "a field of a record in a map retyped": (
        lambda s: fields(s, "Price").update(amount={"type": "number"}),
        "`prices{}.amount` was text and is now number",
    ),
    "no object any more": (lambda s: s.update(type="array", items=TEXT), "the data itself was record and is now list"),
}

ALLOWED: dict[str, Change] = {
    "nothing": dict,
    "a new optional field": lambda s: fields(s).update(new=MAYBE_TEXT),
    "a new optional field of a nested record": lambda s: fields(s, "Stop").update(new=MAYBE_TEXT),
    "a new optional field holding a new record": lambda s: (
        fields(s).update(new={"anyOf": [{"$ref": "#/$defs/New"}, {"type": "null"}], "default": None}),
        s["$defs"].update(New={"type": "object", "properties": {"x": TEXT}, "required": ["x"]}),
    ),
    "other words": lambda s: (s.update(description="Else.", title="Else"), fields(s)["id"].update(description="Else.")),
    "a record class renamed": lambda s: (
        rename(s["$defs"], "Price", "Cost"),
        fields(s)["prices"].update(additionalProperties={"$ref": "#/$defs/Cost"}),
    ),
    "a record written in place": lambda s: fields(s)["prices"].update(additionalProperties=s["$defs"]["Price"]),
    "fields in another order": lambda s: s.update(properties=dict(reversed(fields(s).items()))),
    "alternatives in another order": lambda s: fields(s)["last"]["anyOf"].reverse(),
    "needed fields in another order": lambda s: required(s).reverse(),
}


@pytest.mark.parametrize(("change", "sentence"), BREAKING.values(), ids=BREAKING)
def test_a_breaking_change_is_told_with_its_place(change: Change, sentence: str) -> None:
    assert any(sentence in told for told in breaks(trip(), changed(change)))


@pytest.mark.parametrize("change", ALLOWED.values(), ids=ALLOWED)
def test_a_harmless_change_passes(change: Change) -> None:
    assert breaks(trip(), changed(change)) == []


def test_every_break_is_told_not_only_the_first() -> None:
    both = changed(lambda s: (fields(s).pop("note"), fields(s).update(length=TEXT)))
    assert len(breaks(trip(), both)) == 2


def test_one_change_of_a_record_is_told_at_every_place_that_holds_it() -> None:
    told = breaks(trip(), changed(lambda s: fields(s, "Stop").pop("minutes")))
    assert told == [
        "`stops[].minutes` was removed; older readers miss it.",
        "`last.minutes` was removed; older readers miss it.",
    ]


def test_event_types_may_be_added_but_not_removed() -> None:
    assert language_breaks({"a.v1": trip()}, {"a.v1": trip(), "b.v1": trip()}) == []
    assert language_breaks({"a.v1": trip(), "b.v1": trip()}, {"a.v1": trip()}) == ["b.v1: the event type was removed."]


def test_breaks_of_the_language_name_the_event_type() -> None:
    told = language_breaks({"a.v1": trip()}, {"a.v1": changed(lambda s: fields(s).pop("note"))})
    assert told == ["a.v1: `note` was removed; older readers miss it."]


def test_a_break_is_one_in_both_directions_except_that_an_optional_field_may_come_but_not_go() -> None:
    one_way = [name for name, (change, _) in BREAKING.items() if not breaks(changed(change), trip())]
    assert one_way == ["an optional field removed"]


SCHEMAS = schemas()
PLACES = [
    (type_, record, name)
    for type_, schema in SCHEMAS.items()
    for record in ("", *schema.get("$defs", ()))
    for name in fields(schema, record)
]


@given(st.sampled_from(PLACES))
def test_no_field_of_any_event_can_be_removed_unseen(place: tuple[str, str, str]) -> None:
    type_, record, name = place
    schema = copy.deepcopy(SCHEMAS[type_])
    del fields(schema, record)[name]
    assert any(f"{name}` was removed" in told for told in breaks(SCHEMAS[type_], schema))
