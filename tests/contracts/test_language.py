"""The rules every event keeps: its name on the wire, its name in the code, and nothing impure beside it."""

import ast
import re
import sys
from pathlib import Path

import pytest

from contracts import checkins, feedback, goals, notifications, people
from contracts.event import Event
from contracts.registry import BY_TYPE, OWNERS, TOPICS

CONTRACTS = Path(__file__).parents[2] / "contracts"
TYPE = re.compile(r"cairn\.(?P<owner>[a-z]+)\.(?P<noun>[a-z_]+)\.(?P<verb>[a-z_]+)\.v(?P<number>[1-9][0-9]*)")

each_event = pytest.mark.parametrize(
    "kind", [kind for kinds in OWNERS.values() for kind in kinds], ids=lambda k: k.TYPE
)


def camel(words: str) -> str:
    return "".join(word.capitalize() for word in words.split("_"))


@each_event
def test_a_class_is_called_by_the_noun_and_past_verb_of_its_wire_type(kind: type[Event]) -> None:
    found = TYPE.fullmatch(kind.TYPE)
    assert found is not None
    suffix = "" if found["number"] == "1" else f"V{found['number']}"
    assert kind.__name__ == camel(found["noun"]) + camel(found["verb"]) + suffix


@pytest.mark.parametrize("owner", OWNERS)
def test_a_service_publishes_on_its_own_topic_only(owner: str) -> None:
    assert {kind.topic() for kind in OWNERS[owner]} == {f"cairn.{owner}"}
    assert f"cairn.{owner}" in TOPICS


def test_no_two_events_share_a_wire_type_or_a_class_name() -> None:
    kinds = [kind for kinds in OWNERS.values() for kind in kinds]
    assert len(BY_TYPE) == len(kinds) == len({kind.__name__ for kind in kinds})


def test_every_event_class_with_a_wire_type_is_registered() -> None:
    modules = (people, goals, checkins, feedback, notifications)
    written = {kind for module in modules for kind in vars(module).values() if getattr(kind, "TYPE", "")}
    assert written == set(BY_TYPE.values())


@each_event
def test_every_event_says_in_a_sentence_what_it_means(kind: type[Event]) -> None:
    assert (kind.__dict__["__doc__"] or "").strip().endswith(".")


@each_event
def test_events_are_frozen_read_tolerantly_and_written_in_full(kind: type[Event]) -> None:
    assert kind.__struct_config__.frozen
    assert not kind.__struct_config__.forbid_unknown_fields
    assert not kind.__struct_config__.omit_defaults


@pytest.mark.parametrize("file", sorted(CONTRACTS.glob("*.py")), ids=lambda file: file.name)
def test_contracts_import_nothing_but_the_standard_library_and_msgspec(file: Path) -> None:
    assert imported_roots(file) <= sys.stdlib_module_names | {"msgspec", "contracts"}


def imported_roots(file: Path) -> set[str]:
    roots = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            roots.add((node.module or "relative").split(".")[0])
    return roots
