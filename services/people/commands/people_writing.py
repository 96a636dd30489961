"""Writing what was decided about people, in chunks: their rows, their memberships, and an event for each change."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import Table, bindparam, delete, insert, text, update
from sqlalchemy.orm import Session

from chassis.db import on_sqlite
from chassis.rows import insert_all
from chassis.unit import Unit
from contracts.people import PersonState
from services.people.commands.person_steps import PersonStep
from services.people.models import Membership, Person, derived
from services.people.rules.fields import folded

CHUNK = 1000
MANY = 5000
"""So many changes make what PostgreSQL knows of the table worthless."""
PEOPLE: Table = Person.__table__  # type: ignore[assignment]
MEMBERSHIPS: Table = Membership.__table__  # type: ignore[assignment]
_CHANGE = (
    update(PEOPLE)
    .where(PEOPLE.c.id == bindparam("known_id"))
    .values({column.name: bindparam(column.name) for column in PEOPLE.c if not column.primary_key})
)


def write_people(unit: Unit, steps: Sequence[PersonStep]) -> None:
    """Write and publish the steps that change something. The people are locked: their versions are what they were."""
    steps = [step for step in steps if step.what != "unchanged"]
    _free_emails(unit.session, steps)
    for start in range(0, len(steps), CHUNK):
        if start:
            # What the last chunk publishes is left to the unit, which wakes the relay when it finds something.
            unit.write_outbox()
        _write(unit, steps[start : start + CHUNK])
    if len(steps) >= MANY and not on_sqlite(unit.session):
        # PostgreSQL would find out by itself a minute later; until then it asks a table it believes to be small in a
        # way that takes four times as long.
        unit.session.execute(text("ANALYZE people"))


def _write(unit: Unit, steps: Sequence[PersonStep]) -> None:
    after = [step.after() for step in steps]
    for state in after:
        unit.publish(state)
    session = unit.session
    if new := [_row(state) for state in after if state.version == 1]:
        insert_all(session, PEOPLE, new)
    if known := [{**_row(state), "known_id": state.id} for state in after if state.version > 1]:
        session.execute(_CHANGE, known)
    # Somebody may come twice, with what fell due on two days: what holds last counts.
    moved = {state.id: state for step, state in zip(steps, after, strict=True) if "team_ids" in step.changes}
    if left := [state.id for state in moved.values() if state.version > 1]:
        session.execute(delete(MEMBERSHIPS).where(MEMBERSHIPS.c.person_id.in_(left)))
    if joined := [{"person_id": state.id, "team_id": team} for state in moved.values() for team in state.team_ids]:
        session.execute(insert(MEMBERSHIPS), joined)


def _row(state: PersonState) -> dict[str, Any]:
    row = {**asdict(state), **derived(state)}
    del row["team_ids"]
    return row


def _free_emails(session: Session, steps: Sequence[PersonStep]) -> None:
    """Let go of the addresses that move from one person to another, so that no order of the updates collides."""
    moving = [step for step in steps if "email" in step.changes]
    holders = {folded(step.present.email): step.id for step in moving if step.present}
    keys = ((holders.get(folded(step.changes["email"])), step.id) for step in moving)
    giving_up = sorted({holder for holder, taker in keys if holder and holder != taker})
    for start in range(0, len(giving_up), CHUNK):
        here = PEOPLE.c.id.in_(giving_up[start : start + CHUNK])
        session.execute(update(PEOPLE).where(here).values(email_key=PEOPLE.c.id))
