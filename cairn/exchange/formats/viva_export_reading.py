"""Reading of a Viva Goals data export: objectives of all types, their alignment, measures and check-ins."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from cairn.exchange.formats import words
from cairn.exchange.formats.contract import Asked, Parsed
from cairn.exchange.formats.days import Days
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import SYMBOLS, Figure, Figures
from cairn.exchange.formats.goals import PERCENT, Goal, Measure
from cairn.exchange.formats.json_rows import cells, listed, several, word
from cairn.exchange.formats.measures import current, directional, measured_as
from cairn.exchange.formats.naming import Names, bare, one_line
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.formats.viva_check_ins import CheckIns, Said, measured
from cairn.exchange.formats.viva_explorer import KINDS, PREFIX
from cairn.exchange.layouts.links import CONTRIBUTES, SUPPORTS, Parent
from cairn.exchange.layouts.wrong import shortened
from chassis.files import Book

CHECK_INS = "checkins"
DATES = ("Start Date", "End Date")
_TYPES = {
    "objective": "big rock;objective;goal",
    "key result": "kpi;key result;outcome;project;deliverable;initiative;action;task",
}
TYPES = {name: kind for kind, names in _TYPES.items() for name in names.split(";")}
CHOICES, FROM_START = ("stay above", "stay below"), "from start to target"
DIRECTIONS = ("", "reach", "increase", "increase to", "decrease", "decrease to", "achieve")
EDGES = ("at most", "at least", "no more than")
"""Words that count the threshold itself as kept."""
THRESHOLDS = {"keep below": CHOICES[1], "stay below": CHOICES[1], "below": CHOICES[1], "at most": CHOICES[1],
              "no more than": CHOICES[1], "keep above": CHOICES[0], "stay above": CHOICES[0], "above": CHOICES[0],
              "at least": CHOICES[0]}  # fmt: skip


class Reader:
    """Reads the documents of one export."""

    def __init__(self, book: Book, asked: Asked, doubts: Doubts) -> None:
        self.asked, self.doubts = asked, doubts
        self.objectives = listed(book, "objectives")
        self.spans = {word(one.get("ID")): one for _, one in listed(book, "timeperiods")}
        self.said: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for _, one in listed(book, CHECK_INS):
            self.said[word(one.get("OKR ID"))].append(one)
        dated = [one for _, one in self.objectives] + list(self.spans.values())
        self.figures = Figures(doubts)
        self.days = Days.of([word(one.get(name)) for one in dated for name in DATES], asked.dates, doubts)
        self.owners = Owners(asked.directory, doubts)
        self.periods = Periods(asked.standing, doubts)
        self.check_ins = CheckIns(self.figures, self.days, self.owners)
        self.names = Names(PREFIX)
        self.ids = {self.names.own(word(one.get("ID"))) for _, one in self.objectives}
        self.parents = {own: list(links.values()) for own, links in self._links().items()}
        self.above = {parent.id for found in self.parents.values() for parent in found if parent.kind == CONTRIBUTES}

    def parsed(self) -> Parsed:
        goals = [self._goal(place, one) for place, one in self.objectives]
        rows = {}
        for goal, (_, one) in zip(goals, self.objectives, strict=True):
            said = self.said.get(word(one.get("ID")))
            rows[goal.id] = cells({**one, CHECK_INS: said} if said else one)
        return Parsed(goals, self.periods.cycles(), rows)

    def _links(self) -> dict[str, dict[str, Parent]]:
        """The parents of every goal, as it says itself, and else as they say of their children."""
        found: dict[str, dict[str, Parent]] = defaultdict(dict)
        for own, one in self._owned():
            for link in _dicts(one.get("Alignment")):
                self._link(found[own], link.get("ID"), self._weight(link))
            for id in several(one.get("Parent IDs")):
                self._link(found[own], id, Decimal(1))
        for _, one in self._owned():
            for child in _dicts(one.get("Children")):
                links = found[self.names.own(word(child.get("ID")))]
                if not links:
                    self._link(links, one.get("ID"), Decimal(1))
        return found

    def _owned(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        return ((self.names.own(word(one.get("ID"))), one) for _, one in self.objectives)

    def _weight(self, link: Mapping[str, Any]) -> Decimal:
        """A weight in percent as a share."""
        found = self.figures.read(word(link.get("Weight")), "Alignment", word(link.get("Title")), "Weight")
        return found.value / 100 if found else Decimal(1)

    def _link(self, links: dict[str, Parent], id: Any, weight: Decimal) -> None:
        name = self.names.own(word(id))
        links.setdefault(name, Parent(name, None, CONTRIBUTES if weight else SUPPORTS, weight))

    def _goal(self, place: str, one: Mapping[str, Any]) -> Goal:
        title = one_line(word(one.get("Title"))) or "(no title)"
        id = self.names.own(word(one.get("ID")))
        owners = [found for who in several(one.get("Owner")) if (found := self._owner(who, place, title))]
        status = words.read_status(word(one.get("Status")), self.doubts, place, title)
        said = word(one.get("Goal Type")).casefold()
        goal = Goal(
            id,
            title,
            place,
            key_result=self._is_key_result(one, place, title, id),
            description=word(one.get("Description"))[:10_000] or None,
            owner=owners[0] if owners else None,
            co_owners=tuple(dict.fromkeys(owners[1:])) or None,
            cycle=self._cycle(one, place, title),
            kind=next((kind for kind in KINDS if said.startswith(kind)), None),
            state=words.state(status),
            parents=tuple(self._present(id, place, title)),
        )
        self._measure(goal, one)
        self._stand(goal, one, words.check_in_status(status))
        self._grade(goal, one)
        return goal

    def _owner(self, who: Any, place: str, title: str) -> str | None:
        """By e-mail; by name where there is none."""
        given = who if isinstance(who, Mapping) else {"Name": who}
        return self.owners.one(word(given.get("Email")) or word(given.get("Name")), place, title)

    def _present(self, id: str, place: str, title: str) -> Iterator[Parent]:
        for parent in self.parents.get(id, ()):
            if parent.id in self.ids or self.asked.has(parent.id):
                yield parent
            else:
                question = f"Its parent {bare(parent.id, PREFIX)} is neither in the file nor in Cairn."
                self.doubts.mark(f"parent:{bare(parent.id, PREFIX)}", place, title, question, "imported without it")

    def _is_key_result(self, one: Mapping[str, Any], place: str, title: str, id: str) -> bool:
        """By its type. Customers name types as they like: an unknown one is marked."""
        said = word(one.get("Type"))
        kind = TYPES.get(said.casefold())
        if kind is None:
            measures = word(inside(one, "Outcome").get("Outcome Type")).casefold() == "metric" and self.parents.get(id)
            question = f"Is a “{shortened(said)}” an objective or a key result?"
            taken = "key result" if measures else "objective"
            kind = self.doubts.mark(f"type:{said}", place, title, question, taken, tuple(_TYPES))
        return kind == "key result"

    def _cycle(self, one: Mapping[str, Any], place: str, title: str) -> str:
        """The days of a period are those the file says of it, else those of the goal."""
        period = inside(one, "Time Period")
        span = self.spans.get(word(period.get("ID")), {})
        known = span if word(span.get("Start Date")) else one
        first, last = (self.days.read(word(known.get(name)), place, title, name) for name in DATES)
        return self.periods.name(word(period.get("Name")) or word(span.get("Time Period Name")), first, last, place)

    def _measure(self, goal: Goal, one: Mapping[str, Any]) -> None:
        outcome = inside(one, "Outcome")
        rolled = "roll" in word(inside(one, "Progress and Status Configuration").get("Progress")).casefold()
        goal.rolls_up = goal.id in self.above and (rolled or not goal.key_result)
        start, target = (self._figure(goal, outcome, name) for name in ("Start", "Target"))
        if target is None:
            goal.measure = PERCENT
        elif goal.rolls_up:
            goal.measure = directional(start, target, self.doubts, goal.place, goal.title, goal.id)
        else:
            goal.measure = self._targeted(goal, word(outcome.get("Target Type")), start, target)

    def _figure(self, goal: Goal, outcome: Mapping[str, Any], name: str) -> Figure | None:
        found, unit = self.figures.read(word(outcome.get(name)), goal.place, goal.title, name), _unit(outcome)
        if found is None:
            return None
        percent = word(outcome.get("Outcome Type")).casefold() == "percentage" or unit == "%"
        currency = SYMBOLS.get(unit) or (unit if len(unit) == 3 and unit.isalpha() and unit.isupper() else None)
        return Figure(found.value, found.percent or percent, found.currency or currency)

    def _targeted(self, goal: Goal, said: str, start: Figure | None, target: Figure) -> Measure | None:
        """The definition by the words of the target; words nobody listed are asked about."""
        word_, key = said.casefold(), f"metric:{goal.id}"
        if word_ in DIRECTIONS:
            return directional(start, target, self.doubts, goal.place, goal.title, goal.id)
        if word_ in EDGES:
            question = f"“{said} {target.value}” counts {target.value} itself as kept; Cairn's threshold does not."
            taken = self.doubts.mark(key, goal.place, goal.title, question, THRESHOLDS[word_], tuple(CHOICES))
        elif word_ in THRESHOLDS:
            taken = THRESHOLDS[word_]
        else:
            question = f"How is “{shortened(said)} {target.value}” measured?"
            taken = self.doubts.ask(key, goal.place, goal.title, question, (*CHOICES, FROM_START)) or ""
        if taken == FROM_START:
            return directional(start, target, self.doubts, goal.place, goal.title, goal.id)
        return measured_as(taken, target, self.doubts, goal.id)

    def _stand(self, goal: Goal, one: Mapping[str, Any], status: str | None) -> None:
        said = [_said(check_in) for check_in in self.said.get(word(one.get("ID")), ())]
        goal.check_ins += self.check_ins.read(goal, said)
        if not goal.check_ins and not goal.rolls_up and (value := self._value(goal, one)) is not None:
            ended = self.days.read(word(one.get("Last Check-in")), goal.place, goal.title, "Last Check-in")
            last = ended or self.days.read(word(one.get("End Date")), goal.place, goal.title, "End Date")
            goal.check_ins.append(current(goal, value, last, status, self.asked))
        if goal.rolls_up and not goal.check_ins:
            goal.measure = None

    def _value(self, goal: Goal, one: Mapping[str, Any]) -> Figure | None:
        """Where it stands. Of a metric `Progress` may be a percentage or the value; nothing in the file says which."""
        found = self.figures.read(word(one.get("Progress")), goal.place, goal.title, "Progress")
        if found is None or goal.measure is None:
            return None
        if goal.measure.unit == "percent" or found.percent or not found.value:
            return Figure(measured(Figure(found.value, True), goal.measure) or Decimal(0))
        question = "Is the Progress of goals with a metric a percentage, or the value as measured?"
        answer = self.doubts.ask("progress", goal.place, goal.title, question, ("percentage", "value"))
        value = measured(Figure(found.value, percent=answer == "percentage"), goal.measure)
        return None if value is None or answer is None else Figure(value)

    def _grade(self, goal: Goal, one: Mapping[str, Any]) -> None:
        grade = words.grade(word(one.get("Score")))
        if goal.state == "closed" and grade is not None:
            goal.grade = min(max(grade, Decimal(0)), Decimal(1))
            goal.grade_note = "As it was closed in Viva Goals."


def _dicts(found: Any) -> Iterator[Mapping[str, Any]]:
    return (one for one in several(found) if isinstance(one, Mapping))


def inside(one: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object a field holds; an empty one where it holds none."""
    return next(_dicts(one.get(name)), {})


def _unit(outcome: Mapping[str, Any]) -> str:
    return word(outcome.get("Metric Unit"))


def _said(one: Mapping[str, Any]) -> Said:
    note, owner = one.get("Check In Note"), inside(one, "Check In Owner")
    return Said(
        day=word(one.get("CheckIn Date")),
        user=word(owner.get("Email")) or word(owner.get("Name")),
        note=word(note.get("Check In Note") if isinstance(note, Mapping) else note)[:10_000],
        status=word(one.get("Status")),
        value=word(one.get("Current Value")),
        moment=word(one.get("Activity Date")),
    )
