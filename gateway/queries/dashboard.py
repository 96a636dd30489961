"""One person's own page: what they own, what waits for them, what others said. Five statements whatever the size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, or_
from sqlalchemy.orm import Session

from gateway.projection.models import KEY_RESULTS, OBJECTIVES, OWNERS
from gateway.queries.cadence import local_day
from gateway.queries.cards import (
    Card,
    key_result_card,
    key_results,
    objective_card,
    objectives,
    running,
    titled,
)
from gateway.queries.given import recent_feedback
from gateway.queries.people import person_card, profile, teams_of

ROLES = ("owner", "co_owner", "team")
"""How one may stand to an objective, the closest first."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose dashboard it is, as far as responsibility goes."""

    id: str
    today: date
    zone: str
    teams: tuple[str, ...]
    answering_for: frozenset[str]
    """Teams this person leads, or belongs to while nobody leads them."""


def dashboard(session: Session, person_id: str, now: datetime) -> Card:
    """The page of a person, as of `now`. Raises NotFound for a person not heard of."""
    me = profile(session, person_id, with_unread=True)
    teams = teams_of(session, person_id)
    viewer = _viewer(me, teams, now)
    owned = _objectives(session, viewer)
    due = _with_key_results(session, viewer, owned)
    return {
        "as_of": me.newest,
        "person": person_card(me, teams),
        "objectives": list(owned.values()),
        "due": due,
        "feedback": recent_feedback(session, person_id),
        "unread": me.unread,
    }


def _viewer(me: Row[Any], teams: Sequence[Row[Any]], now: datetime) -> Viewer:
    led = frozenset(team.id for team in teams if team.lead_id in (None, me.id))
    return Viewer(me.id, local_day(now, me.time_zone), me.time_zone, tuple(team.id for team in teams), led)


def _objectives(session: Session, viewer: Viewer) -> dict[str, Card]:
    """Objectives in open cycles that the person owns, co-owns, or has through a team; each once, the closest role."""
    found: dict[str, Card] = {}
    rows = session.execute(_owned(), {"owner_ids": [viewer.id, *viewer.teams]})
    for row in sorted(rows, key=_place):
        found.setdefault(row.id, {**objective_card(row), "role": _role(row), "key_results": []})
    return found


@cache
def _owned() -> Select[Any]:
    return (
        objectives(OWNERS.c.owner_id.in_(bindparam("owner_ids", expanding=True)), running())
        .join(OWNERS, OWNERS.c.objective_id == OBJECTIVES.c.id)
        .add_columns(OWNERS.c.owner_kind.label("standing"), OWNERS.c.role)
    )


def _role(row: Row[Any]) -> str:
    return "team" if row.standing == "team" else str(row.role)


def _place(row: Row[Any]) -> tuple[Any, ...]:
    """Own objectives first, then by the end of their cycle and their title."""
    return ROLES.index(_role(row)), row.ends_on or date.max, row.title, row.id


def _with_key_results(session: Session, viewer: Viewer, owned: dict[str, Card]) -> list[Card]:
    """Hang the key results under their objectives; answers those that wait for the person's check-in."""
    due = []
    for row in session.execute(_measured(), {"objective_ids": list(owned), "person_id": viewer.id}):
        card = key_result_card(row, viewer.today, viewer.zone)
        if row.objective_id in owned:
            owned[row.objective_id]["key_results"].append(card)
        if card["waiting"] and _answers_for(viewer, row):
            due.append(_due_card(row, card))
    return sorted(due, key=lambda one: (one["due_on"] or date.min, one["key_result"]["title"]))


@cache
def _measured() -> Select[Any]:
    shown = KEY_RESULTS.c.objective_id.in_(bindparam("objective_ids", expanding=True))
    return key_results(or_(shown, KEY_RESULTS.c.owner_id == bindparam("person_id")), running())


def _answers_for(viewer: Viewer, row: Row[Any]) -> bool:
    """Whether the check-in is this person's: owner of the key result, else of the objective, else the team's lead."""
    if row.owner_id is not None:
        return bool(row.owner_id == viewer.id)
    if row.objective_owner_kind == "team":
        return row.objective_owner_id in viewer.answering_for
    return bool(row.objective_owner_id == viewer.id)


def _due_card(row: Row[Any], card: Card) -> Card:
    return {
        "key_result": titled("key_result", row.id, row.title),
        "objective": titled("objective", row.objective_id, row.objective_title),
        "status": row.status,
        "last_as_of": row.last_as_of,
        **card["waiting"],
    }
