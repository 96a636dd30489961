"""Telling people once that check-ins fell due: a task that comes round every few minutes and repeats nothing."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from chassis import cadence
from chassis.roster import Roster
from chassis.unit import Unit
from services.checkins.models import DueNotice
from services.checkins.models.check_in import notice_id
from services.checkins.models.watching import Open, open_key_results, waiting_in

LOOK_BACK = timedelta(days=9)
"""No due date that is still current anywhere lies further back."""


def tell_due(unit: Unit) -> None:
    """Publish CheckInFellDue for every active person whose latest due date has come and is not answered."""
    roster = Roster(unit.session)
    told = _told(unit)
    for person_id, due_on, key_result_ids in _fallen(unit, roster):
        if (person_id, due_on) not in told:
            _tell(unit, person_id, due_on, key_result_ids)


def _fallen(unit: Unit, roster: Roster) -> Iterator[tuple[str, date, list[str]]]:
    """Persons with their latest due date and the key results that wait."""
    now = unit.now()
    for person_id, opened in sorted(_by_person(open_key_results(unit.session, roster)).items()):
        person = roster.person(person_id)
        if person is None or not person.active:
            continue
        waiting = [one for one in opened if waiting_in(one, roster, now, person_id) is not None]
        if waiting:
            due_on = cadence.fallen_due(now, roster.zone(person_id))
            yield person_id, due_on, sorted(one.subject.id for one in waiting)


def _by_person(opened: list[Open]) -> dict[str, list[Open]]:
    found: dict[str, list[Open]] = defaultdict(list)
    for one in opened:
        for person_id in one.answerable:
            found[person_id].append(one)
    return found


def _told(unit: Unit) -> set[tuple[str, date]]:
    recent = DueNotice.due_on >= unit.now().date() - LOOK_BACK
    return {
        (row[0], row[1]) for row in unit.session.execute(select(DueNotice.person_id, DueNotice.due_on).where(recent))
    }


def _tell(unit: Unit, person_id: str, due_on: date, key_result_ids: list[str]) -> None:
    """The row decides: whoever writes it tells, so that two workers do not tell twice."""
    insert = sqlite.insert if unit.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    notice = DueNotice(
        id=notice_id(person_id, due_on),
        person_id=person_id,
        due_on=due_on,
        key_result_ids=key_result_ids,
        told_at=unit.now(),
    )
    row = {column.name: getattr(notice, column.name) for column in DueNotice.__table__.columns}
    fresh = insert(DueNotice).values(row).on_conflict_do_nothing().returning(DueNotice.id)
    if unit.session.execute(fresh).first() is not None:
        unit.publish(notice.event())
