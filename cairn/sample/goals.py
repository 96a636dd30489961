"""The sample organisation's objectives, key results and weekly check-ins for two quarters.

Company objectives are carried by departments, those by teams. Some key results do well, some fall behind, and some
owners forget to check in, so that every view has something to show.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from cairn.sample.organisation import DEPARTMENTS, Organisation


@dataclass(frozen=True, slots=True)
class SampleCycle:
    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class SampleKeyResult:
    external_id: str
    title: str
    metric: str
    start: Decimal
    target: Decimal
    unit: str
    owner: str
    """External id of the person who checks in."""


@dataclass(frozen=True, slots=True)
class SampleObjective:
    external_id: str
    cycle: str
    title: str
    team: str
    kind: str
    parents: tuple[str, ...]
    key_results: tuple[SampleKeyResult, ...]


@dataclass(frozen=True, slots=True)
class SampleCheckIn:
    external_id: str
    key_result: str
    author: str
    submitted_at: datetime
    value: Decimal
    confidence: float
    note: str


COMPANY = (
    (
        "Be the instrument people trust",
        (("Returns per 1,000 devices", 14, 6), ("Customer satisfaction in percent", 71, 85)),
    ),
    (
        "Grow where we are needed",
        (("Recurring revenue in thousand euro", 820, 1200), ("New industries with a paying customer", 0, 4)),
    ),
)
DEPARTMENT = {
    "Product": (
        "Make every first measurement a success",
        (("Minutes to first measurement", 42, 15), ("Active devices", 5200, 7000)),
        0,
    ),
    "Engineering": (
        "Ship reliable devices faster",
        (("Days from design to pilot", 90, 60), ("Field failures per month", 30, 10)),
        0,
    ),
    "Sales": ("Win the midsize laboratories", (("Laboratories signed", 0, 40), ("Win rate in percent", 18, 27)), 1),
    "Customer Success": (
        "Keep every customer measuring",
        (("Churn in percent", 9, 5), ("Onboardings within two weeks", 10, 45)),
        1,
    ),
    "People and Finance": (
        "Make Larkspur a place to grow",
        (("People with a weekly check-in", 12, 55), ("Days to close the month", 9, 4)),
        1,
    ),
}
TEAM = (
    (("Deliveries on the promised day in percent", 62, 90), ("Open defects", 48, 20), ("Customers interviewed", 0, 24)),
    (("Cycle time in days", 12, 6), ("Automated checks", 110, 220), ("Ideas tried with a customer", 0, 8)),
)


def quarter(day: date) -> SampleCycle:
    """The calendar quarter a day lies in."""
    number = (day.month - 1) // 3
    starts = date(day.year, number * 3 + 1, 1)
    following = date(day.year + (number == 3), (number * 3 + 3) % 12 + 1, 1)
    return SampleCycle(f"{day.year} Q{number + 1}", starts, following - timedelta(days=1))


def cycles(today: date) -> list[SampleCycle]:
    """The last quarter and this one."""
    present = quarter(today)
    return [quarter(present.starts_on - timedelta(days=1)), present]


def objectives(made: Organisation, cycle: SampleCycle) -> list[SampleObjective]:
    """One cycle's objectives, parents first."""
    prefix = cycle.name.lower().replace(" ", "-")
    found = [
        _objective(made, prefix, cycle, f"company-{number}", title, "larkspur", "aspirational", (), measures)
        for number, (title, measures) in enumerate(COMPANY)
    ]
    for department, (title, measures, parent) in DEPARTMENT.items():
        key = department.lower().replace(" ", "-")
        up = (f"{prefix}-company-{parent}",)
        found.append(_objective(made, prefix, cycle, key, title, key, "aspirational", up, measures))
        found.extend(_team_objectives(made, cycle, prefix, department, key))
    return found


def _team_objectives(
    made: Organisation, cycle: SampleCycle, prefix: str, department: str, key: str
) -> Iterator[SampleObjective]:
    for number, team in enumerate(DEPARTMENTS[department]):
        name = team.lower().replace(" ", "-")
        kind = "committed" if number % 2 else "aspirational"
        title = (
            f"{team}: do the few things that matter, well" if number % 2 else f"{team}: learn faster than last quarter"
        )
        yield _objective(made, prefix, cycle, f"team-{name}", title, name, kind, (f"{prefix}-{key}",), TEAM[number % 2])


def _objective(
    made: Organisation,
    prefix: str,
    cycle: SampleCycle,
    key: str,
    title: str,
    team: str,
    kind: str,
    parents: tuple[str, ...],
    measures: tuple[tuple[str, int, int], ...],
) -> SampleObjective:
    external_id = f"{prefix}-{key}"
    people = [made.lead_of(team), *(person.external_id for person in made.members(team))]
    key_results = tuple(
        SampleKeyResult(
            f"{external_id}-kr{number + 1}",
            text,
            "increase" if target > start else "decrease",
            Decimal(start),
            Decimal(target),
            "percent" if "percent" in text else "number",
            people[number % len(people)],
        )
        for number, (text, start, target) in enumerate(measures)
    )
    return SampleObjective(external_id, cycle.name, title, team, kind, parents, key_results)


def check_ins(found: list[SampleObjective], cycle: SampleCycle, now: datetime) -> Iterator[SampleCheckIn]:
    """Weekly check-ins from the cycle's second Monday until now or its end, oldest first. Each is written at nine in
    the morning UTC: on a Monday before nine, this week's are still to come."""
    chance = random.Random(cycle.name)  # noqa: S311 - made-up numbers need no cryptography
    for objective in found:
        for key_result in objective.key_results:
            yield from _history(key_result, cycle, now, chance)


def _history(
    key_result: SampleKeyResult, cycle: SampleCycle, now: datetime, chance: random.Random
) -> Iterator[SampleCheckIn]:
    pace, forgets = chance.choice((0.35, 0.7, 0.85, 1.0, 1.15)), chance.random() < 0.2
    day = cycle.starts_on + timedelta(days=(7 - cycle.starts_on.weekday()) % 7 + 7)
    length = (cycle.ends_on - cycle.starts_on).days
    while day <= cycle.ends_on and (written := datetime.combine(day, time(9), UTC)) <= now:
        share = pace * (day - cycle.starts_on).days / length + chance.uniform(-0.03, 0.03)
        value = key_result.start + (key_result.target - key_result.start) * Decimal(str(round(share, 3)))
        confidence = round(min(0.95, max(0.1, pace - 0.1 + chance.uniform(-0.05, 0.05))), 2)
        if not (forgets and day > cycle.starts_on + timedelta(days=28)):
            yield SampleCheckIn(
                f"{key_result.external_id}-{day}",
                key_result.external_id,
                key_result.owner,
                written,
                round(value, 1),
                confidence,
                _note(share, pace),
            )
        day += timedelta(days=7)


def _note(share: float, pace: float) -> str:
    if pace < 0.6:
        return "Slower than planned; we are short of one pair of hands."
    if share > 0.8:
        return "Nearly there, and it holds."
    return "Moving along as planned."
