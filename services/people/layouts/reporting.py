"""Who names whom: which of the columns that could name managers does, and how: by id, address or name."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from services.people.layouts.columns import Columns
from services.people.layouts.names import Names, alias, turned
from services.people.layouts.values import NOBODY, on_one_line, seamless
from services.people.rules.fields import folded

Form = Literal["id", "email", "name", "bracketed id", "bracketed email"]
_COLUMN: dict[Form, str] = {
    "id": "manager_external_id",
    "bracketed id": "manager_external_id",
    "email": "manager_email",
    "bracketed email": "manager_email",
    "name": "manager_name",
}
_SAID: dict[str, Form] = {"manager_external_id": "id", "manager_email": "email", "manager_name": "name"}
_BRACKETS = re.compile(r"^.*[(\[<]\s*([^()\[\]<>]+?)\s*[)\]>]$", re.DOTALL)
_HALF = 0.5
_ENOUGH = 0.9
TOLD: dict[Form, str] = {
    "id": "by id",
    "email": "by e-mail address",
    "name": "by name",
    "bracketed id": "by the id in brackets",
    "bracketed email": "by the address in brackets",
}


class Known:
    """Whom the file itself has, read once it is needed: ids, addresses as compared, names by alias."""

    def __init__(self, columns: Columns, names: Names) -> None:
        self._columns = columns
        self._names = names

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(map(seamless, self._columns.cells("external_id") or ())) - {""}

    @cached_property
    def emails(self) -> frozenset[str]:
        return frozenset(folded(seamless(one)) for one in self._columns.cells("email") or ()) - {""}

    @cached_property
    def names(self) -> dict[str, str]:
        return self._names.aliases()

    def nobody(self, cell: str) -> bool:
        """Whether a cell says that there is no manager, in a word that is nobody's id."""
        return cell.lower() in NOBODY and cell not in self.ids and folded(cell) not in self.emails


@dataclass(frozen=True, slots=True)
class Managers:
    """The cells of our column for managers, how its file names them, and where they stand."""

    column: str
    cells: list[str]
    form: Form
    place: int


def chosen(columns: Columns, known: Known) -> Managers | None:
    """The column that names most managers the file has; of equals ids go before addresses, and those before names."""
    if not columns.managers:
        return None
    rated = [(*_form(columns, meaning, place, known), place) for meaning, place in columns.managers]
    form, _, place = max(rated, key=lambda one: (round(one[1], 1), -list(_COLUMN).index(one[0])))
    read = _reader(form, known)
    cells = [read(cell) if cell and not known.nobody(cell) else "" for cell in columns.grid.column(place)]
    return Managers(_COLUMN[form], cells, form, place)


def _form(columns: Columns, meaning: str, place: int, known: Known) -> tuple[Form, float]:
    """How a column names managers, and what share of them is in the file."""
    named = [cell for cell in columns.grid.facts(place).distinct if not known.nobody(cell)]
    said = _SAID.get(meaning)
    if not named:
        return said or "id", 0.0
    shares: dict[Form, float] = {}
    for form, test in _tests(known).items():
        shares[form] = sum(test(cell) for cell in named) / len(named)
        if shares[form] >= _ENOUGH:
            break
    best = max(shares, key=lambda form: shares[form])
    if shares[best] >= _HALF or (said is None and shares[best] > 0):
        return best, shares[best]
    return said or _shape(named), shares.get(said or best, 0.0)


def _tests(known: Known) -> dict[Form, Callable[[str], bool]]:
    return {
        "id": lambda cell: seamless(cell) in known.ids,
        "email": lambda cell: "@" in cell and not _BRACKETS.match(cell),
        "bracketed email": lambda cell: "@" in cell and _BRACKETS.match(cell) is not None,
        "bracketed id": lambda cell: seamless(_bracketed(cell)) in known.ids,
        "name": lambda cell: alias(cell) in known.names,
    }


def _shape(named: list[str]) -> Form:
    """What cells look like that name nobody in the file."""
    bracketed = sum(any(sign.isdigit() for sign in _bracketed(cell)) for cell in named)
    if bracketed > len(named) / 2:
        return "bracketed id"
    return "name" if sum(" " in cell for cell in named) > len(named) / 2 else "id"


def _bracketed(cell: str) -> str:
    found = _BRACKETS.match(cell)
    return found[1] if found else ""


def _reader(form: Form, known: Known) -> Callable[[str], str]:
    if form == "name":
        return lambda cell: known.names.get(alias(cell)) or turned(on_one_line(cell))
    if form in ("bracketed id", "bracketed email"):
        return lambda cell: seamless(_bracketed(cell) or cell)
    return seamless
