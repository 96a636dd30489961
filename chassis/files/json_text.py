"""JSON without its traps: exact numbers, no NaN, no name twice, no depth that exhausts the reader."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

from chassis.files.book import Record, Sheet, Unreadable
from contracts.wrong import shortened

_BEGINNING = re.compile(r'\s*(?:\{|\[\s*(?:[\[\]{"0-9-]|true\b|false\b|null\b|$))')
_DIGITS = 400
_MOST_CONTAINERS = 1_000_000
_MOST_VALUES = 5_000_000
_ESCAPED_TROUBLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_NUMBER = "Write a plain finite number, or null."


def looks_so(beginning: str) -> bool:
    """Whether a text that begins like this is meant as JSON; a header may begin with a bracket too."""
    return bool(_BEGINNING.match(beginning))


def parsed(text: str) -> Any:
    """The document; numbers are int or Decimal. Raises Unreadable with the line."""
    containers = text.count("[") + text.count("{")
    if containers > _MOST_CONTAINERS or text.count(",") > _MOST_VALUES:
        raise Unreadable("The file holds millions of values.", "Split it into several files.")
    try:
        document = json.loads(
            text, parse_float=_decimal, parse_int=_whole, parse_constant=_refused, object_pairs_hook=_object
        )
    except json.JSONDecodeError as fault:
        remedy = "Mend it there; if the file is cut off, export it again."
        raise Unreadable(f"Column {fault.colno} is no JSON: {fault.msg}.", remedy, f"line {fault.lineno}") from fault
    except RecursionError as fault:
        raise Unreadable("It is nested too deeply.", "Send a list of flat objects.") from fault
    if _ESCAPED_TROUBLE.search(text) and any(map(_NO_TEXT.search, _texts(document))):
        raise Unreadable("A text holds a NUL or half a sign (\\u0000, \\ud800 …).", "Remove it, or export again.")
    return document


def _texts(document: Any) -> Iterator[str]:
    """All texts and names in a document, without recursion."""
    waiting = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            waiting.extend(one)
            waiting.extend(one.values())


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= _DIGITS else _refused(digits)


def _decimal(digits: str) -> Decimal:
    found = Decimal(digits)
    return found if len(digits) <= _DIGITS and abs(found.adjusted()) <= _DIGITS else _refused(digits)


def _refused(word: str) -> NoReturn:
    raise Unreadable(f"“{shortened(word)}” is no number that can be kept.", _NUMBER)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Unreadable(f"An object has the name “{shortened(twice)}” twice.", "Keep one of the two.")
    return found


def table(document: Any, name: str = "") -> tuple[Sheet, ...]:
    """A list of flat objects as one sheet: a header of their names in order of appearance, then the objects."""
    if not isinstance(document, list) or not document or not all(isinstance(one, dict) for one in document):
        return ()
    if not all(map(_flat, document)):
        return ()
    header = tuple(dict.fromkeys(column for one in document for column in one))
    rows = (Record(place, tuple(_cell(one.get(column)) for column in header)) for place, one in enumerate(document, 1))
    return (Sheet(name, [Record(0, header), *(row for row in rows if any(row.cells))]),)


def _flat(one: dict[str, Any]) -> bool:
    return not any(isinstance(value, dict) or _nested(value) for value in one.values())


def _nested(value: Any) -> bool:
    return isinstance(value, list) and not all(isinstance(piece, str) for piece in value)


def _cell(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, list):
        return "|".join(map(str, value))
    return format(value, "f") if isinstance(value, Decimal) else str(value).strip()
