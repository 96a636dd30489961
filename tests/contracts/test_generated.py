"""What is committed is what the code says, and the tool that keeps it so tells exactly what is wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from contracts.event import Event
from contracts.generate import ASYNCAPI, REFERENCE, RELEASED, SCHEMAS, BreaksRelease, check, main, release, write
from contracts.goals import ObjectiveAssigned
from contracts.reference import reference
from contracts.registry import BY_TYPE
from contracts.schemas import records_in, schema

ROOT = Path(__file__).parents[2]
CLOSED = "cairn.goals.objective.closed.v1.json"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository in which everything was written and released."""
    write(tmp_path)
    release(tmp_path)
    return tmp_path


def rewrite(file: Path, change: Callable[[dict], object]) -> None:
    said = json.loads(file.read_text(encoding="utf-8"))
    change(said)
    file.write_text(json.dumps(said), encoding="utf-8")


def test_the_committed_files_say_what_the_code_says_and_keep_the_last_release() -> None:
    assert check(ROOT) == []


def test_a_second_write_has_nothing_to_do(tree: Path) -> None:
    assert check(tree) == []
    assert write(tree) == []
    assert release(tree) == []


@pytest.mark.parametrize("path", [SCHEMAS / CLOSED, ASYNCAPI, REFERENCE], ids=str)
def test_a_changed_file_is_told_and_put_right(tree: Path, path: Path) -> None:
    (tree / path).write_text("{}", encoding="utf-8")
    assert check(tree) == [f"{path} says something else than the code."]
    assert write(tree) == [path]
    assert check(tree) == []


def test_a_missing_and_an_orphaned_file_are_told_and_put_right(tree: Path) -> None:
    (tree / SCHEMAS / CLOSED).rename(tree / SCHEMAS / "cairn.goals.objective.vanished.v1.json")
    assert check(tree) == [
        f"{SCHEMAS / CLOSED} is missing.",
        f"{SCHEMAS / 'cairn.goals.objective.vanished.v1.json'} belongs to no event.",
    ]
    write(tree)
    assert check(tree) == []


def test_a_tree_without_a_release_is_told(tmp_path: Path) -> None:
    write(tmp_path)
    assert check(tmp_path) == [f"{RELEASED} is empty: without the last release nothing can be held against it."]


def test_a_break_with_the_release_is_told_and_cannot_be_released(tree: Path) -> None:
    rewrite(tree / RELEASED / CLOSED, lambda schema: schema["properties"].update(mood={"type": "string"}))
    told = "cairn.goals.objective.closed.v1: `mood` was removed; older readers miss it."
    assert check(tree) == [told]
    with pytest.raises(BreaksRelease, match="`mood` was removed"):
        release(tree)


def test_an_event_type_and_a_field_newer_than_the_release_are_welcome_and_become_part_of_the_next(tree: Path) -> None:
    (tree / RELEASED / CLOSED).unlink()
    created = RELEASED / "cairn.goals.objective.created.v1.json"
    rewrite(tree / created, lambda schema: schema["properties"].pop("grade_note"))
    assert check(tree) == []
    assert set(release(tree)) == {RELEASED / CLOSED, created}


def test_the_command_answers_with_sentences_and_an_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 1
    assert "docs/events.md is missing." in capsys.readouterr().out
    assert [main([word]) for word in ("write", "release", "check")] == [0, 0, 0]
    rewrite(RELEASED / CLOSED, lambda schema: schema["required"].remove("title"))
    assert main(["release"]) == 1
    assert "`title` became required" in capsys.readouterr().out
    assert main(["destroy"]) == 2


@pytest.fixture(scope="module")
def page() -> str:
    return reference()


@pytest.mark.parametrize("type_", BY_TYPE)
def test_schemas_are_self_contained_and_allow_fields_nobody_knows(type_: str) -> None:
    document = schema(BY_TYPE[type_])
    assert document["$id"] == f"urn:cairn:event:{type_}"
    assert "additionalProperties" not in json.dumps(document)


def test_notes_beside_the_fields_become_descriptions_also_where_fields_are_inherited_or_nested() -> None:
    document = schema(ObjectiveAssigned)
    assert "partition key" in document["properties"]["id"]["description"]
    assert "person or team" in document["properties"]["owner_kind"]["description"]
    assert "without those" in document["properties"]["assignee_ids"]["description"]
    assert "rolls up" in document["$defs"]["ParentLink"]["properties"]["kind"]["description"]


@pytest.mark.parametrize("kind", BY_TYPE.values(), ids=BY_TYPE)
def test_the_reference_names_every_event_with_all_its_fields(kind: type[Event], page: str) -> None:
    assert f"### {kind.__name__}\n\n`{kind.TYPE}`: {kind.__doc__}" in page
    fields = {field.name for record in records_in([kind]) for field in msgspec.structs.fields(record)}
    assert all(f"| `{name}` |" in page for name in fields)
