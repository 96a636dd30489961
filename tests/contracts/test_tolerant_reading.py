"""Whatever a newer publisher adds, anywhere, today's readers see the same event."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.event import Event, decode
from contracts.examples import example, load
from contracts.registry import BY_TYPE

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
ADDITIONS = st.dictionaries(st.text(max_size=6).map(lambda name: f"new_{name}"), JSON, min_size=1, max_size=3)
each_event = pytest.mark.parametrize("kind", BY_TYPE.values(), ids=BY_TYPE)


@given(kind=st.sampled_from(list(BY_TYPE.values())), draw=st.data())
def test_fields_nobody_knows_change_nothing_at_any_depth(kind: type[Event], draw: st.DataObject) -> None:
    data = with_additions(example(kind.TYPE).data, lambda: draw.draw(ADDITIONS))
    assert decode(kind, json.dumps(data).encode()) == load(kind)[1]


@each_event
def test_optional_fields_may_be_missing_because_an_older_publisher_did_not_know_them(kind: type[Event]) -> None:
    needed = {field.name for field in msgspec.structs.fields(kind) if field.required}
    data = {name: value for name, value in example(kind.TYPE).data.items() if name in needed}
    event = decode(kind, json.dumps(data).encode())
    assert (event.id, event.version) == (data["id"], data["version"])


@each_event
def test_a_known_field_of_another_type_is_refused_with_its_place(kind: type[Event]) -> None:
    data = example(kind.TYPE).data | {"version": "third"}
    with pytest.raises(msgspec.ValidationError, match=r"\$\.version"):
        decode(kind, json.dumps(data).encode())


def test_additions_reach_the_records_inside_an_event() -> None:
    data = with_additions(example("cairn.goals.key_result.changed.v1").data, lambda: {"new_": 1})
    assert all("new_" in record for record in objects(data))
    assert len(list(objects(data))) == 3


def with_additions(value: Any, additions: Callable[[], dict[str, Any]]) -> Any:
    if isinstance(value, dict):
        return {key: with_additions(inner, additions) for key, inner in value.items()} | additions()
    return [with_additions(inner, additions) for inner in value] if isinstance(value, list) else value


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)
