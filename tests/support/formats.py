"""A running Cairn that files of other tools go into and come out of, as the commands do it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from cairn.exchange import check_ins
from cairn.exchange.client import Client
from cairn.exchange.directory import Directory
from cairn.exchange.formats.contract import Asked, Format, Goals, Reading
from cairn.exchange.formats.figures import same_figure
from cairn.exchange.layouts.native import CYCLE
from cairn.exchange.okrs import importing
from cairn.exchange.okrs.exporting import exported, exported_check_ins
from cairn.exchange.okrs.register import Standing
from cairn.exchange.records.journal import Journal
from chassis.files import Book, read_book, unguarded

Row = dict[str, str]


@dataclass
class Place:
    """A Cairn to import into and export from; `today` is the day of every import."""

    client: Client
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    def people(self, people: Mapping[str, str]) -> None:
        """Make these persons known: full names by e-mail. Who is known by the e-mail already stays as they are."""
        known = {one["email"] for one in self.client.items("persons")}
        for email, name in people.items():
            if email not in known:
                self.client.post("persons", {"email": email, "display_name": name})
        self.client.settle()

    def asked(self, **said: Any) -> Asked:
        directory, known = Directory.read(self.client), list(self.client.items("check-ins", withdrawn="true"))
        return Asked(directory, self.today, Standing.read(self.client), known, **said)

    def read(self, form: Format, data: bytes, **said: Any) -> Reading:
        """The file in native items, nothing imported."""
        book = read_book(data)
        assert "columns" in said or form.recognises(book), f"{form.label} does not recognise its own file"
        return form.read(book, self.asked(**said))

    def bring(self, form: Format, data: bytes, **said: Any) -> list[str]:
        """Import the file, its check-ins, and close what it calls closed; what would have changed, in lines."""
        reading = self.read(form, data, **said)
        assert not reading.open, reading.open
        lines = self._okrs(reading, close=False)
        known = self.client.items("check-ins", withdrawn="true")
        now = datetime.combine(self.today, datetime.max.time(), UTC)
        plan = check_ins.prepare(reading.check_ins, *self._here(), known, now)
        check_ins.carry_out(self.client, Journal(None, {}), plan, lambda _: None)
        return [*lines, plan.summary(), *self._okrs(reading, close=True)]

    def _here(self) -> tuple[Standing, Directory]:
        return Standing.read(self.client), Directory.read(self.client)

    def _okrs(self, reading: Reading, *, close: bool) -> list[str]:
        plan = importing.prepare(reading.okrs, *self._here(), close=close)
        importing.carry_out(self.client, Journal(None, {}), plan, "import", lambda _: None)
        return importing.summary(plan)

    def goals(self) -> Goals:
        """Everything Cairn has, as native items."""
        standing, directory = self._here()
        return Goals(
            exported(standing, directory),
            exported_check_ins(self.client.items("check-ins"), standing, directory),
            directory,
        )

    def take(self, form: Format, prefix: str = "") -> bytes:
        """The file in this layout, of the goals whose external ids begin so; by default those of the format."""
        goals, ours = self.goals(), prefix or f"{form.name}:"
        okrs = [item for item in goals.okrs if item.kind == CYCLE or str(item["external_id"]).startswith(ours)]
        return form.write(replace(goals, okrs=okrs))


def knowing(people: Mapping[str, str]) -> Directory:
    """A directory of these persons without any server: full names by e-mail."""
    found = Directory()
    for email, name in people.items():
        person = {"id": email, "email": email, "external_id": None, "display_name": name, "active": True}
        found.add("person", person)
    return found


def rows(data: bytes | Book, sheet: int = 0) -> list[Row]:
    """The rows of a table by its header, guards against formulas taken off."""
    book = data if isinstance(data, Book) else read_book(data)
    header, *records = book.sheets[sheet].records
    return [dict(zip(header.cells, map(unguarded, record.cells), strict=False)) for record in records]


def unchanged(lines: Iterable[str]) -> bool:
    """Whether these lines of `bring` tell of no change; AssertionError with those that do."""
    told = [line for line in lines if " 0 created, 0 changed" not in line]
    assert not told, told
    return True


def differences(before: Iterable[Row], after: Iterable[Row], key: str, same: Any = None) -> list[tuple[str, ...]]:
    """Cells that are not the same, row by row; rows of one file are found in the other by `key`.

    Numbers may be written differently (95.0, 1,250), everything else has to be equal.
    """
    found, differing = {row[key]: row for row in after}, []
    for row in before:
        other = found.get(row[key], {})
        for column, cell in row.items():
            said = other.get(column, "")
            if column and cell != said and not same_figure(cell, said):
                differing.append((row[key], column, cell, said))
    return differing
