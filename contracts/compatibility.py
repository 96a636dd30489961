"""Whether a changed schema still speaks with its past, in both directions at once.

New readers must understand old data, because topics are replayed from their first message; old readers must
understand new data, because services are upgraded one by one. So optional fields and event types may be added, and
nothing else may change. These rules only ever let a schema grow, hence agreeing with the last release means agreeing
with all before it. A change that breaks them is a new class `...V2` beside the old one.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from contracts.wording import type_in_words

Schema = dict[str, Any]

_REMARKS = {"$schema", "$id", "$comment", "title", "description", "examples", "deprecated"}
_HANDLED = {"$ref", "$defs", "properties", "required", "default", "anyOf", "type", "format"}
_STEPS = {"items": "[]", "additionalProperties": "{}"}


def breaks(old: Schema, new: Schema) -> list[str]:
    """Every place where readers of one schema would misread data of the other, as sentences; empty: compatible."""
    return list(_node_breaks(_Place(old, new), old, new))


def language_breaks(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[str]:
    """The same for all events at once, by wire type; types may be added, none may go."""
    found = [f"{type_}: the event type was removed." for type_ in old if type_ not in new]
    for type_ in old.keys() & new.keys():
        found += [f"{type_}: {fault}" for fault in breaks(old[type_], new[type_])]
    return sorted(found)


@dataclass(frozen=True)
class _Place:
    """Where in the two documents we are, and the pairs of references behind us, as a record may contain itself."""

    old: Schema
    new: Schema
    path: str = ""
    behind: frozenset[tuple[Any, Any]] = frozenset()

    def field(self, name: str) -> "_Place":
        return replace(self, path=f"{self.path}.{name}" if self.path else name)

    def inside(self, keyword: str) -> "_Place":
        return replace(self, path=self.path + _STEPS.get(keyword, ""))

    def past(self, pair: tuple[Any, Any]) -> "_Place":
        return self if pair == (None, None) else replace(self, behind=self.behind | {pair})

    def __str__(self) -> str:
        return f"`{self.path}`" if self.path else "the data itself"


def _node_breaks(place: _Place, old: Schema, new: Schema) -> Iterator[str]:
    pair = (old.get("$ref"), new.get("$ref"))
    if pair in place.behind:
        return
    place = place.past(pair)
    old, new = _resolved(place.old, old), _resolved(place.new, new)
    if _kind(place.old, old) != _kind(place.new, new):
        yield f"{place} was {type_in_words(old)} and is now {type_in_words(new)}."
        return
    yield from _field_breaks(place, old, new)
    yield from _rule_breaks(place, old, new)
    for before, after in zip(_choices(place.old, old), _choices(place.new, new), strict=True):
        yield from _node_breaks(place, before, after)


def _field_breaks(place: _Place, old: Schema, new: Schema) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    demanded, demands = set(old.get("required", ())), set(new.get("required", ()))
    for name in before:
        if name not in after:
            yield f"{place.field(name)} was removed; older readers miss it."
            continue
        if name in demands - demanded:
            yield f"{place.field(name)} became required; older data may lack it."
        if name in demanded - demands:
            yield f"{place.field(name)} became optional; older readers insist on it."
        yield from _default_breaks(place.field(name), before[name], after[name])
        yield from _node_breaks(place.field(name), before[name], after[name])
    for name in after:
        if name not in before and name in demands:
            yield f"{place.field(name)} is new and required; older data lacks it."


def _default_breaks(place: _Place, old: Schema, new: Schema) -> Iterator[str]:
    if "default" in old and "default" in new and _said(old["default"]) != _said(new["default"]):
        yield f"{place} changed its default; where it is absent, older and newer readers would differ."


def _rule_breaks(place: _Place, old: Schema, new: Schema) -> Iterator[str]:
    """Every other keyword must stay; where it holds schemas, those are compared instead of their text."""
    for rule in sorted((old.keys() | new.keys()) - _REMARKS - _HANDLED):
        match old.get(rule), new.get(rule):
            case dict(before), dict(after):
                yield from _node_breaks(place.inside(rule), before, after)
            case before, after if _said(before) != _said(after):
                yield f"{place} changed its rule `{rule}`; one side refuses or misreads what the other writes."


def _kind(document: Schema, node: Schema) -> str:
    """What a value may be, one level deep: types with their formats."""
    node = _resolved(document, node)
    if "anyOf" in node:
        return " or ".join(_kind(document, choice) for choice in _choices(document, node))
    return f"{_said(node.get('type'))} {node.get('format', '')}"


def _choices(document: Schema, node: Schema) -> list[Schema]:
    """The alternatives in an order that does not depend on how they were written down."""
    return sorted(node.get("anyOf", ()), key=lambda choice: _kind(document, choice))


def _resolved(document: Schema, node: Schema) -> Schema:
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target | {key: value for key, value in node.items() if key != "$ref"}
    return node


def _said(value: Any) -> str:
    """A value as JSON, because Python holds 1, 1.0 and True for equal."""
    return json.dumps(value, sort_keys=True)
