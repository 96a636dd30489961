"""Large people files with 200 seeded faults of every kind: 200 found, none invented, the others come in."""

from collections.abc import Callable, Iterable

import pytest

from services.people.commands.filing import Options, Outcome, Report
from services.people.commands.people_file import apply_people
from services.people.layouts.understanding import understand
from services.people.layouts.understood import Asked
from tests.support.defects import Seeded, in_a_german_layout, in_our_layout
from tests.support.people import Office

pytestmark = pytest.mark.slow


def imported(office: Office, seeded: Seeded, **options: bool) -> Report:
    found = understand(seeded.data, Asked())
    with office.unit() as unit:
        return apply_people(unit, found.table, Options(today=office.now.date(), **options), found.skipped)


def by_themselves(results: Iterable[Outcome]) -> dict[int, set[str | None]]:
    """The rejected lines, each with the columns to blame, but for those that only stand below a rejected one."""
    return {
        one.row: {wrong.column for wrong in one.wrong}
        for one in results
        if one.row is not None and one.what == "rejected" and not fell(one)
    }


def fell(outcome: Outcome) -> bool:
    return all(
        "This row needs line" in one.wrong.reason or "This row is right" in one.wrong.reason for one in outcome.wrong
    )


@pytest.mark.parametrize("made", [in_our_layout, in_a_german_layout])
def test_every_fault_is_found_none_is_invented_and_the_others_come_in(
    office: Office, made: Callable[[], Seeded]
) -> None:
    seeded = made()
    expected = {defect.line: defect for defect in seeded.defects}
    assert len(expected) == 200

    report = imported(office, seeded, dry_run=True)
    found = by_themselves(report.results)
    assert found.keys() == expected.keys()
    headers = understand(seeded.data, Asked()).recognised
    for line, columns in found.items():
        blamed = expected[line].column
        assert columns <= {blamed, blamed and headers.header_of(blamed)}, expected[line]
    assert {one.row for one in report.results if one.what == "rejected" and fell(one)} == seeded.hanging
    assert (report.rows, report.rejected_rows) == (seeded.rows, 200 + len(seeded.hanging))

    assert not imported(office, seeded).applied
    assert office.get("/persons", limit=1)["items"] == []
    report = imported(office, seeded, partial=True)
    assert (report.applied, report.created) == (True, seeded.rows - 200 - len(seeded.hanging))
    assert len(office.said()) == report.created
    again = imported(office, seeded, partial=True)
    assert (again.created, again.changed, again.unchanged) == (0, 0, report.created)
    assert len(office.said()) == report.created
