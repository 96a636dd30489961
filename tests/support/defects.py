"""A large people file with known faults in it: what an HR export has wrong, seeded, each with its line.

Every row of a loop is a fault of its own. Rows that are right but stand below somebody whose row is faulty are no
faults; they are told apart as `hanging`, since nobody can be created under a manager who is not.
"""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle
from random import Random

GIVEN = """
    Amara Boris Chloé Dmitri Elif François Gülşen Håkon Inés João Kofi Léa Małgorzata Nadia Øystein Priya
    Quentin Rosa Søren Tomás Uma Viktor Wanda Ximena Yusuf Zoë Jörg Łukasz Renée Siobhán
""".split()  # noqa: SIM905
FAMILY = """
    Okoye Lindqvist Müller Ferreira Novák Yılmaz Dubois Hansen García Mensah Kowalska Haddad Rao Laurent Ricci
    Bauer Ivanova Tanaka Kim Silva Nguyen Öztürk Smith Jones Brown Weber Rossi Dvořák Horváth Jensen Nilsen
    Costa Lopes
""".split()  # noqa: RUF001, SIM905
TITLES = "Engineer|Senior engineer|Support agent|Analyst|Accountant|Nurse|Head of section|Clerk".split("|")  # noqa: SIM905
ZONES = ("UTC", "Europe/Lisbon", "Europe/Berlin", "America/New_York", "Asia/Tokyo")
SPAN = 9
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Defect:
    """A line that must be rejected; `column` is the one to blame in our own names, None for the whole row."""

    line: int
    kind: str
    column: str | None


@dataclass(frozen=True, slots=True)
class Seeded:
    data: bytes
    rows: int
    defects: tuple[Defect, ...]
    hanging: frozenset[int]
    """Lines that fall only because they stand below one that is rejected."""


@dataclass(slots=True)
class People:
    """Rows in our columns. Person 0 is the root; nobody is below the last ones, and only such below `teamleads`."""

    rows: list[Row]
    above: list[int]
    random: Random
    faulty: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    cells: dict[int, Callable[[list[str]], list[str]]] = field(default_factory=dict)
    """What happens to the cells of a row when it is written."""
    _leaves: list[int] = field(default_factory=list)
    _leads: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        managers = set(self.above)
        leaves = [one for one in range(len(self.rows)) if one not in managers]
        below: dict[int, list[int]] = {}
        for one in leaves:
            below.setdefault(self.above[one], []).append(one)
        leads = [one for one in below if one and one not in {self.above[other] for other in managers}]
        self.random.shuffle(leads)
        self._leads = leads[: len(leads) // 5]
        reserved = set(self._leads)
        self._leaves = [one for one in leaves if self.above[one] not in reserved]
        self.random.shuffle(self._leaves)

    def leaf(self, kind: str, column: str | None) -> Row:
        """Somebody without reports, from now on faulty."""
        one = self._leaves.pop()
        self.faulty[one] = kind, column
        return self.rows[one]

    def lead(self, kind: str, column: str | None) -> Row:
        """Somebody who has reports, from now on faulty."""
        one = self._leads.pop()
        self.faulty[one] = kind, column
        return self.rows[one]

    def cut(self, kind: str, change: Callable[[list[str]], list[str]]) -> None:
        self.leaf(kind, None)
        self.cells[next(reversed(self.faulty))] = change

    def hanging(self) -> set[int]:
        """Everybody below somebody faulty."""
        found: set[int] = set()
        for one in range(len(self.rows)):
            path = [one]
            while path[-1] and path[-1] not in self.faulty and path[-1] not in found:
                path.append(self.above[path[-1]])
            if path[-1] in self.faulty or path[-1] in found:
                found.update(path)
        return found - self.faulty.keys()


def _people(count: int, random: Random) -> People:
    above = [max(0, (one - 1) // SPAN) for one in range(count)]
    rows = [_person(one, above[one], random) for one in range(count)]
    rows[0]["manager_external_id"] = ""
    return People(rows, above, random)


def _person(one: int, above: int, random: Random) -> Row:
    given, family = random.choice(GIVEN), random.choice(FAMILY)
    start = date(2005, 1, 3) + timedelta(days=random.randrange(7000))
    return {
        "external_id": f"{one:06}",
        "email": f"person.{one}@harbour.example",
        "given_name": given,
        "family_name": family,
        "display_name": f"{given} {family}",
        "title": random.choice(TITLES),
        "manager_external_id": f"{above:06}",
        "manager_email": "",
        "manager_name": "",
        "teams": "",
        "roles": "employee",
        "time_zone": random.choice(ZONES),
        "locale": "en",
        "active": random.choice(("true", "yes", "1")),
        "start_date": start.isoformat(),
        "end_date": "2099-12-31" if random.random() < 0.02 else "",
    }


Seed = Callable[[People], None]
"""Makes one fault, on one line or several."""


def _filled(kind: str, column: str, *values: str) -> Seed:
    def seed(people: People) -> None:
        people.leaf(kind, column)[column] = people.random.choice(values)

    return seed


def _twice(column: str) -> Seed:
    def seed(people: People) -> None:
        kind = f"the same {column} twice"
        first, second = people.leaf(kind, column), people.leaf(kind, column)
        second[column] = first[column].upper() if column == "email" else first[column]

    return seed


def _loop(length: int) -> Seed:
    def seed(people: People) -> None:
        kind = f"a loop of {length}"
        rows = [people.lead(kind, None) for _ in range(length)]
        for row, upper in zip(rows, [*rows[1:], rows[0]], strict=True):
            row["manager_external_id"] = upper["external_id"]

    return seed


def _own_manager(people: People) -> None:
    row = people.lead("somebody their own manager", "manager_external_id")
    row["manager_external_id"] = row["external_id"]


def _ambiguous_name(people: People) -> None:
    row = people.leaf("a manager's name that several bear", "manager_name")
    row.update(manager_external_id="", manager_name="Amara Okoye")


def _two_managers(people: People) -> None:
    people.leaf("two different managers", "manager_email")["manager_email"] = "person.0@harbour.example"


def _nobody(people: People) -> None:
    people.leaf("a row that names nobody", None).update(external_id="", email="")


def _nameless(people: People) -> None:
    people.leaf("no name", "display_name").update(given_name="", family_name="")


def _cells(kind: str, change: Callable[[list[str]], list[str]]) -> Seed:
    def seed(people: People) -> None:
        people.cut(kind, change)

    return seed


_EVERYWHERE: tuple[Seed, ...] = (
    _twice("external_id"),
    _twice("email"),
    _loop(2),
    _loop(3),
    _own_manager,
    _nobody,
    _filled("an unknown manager", "manager_external_id", "999999", "1", "none such"),
    _filled("a malformed e-mail", "email", "amara.okoye", "a@@harbour.example", "a b@harbour.example", "<a@b.example>"),
    _filled("no e-mail", "email", ""),
    _filled("a control character", "title", "Lead\x07", "Lead\x1b[31m", "Le\x02ad"),
    _filled("a formula", "title", '=HYPERLINK("http://harbour.example","Lead")', "=1+1", '=cmd|"/C calc"!A0'),
    _filled("a value that is too long", "title", "Lead " * 61),
    _filled("an id that is too long", "external_id", "9" * 201),
    _filled("an end before the start", "end_date", "2004-06-30", "1999-12-31"),
    _cells("too few cells", lambda cells: cells[:3]),
    _cells("too many cells", lambda cells: [*cells, "one more"]),
)
_OWN: tuple[Seed, ...] = (
    *_EVERYWHERE,
    _ambiguous_name,
    _two_managers,
    _filled("no name", "display_name", ""),
    _filled("a line break", "title", "Lead\nengineer"),
    _filled("an impossible date", "start_date", "2024-02-30", "31.03.2024", "2024-13-01", "soon"),
    _filled("an unknown status", "active", "perhaps", "2", "tru"),
    _filled("a bad time zone", "time_zone", "Middle-earth/Shire", "CET+1", "Europe/Lisboa"),
    _filled("a bad language", "locale", "English, please", "en_"),
    _filled("an unknown role", "roles", "boss", "employee|root"),
    _filled("an unknown team", "teams", "No such team"),
)
_ABROAD: tuple[Seed, ...] = (
    *_EVERYWHERE,
    _nameless,
    _filled("an impossible date", "start_date", "30.02.2024", "31.04.2024", "bald"),
    _filled("an unknown status", "active", "vielleicht", "Tarif 7"),
)
_GERMAN = {
    "external_id": "Personalnummer",
    "given_name": "Vorname",
    "family_name": "Nachname",
    "email": "E-Mail geschäftlich",
    "title": "Stellenbezeichnung",
    "manager_external_id": "Personalnummer Vorgesetzter",
    "start_date": "Eintrittsdatum",
    "end_date": "Austrittsdatum",
    "active": "Status",
}


def in_our_layout(rows: int = 50_000, defects: int = 200, seed: int = 20260331) -> Seeded:
    """Our own columns, comma-separated UTF-8, managers before and after their reports."""
    people = _seeded(rows, defects, seed, _OWN)
    return _written(people, {column: column for column in people.rows[0]}, ",", "utf-8")


def in_a_german_layout(rows: int = 5_000, defects: int = 200, seed: int = 20260401) -> Seeded:
    """German headers and dates, separated by semicolons, in UTF-8 with a byte-order mark."""
    people = _seeded(rows, defects, seed, _ABROAD)
    for row in people.rows:
        row["active"] = {"true": "Aktiv", "yes": "aktiv", "1": "In Elternzeit"}.get(row["active"], row["active"])
        for column in ("start_date", "end_date"):
            if row[column][4:5] == "-":
                row[column] = ".".join(reversed(row[column].split("-")))
    return _written(people, _GERMAN, ";", "utf-8-sig")


def _seeded(rows: int, defects: int, seed: int, kinds: tuple[Seed, ...]) -> People:
    """Kinds in turn until there are so many faulty lines; loops stop before they would be more."""
    people = _people(rows, Random(seed))
    for kind in cycle(kinds):
        if len(people.faulty) > defects - 3:
            break
        kind(people)
    while len(people.faulty) < defects:
        _nobody(people)
    return people


def _written(people: People, headers: Mapping[str, str], separator: str, encoding: str) -> Seeded:
    order = list(range(len(people.rows)))
    people.random.shuffle(order)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator)
    writer.writerow(headers.values())
    lines: dict[int, int] = {}
    line = 2
    for one in order:
        cells = [people.rows[one][column] for column in headers]
        cells = people.cells.get(one, list)(cells)
        lines[one] = line
        line += 1 + sum(cell.count("\n") for cell in cells)
        writer.writerow(cells)
    defects = (Defect(lines[one], kind, column) for one, (kind, column) in people.faulty.items())
    return Seeded(
        buffer.getvalue().encode(encoding),
        len(order),
        tuple(sorted(defects, key=lambda defect: defect.line)),
        frozenset(lines[one] for one in people.hanging()),
    )
