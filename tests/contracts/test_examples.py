"""Every event has one written example that is a valid message, is read without loss, and fits into the story."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contracts.envelope import from_headers
from contracts.event import Event, encode
from contracts.examples import FOLDER, example, load
from contracts.registry import BY_TYPE
from contracts.schemas import records_in, schema

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
DECIMAL = re.compile(r"-?\d+(\.\d+)?")
FORMATS = FormatChecker(formats=["date"])
FORMATS.checks("date-time")(lambda value: not isinstance(value, str) or bool(MOMENT.fullmatch(value)))
FORMATS.checks("decimal")(lambda value: not isinstance(value, str) or bool(DECIMAL.fullmatch(value)))

each_event = pytest.mark.parametrize("kind", BY_TYPE.values(), ids=BY_TYPE)


def test_there_is_one_example_for_every_event_and_none_for_anything_else() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {f"{type_}.json" for type_ in BY_TYPE}


@each_event
def test_an_example_fits_its_schema(kind: type[Event]) -> None:
    document = schema(kind)
    Draft202012Validator.check_schema(document)
    Draft202012Validator(document, format_checker=FORMATS).validate(example(kind.TYPE).data)


@each_event
def test_an_example_is_read_and_written_again_without_loss(kind: type[Event]) -> None:
    said = example(kind.TYPE)
    envelope, event = load(kind)
    assert json.loads(encode(event)) == said.data
    assert envelope.headers() == said.headers


@each_event
def test_the_envelope_of_an_example_says_the_same_as_its_data(kind: type[Event]) -> None:
    envelope, event = load(kind)
    assert envelope.type == kind.TYPE
    assert envelope.source == f"/{kind.topic().replace('.', '/')}"
    assert example(kind.TYPE).key == envelope.subject == event.id
    assert envelope.aggregate_version == event.version


def test_examples_of_one_aggregate_grow_in_version_as_they_grow_in_time() -> None:
    histories = defaultdict(list)
    for kind in BY_TYPE.values():
        envelope, event = load(kind)
        histories[event.id].append((envelope.time, event.version))
    versions = [[version for _, version in sorted(history)] for history in histories.values()]
    assert all(history == sorted(set(history)) for history in versions)


def test_what_the_examples_answer_to_is_told_in_another_example_before() -> None:
    told = {envelope.id: envelope for envelope in (load(kind)[0] for kind in BY_TYPE.values())}
    effects = [envelope for envelope in told.values() if envelope.causation]
    assert len(told) == len(BY_TYPE)
    assert effects
    for effect in effects:
        cause = told[str(effect.causation)]
        assert (cause.correlation, cause.time < effect.time) == (effect.correlation, True)


def test_every_kind_of_record_inside_events_occurs_in_some_example() -> None:
    seen = {type(record) for kind in BY_TYPE.values() for record in records(load(kind)[1])}
    assert seen == set(records_in(BY_TYPE.values()))


def test_a_type_without_example_is_a_missing_file() -> None:
    with pytest.raises(FileNotFoundError, match="unheard_of"):
        example("cairn.goals.objective.unheard_of.v1")


def test_headers_of_another_version_of_cloudevents_are_refused_even_on_an_example() -> None:
    headers = example("cairn.goals.objective.closed.v1").headers
    with pytest.raises(ValueError, match="specversion"):
        from_headers(headers | {"ce_specversion": "0.3"})


def records(value: Any) -> Iterator[msgspec.Struct]:
    if isinstance(value, msgspec.Struct):
        yield value
        value = [getattr(value, name) for name in value.__struct_fields__]
    if isinstance(value, list):
        for item in value:
            yield from records(item)
