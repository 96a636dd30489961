"""Numbers, days, words and periods of other tools: what has one reading is read, what has several is asked."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.exchange.formats import days, words
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Figures, Unclear, decimal_mark, figure, same_figure
from cairn.exchange.formats.periods import Periods, name_of, span_of
from cairn.exchange.okrs.register import Standing

NUMBERS = st.decimals(-(10**15), 10**15, places=4)


def grouped(number: Decimal, group: str, decimal: str) -> str:
    return f"{number:,f}".replace(",", "·").replace(".", decimal).replace("·", group)


@given(NUMBERS, st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("\u202f", ","), ("\u00a0", ".")]))
def test_a_number_is_read_whatever_groups_its_digits(number: Decimal, marks: tuple[str, str]) -> None:
    assert figure(grouped(number, *marks), marks[1]).value == number


@given(st.integers(-(10**12), 10**12), st.sampled_from("%€£"))
def test_a_sign_may_stand_before_or_behind(number: int, sign: str) -> None:
    assert figure(f"{number} {sign}") == figure(f"{sign}{number}")
    assert figure(f"{number}{sign}").percent == (sign == "%")


@pytest.mark.parametrize(("text", "value"), [
    ("3,637,839", "3637839"), ("1.234,5", "1234.5"), ("1 234,5", "1234.5"), ("12,34,567", "1234567"),
    ("0,125", "0.125"), ("\u22125", "-5"), (".5", "0.5"), ("5.", "5"), ("1'234", "1234"),
    ("1,5", "1.5"), ("1.000.000", "1000000"),
])  # fmt: skip
def test_separators_mean_what_people_mean(text: str, value: str) -> None:
    assert figure(text).value == Decimal(value)


@pytest.mark.parametrize(("text", "choices"), [
    ("=20*1.05", ()), ("12k", ("12000",)), ("€ 1.2m", ("1200000",)), ("$5", ("5 USD", "5 CAD", "5 AUD", "5 MXN")),
    ("many", ()), ("1,23,4", ()), ("1.2.3,4,5", ()), ("8/10", ("8",)), ("5 days", ("5",)), ("1" * 19, ()), ("(5)", ()),
])  # fmt: skip
def test_what_is_no_plain_number_is_asked(text: str, choices: tuple[str, ...]) -> None:
    doubts = Doubts()
    assert Figures(doubts).read(text, "line 2", "A", "Target") is None
    [asked] = doubts.all()
    assert (asked.kind, asked.choices if text != "8/10" else choices) == ("ask", choices)


def test_a_lone_separator_is_read_as_the_other_numbers_of_the_file_use_it() -> None:
    assert decimal_mark(["1,234", "5"]) is None
    assert decimal_mark(["1,234", "2.500,75"]) == ","
    assert decimal_mark(["1,234", "0.5"]) == "."
    assert decimal_mark(["0,5", "0.5"]) is None
    assert (figure("1,234", ",").value, figure("1,234", ".").value) == (Decimal("1.234"), 1234)
    with pytest.raises(Unclear) as fault:
        figure("1,234", None)
    assert fault.value.choices == ("1234", "1.234")


def test_an_answer_settles_every_cell_with_that_text_and_a_bad_one_is_told() -> None:
    doubts = Doubts({"number:12k": "12000"})
    figures = Figures(doubts)
    assert [figures.read("12k", f"line {line}", "A", "Target").value for line in (2, 3)] == [12000, 12000]
    bad = Doubts({"number:12k": "a dozen"})
    assert Figures(bad).read("12k", "line 2", "A", "Target") is None
    assert bad.all()[0].taken is None


def test_numbers_written_differently_are_the_same_and_ids_are_not() -> None:
    assert same_figure("95.0", "95")
    assert same_figure("3,637,839", "3637839")
    assert not same_figure("007", "7")
    assert not same_figure("25%", "25")
    assert not same_figure("Q3 2018", "Q3 2018 ")


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.sampled_from(["dmy", "mdy"]))
def test_a_day_is_read_in_the_order_that_was_said(on: date, order: str) -> None:
    text = f"{on:%d/%m/%Y}" if order == "dmy" else f"{on:%m/%d/%Y}"
    assert days.day(text, order) == on
    assert days.day(f"{on:%d %B %Y}") == days.day(f"{on:%b %d, %Y}") == days.day(f"{on:%d.%m.%Y}") == on


def test_the_order_of_day_and_month_is_asked_once_where_no_date_tells() -> None:
    doubts = Doubts()
    dates = days.Days.of(["03/04/2025", "05/06/2025"], None, doubts)
    assert [dates.read(text, "line 2", "A", "Start") for text in ("03/04/2025", "05/06/2025")] == [None, None]
    assert [(doubt.id, doubt.choices, doubt.times) for doubt in doubts.all()] == [("dates", ("dmy", "mdy"), 2)]
    told = days.Days.of(["03/04/2025", "25/06/2025"], None, Doubts())
    assert told.read("03/04/2025", "line 2", "A", "Start") == date(2025, 4, 3)
    answered = days.Days.of(["03/04/2025"], None, Doubts({"dates": "mdy"}))
    assert answered.read("03/04/2025", "line 2", "A", "Start") == date(2025, 3, 4)


@pytest.mark.parametrize("text", [
    "2024-12-09 14:36:20 UTC", "2024-12-09T15:36:20+01:00", "2024-12-09 14:36:20", "December 9, 2024 2:36:20 PM",
])  # fmt: skip
def test_moments_have_their_zone(text: str) -> None:
    assert days.moment(text) == datetime(2024, 12, 9, 14, 36, 20, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2024-13-01", "31/02/2024", "soon", "", "2024"])
def test_what_is_no_day_is_told(text: str) -> None:
    with pytest.raises(days.Undated):
        days.day(text, "dmy")


@pytest.mark.parametrize(("text", "grade"), [
    ("8/10", "0.8"), ("100%", "1"), ("Done", "1"), ("Missed", "0"), ("1.2", "1.2"), ("120 %", "1.2"),
    ("8.5 of 11", None),    ("0.7", "0.7"), ("85", "0.85"), ("5", None), ("", None), ("well", None), ("3/0", None),
])  # fmt: skip
def test_results_are_shares_where_they_can_be(text: str, grade: str | None) -> None:
    expected = Decimal("8.5") / 11 if text == "8.5 of 11" else None if grade is None else Decimal(grade)
    assert words.grade(text) == expected


def test_an_unknown_status_is_marked_and_says_nothing() -> None:
    doubts = Doubts()
    assert words.read_status("At Risk", doubts, "line 2", "A") == words.AT_RISK
    assert words.read_status("Purple", doubts, "line 2", "A") == words.OPEN
    assert [(doubt.id, doubt.kind) for doubt in doubts.all()] == [("status:Purple", "mark")]


@pytest.mark.parametrize(("name", "span"), [
    ("Q3 2018", ("2018-07-01", "2018-09-30")), ("2019 q1", ("2019-01-01", "2019-03-31")),
    ("Q1 2019 - Jan - Mar", ("2019-01-01", "2019-03-31")), ("H2 2020", ("2020-07-01", "2020-12-31")),
    ("2021", ("2021-01-01", "2021-12-31")), ("FY21-Q3", None), ("FY2021 Q3", None), ("Rolling", None),
    ("Q1 2019 - Q2 2020", None),
])  # fmt: skip
def test_a_period_has_the_days_its_name_tells(name: str, span: tuple[str, str] | None) -> None:
    found = span_of(name)
    assert (found and (str(found[0]), str(found[1]))) == span


@given(st.integers(1970, 2099), st.integers(1, 4))
def test_a_cycle_named_after_its_days_has_these_days(year: int, number: int) -> None:
    first = date(year, 3 * number - 2, 1)
    last = span_of(f"Q{number} {year}")
    assert last is not None
    assert name_of(first, last[1]) == f"Q{number} {year}"


def test_cairns_own_cycle_is_taken_by_its_days_and_left_as_it_is() -> None:
    known = [{"name": "Winter", "starts_on": "2025-01-01", "ends_on": "2025-03-31"}]
    periods = Periods(Standing(known), Doubts())
    assert periods.name("", date(2025, 1, 1), date(2025, 3, 31), "line 2") == "Winter"
    assert [dict(item.values) for item in periods.cycles()] == [
        {"name": "Winter", "starts_on": date(2025, 1, 1), "ends_on": date(2025, 3, 31)}
    ]


def test_a_fiscal_period_takes_the_days_of_its_rows_or_asks() -> None:
    doubts = Doubts()
    periods = Periods(Standing(), doubts)
    periods.name("FY21-Q3", date(2020, 8, 1), date(2020, 10, 31), "line 2")
    periods.name("FY21-Q4", None, None, "line 3")
    assert periods.cycles()[0]["starts_on"] == date(2020, 8, 1)
    assert [doubt.id for doubt in doubts.all()] == ["cycle:FY21-Q4"]
    answered = Periods(Standing(), Doubts({"cycle:FY21-Q4": "2020-11-01/2021-01-31"}))
    answered.name("FY21-Q4", None, None, "line 3")
    assert answered.cycles()[0]["ends_on"] == date(2021, 1, 31)
