"""Days and moments as other tools write them; where day and month could change places, other dates of the file tell."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.layouts.wrong import shortened

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})(?P<time>[T ].*)?")
_NUMBERS = re.compile(r"(?P<a>[0-9]{1,2})(?P<mark>[-/.])\s?(?P<b>[0-9]{1,2})[-/.]\s?(?P<y>[0-9]{4})(?P<time>[T ].*)?")
_WORDS = re.compile(r"(?P<d>[0-9]{1,2})(st|nd|rd|th|\.)?[ -](?P<m>[A-Za-z]{3,9})\.?,?[ -](?P<y>[0-9]{4})(?P<time> .*)?")
_AMERICAN = re.compile(r"(?P<m>[A-Za-z]{3,9})\.? (?P<d>[0-9]{1,2})(st|nd|rd|th)?,? (?P<y>[0-9]{4})(?P<time> .*)?")
_TIME = re.compile(
    r"[T ](at )?(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(:(?P<s>[0-9]{2})(?P<f>\.[0-9]{1,6})?)?\s*(?P<half>[AaPp][Mm])?"
    r"\s*(?P<zone>UTC|GMT|Z|[+-][0-9]{2}:?[0-9]{2})?"
)


class Undated(ValueError):
    """A text that is no day, or two."""


def day(text: str, order: str | None = None) -> date:
    """The day; `order` is dmy or mdy. Raises Undated; for two possible orders without `order` too."""
    bare = text.strip()
    try:
        if found := _ISO.fullmatch(bare):
            return date(int(found["y"]), int(found["m"]), int(found["d"]))
        if found := _WORDS.fullmatch(bare) or _AMERICAN.fullmatch(bare):
            return date(int(found["y"]), _MONTHS.index(found["m"][:3].lower()) + 1, int(found["d"]))
        if found := _NUMBERS.fullmatch(bare):
            return _ordered(found, order or order_of([bare]))
    except Undated:
        raise
    except ValueError as fault:
        raise Undated(f"“{shortened(bare)}” is no day.") from fault
    raise Undated(f"“{shortened(bare)}” is no day.")


def _ordered(found: re.Match[str], order: str | None) -> date:
    first, second, year = int(found["a"]), int(found["b"]), int(found["y"])
    if order is None and first != second:
        raise Undated("Day and month may change places.")
    return date(year, first, second) if order == "mdy" else date(year, second, first)


def order_of(texts: Iterable[str]) -> str | None:
    """dmy or mdy, where any of these dates tells; None where none does, or they contradict each other."""
    told = set()
    for found in filter(None, (_NUMBERS.fullmatch(text.strip()) for text in texts)):
        if found["mark"] == "." or int(found["a"]) > 12:
            told.add("dmy")
        elif int(found["b"]) > 12:
            told.add("mdy")
    return told.pop() if len(told) == 1 else None


def moment(text: str, order: str | None = None) -> datetime | None:
    """The moment, in UTC where no zone is given; None where the text is a day without a time. Raises Undated."""
    on = day(text, order)
    shapes = (_ISO, _WORDS, _AMERICAN, _NUMBERS)
    rest = next(found["time"] for shape in shapes if (found := shape.fullmatch(text.strip())))
    time = _TIME.fullmatch(rest) if rest else None
    if time is None:
        return None
    hour = int(time["h"]) % 12 + 12 * (time["half"].lower() == "pm") if time["half"] else int(time["h"])
    zone = "+00:00" if time["zone"] in (None, "UTC", "GMT", "Z") else time["zone"]
    try:
        written = f"{on}T{hour:02}:{time['m']}:{time['s'] or '00'}{time['f'] or ''}{zone}"
        return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise Undated(f"“{shortened(text)}” is no moment.") from fault


def when(text: str) -> tuple[date | None, datetime | None]:
    """The day and the moment a timestamp tells; None for what it does not tell."""
    try:
        made = moment(text)
        return (made.date() if made else day(text)), made
    except Undated:
        return None, None


@dataclass(frozen=True)
class Days:
    """Dates of one file; an order that stays open is asked once, a text that is no day every time."""

    doubts: Doubts
    order: str | None = None

    @classmethod
    def of(cls, texts: Iterable[str], said: str | None, doubts: Doubts) -> "Days":
        """For a file with these dates; `said` is the order the sender gave."""
        return cls(doubts, said or order_of(texts))

    def read(self, text: str, place: str, item: str, column: str) -> date | None:
        """The day; None where the cell is empty or a question is still open."""
        return self._read(text, place, item, column) if text.strip() else None

    def _read(self, text: str, place: str, item: str, column: str) -> date | None:
        try:
            return day(text, self.order or self.doubts.answers.get("dates"))
        except Undated as fault:
            if _NUMBERS.fullmatch(text.strip()) and "places" in str(fault):
                question = f"“{shortened(text)}”: is the day or the month written first? No date of the file tells."
                self.doubts.ask("dates", place, item, question, ("dmy", "mdy"))
                return None
            question = f"Which day is “{shortened(text)}” in {column}? Answer such as 2026-03-31."
            answer = self.doubts.ask(f"day:{text.strip()}", place, item, question)
            return self._answered(text, answer) if answer else None

    def _answered(self, text: str, answer: str) -> date | None:
        try:
            return day(answer)
        except Undated as fault:
            self.doubts.unfit(f"day:{text.strip()}", str(fault))
            return None
