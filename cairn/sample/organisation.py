"""A sample organisation, made up by rule: Larkspur Instruments, 61 people who build and sell measuring devices.

The same day and seed always give the same organisation. Nobody in it exists.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

GIVEN = (
    "Ada Bruno Carmen Dilan Elif Femi Greta Hugo Ines Jonas Kaya Liam Mona Nils Olga Pavel Quinn Rosa Samir Tilda "
    "Umar Vera Wim Xenia Yara Zeno Amira Boris Clara Dario Edda Felix Gita Henk Ida Jamal Karin Lotte Milan Nora "
    "Otto Petra Raul Selma Timo Ulla Vito Wanda Yuki Zara"
).split()
FAMILY = (
    "Almeida Brandt Castro Demir Eriksen Ferrari Grimm Haddad Ivanova Jansen Kovacs Lindqvist Moreau Novak Okafor "
    "Petrov Quist Rossi Schaller Tanaka Ueda Vogel Weiss Yilmaz Zielinski Aalto Bakker Conti Dupont Engel"
).split()
ZONES = ("Europe/Berlin", "Europe/Lisbon", "America/New_York", "Asia/Tokyo", "Europe/Berlin")

DEPARTMENTS = {
    "Product": ("Devices", "Software"),
    "Engineering": ("Sensors", "Firmware", "Platform"),
    "Sales": ("Europe", "Americas"),
    "Customer Success": ("Onboarding", "Support"),
    "People and Finance": ("People", "Finance"),
}
HEADS = {
    "Product": "Chief Product Officer",
    "Engineering": "Chief Technology Officer",
    "Sales": "Chief Revenue Officer",
    "Customer Success": "Head of Customer Success",
    "People and Finance": "Chief People and Finance Officer",
}
WORK = {
    "Product": "Product Manager",
    "Engineering": "Engineer",
    "Sales": "Account Executive",
    "Customer Success": "Success Manager",
    "People and Finance": "Specialist",
}


@dataclass(frozen=True, slots=True)
class SamplePerson:
    external_id: str
    given_name: str
    family_name: str
    title: str
    manager: str
    """The manager's external id; empty at the top."""
    teams: tuple[str, ...]
    roles: tuple[str, ...] = ("employee",)
    time_zone: str = "Europe/Berlin"

    @property
    def display_name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def email(self) -> str:
        return f"{self.given_name}.{self.family_name}@larkspur.example".lower()


@dataclass(frozen=True, slots=True)
class SampleTeam:
    external_id: str
    name: str
    parent: str
    lead: str


@dataclass(slots=True)
class Organisation:
    people: list[SamplePerson] = field(default_factory=list)
    teams: list[SampleTeam] = field(default_factory=list)

    def lead_of(self, team: str) -> str:
        return next(known.lead for known in self.teams if known.external_id == team)

    def members(self, team: str) -> list[SamplePerson]:
        return [person for person in self.people if team in person.teams]


def organisation(seed: int = 7) -> Organisation:
    """The whole organisation, managers before their reports."""
    chance = random.Random(seed)  # noqa: S311 - made-up people need no cryptography
    names = _names(chance)
    made = Organisation()
    top = _hire(made, next(names), "Chief Executive Officer", "", ("larkspur",), ("employee", "admin"), chance)
    made.teams.append(SampleTeam("larkspur", "Larkspur Instruments", "", top))
    for department, teams in DEPARTMENTS.items():
        _staff(made, department, teams, top, names, chance)
    return made


def _staff(
    made: Organisation,
    department: str,
    teams: tuple[str, ...],
    top: str,
    names: Iterator[tuple[str, str]],
    chance: random.Random,
) -> None:
    key = _key(department)
    hr = ("employee", "hr") if department == "People and Finance" else ("employee",)
    head = _hire(made, next(names), HEADS[department], top, (key,), hr, chance)
    made.teams.append(SampleTeam(key, department, "larkspur", head))
    for team in teams:
        lead = _hire(made, next(names), f"{team} Lead", head, (_key(team),), ("employee",), chance)
        made.teams.append(SampleTeam(_key(team), team, key, lead))
        for _ in range(4):
            _hire(made, next(names), WORK[department], lead, (_key(team),), ("employee",), chance)


def _hire(
    made: Organisation,
    name: tuple[str, str],
    title: str,
    manager: str,
    teams: tuple[str, ...],
    roles: tuple[str, ...],
    chance: random.Random,
) -> str:
    number = f"{len(made.people) + 1:04d}"
    made.people.append(SamplePerson(number, *name, title, manager, teams, roles, chance.choice(ZONES)))
    return number


def _names(chance: random.Random) -> Iterator[tuple[str, str]]:
    pairs = [(given, family) for given in GIVEN for family in FAMILY]
    chance.shuffle(pairs)
    seen: set[str] = set()
    for given, family in pairs:
        if given not in seen or len(seen) == len(GIVEN):
            seen.add(given)
            yield given, family
    yield from pairs


def _key(name: str) -> str:
    return name.lower().replace(" ", "-")
