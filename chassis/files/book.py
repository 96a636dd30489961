"""What a file of tables is once it is read, whatever form it had: sheets of records, or parsed JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the line it begins on in CSV, its number in XLSX, its place from 1 in a JSON list.

    Cells are text without outer blanks. XLSX and JSON give dates as 2026-03-31 (with a time 2026-03-31T08:00:00),
    whole numbers without point, and true or false.
    """

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows that hold anything, those of the header among them.

    `name` is empty in CSV and else that of the sheet or file; `separator` is what separates the cells of CSV.
    """

    name: str
    records: Sequence[Record]
    separator: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """A file that could be read.

    `form` is csv, xlsx, json or zip. `documents` holds parsed JSON by file name ("" for a bare one), its numbers int
    or Decimal. A JSON list of flat objects is a sheet as well. `remarks` tell people what had to be recognised.
    """

    form: str
    sheets: tuple[Sheet, ...] = ()
    documents: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be; sizes in bytes, time in seconds. Beyond any of them it is Unreadable."""

    size: int = 20 << 20
    unpacked: int = 200 << 20
    entries: int = 100
    rows: int = 200_000
    columns: int = 1_000
    cell: int = 32_767
    seconds: int = 30
    memory: int = 512 << 20


LIMITS = Limits()


class Unreadable(Exception):
    """Nothing of a file can be used. `place` is empty or such as `line 7`, `sheet Users, row 3`, `entry a/b.json`."""

    def __init__(self, reason: str, remedy: str, place: str = "") -> None:
        super().__init__(f"{place}: {reason} {remedy}" if place else f"{reason} {remedy}")
        self.reason = reason
        self.remedy = remedy
        self.place = place
