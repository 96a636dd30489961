"""Rows that are no persons of their own: vacancies, repetitions, and further posts of somebody who has a row."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.people.layouts.columns import Columns
from services.people.layouts.fitting import FIRST_POST, FURTHER_POST, YES
from services.people.layouts.values import says_vacant
from services.people.rules.fields import LONGEST_NAME, folded
from services.people.rules.table import Skipped
from services.people.rules.wrong import shortened

Cells = dict[str, list[str]]
"""Our columns, each with a cell for every row."""


def vacancies(columns: Columns, cells: Cells) -> dict[int, str]:
    """Rows of posts nobody holds: without address, and called vacant by their kind, status or name."""
    emails = cells.get("email")
    kinds = [kind for one in ("record_type", "status") if (kind := columns.cells(one)) is not None]
    names = cells.get("display_name")
    found: dict[int, str] = {}
    for row in range(len(columns.grid.records)):
        if emails is None or not emails[row]:
            vacant = any(says_vacant(kind[row], "") for kind in kinds)
            if vacant or (names is not None and says_vacant("", names[row])):
                found[row] = "A vacancy: nobody holds this post."
    return found


@dataclass(frozen=True, slots=True)
class Folder:
    """Folds rows of one person into one where that loses nothing that matters; else they are left to be judged."""

    columns: Columns
    cells: Cells
    manager: str | None

    def fold(self, among: Iterable[int]) -> dict[int, str]:
        """The rows folded away with the reason; titles of further posts are noted in the row that stays."""
        found: dict[int, str] = {}
        for rows in self._of_one_person(among):
            found |= self._repeated(rows)
            rows = [row for row in rows if row not in found]
            if len(rows) > 1 and self._same(rows, "email", "display_name", "effective_date"):
                first = self._first(rows)
                if first is not None:
                    found |= self._folded(first, rows)
        return found

    def _of_one_person(self, among: Iterable[int]) -> list[list[int]]:
        keys = self.cells.get("external_id") or self.cells.get("email") or []
        groups: dict[str, list[int]] = defaultdict(list)
        for row in among if keys else ():
            if keys[row]:
                groups[folded(keys[row])].append(row)
        return [rows for rows in groups.values() if len(rows) > 1]

    def _repeated(self, rows: Sequence[int]) -> dict[int, str]:
        records = self.columns.grid.records
        first: dict[tuple[str, ...], int] = {}
        found = {}
        for row in rows:
            stands = first.setdefault(tuple(records[row].cells), row)
            if stands != row:
                found[row] = f"Repeats line {records[stands].number} word for word."
        return found

    def _same(self, rows: Sequence[int], *columns: str) -> bool:
        """Whether rows say the same there, as far as they say anything."""
        present = [self.cells[column] for column in columns if column in self.cells]
        return all(len({folded(cells[row]) for row in rows} - {""}) <= 1 for cells in present)

    def _first(self, rows: Sequence[int]) -> int | None:
        """The row that counts: the one marked so, or the first of those that agree on the manager."""
        best = max(self._standing(row) for row in rows)
        left = [row for row in rows if self._standing(row) == best]
        if len(left) > 1 and self.manager is not None:
            left = [row for row in left if not self.of_themself(row)] or left
            if len({self.cells[self.manager][row] for row in left}) > 1:
                return None
        emails = self.cells.get("email")
        return next((row for row in left if emails is None or emails[row]), left[0])

    def _standing(self, row: int) -> int:
        """2 for a first post, 1 where nothing is said, 0 for a further one, below where it has ended."""
        active = self.cells.get("active")
        standing = -3 if active is not None and active[row] == "false" else 1
        if self._said("secondary", row) in YES:
            return standing - 1
        primary = self._said("primary", row)
        return standing + (primary in FIRST_POST) - (primary in FURTHER_POST)

    def _said(self, meaning: str, row: int) -> str:
        cells = self.columns.cells(meaning)
        return "" if cells is None else cells[row].lower()

    def of_themself(self, row: int) -> bool:
        """Whether a row names its own person as manager."""
        keys = {"manager_external_id": "external_id", "manager_email": "email", "manager_name": "display_name"}
        key = keys.get(self.manager or "")
        if self.manager is None or key not in self.cells:
            return False
        manager = self.cells[self.manager][row]
        return bool(manager) and folded(manager) == folded(self.cells[key][row])

    def _folded(self, first: int, rows: Sequence[int]) -> dict[int, str]:
        line = self.columns.grid.records[first].number
        titles, active = self.cells.get("title"), self.cells.get("active")
        held = [row for row in rows if active is None or active[row] == active[first]]
        if titles is not None:
            noted = list(dict.fromkeys(titles[row] for row in (first, *held) if titles[row]))
            also = f"; also: {', '.join(noted[1:])}" if noted[1:] else ""
            titles[first] = shortened("".join(noted[:1]) + also, LONGEST_NAME)
        return {
            row: f"A{' further' if row in held else 'n ended'} post of the person in line {line}."
            for row in rows
            if row != first
        }


def told(rows: dict[int, str], columns: Columns, cells: Cells) -> list[Skipped]:
    known = [column for column in ("external_id", "display_name") if column in cells]
    return [
        Skipped(columns.grid.records[row].number, reason, {column: cells[column][row] for column in known})
        for row, reason in sorted(rows.items())
    ]
