"""JSON objects as rows of cells: each field a text that means exactly this value again."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from chassis.files import Book


def text(value: Any) -> str:
    """A value as a cell: texts as they are, where they do not look like JSON; nothing for null."""
    if isinstance(value, str):
        return value if not _means_more(value) else json.dumps(value, ensure_ascii=False)
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=_plain)


def word(value: Any) -> str:
    """A value as people would read it, ids and numbers too; empty for null, and for what has an inside."""
    if value is None or isinstance(value, dict | list):
        return ""
    return format(value, "f") if isinstance(value, Decimal) else str(value).strip()


def several(value: Any) -> list[Any]:
    """A list as it is, a single value as a list of it, null as none."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def value(cell: str) -> Any:
    """What `text` was given."""
    try:
        return json.loads(cell, parse_float=Decimal)
    except ValueError:
        return cell or None


def _means_more(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return not text
    return True


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def cells(one: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an object as cells."""
    return {name: text(found) for name, found in one.items()}


def fields(row: Mapping[str, str]) -> dict[str, Any]:
    """The object of a row; cells that are empty are null."""
    return {name: value(cell) for name, cell in row.items()}


def dumped(document: Any) -> bytes:
    """A JSON file."""
    return json.dumps(document, ensure_ascii=False, indent=1, default=_plain).encode()


def listed(book: Book, word: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The objects of the documents whose name has this word, each with its place; in a list, or a list in an object."""
    return [
        (f"{name} {place}", one)
        for name, document in book.documents.items()
        if word in name.rsplit("/", 1)[-1].casefold().replace(" ", "").replace("_", "")
        for place, one in enumerate(_list(document), 1)
        if isinstance(one, Mapping)
    ]


def _list(document: Any) -> Iterator[Any]:
    if isinstance(document, Mapping):
        document = next((one for one in document.values() if isinstance(one, list)), [])
    yield from document if isinstance(document, list) else ()
