"""What holds of any file of people: the order of its rows is no matter, a dry run says what a run does, twice is once,
and a complete file is what Cairn is afterwards."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.people.commands import apply_due, apply_people
from services.people.commands.filing import Options, Report
from services.people.commands.scheduling import ENTRIES
from services.people.models import Person
from services.people.rules.table import Row, Table
from tests.support.people import ADMIN, NOW, Office

QUIET = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TODAY = NOW.date()
PEOPLE = [str(number) for number in range(5)]
DAYS = st.integers(-2, 2).map(lambda days: TODAY + timedelta(days=days))
Cells = dict[str, str]


def dated(day: date | None) -> str:
    return day.isoformat() if day else ""


@st.composite
def rows(draw: st.DrawFn, *, several: bool = True) -> list[Cells]:
    """Rows about a few people, many of them impossible: loops, unknown managers, two rows of one day."""
    here = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=8, unique=not several))
    named = draw(st.sampled_from(["manager_external_id", "manager_email", "manager_name"]))
    spelt = {"manager_external_id": "{}", "manager_email": "P{}@b.example", "manager_name": "person {}"}[named]
    people = st.sampled_from(PEOPLE)
    managers = st.none() | st.sampled_from([*PEOPLE, "nobody"])
    found = []
    for one in here:
        manager = draw(managers)
        # Rows with days name people by id: an address alone may mean another as soon as one of the rows is applied.
        alone = [] if several else [("", one)]
        number, address = draw(st.sampled_from([(one, one), (one, one), (one, draw(people)), *alone]))
        cells = {"external_id": number, "email": f"p{address}@b.example", "display_name": f"Person {one}"}
        cells |= {"title": draw(st.sampled_from(["", "A", "B"])), "end_date": dated(draw(st.none() | DAYS))}
        cells |= {named: spelt.format(manager) if manager else "", "active": draw(st.sampled_from(["", "yes", "no"]))}
        found.append(cells | ({"effective_date": dated(draw(st.none() | DAYS))} if several else {}))
    return found


OPTIONS = st.builds(
    Options,
    partial=st.booleans(),
    complete=st.booleans(),
    accept_leavers=st.booleans(),
    unknown_managers=st.sampled_from(["reject", "top"]),
)


def send(office: Office, file: list[Cells], options: Options, lines: list[int] | None = None) -> Report:
    table = Table([Row(line, cells) for line, cells in zip(lines or range(2, 99), file, strict=False)])
    with office.unit(ADMIN) as unit:
        return apply_people(unit, table, options)


def dry(options: Options) -> Options:
    return Options(True, options.partial, options.ignore, options.complete, options.accept_leavers,
                   options.unknown_managers)  # fmt: skip


def state(office: Office) -> tuple[dict[str, Any], list[Any]]:
    """Everybody by external id, and what is kept for later."""
    with office.db.reading() as session:
        people = {one.id: one for one in session.execute(select(Person)).scalars()}
        kept = session.execute(select(ENTRIES.c["person_id", "day", "kind", "cells", "problem"])).all()
    number = {one: person.email for one, person in people.items()} | {None: None}
    known = {
        one.email: (one.external_id, one.title, number[one.manager_id], one.active, one.end_date, one.version)
        for one in people.values()
    }
    return known, sorted((str(number[row[0]]), *row[1:3], sorted(row[3].items()), row[4] is None) for row in kept)


def counts(report: Report) -> list[Any]:
    told = [(one.row, one.what, one.external_id, one.fields, one.note, one.wrong) for one in report.results]
    return [told, report.guard, report.remarks, report.rows, report.rejected_rows, report.changes == []]


@QUIET
@given(rows(), rows(), OPTIONS, st.randoms())
def test_any_order_of_the_rows_comes_to_the_same(
    office: Office, first: list[Cells], file: list[Cells], options: Options, chance: Any
) -> None:
    order = list(range(len(file)))
    chance.shuffle(order)
    found = []
    for places in (range(len(file)), order):
        office.emptied()
        send(office, first, Options(partial=True, accept_leavers=True))
        shuffled, lines = [file[place] for place in places], [place + 2 for place in places]
        report = send(office, shuffled, options, lines)
        found.append((state(office), [(one.row, one.what) for one in report.results], report.guard))
    assert found[0] == found[1]


@QUIET
@given(rows(), rows(), OPTIONS, st.integers(0, 3))
def test_a_dry_run_says_what_a_run_does_and_every_row_is_accounted_for(
    office: Office, first: list[Cells], file: list[Cells], options: Options, days: int
) -> None:
    office.emptied()
    send(office, first, Options(partial=True, accept_leavers=True))
    office.now += timedelta(days=days)
    before = state(office), len(office.said())
    judged = send(office, file, dry(options))
    assert (state(office), len(office.said())) == before
    report = send(office, file, options)
    assert counts(judged) == counts(report)
    done = report.created + report.changed + report.deactivated + report.reactivated
    assert done + report.unchanged + report.scheduled + report.skipped + report.rejected_rows == report.rows
    assert [one.row for one in report.results if one.row] == list(range(2, len(file) + 2))
    if not report.applied:
        assert (state(office), len(office.said())) == before


@QUIET
@given(rows(), rows(), OPTIONS)
def test_the_same_file_again_changes_nothing_and_tells_nothing(
    office: Office, first: list[Cells], file: list[Cells], options: Options
) -> None:
    office.emptied()
    send(office, first, Options(partial=True, accept_leavers=True))
    send(office, file, options)
    before = state(office), len(office.said())
    again = send(office, file, options)
    assert (state(office), len(office.said())) == before
    if again.applied:
        assert (again.changes, again.scheduled, again.omitted) == ([], 0, 0)


@QUIET
@given(rows(several=False), rows(several=False))
def test_after_a_complete_file_cairn_is_what_the_file_says(
    office: Office, first: list[Cells], file: list[Cells]
) -> None:
    everything = Options(complete=True, accept_leavers=True, unknown_managers="top")
    after = []
    for earlier in ([], first):
        office.emptied()
        if earlier:
            send(office, earlier, everything)
        report = send(office, file, everything)
        known, _ = state(office)
        after.append({one: facts[1:3] for one, facts in known.items() if facts[3]} if report.applied else None)
    assert after[0] == after[1] or known_managers(first, file)


def known_managers(first: list[Cells], file: list[Cells]) -> bool:
    """Whether a row names somebody whom only the earlier file knows, or who leaves."""
    named = {value.lower() for one in file for key, value in one.items() if key.startswith("manager") and value}
    here = {word for one in file for word in (one["external_id"], one["email"], one["display_name"].lower())}
    return bool(named - here) or any(one["active"] == "no" or one["end_date"] for one in (*first, *file))


@QUIET
@given(rows(), st.lists(st.integers(0, 2), max_size=4))
def test_however_often_the_task_comes_round_the_end_is_the_same(
    office: Office, file: list[Cells], pauses: list[int]
) -> None:
    ends = []
    for steps in ([6], [*pauses, 6]):
        office.emptied()
        send(office, file, Options(partial=True))
        for days in steps:
            office.now = min(office.now + timedelta(days=days), NOW + timedelta(days=6))
            with office.unit() as unit:
                apply_due(unit)
        known, kept = state(office)
        ends.append(({one: facts[:5] for one, facts in known.items()}, kept))
    assert ends[0] == ends[1]
