"""Dates as people write them, and the order of day and month: decided once for a file, never guessed.

ISO dates, month names, 20260331, Excel's day numbers and dates with points say by themselves what they mean. Of
03/04/2026 only the file can tell: by a value such as 31/03/2026 in any of its date columns, by its header, its system,
or whoever sends it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal, NamedTuple

from chassis.files.headers import normalised
from contracts.wrong import Wrong
from services.people.layouts.months import months

Order = Literal["dmy", "mdy", "ymd"]
ORDERS: Mapping[Order, str] = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}

_TIME = re.compile(r"(?:[T ]|, )\s*\d{1,2}:\d{2}.*$", re.DOTALL)
_NUMBERS = re.compile(r"(\d{1,4})\s?([./\- ])\s?(\d{1,2})\s?\2\s?(\d{1,4})\.?", re.ASCII)
_SERIAL = re.compile(r"[2-6]\d{4}(?:[.,]\d+)?", re.ASCII)
_COMPACT = re.compile(r"(?:19|20)\d{6}", re.ASCII)
_HINT = re.compile(r"\b([dtjmgyar]{1,4})[./\- ]([dtjmgyar]{1,4})[./\- ]([dtjmgyar]{1,4})\b", re.IGNORECASE)
_EXCEL_BEGINS = date(1899, 12, 30)
_YEAR_TURNS = 70
_FEW = 0.1
"""Up to this share of contradictions they are taken for mistakes of their own rows."""
NEVER = frozenset({"9999-12-31", "0000-00-00", "9999-01-01"})
_NO_DATE = Wrong("This is no date.", "Write year-month-day, such as 2026-03-31.")


class Triple(NamedTuple):
    """Two numbers of which one is the day and one the month, and a year, unless `short`: then it may stand first."""

    first: int
    second: int
    last: int
    short: bool
    dotted: bool

    def order(self) -> Order | None:
        """The order it can only have; None where it says nothing."""
        if self.dotted or (self.first > 12) == (self.second > 12):
            return None
        return "dmy" if self.first > 12 else "mdy"

    def doubtful(self) -> bool:
        return not self.dotted and self.first <= 12 and self.second <= 12 and self.first != self.second


def read_date(text: str, order: Order | None) -> str | Wrong:
    """The day as 2026-03-31, empty for “never” such as 31.12.9999, or what is wrong. Without order, points mean dmy."""
    found = _split(_TIME.sub("", text))
    if not isinstance(found, Triple):
        return found
    if order == "ymd":
        return _day(_full(found.first), found.second, found.last) if found.short else _contrary("ymd")
    day, month = (found.second, found.first) if order == "mdy" else (found.first, found.second)
    if month > 12 >= day and order:
        return _contrary(order)
    return _day(_full(found.last) if found.short else found.last, month, day)


def _contrary(order: Order) -> Wrong:
    return Wrong(f"The dates of this file are {ORDERS[order]}, and this one is not.", "Mend it, or write 2026-03-31.")


def _split(text: str) -> str | Wrong | Triple:
    if parts := _NUMBERS.fullmatch(text):
        first, mark, second, last = parts.groups()
        if len(first) > 2:
            return _day(int(first), int(second), int(last))
        return (
            Triple(int(first), int(second), int(last), len(last) == 2, mark == ".") if len(last) in (2, 4) else _NO_DATE
        )
    if _COMPACT.fullmatch(text):
        return _day(int(text[:4]), int(text[4:6]), int(text[6:]))
    if _SERIAL.fullmatch(text):
        return (_EXCEL_BEGINS + timedelta(days=int(text[:5]))).isoformat()
    return _worded(text)


def _full(year: int) -> int:
    """A year of two digits with its century."""
    return year + (1900 if year >= _YEAR_TURNS else 2000)


_months = cache(months)


def _worded(text: str) -> str | Wrong:
    """A date with the name of its month."""
    words = normalised(text).split()
    numbers = [word for word in (word.removesuffix("st").removesuffix("th") for word in words) if word.isdecimal()]
    named = [_months()[word] for word in words if word in _months()]
    if len(numbers) != 2 or len(named) != 1:
        return _NO_DATE
    year, day = numbers if len(numbers[0]) == 4 else reversed(numbers)
    if len(year) not in (2, 4) or len(day) > 2:
        return _NO_DATE
    return _day(int(year) if len(year) == 4 else _full(int(year)), named[0], int(day))


def _day(year: int, month: int, day: int) -> str | Wrong:
    if f"{year:04}-{month:02}-{day:02}" in NEVER:
        return ""
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return Wrong("There is no such day.", "Write year-month-day, such as 2026-03-31.")


def hinted(headers: Iterable[str]) -> Order | None:
    """The order a header names, as in `Hire date (MM/DD/YYYY)` or `Eintritt TT.MM.JJJJ`."""
    for header in headers:
        if found := _HINT.search(header):
            first, second, _ = (part[0].lower() for part in found.groups())
            if first == "m" and second != "m":
                return "mdy"
            if second == "m" and len(found[1]) <= 2:
                return "dmy"
    return None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the values of all date columns say of their order: how many say which, and one that says nothing."""

    votes: Counter[Order]
    shown: Mapping[Order, str]
    doubtful: str | None

    def decided(self) -> Order | None:
        """The order that at least nine of ten telling values have."""
        if not self.votes:
            return None
        order, most = self.votes.most_common(1)[0]
        return order if self.votes.total() - most <= self.votes.total() * _FEW else None


def evidence(columns: Iterable[Iterable[str]]) -> Evidence:
    votes: Counter[Order] = Counter()
    shown: dict[Order, str] = {}
    doubtful = None
    for text, count in Counter(cell for column in columns for cell in column if cell).items():
        found = _split(_TIME.sub("", text))
        if not isinstance(found, Triple):
            continue
        if order := found.order():
            votes[order] += count
            shown.setdefault(order, text)
        elif doubtful is None and found.doubtful():
            doubtful = text
    return Evidence(votes, shown, doubtful)
