"""The words that stand beside the code: docstrings of events, notes under fields, types as a person would say them.

Python throws the string literal under a field away, so the notes are read from the source text.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

_PLAIN = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "record"}
_FORMATS = {"decimal": "decimal, as text", "date": "date", "date-time": "moment"}


def meaning(kind: type) -> str:
    """The class's own docstring on one line; empty where it has none."""
    return _one_line(kind.__dict__.get("__doc__") or "")


def field_notes(kind: type) -> dict[str, str]:
    """What is written under the fields of a class and its bases, by field name; fields without a note are left out."""
    notes: dict[str, str] = {}
    for level in reversed(kind.__mro__):
        if level.__module__.startswith("contracts."):
            notes |= _own_notes(level)
    return notes


def spoken(name: str) -> str:
    """A class name as words: `Key result` for `KeyResult`."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).capitalize()


def type_in_words(schema: dict[str, Any]) -> str:
    """A JSON Schema node as a reader would say it: `list of ParentLink`, `decimal, as text, or null`."""
    if "anyOf" in schema:
        words = [type_in_words(choice) for choice in schema["anyOf"]]
        return ", or ".join(words) if any("," in word for word in words) else " or ".join(words)
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if schema.get("type") == "array":
        return f"list of {type_in_words(schema.get('items', {}))}"
    plain, form = str(schema.get("type", "anything")), schema.get("format")
    word = _PLAIN.get(plain, plain)
    return _FORMATS.get(form, f"{word} ({form})") if form else word


@cache
def _own_notes(kind: type) -> dict[str, str]:
    """Finding a class in its file is slow, and the file does not change while we run."""
    source = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    (written,) = (node for node in source.body if isinstance(node, ast.ClassDef))
    return dict(_noted(written.body))


def _noted(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, note in pairwise(body):
        match field, note:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, _one_line(text)


def _one_line(text: str) -> str:
    return " ".join(text.split())
