"""How days are written, and what decides the order of day and month."""

import pytest

from contracts.wrong import Wrong
from services.people.layouts.dates import hinted, read_date
from services.people.rules.table import Unreadable
from tests.support.hr_files import cells, csv_file, read, reasons

HEADER = ["Email", "Name", "Start Date", "End Date"]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-31", "2026/03/31", "2026.3.31", "20260331", "31.03.2026", "31.3.26", "31. 3. 2026", "31/03/2026",
        "31-03-2026", "31-Mar-2026", "31-mar-26", "31 March 2026", "March 31, 2026", "Mar 31st, 2026", "31. März 2026",
        "31 mars 2026", "31 de marzo de 2026", "31 marca 2026", "31 maart 2026", "46112", "46112.5",
        "2026-03-31T08:00:00Z",
        "2026-03-31 00:00:00", "31.03.2026 00:00", "31/03/2026, 9:15 AM", "2026-Mar-31",
    ],
)  # fmt: skip
def test_a_day_is_understood_however_it_is_written(text: str) -> None:
    assert read_date(text, "dmy") == "2026-03-31"


@pytest.mark.parametrize(
    "text", ["soon", "31", "2026", "31.02.2026", "13/13/2026", "2026-13-01", "1/2", "March 2026", "0"]
)
def test_what_is_no_day_is_said_to_be_none(text: str) -> None:
    assert isinstance(read_date(text, "dmy"), Wrong)


@pytest.mark.parametrize("text", ["9999-12-31", "31.12.9999", "0000-00-00", "00.00.0000"])
def test_a_day_that_never_comes_is_no_day(text: str) -> None:
    assert read_date(text, None) == ""


def test_two_digits_of_a_year_turn_at_seventy() -> None:
    assert (read_date("01.02.69", None), read_date("01.02.70", None)) == ("2069-02-01", "1970-02-01")


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ("Hire date (MM/DD/YYYY)", "mdy"),
        ("Eintritt TT.MM.JJJJ", "dmy"),
        ("Date d'entrée (jj/mm/aaaa)", "dmy"),
        ("Start", None),
    ],
)
def test_a_header_may_say_the_order(header: str, order: str | None) -> None:
    assert hinted([header]) == order


def test_one_telling_value_in_any_date_column_decides_for_the_file() -> None:
    understood = read(csv_file(HEADER, ["a@b.c", "A", "03/04/2026", ""], ["d@e.f", "D", "", "25/12/2026"]))
    assert cells(understood, "start_date", "end_date") == [("2026-04-03", ""), ("", "2026-12-25")]
    assert understood.recognised.dates == "day, month, year, as 25/12/2026 shows"


def test_where_nothing_decides_the_file_asks() -> None:
    data = csv_file(HEADER, ["a@b.c", "A", "05/05/2026", ""], ["d@e.f", "D", "03/04/2026", ""])
    with pytest.raises(Unreadable) as caught:
        read(data)
    (asked,) = caught.value.rejected
    assert (asked.row, asked.column, asked.value) == (3, "Start Date", "03/04/2026")
    assert asked.wrong.reason == "Is the day or the month first in 03/04/2026? Nothing in the file decides."
    assert "--dates dmy" in asked.wrong.remedy
    assert cells(read(data, dates="dmy"), "start_date") == [("2026-05-05",), ("2026-04-03",)]
    assert cells(read(data, dates="mdy"), "start_date") == [("2026-05-05",), ("2026-03-04",)]


def test_values_that_are_the_same_either_way_ask_nothing() -> None:
    assert cells(read(csv_file(HEADER, ["a@b.c", "A", "05/05/2026", ""])), "start_date") == [("2026-05-05",)]


def test_values_that_contradict_each_other_ask_too() -> None:
    with pytest.raises(Unreadable, match="25/12/2026 and 12/25/2026, so that its dates contradict"):
        read(csv_file(HEADER, ["a@b.c", "A", "25/12/2026", ""], ["d@e.f", "D", "12/25/2026", ""]))


def test_one_value_that_contradicts_many_is_a_wrong_row() -> None:
    rows = [[f"p{day}@b.c", f"P {day}", f"{day}/12/2026", ""] for day in range(13, 30)]
    understood = read(csv_file(HEADER, *rows, ["x@b.c", "X", "12/25/2026", ""]))
    assert reasons(understood) == [
        (19, "Start Date", "The dates of this file are day, month, year, and this one is not.")
    ]


def test_dates_of_a_column_that_is_not_read_show_the_order_too() -> None:
    data = csv_file(["Email", "Name", "Hire Date", "Last modified at"], ["a@b.c", "A", "03/04/2026", "12/31/2026"])
    assert cells(read(data), "start_date") == [("2026-03-04",)]


def test_private_dates_show_nothing() -> None:
    data = csv_file(["Email", "Name", "Hire Date", "Date of birth"], ["a@b.c", "A", "03/04/2026", "12/31/1980"])
    with pytest.raises(Unreadable, match="Nothing in the file decides"):
        read(data)


def test_short_years_stand_last_unless_told_otherwise() -> None:
    data = csv_file(["Email", "Name", "Hire Date"], ["a@b.c", "A", "26/03/04"])
    assert cells(read(data), "start_date") == [("2004-03-26",)]
    assert cells(read(data, dates="ymd"), "start_date") == [("2026-03-04",)]


def test_dates_with_points_begin_with_the_day() -> None:
    assert cells(read(csv_file(HEADER, ["a@b.c", "A", "03.04.2026", ""])), "start_date") == [("2026-04-03",)]


def test_an_unreadable_date_rejects_its_row_and_shows_the_header_of_the_file() -> None:
    understood = read(csv_file(HEADER, ["a@b.c", "A", "2026-02-30", ""], ["d@e.f", "D", "2026-02-28", "n/a"]))
    assert reasons(understood) == [(2, "Start Date", "There is no such day.")]
    assert cells(understood, "start_date", "end_date") == [("2026-02-28", "")]
