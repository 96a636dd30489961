"""Reading files: whatever a spreadsheet writes is read back, and whatever arrives ends in rows or in a reason."""

import csv
import io
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.people.rules.person_rows import LAYOUT, read_person
from services.people.rules.table import Row, Unreadable, decoded, read_csv, read_json
from services.people.rules.team_rows import LAYOUT as TEAM_LAYOUT
from services.people.rules.team_rows import read_team
from services.people.rules.wrong import Rejection

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8)
JUNK = (
    st.binary(max_size=60)
    | st.text(max_size=60).map(str.encode)
    | st.text('email,"\n;ab@\t', max_size=60).map(str.encode)
)


@given(ROWS)
def test_what_is_written_as_csv_is_read_back_cell_for_cell(rows: list[tuple[str, str, str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([("email", "title", "external_id"), *rows])
    filled = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        with pytest.raises(Unreadable, match="no rows"):
            read_csv(out.getvalue().encode(), LAYOUT)
        return
    table = read_csv(out.getvalue().encode(), LAYOUT)
    assert [list(row.cells.values()) for row in table.rows] == filled
    assert table.rejected == []


@given(ROWS)
def test_every_row_knows_the_line_it_begins_on(rows: list[tuple[str, str, str]]) -> None:
    marked = [(f"row {number}", *row[1:]) for number, row in enumerate(rows)]
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("email", "title", "external_id"), *marked])
    lines = re.split("\r\n|\r|\n", out.getvalue())
    for row in read_csv(out.getvalue().encode(), LAYOUT).rows:
        assert lines[row.line - 1].startswith(f'"{row.cells["email"]}"')


@given(JUNK)
def test_junk_ends_in_rows_or_in_a_reason(data: bytes) -> None:
    for start in (b"", b"email,title\n", b"\xef\xbb\xbfexternal_id\n"):
        rejected, rows = read_or_reasons(start + data)
        assert rows or rejected
        assert all(one.row >= 1 and one.wrong.reason and one.wrong.remedy for one in rejected)


def read_or_reasons(data: bytes) -> tuple[Sequence[Rejection], Sequence[Row]]:
    try:
        table = read_csv(data, LAYOUT)
    except Unreadable as fault:
        return fault.rejected, []
    return table.rejected, table.rows


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(LAYOUT.columns, CELLS.map(str.strip))), min_size=1, max_size=3))
def test_any_cells_make_a_person_or_reasons(rows: list[dict[str, str]]) -> None:
    for row in read_json(rows, LAYOUT).rows:
        read, rejected = read_person(row)
        assert (read is None) == bool(rejected)
        assert all(one.wrong.reason and one.wrong.remedy and one.row == row.line for one in rejected)


@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys(TEAM_LAYOUT.columns, CELLS.map(str.strip))), min_size=1, max_size=3)
)
def test_any_cells_make_a_team_or_reasons(rows: list[dict[str, str]]) -> None:
    for row in read_json(rows, TEAM_LAYOUT).rows:
        read, rejected = read_team(row)
        assert (read is None) == bool(rejected)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20), st.integers(0x80, 0xBF))
def test_the_place_of_a_byte_that_is_no_utf8_is_exact(text: str, byte: int) -> None:
    before = text.encode()
    for mark in (b"", b"\xef\xbb\xbf"):
        if not mark and before.startswith(b"\xef\xbb\xbf"):
            continue
        with pytest.raises(Unreadable, match=rf"line {text.count(chr(10)) + 1}: Byte {len(mark + before)} "):
            decoded(mark + before + bytes([byte]) + b" rest")


def test_a_column_nearly_right_is_answered_with_the_right_one() -> None:
    with pytest.raises(Unreadable) as caught:
        read_csv(b"email,Display Name\na@b.example,A\n", LAYOUT)
    assert "Perhaps display_name is meant" in str(caught.value)


def test_a_cell_beyond_what_csv_holds_is_a_reason() -> None:
    with pytest.raises(Unreadable, match="field limit"):
        read_csv(b"email,title\na@b.example," + b"x" * 200_000 + b"\n", LAYOUT)
