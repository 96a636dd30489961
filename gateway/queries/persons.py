"""A person as colleagues see them: objectives, check-ins, public praise, reports."""

from datetime import datetime

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from chassis.tables import PEOPLE
from gateway.projection.models import CHECK_INS, FEEDBACK, OBJECTIVES, OWNERS
from gateway.queries.cadence import local_day
from gateway.queries.cards import Card, named, objectives, running, with_key_results
from gateway.queries.given import PUBLIC, recent_check_ins, recent_feedback
from gateway.queries.people import person_card, profile, teams_of


def overview(session: Session, person_id: str, now: datetime) -> Card:
    """What anybody may know about a person's goals. Seven statements. Raises NotFound."""
    who = profile(session, person_id)
    return {
        "as_of": who.newest,
        "person": person_card(who, teams_of(session, person_id)),
        "reports": _reports(session, person_id),
        "objectives": _objectives(session, person_id, now, who.time_zone),
        "check_ins": recent_check_ins(session, CHECK_INS.c.author_id == person_id),
        "praise": recent_feedback(
            session, FEEDBACK.c.recipient_id == person_id, FEEDBACK.c.visibility == PUBLIC, FEEDBACK.c.kind == "praise"
        ),
    }


def _reports(session: Session, person_id: str) -> list[Card]:
    mine = select(PEOPLE.c.id, PEOPLE.c.display_name).where(PEOPLE.c.manager_id == person_id, PEOPLE.c.active == true())
    rows = session.execute(mine.order_by(PEOPLE.c.display_name, PEOPLE.c.id))
    return [named("person", row.id, row.display_name) for row in rows]


def _objectives(session: Session, person_id: str, now: datetime, zone: str) -> list[Card]:
    """What the person owns or co-owns in cycles that are not closed."""
    owned = select(OWNERS.c.objective_id).where(OWNERS.c.owner_id == person_id)
    rows = session.execute(
        objectives(OBJECTIVES.c.id.in_(owned), running()).order_by(OBJECTIVES.c.title, OBJECTIVES.c.id)
    )
    return with_key_results(session, rows, local_day(now, zone), zone)
