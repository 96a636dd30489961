"""The cycles of a file: from the names of its periods and the dates of its rows."""

import calendar
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from cairn.exchange.formats.days import Undated, day
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.layouts.native import CYCLE, Item
from cairn.exchange.layouts.wrong import shortened
from cairn.exchange.okrs.register import Standing

_QUARTER = re.compile(r"\bq(?P<q>[1-4])\b", re.IGNORECASE)
_HALF = re.compile(r"\bh(?P<h>[12])\b", re.IGNORECASE)
_YEAR = re.compile(r"(?<![0-9])(?P<y>(19|20)[0-9]{2})(?![0-9])")
_FISCAL = re.compile(r"\bfy\b|\bfy[0-9]|fiscal", re.IGNORECASE)
Span = tuple[date, date]


def quarter(year: int, number: int) -> Span:
    """First and last day of a quarter of the calendar."""
    return _months(year, 3 * number - 2, 3 * number)


def _months(year: int, first: int, last: int) -> Span:
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def span_of(name: str) -> Span | None:
    """The days a period's name tells, such as `Q3 2018`, `H1 2020`, `2021`; None for fiscal years and other names."""
    years = {found["y"] for found in _YEAR.finditer(name)}
    if _FISCAL.search(name) or len(years) != 1:
        return None
    year, rest = int(years.pop()), _YEAR.sub(" ", name)
    if found := _QUARTER.search(rest):
        return quarter(year, int(found["q"]))
    if found := _HALF.search(rest):
        return _months(year, 6 * int(found["h"]) - 5, 6 * int(found["h"]))
    return None if re.search(r"[^\W_]", rest) else _months(year, 1, 12)


def name_of(first: date, last: date) -> str:
    """What a cycle of these days is called: `Q3 2018`, `H1 2020`, `2021`, or its days."""
    for number in range(1, 5):
        if (first, last) == quarter(first.year, number):
            return f"Q{number} {first.year}"
    if (first, last) in (_months(first.year, 1, 6), _months(first.year, 7, 12)):
        return f"H{1 if first.month == 1 else 2} {first.year}"
    return str(first.year) if (first, last) == _months(first.year, 1, 12) else f"{first} to {last}"


@dataclass
class Periods:
    """Collects what rows say of their periods, then makes cycles of it.

    A period Cairn has a cycle for, by name or (without a name) by its days, is that cycle, and stays as it is.
    """

    standing: Standing
    doubts: Doubts
    _said: dict[str, Counter[Span]] = field(default_factory=lambda: defaultdict(Counter))
    _places: dict[str, str] = field(default_factory=dict)

    def name(self, period: str, first: date | None, last: date | None, place: str) -> str:
        """The cycle of a row with this period and these days; either may be missing. Empty where both are."""
        period = re.sub(r"\s+", " ", period).strip()[:200]
        if not period and first and last:
            period = self._present_on(first, last) or name_of(first, last)
        if not period:
            question = "In which cycle is it? Answer with a name such as Q3 2018, or the name of one Cairn has."
            period = self.doubts.ask("cycle", place, "", question, tuple(self._present)[:20]) or ""
        if period:
            self._places.setdefault(period, place)
            self._said[period].update([(first, last)] if first and last and first <= last else [])
        return period

    @property
    def _present(self) -> dict[str, Span]:
        return {
            str(one["name"]): (date.fromisoformat(one["starts_on"]), date.fromisoformat(one["ends_on"]))
            for one in self.standing.cycles
        }

    def _present_on(self, first: date, last: date) -> str | None:
        found = [name for name, span in self._present.items() if span == (first, last)]
        return found[0] if len(found) == 1 else None

    def cycles(self) -> list[Item]:
        """The cycles of all periods named so far, each with its first and last day."""
        return [self._cycle(name, rows) for name, rows in self._said.items()]

    def _cycle(self, name: str, rows: Counter[Span]) -> Item:
        place = self._places[name]
        if name in self._present:
            first, last = self._present[name]
            return Item(CYCLE, {"name": name, "starts_on": first, "ends_on": last}, place)
        named = span_of(name)
        span = named if named and (not rows or named in rows) else rows.most_common(1)[0][0] if rows else named
        first, last = span or self._asked(name, place)
        return Item(CYCLE, {"name": name, "starts_on": first, "ends_on": last, "state": "active"}, place)

    def _asked(self, name: str, place: str) -> Span:
        question = f"Which days is “{shortened(name)}”? Answer such as 2021-05-01/2021-07-31."
        answer = self.doubts.ask(f"cycle:{name}", place, name, question)
        try:
            first, _, last = (answer or "").partition("/")
            found = day(first), day(last)
        except Undated as fault:
            self.doubts.unfit(f"cycle:{name}", str(fault))
            return date.min, date.max - timedelta(1)
        return found
