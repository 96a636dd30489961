"""Whom each row of a people file means, and which of several rows of one person holds today.

Rows are matched by external id, then by e-mail, never by name. Who is not known gets an id here.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from chassis.ids import new_id
from services.people.commands.directory import Directory
from services.people.commands.verdicts import Verdicts
from services.people.rules.days import timeline
from services.people.rules.fields import folded
from services.people.rules.matching import lines_by_key
from services.people.rules.person_rows import holds_from, means_leaver, names_nobody
from services.people.rules.table import Row, Skipped

NEVER_KNOWN = "This person has left, and Cairn never knew them."
SUPERSEDED = "A later row of the file says how this person is today."


@dataclass(slots=True)
class Meant:
    present: list[tuple[Row, str]] = field(default_factory=list)
    """Rows that hold today, each with the id of its person."""
    ahead: list[tuple[Row, str, date]] = field(default_factory=list)
    """Rows that will hold from a day on."""
    skipped: list[Skipped] = field(default_factory=list)
    first_days: dict[str, date] = field(default_factory=dict)
    """People of whom every row lies ahead, with the first of these days."""
    new_lines: dict[str, int] = field(default_factory=dict)
    """Where the file names somebody new, by the id they get."""
    by_external: dict[str, str] = field(default_factory=dict)
    """Ids by the external ids of rows, where these are not in the directory already."""
    by_email: dict[str, str] = field(default_factory=dict)


def match(rows: list[Row], directory: Directory, today: date, verdicts: Verdicts) -> Meant:
    """Sort the rows; verdicts hear of those that mean nobody, or the same person."""
    return _Matching(directory, today, verdicts).match(rows)


class _Matching:
    def __init__(self, directory: Directory, today: date, verdicts: Verdicts) -> None:
        self._directory = directory
        self._today = today
        self._verdicts = verdicts
        self._meant = Meant()
        self._new_ids: dict[tuple[str, str], str] = {}
        self._leavers: list[tuple[Row, str]] = []
        """Rows of people nobody knows, who have left."""

    def match(self, rows: list[Row]) -> Meant:
        if any(row.cells.get("effective_date") for row in rows):
            self._sort(rows)
        else:
            for row, person_id in self._told_apart(rows):
                gone = person_id not in self._directory.people and means_leaver(row, self._today)
                (self._leavers if gone else self._meant.present).append((row, person_id))
        for row, person_id in self._meant.present:
            self._enter(row, person_id)
        self._pass_leavers()
        _reject_twice(self._meant, self._verdicts)
        return self._meant

    def _told_apart(self, rows: list[Row]) -> Iterator[tuple[Row, str]]:
        for row in rows:
            if names_nobody(row):
                reason, remedy = "The row names nobody.", "Fill external_id or email."
                self._verdicts.reject(row.line, None, None, reason, remedy)
            else:
                yield row, self._known(row) or self._new(row)

    def _known(self, row: Row) -> str | None:
        directory, external_id, email = self._directory, row.cells.get("external_id"), row.cells.get("email")
        found = directory.by_external.get(external_id) if external_id else None
        if found is None and email:
            candidate = directory.by_email.get(folded(email))
            if candidate and (not external_id or directory.people[candidate].external_id is None):
                return candidate
        return found

    def _new(self, row: Row) -> str:
        """The id of somebody new; the same for all rows with one external id, or with one address and none."""
        external_id = row.cells.get("external_id")
        key = ("external_id", external_id) if external_id else ("email", _address(row))
        return self._new_ids.setdefault(key, new_id())

    def _sort(self, rows: list[Row]) -> None:
        """Several rows may tell of one person, each from its day on."""
        dated: dict[str, dict[int, tuple[Row, date | None]]] = defaultdict(dict)
        for row, person_id in self._told_apart(rows):
            dated[person_id][row.line] = (row, holds_from(row))
        for person_id, of_person in dated.items():
            found = timeline([(line, day) for line, (_, day) in of_person.items()], self._today)
            self._meant.skipped.extend(Skipped(line, SUPERSEDED) for line in found.superseded)
            present = [of_person[line][0] for line in found.present]
            ahead = [(of_person[line][0], day) for line, day in sorted(found.ahead, key=lambda one: one[1])]
            if person_id in self._directory.people:
                self._take(person_id, present, ahead)
            else:
                self._take_new(person_id, present, ahead)

    def _take(self, person_id: str, present: list[Row], ahead: list[tuple[Row, date]]) -> None:
        self._meant.present.extend((row, person_id) for row in present)
        self._meant.ahead.extend((row, person_id, day) for row, day in ahead)
        if not present:
            self._meant.first_days[person_id] = ahead[0][1]

    def _take_new(self, person_id: str, present: list[Row], ahead: list[tuple[Row, date]]) -> None:
        """Who has left is not registered, unless a row ahead brings them back. Who comes later is, at once."""
        days = [(row, self._today) for row in present] + ahead
        if all(means_leaver(row, day) for row, day in days):
            self._leavers.extend((row, person_id) for row, _ in days)
            return
        self._take(person_id, present, ahead)
        if not present:
            # Two rows of one first day contradict each other: whichever stood alone, others would be judged by it.
            self._meant.present.extend((row, person_id) for row, day in ahead if day == ahead[0][1])

    def _enter(self, row: Row, person_id: str) -> None:
        external_id, email = row.cells.get("external_id"), _address(row)
        meant, directory = self._meant, self._directory
        if person_id not in directory.people:
            meant.new_lines[person_id] = row.line
        if external_id and directory.by_external.get(external_id) != person_id:
            meant.by_external[external_id] = person_id
        if email and directory.by_email.get(email) != person_id:
            meant.by_email[email] = person_id

    def _pass_leavers(self) -> None:
        """Pass over who has left, but not where another row would make the same person known: these contradict.

        By its address alone a row means whoever bears it; with an external id, who bears it and has no other.
        """
        if not self._leavers:
            return
        bearing = [(_address(row), row.cells.get("external_id")) for row, _ in self._meant.present]
        borne = {email for email, _ in bearing if email}
        borne_alone = {email for email, number in bearing if email and not number}
        known = {
            person_id
            for row, person_id in self._leavers
            if person_id in self._meant.new_lines
            or _address(row) in (borne_alone if row.cells.get("external_id") else borne)
        }
        for row, person_id in self._leavers:
            if person_id in known:
                self._meant.present.append((row, person_id))
                self._meant.new_lines.setdefault(person_id, row.line)
            else:
                self._meant.skipped.append(Skipped(row.line, NEVER_KNOWN))


def _address(row: Row) -> str:
    return folded(row.cells.get("email", ""))


def _reject_twice(meant: Meant, verdicts: Verdicts) -> None:
    told: set[int] = set()
    present = meant.present
    for column, keys in (
        ("external_id", [(row.line, row.cells.get("external_id") or None) for row, _ in present]),
        ("email", [(row.line, _address(row) or None) for row, _ in present]),
        (None, [(row.line, person_id) for row, person_id in present]),
        ("effective_date", [(row.line, f"{person_id} {day}") for row, person_id, day in meant.ahead]),
    ):
        for key, lines in lines_by_key(keys).items():
            reason = f"Lines {', '.join(str(line) for line in lines[:10])} mean the same person."
            for line in lines:
                if line not in told:
                    value = key if column in ("external_id", "email") else None
                    verdicts.reject(line, column, value, reason, "Keep one row a person.")
            told.update(lines)
