"""What a day decides: which of several dated rows of one person holds, and who is active."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Timeline:
    """The lines of one person in a file. Several in `present` have the same day and contradict each other."""

    present: tuple[int, ...]
    superseded: tuple[int, ...]
    ahead: tuple[tuple[int, date], ...]


def timeline(dated: Iterable[tuple[int, date | None]], today: date) -> Timeline:
    """Sort lines by the day they hold from; without a day a line has always held.

    The newest that is not ahead is the present state.
    """
    past = [(line, day or date.min) for line, day in dated if day is None or day <= today]
    newest = max((day for _, day in past), default=None)
    return Timeline(
        tuple(line for line, day in past if day == newest),
        tuple(line for line, day in past if day != newest),
        tuple((line, day) for line, day in dated if day is not None and day > today),
    )


@dataclass(frozen=True, slots=True)
class Activity:
    active: bool | None
    """What the person becomes; None: what they are."""
    awaited: bool = False
    """Not active yet, but from the first working day on."""


def activity(
    said: bool | None, now: bool | None, awaited: bool, start: date | None, end: date | None, today: date
) -> Activity:
    """Whether somebody is active, by what a file says (None: nothing), what they are now (None: not known yet),
    whether they are awaited already, and their first and last working day.

    Whoever's last day is over has left, whatever else is said: the same file, sent again after that day, must not
    bring them back. Nobody becomes active before the first day; who is active stays so.
    """
    if said is False or (end is not None and end < today):
        return Activity(False)
    if now or not (now is None or said or awaited):
        return Activity(None)
    ahead = start is not None and start > today
    return Activity(not ahead, awaited=ahead)
