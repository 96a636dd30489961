"""The kinds of value a column may hold, each as a CSV cell and as JSON, both ways without loss.

A reader answers the value, or a Wrong. Only what is not empty is read; what an empty cell means is the column's matter.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from cairn.exchange.layouts.joining import joined, texts
from cairn.exchange.layouts.wrong import Wrong, shortened
from chassis.files.writing import guarded, unguarded

LONGEST_ID = 200
LONGEST_TEXT = 10_000
LONGEST_ATTRIBUTE_NAME, LONGEST_ATTRIBUTE = 100, 4_000
_QUANTITY = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?", re.ASCII)
_SHARE = re.compile(r"[01](\.[0-9]{1,400})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(r"[0-9-]{10}[Tt][0-9:]{8}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII)
_CONTROL_IN_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_TEXT = Wrong("This is not text.", 'Put it in quotes, such as "0042".')


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of one kind are read and written."""

    from_cell: Callable[[str], Any]
    to_cell: Callable[[Any], str]
    from_json: Callable[[Any], Any]
    to_json: Callable[[Any], Any]


def text(longest: int = LONGEST_TEXT, *, lines: bool = False, trimmed: bool = False) -> Kind:
    """Text as it is written; `trimmed` for ids and names whose outer blanks mean nothing."""

    def read(given: str) -> str | Wrong:
        found = given.strip() if trimmed else given
        if len(found) > longest:
            return Wrong(f"This has {len(found)} characters.", f"Shorten it to {longest}.")
        if (_CONTROL_IN_LINES if lines else _CONTROL).search(found):
            return Wrong("This holds a control character" + ("." if lines else " or a line break."), "Remove it.")
        return found

    return _as_text(lambda cell: read(unguarded(cell)), guarded, read, str)


def choice(*words: str) -> Kind:
    """One of a few words, whatever their case."""

    def read(given: str) -> str | Wrong:
        found = given.strip().lower().replace(" ", "_")
        return found if found in words else Wrong(f"There is no “{shortened(given)}” here.", _one_of(words))

    return _as_text(read, str, read, str)


def _one_of(words: Iterable[str]) -> str:
    return f"Use one of {', '.join(words)}."


def _as_text(
    from_cell: Callable[[str], Any],
    to_cell: Callable[[Any], str],
    read: Callable[[str], Any],
    to_json: Callable[[Any], Any],
) -> Kind:
    """A kind that is text in JSON as well."""
    return Kind(from_cell, to_cell, lambda given: read(given) if isinstance(given, str) else _NOT_TEXT, to_json)


def _read_day(given: str) -> date | Wrong:
    found = given.strip()
    if not _DAY.fullmatch(found):
        return Wrong(f"“{shortened(found)}” is no date.", "Write year-month-day, such as 2026-03-31.")
    try:
        return date.fromisoformat(found)
    except ValueError:
        return Wrong(f"There is no day {found}.", "Write year-month-day, such as 2026-03-31.")


def _read_moment(given: str) -> datetime | Wrong:
    found = given.strip().upper()
    wrong = Wrong(f"“{shortened(found)}” is no moment with its time zone.", "Write one such as 2026-03-31T08:00:00Z.")
    if not _MOMENT.fullmatch(found):
        return wrong
    try:
        return datetime.fromisoformat(found).astimezone(UTC)
    except (ValueError, OverflowError):
        return wrong


def _write_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_quantity(given: str) -> Decimal | Wrong:
    found = given.strip()
    if _QUANTITY.fullmatch(found):
        return Decimal(found)
    remedy = "Write digits such as 1250.5, without separators, below 10^18 and with at most nine decimals."
    return Wrong(f"“{shortened(found)}” is not a number that can be stored.", remedy)


def _json_quantity(given: Any) -> Decimal | Wrong:
    if isinstance(given, Decimal) and given.is_finite() and abs(given.adjusted()) < 40:
        given = format(given, "f")
    return _read_quantity(given) if isinstance(given, str) else _read_quantity(str(given))


def write_quantity(quantity: Decimal) -> str:
    """The shortest plain digits of a number."""
    plain = format(quantity, "f")
    bare = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if bare in ("-0", "") else bare


def _read_share(given: Any) -> Decimal | Wrong:
    if isinstance(given, Decimal) and given.is_finite() and given.adjusted() > -400:
        given = format(given, "f")
    found = Decimal(given.strip()) if _SHARE.fullmatch(str(given).strip()) else _json_quantity(given)
    if isinstance(found, Wrong) or 0 <= found <= 1:
        return found
    return Wrong(f"{write_quantity(found)} does not lie between 0 and 1.", "Write a share such as 0.7.")


def _json_texts(given: Any) -> tuple[str, ...] | Wrong:
    if isinstance(given, list) and all(isinstance(one, str) for one in given):
        return tuple(one.strip() for one in given if one.strip())
    return Wrong("This is no list of texts.", 'Write one such as ["a", "b"].')


def attribute_name(name: str) -> Wrong | None:
    """Why an attribute cannot have this name; None where it can."""
    if 1 <= len(name) <= LONGEST_ATTRIBUTE_NAME and name == name.strip() and not _CONTROL.search(name):
        return None
    remedy = f"Name it by 1 to {LONGEST_ATTRIBUTE_NAME} characters on one line, without outer blanks."
    return Wrong(f"“{shortened(name)}” is no name of an attribute.", remedy)


def _json_attributes(given: Any) -> dict[str, str] | Wrong:
    if not isinstance(given, dict):
        return Wrong("This is no object of texts.", 'Write one such as {"Team": "Crew"}.')
    found = {name: "" if value in (None, "") else ATTRIBUTE_TEXT.from_json(value) for name, value in given.items()}
    wrong = [*map(attribute_name, found), *found.values()]
    return next((one for one in wrong if isinstance(one, Wrong)), found)


ID = text(LONGEST_ID, trimmed=True)
DAY = _as_text(_read_day, str, _read_day, str)
MOMENT = _as_text(_read_moment, _write_moment, _read_moment, _write_moment)
QUANTITY = Kind(_read_quantity, write_quantity, _json_quantity, write_quantity)
SHARE = Kind(_read_share, write_quantity, _read_share, write_quantity)
TEXTS = Kind(
    lambda cell: tuple(texts(unguarded(cell))),
    lambda value: guarded(joined(value)),
    _json_texts,
    lambda value: [*value],
)
ATTRIBUTE_TEXT = text(LONGEST_ATTRIBUTE, lines=True)
ATTRIBUTES = Kind(lambda _: Wrong("This is no cell.", "Give each attribute a column."), str, _json_attributes, dict)
"""Texts by name; "" takes one away. In CSV each has a column of its own."""
