"""Numbers as people type them: separators, percent signs, currencies. What has two readings has none: it is asked."""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.layouts.values import QUANTITY, write_quantity
from cairn.exchange.layouts.wrong import Wrong, shortened

SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR", "zł": "PLN", "US$": "USD", "A$": "AUD", "C$": "CAD", "₩": "KRW"}
_SHARED = {"$": ("USD", "CAD", "AUD", "MXN"), "¥": ("JPY", "CNY"), "kr": ("SEK", "NOK", "DKK")}
_MAGNITUDES = {"k": 3, "tsd": 3, "m": 6, "mio": 6, "mn": 6, "bn": 9, "b": 9}
_BLANKS = re.compile("[\\s\u00a0\u2007\u2009\u202f'’_]")  # noqa: RUF001 - all of them group digits
_SHAPE = re.compile(r"(?P<sign>[-+−]?)(?P<digits>[0-9][0-9.,]*|[.,][0-9]+)(?P<rest>[^0-9]*)", re.ASCII)  # noqa: RUF001
_GROUPED = re.compile(r"[0-9]{1,3}([0-9]{3})+|[0-9]{1,2}([0-9]{2})+[0-9]{3}")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number; `percent` where a percent sign stood with it, `currency` as its ISO 4217 code."""

    value: Decimal
    percent: bool = False
    currency: str | None = None


class Unclear(ValueError):
    """A text with no reading as a number, or several: `choices` are the likely ones."""

    def __init__(self, reason: str, choices: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.choices = reason, choices


def figure(text: str, decimal: str | None = ".") -> Figure:
    """The number a text means; `decimal` is the mark of decimals where a lone one could as well group digits.

    Raises Unclear.
    """
    bare = text.strip()
    if bare.startswith("="):
        raise Unclear("This is a formula; formulas are never evaluated.")
    unit, currency, rest = _money(bare)
    found = _SHAPE.fullmatch(_BLANKS.sub("", rest))
    if found is None:
        raise Unclear("This is no number.")
    sign = "-" if found["sign"] in ("-", "−") else ""  # noqa: RUF001
    magnitude = found["rest"].casefold().rstrip(".")
    digits = _plain(found["digits"], decimal)
    value = Decimal(sign + digits)
    if magnitude in _MAGNITUDES:
        raise Unclear("The number is shortened.", (write_quantity(value.scaleb(_MAGNITUDES[magnitude])),))
    if magnitude not in ("", "%"):
        raise Unclear(f"“{shortened(found['rest'], 20)}” stands behind the number.", (write_quantity(value),))
    if isinstance(QUANTITY.from_cell(write_quantity(value)), Wrong):
        raise Unclear("The number is too long to be stored: below 10^18, at most nine decimals.")
    if unit in _SHARED:
        raise Unclear(
            "Several currencies are written so.", tuple(f"{write_quantity(value)} {one}" for one in _SHARED[unit])
        )
    return Figure(value, magnitude == "%" or unit == "%", currency)


def _money(text: str) -> tuple[str, str | None, str]:
    """The sign of a currency (or percent) before or behind a number, its code, and the text without it."""
    for symbol in sorted([*SYMBOLS, *_SHARED, "%"], key=len, reverse=True):
        for found in (text.startswith(symbol), text.endswith(symbol)):
            if found and text != symbol:
                rest = text.removeprefix(symbol) if text.startswith(symbol) else text.removesuffix(symbol)
                return symbol, SYMBOLS.get(symbol), rest.strip()
    code = re.fullmatch(r"(?P<before>[A-Z]{3})?\s*(?P<rest>[^A-Z]*?)\s*(?P<behind>[A-Z]{3})?", text)
    if code and bool(code["before"]) != bool(code["behind"]):
        return "", code["before"] or code["behind"], code["rest"]
    return "", None, text


def _plain(digits: str, decimal: str | None) -> str:
    """Digits with a point at most. Raises Unclear."""
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        return digits
    last = marks[-1]
    if len(set(marks)) == 2:
        return _joined(digits, last) if marks.count(last) == 1 else _refuse()
    if len(marks) > 1:
        return _joined(digits + ".", ".") if last == "," else _joined(digits + ",", ",")
    whole, _, part = digits.partition(last)
    if len(part) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0"):
        return f"{whole or '0'}.{part or '0'}"
    if decimal is None:
        raise Unclear("The separator may group digits or begin decimals.", (whole + part, f"{whole}.{part}"))
    return f"{whole}.{part}" if last == decimal else whole + part


def _joined(digits: str, decimal: str) -> str:
    """Grouped digits put together; `decimal` begins the decimals."""
    whole, _, part = digits.partition(decimal)
    group = "," if decimal == "." else "."
    head, *rest = whole.split(group)
    even = all(len(one) == 3 for one in rest) or (all(len(one) == 2 for one in rest[:-1]) and len(rest[-1]) == 3)
    if not head or len(head) > 3 or not even or (part and not part.isdigit()):
        _refuse()
    return f"{whole.replace(group, '')}.{part or '0'}"


def _refuse() -> str:
    raise Unclear("The separators of this number do not fit together.")


def decimal_mark(texts: Iterable[str]) -> str | None:
    """What begins decimals in the numbers of one file: a point or a comma, where any of them tells; else None."""
    told = set()
    for text in texts:
        readings = []
        for mark in ".,":
            with suppress(Unclear):
                readings.append((mark, figure(text, mark).value))
        with suppress(Unclear):
            figure(text, None)
            told |= _told(text)
    return told.pop() if len(told) == 1 else None


def _told(text: str) -> set[str]:
    marks = [mark for mark in text if mark in ".,"]
    if not marks:
        return set()
    if marks.count(marks[-1]) == 1:
        return {marks[-1]}
    return {"," if marks[-1] == "." else "."}


def same_figure(text: str, said: str) -> bool:
    """Whether two texts are the same number, written differently; ids with leading zeros are none."""
    if not text[-1:].isdigit() and not text.endswith("%"):
        return False
    if re.match(r"-?0[0-9]", text) or not said:
        return False
    with suppress(Unclear):
        return figure(text) == figure(said)
    return False


@dataclass(frozen=True)
class Figures:
    """Numbers of one file; what is unclear becomes a question, the same text asked once."""

    doubts: Doubts
    decimal: str | None = "."

    def read(self, text: str, place: str, item: str, column: str) -> Figure | None:
        """The number; None where the cell is empty or the question is still open."""
        if not text.strip():
            return None
        try:
            return figure(text, self.decimal)
        except Unclear as fault:
            return self._asked(text, fault, place, item, column)

    def _asked(self, text: str, fault: Unclear, place: str, item: str, column: str) -> Figure | None:
        id = f"number:{text.strip()}"
        question = f"What number is “{shortened(text.strip())}” in {column}? {fault.reason}"
        answer = self.doubts.ask(id, place, item, question, fault.choices)
        if answer is None:
            return None
        try:
            return figure(answer)
        except Unclear as still:
            self.doubts.unfit(id, f"“{shortened(answer)}” will not do: {still.reason}")
            return None
