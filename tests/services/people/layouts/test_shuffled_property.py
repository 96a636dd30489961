"""However a file is written, the same people come out: order of columns and rows, separator, encoding, titles above."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.people.layouts.headers import words_of
from services.people.layouts.words import WORDS
from services.people.rules.table import Unreadable
from tests.support.hr_files import csv_file, people, read

HEADER = (
    "Employee No",
    "First Name",
    "Surname",
    "E-Mail",
    "Line Manager",
    "Job Title",
    "Date of joining",
    "Status",
    "Phone",
)
NAMES = ("Ana", "Bo", "Chloé", "Đorđe", "Eva", "Faye", "Gül", "Håkon", "Ines", "José")
FAMILIES = ("Silva", "Lind", "d'Été", "van den Berg", "Kowalska", "Müller", "Öz", "Ås", "Pérez Gil", "O'Neill")
ODD_CELLS = (
    "", "0042", "42", "a@b.c", "A B", "B, A", "A (42)", "a <a@b.c>", "03/04/2026", "31/12/2026",
    "2026-03-31", "9999-12-31",
    "active", "no", "NO_MANAGER", "=1+1", "'=1", '="7"', "Vacant", "UTC", "en_US", "1", "yes", "terminated", "46112",
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16")


@st.composite
def organisations(draw: st.DrawFn) -> list[Sequence[str]]:
    """Rows below `HEADER`: a tree by id, with leading zeros, dates that need an order and some who left."""
    size = draw(st.integers(3, len(NAMES)))
    rows = []
    for place in range(size):
        above = "" if place == 0 else f"{draw(st.integers(0, place - 1)):04}"
        # the first day tells the order for all others
        day = 28 if place == 0 else draw(st.integers(1, 28))
        title = draw(st.sampled_from(["CEO, Founder", "Lead; Data", 'Head of "Things"', "", "Dév"]))
        state = draw(st.sampled_from(["active", "On leave", "terminated"])) if place else "active"
        joined = f"{day:02}/{draw(st.integers(1, 12)):02}/2025"
        mail = f"p{place}@example.org"
        rows.append((f"{place:04}", NAMES[place], FAMILIES[place], mail, above, title, joined, state, "555 0100"))
    return rows


@dataclass(frozen=True)
class Writing:
    columns: Sequence[int]
    rows: Sequence[int]
    separator: str
    encoding: str
    titles: int


def written(rows: Sequence[Sequence[str]], how: Writing) -> bytes:
    table = [[(HEADER, *rows)[row][column] for column in how.columns] for row in (0, *(one + 1 for one in how.rows))]
    above = [["Staff list"] + [""] * (len(HEADER) - 1)] * how.titles
    return csv_file(*above, *table, separator=how.separator, encoding=how.encoding)


def by_id(data: bytes) -> dict[str, Mapping[str, Any]]:
    understood = read(data)
    assert understood.table.rejected == []
    assert understood.skipped == []
    return {row["external_id"]: row for row in people(understood)}


@given(st.data())
def test_how_a_table_is_written_changes_nothing_of_what_is_understood(data: st.DataObject) -> None:
    rows = data.draw(organisations())
    plain = Writing(range(len(HEADER)), range(len(rows)), ",", "utf-8", 0)
    other = Writing(
        data.draw(st.permutations(plain.columns)),
        data.draw(st.permutations(plain.rows)),
        data.draw(st.sampled_from(",;\t|")),
        data.draw(st.sampled_from(ENCODINGS)),
        data.draw(st.integers(0, 2)),
    )
    expected = by_id(written(rows, plain))
    assert len(expected) == len(rows)
    assert by_id(written(rows, other)) == expected


def understood_or_refused(data: bytes) -> list[str]:
    """Sentences about a file, whatever becomes of it."""
    try:
        return read(data).recognised.lines()
    except Unreadable as refused:
        return [str(one.wrong) for one in refused.rejected]


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_any_bytes_are_understood_or_refused(data: bytes) -> None:
    assert understood_or_refused(data)


@given(st.data())
def test_any_table_is_understood_or_refused(data: st.DataObject) -> None:
    headers = st.sampled_from([word for meaning in WORDS for word in words_of(meaning)]) | st.text(max_size=12)
    cells = st.sampled_from(ODD_CELLS) | st.text(max_size=8)
    header = data.draw(st.lists(headers, min_size=1, max_size=8))
    rows = data.draw(st.lists(st.lists(cells, min_size=len(header), max_size=len(header) + 1), max_size=8))
    assert understood_or_refused(csv_file(header, *rows))
