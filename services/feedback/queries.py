"""Reading feedback: what one person may see, as one predicate made from the same policy that guards a single one."""

from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from chassis import access, replica
from chassis.access import POLICY, Actor
from chassis.problems import NotFound
from chassis.tables import PEOPLE
from services.feedback.models import Feedback
from services.feedback.rules import PUBLIC, RECIPIENT_AND_MANAGER

READ = "feedback.read"


def _still_managed_by(actor: Actor) -> ColumnElement[bool]:
    return and_(
        Feedback.visibility == RECIPIENT_AND_MANAGER,
        Feedback.manager_id == actor.id,
        exists().where(PEOPLE.c.id == Feedback.recipient_id, PEOPLE.c.manager_id == actor.id),
    )


RELATIONS: Mapping[str, Callable[[Actor], ColumnElement[bool]]] = {
    "public": lambda _actor: Feedback.visibility == PUBLIC,
    "owner": lambda actor: Feedback.giver_id == actor.id,
    "subject": lambda actor: Feedback.recipient_id == actor.id,
    "manager": _still_managed_by,
}
"""How `Feedback.seen_by` reads in SQL, relation by relation."""


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Exactly those pieces for which `access.allowed(actor, "feedback.read", ...)` is true."""
    held = access.relations(actor, access.Thing("feedback", public=False))
    clauses = [RELATIONS[name](actor) for name in sorted(POLICY[READ] & RELATIONS.keys())]
    return or_(true() if POLICY[READ] & held else false(), *clauses)


def feedback(session: Session, actor: Actor, feedback_id: str) -> Feedback:
    """One piece. NotFound where there is none, and just the same where the actor may not read it."""
    found = session.get(Feedback, feedback_id)
    if found is None or not access.allowed(actor, READ, found.seen_by(_manager_now(session, found))):
        raise NotFound("There is no feedback with this id that you may read.")
    return found


def _manager_now(session: Session, feedback: Feedback) -> str | None:
    recipient = replica.person(session, feedback.recipient_id)
    return recipient.manager_id if recipient is not None else None


def readable(actor: Actor, **filters: str) -> Select[tuple[Feedback]]:
    """What the actor may read, as a statement for a page; every filter names a column and its value."""
    found = select(Feedback).where(visible_to(actor))
    for column, value in filters.items():
        found = found.where(getattr(Feedback, column) == value)
    return found
