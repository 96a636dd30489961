"""One person's own page: what they own, what waits for them, what others said. Few statements whatever the size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from chassis.roster import Reach, Roster, reach
from chassis.statements import among
from gateway.projection.models import KEY_RESULTS, OBJECTIVES, OWNERS
from gateway.queries.cadence import steady_until
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
from gateway.queries.hand_over import falling_to
from gateway.queries.people import person_card, profile, teams_of

ROLES = ("owner", "co_owner", "team")
"""How one may stand to an objective, the closest first."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose dashboard it is, as far as responsibility goes."""

    id: str
    active: bool
    now: datetime
    zone: str
    teams: tuple[str, ...]


def dashboard(session: Session, person_id: str, now: datetime) -> Card:
    """The page of a person, as of `now`, with the ids it was made `about`, and `until` when time alone changes nothing.

    Raises NotFound for a person not heard of.
    """
    me = profile(session, person_id, with_unread=True)
    teams = teams_of(session, person_id)
    viewer = Viewer(me.id, me.active, now, me.time_zone, tuple(team.id for team in teams))
    about = {me.id, *me.team_ids}
    owned = _objectives(session, viewer)
    reached = reach(session, [me.id])
    waiting = _with_key_results(session, viewer, owned, reached, about)
    return {
        "as_of": me.newest,
        "about": about,
        "until": steady_until(now, me.time_zone),
        "person": person_card(me, teams),
        "objectives": list(owned.values()),
        "due": _due(session, viewer, waiting, about),
        "hand_over": falling_to(session, me.id, me.roles, reached.people - {me.id}, about),
        "feedback": recent_feedback(session, person_id, about),
        "unread": me.unread,
    }


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
        objectives(OWNERS.c.owner_id.in_(bindparam("owner_ids", expanding=True)), running(OBJECTIVES.c.cycle_id))
        .join(OWNERS, OWNERS.c.objective_id == OBJECTIVES.c.id)
        .add_columns(OWNERS.c.owner_kind.label("standing"), OWNERS.c.role)
    )


def _role(row: Row[Any]) -> str:
    return "team" if row.standing == "team" else str(row.role)


def _place(row: Row[Any]) -> tuple[Any, ...]:
    """Own objectives first, then by the end of their cycle and their title."""
    return ROLES.index(_role(row)), row.ends_on or date.max, row.title, row.id


def _with_key_results(
    session: Session, viewer: Viewer, owned: dict[str, Card], reached: Reach, about: set[str]
) -> list[tuple[Row[Any], Card]]:
    """Hang the key results under their objectives; answers those the person may answer for that wait for a check-in."""
    waiting = []
    for row in session.execute(_measured(session, owned, reached, about)):
        about |= {row.id, row.objective_id, *_named(row)}
        card = key_result_card(row, viewer.now, viewer.zone)
        if row.objective_id in owned:
            owned[row.objective_id]["key_results"].append(card)
        if card["waiting"]:
            waiting.append((row, card))
    return waiting


def _measured(session: Session, owned: dict[str, Card], reached: Reach, about: set[str]) -> Select[Any]:
    """Key results of the objectives shown, of those the person may have to answer for, and of who left them theirs."""
    theirs = among(session, OBJECTIVES.c.owner_id, reached.owners)
    answering = set(session.scalars(select(OBJECTIVES.c.id).where(theirs, OBJECTIVES.c.state == "active")))
    about |= reached.owners | answering
    within = among(session, KEY_RESULTS.c.objective_id, owned.keys() | answering)
    return key_results(
        or_(within, among(session, KEY_RESULTS.c.owner_id, reached.people)), running(KEY_RESULTS.c.cycle_id)
    )


def _due(session: Session, viewer: Viewer, waiting: Sequence[tuple[Row[Any], Card]], about: set[str]) -> list[Card]:
    """Those of the waiting key results whose check-in is this person's, longest due first; none for one who left."""
    roster = Roster(session)
    roster.load(owner for row, _ in waiting for owner in _persons_named(row))
    roster.load_teams(row.objective_owner_id for row, _ in waiting if row.objective_owner_kind == "team")
    due = [_due_card(row, card) for row, card in waiting if viewer.active and viewer.id in _answerable(roster, row)]
    about |= roster.asked
    return sorted(due, key=lambda one: (one["due_on"], one["key_result"]["title"]))


def _named(row: Row[Any]) -> list[str]:
    """Whom a key result depends on for its check-ins, persons and teams."""
    return [one for one in (row.owner_id, row.objective_owner_id) if one is not None]


def _persons_named(row: Row[Any]) -> list[str]:
    owner = row.objective_owner_id if row.objective_owner_kind == "person" else None
    return [one for one in (row.owner_id, owner) if one is not None]


def _answerable(roster: Roster, row: Row[Any]) -> frozenset[str]:
    return roster.answerable(row.owner_id, row.objective_owner_kind, row.objective_owner_id)


def _due_card(row: Row[Any], card: Card) -> Card:
    return {
        "key_result": titled("key_result", row.id, row.title),
        "objective": titled("objective", row.objective_id, row.objective_title),
        "status": row.status,
        "last_as_of": row.last_as_of,
        **card["waiting"],
    }
