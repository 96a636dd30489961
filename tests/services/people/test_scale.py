"""A ministry of 98,009 people through one import: in time, in memory, everything told, and nothing the second time."""

import resource
import time

import pytest
from sqlalchemy import func, select

from chassis.tables import OUTBOX
from services.people.commands import apply_people
from services.people.commands.filing import Options, Report
from services.people.rules.table import Row, Table
from tests.support.people import ADMIN, Office
from tests.support.real_files import rows_of

PARTS = [f"uk_gov_organograms/expanded_dwp_98k_part{part}.csv" for part in (1, 2, 3)]
MEBIBYTE = 1024
"""ru_maxrss counts kibibytes."""


def ministry() -> Table:
    rows = []
    for post in (post for part in PARTS for post in rows_of(part)):
        email = f"{post['person_id']}@dwp.example.com"
        cells = {"external_id": post["person_id"], "email": email, "display_name": post["display_name"]}
        rows.append(Row(len(rows) + 2, cells | {"title": post["title"], "manager_external_id": post["manager_id"]}))
    return Table(rows)


def send(office: Office, options: Options) -> tuple[Report, float]:
    """The report, and the seconds of processor time that this process spent."""
    table, before = ministry(), time.process_time()
    with office.unit(ADMIN) as unit:
        report = apply_people(unit, table, options)
    return report, time.process_time() - before


def told(office: Office) -> int:
    with office.db.reading() as session:
        return session.execute(select(func.count()).select_from(OUTBOX)).scalar_one()


@pytest.mark.slow
def test_98_thousand_people_come_in_and_again_change_nothing(office: Office) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    first, seconds = send(office, Options(complete=True))
    assert (first.created, first.rejected_rows, len(first.results), told(office)) == (98_009, 0, 98_009, 98_009)
    again, seconds_again = send(office, Options(complete=True))
    assert (again.unchanged, again.omitted, again.changes, told(office)) == (98_009, 0, [], 98_009)
    assert seconds < 25
    assert seconds_again < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * MEBIBYTE
