"""Check-ins of a Viva Goals export: one cell each, behind the named columns of a row.

    Checkin Date: 2025-03-10; User: Ada Lane; Note: Two of three; done; Metric Name: Progress; Status: On Track;
    Current Value: 25%; Activity Date: 2025-03-10 20:57:08 UTC;

Notes hold semicolons and line breaks, so what follows a note is looked for from the end.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

from cairn.exchange.formats import days, words
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Figure, Figures
from cairn.exchange.formats.goals import Goal, Measure, Scene
from cairn.exchange.formats.measures import is_current, number
from cairn.exchange.formats.people import Owners
from cairn.exchange.layouts.wrong import shortened

COLUMN = "Checkins"
_SHAPE = re.compile(
    r"\s*Check-?in Date:\s*(?P<day>[^;]*);\s*User:\s*(?P<user>[^;]*);\s*Note:\s?(?P<note>.*?);\s*"
    r"Metric Name:\s*(?P<metric>[^;]*);\s*Status:\s*(?P<status>[^;]*);\s*Current Value:\s*(?P<value>[^;]*)"
    r"(;\s*Activity Date:\s*(?P<moment>[^;]*))?;?\s*",
    re.DOTALL | re.IGNORECASE,
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Said:
    """What one check-in says, as text."""

    day: str
    user: str
    note: str
    status: str
    value: str
    moment: str


def told(texts: Iterable[str], doubts: Doubts, place: str, item: str) -> Iterator[Said]:
    """The check-ins of these cells; one that has another form is marked and stays text."""
    for text in filter(None, texts):
        found = _SHAPE.fullmatch(text)
        if found is None:
            question = f"“{shortened(text)}” does not look like a check-in."
            doubts.mark(f"check-in:{shortened(text)}", place, item, question, "kept as text")
        else:
            named = {name: (found[name] or "").strip() for name in ("day", "user", "status", "value", "moment")}
            yield Said(note=_CONTROL.sub("", found["note"]).strip()[:10_000], **named)


@dataclass(frozen=True)
class CheckIns:
    """Turns what check-ins say into native ones."""

    figures: Figures
    dates: days.Days
    owners: Owners

    def read(self, goal: Goal, said: Iterable[Said]) -> list[Mapping[str, Any]]:
        """Those of a goal, oldest first. Their ids tell the moment each was made, so that more of them may follow."""
        made = sorted((one for text in said if (one := self._one(goal, text))), key=_moment)
        value = goal.measure.start if goal.measure else None
        taken: Counter[str] = Counter()
        for one in made:
            # Without a value of its own a check-in says that nothing moved.
            value = one["value"] = value if one["value"] is None else one["value"]
            taken[one["external_id"]] += 1
            if (number := taken[one["external_id"]]) > 1:
                one["external_id"] += f" {number}"
        return [{**one, "value": Decimal(0) if one["value"] is None else one["value"]} for one in made]

    def _one(self, goal: Goal, said: Said) -> dict[str, Any] | None:
        place, item = goal.place, goal.title
        on = self.dates.read(said.day or said.moment, place, item, COLUMN)
        if on is None:
            return None
        moment = days.moment(said.moment, self.dates.order) if said.moment else None
        value = self.figures.read(said.value, place, item, f"{COLUMN}, Current Value")
        status = words.read_status(said.status, self.figures.doubts, place, item)
        return {
            "external_id": f"{goal.id}@{moment or f'{on} check-in'}"[:190],
            "as_of": on,
            "submitted_at": moment,
            "value": measured(value, goal.measure),
            "status": words.check_in_status(status),
            "note": said.note or None,
            "author": self._author(said.user, goal),
        }

    def _author(self, user: str, goal: Goal) -> str | None:
        found = self.owners.known(user) if user else None
        if user and found is None:
            question = f"Nobody in Cairn, or more than one, is called “{shortened(user)}”. The check-ins of that name"
            taken = "are recorded in the owner's name"
            answer = self.figures.doubts.mark(f"author:{user}", goal.place, goal.title, question, taken)
            return self.owners.known(answer)
        return found


def _moment(one: Mapping[str, Any]) -> tuple[str, str]:
    return str(one["as_of"]), str(one["submitted_at"] or "")


def measured(figure: Figure | None, measure: Measure | None) -> Decimal | None:
    """A value as its measure counts: a percentage of something else means the way from start to target."""
    if figure is None or measure is None:
        return None if figure is None else figure.value
    if measure.metric == "binary":
        return Decimal(figure.value >= (100 if figure.percent else 1))
    if figure.percent and measure.unit != "percent" and measure.start is not None and measure.target is not None:
        return (measure.start + (measure.target - measure.start) * figure.value / 100).quantize(Decimal("1e-9"))
    return figure.value


def written(goal: Goal, scene: Scene) -> list[str]:
    """The check-ins of a goal as cells, the latest first."""
    return [_cell(one, goal, scene) for one in newest(goal)]


def newest(goal: Goal) -> list[Mapping[str, Any]]:
    """The check-ins of a goal, the latest first, without what only a current value was."""
    own = [one for one in goal.check_ins if not is_current(goal, one)]
    return sorted(own, key=_moment, reverse=True)


def stamp(one: Mapping[str, Any]) -> str:
    """When a check-in was made, as Viva writes moments."""
    moment = one.get("submitted_at")
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else ""


def _cell(one: Mapping[str, Any], goal: Goal, scene: Scene) -> str:
    parts = {
        "Checkin Date": one["as_of"],
        "User": scene.person(one.get("author")).get("display_name", ""),
        "Note": one.get("note") or "",
        "Metric Name": goal.attributes.get("Metric Name", "Progress"),
        "Status": words.spelt(one.get("status")),
        "Current Value": quantity(one["value"], goal.measure),
        "Activity Date": stamp(one),
    }
    return " ".join(f"{name}: {text};" for name, text in parts.items())


def quantity(value: Decimal | None, measure: Measure | None) -> str:
    """A number with the percent sign Viva writes where the unit is percent."""
    return number(value) + ("%" if value is not None and measure and measure.unit == "percent" else "")
