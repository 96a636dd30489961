"""Finding persons, teams, objectives and key results by parts of their names. Three statements.

Every word asked for must occur; a title that begins with the question comes first, then one with a word that does.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, Text, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from chassis.http.pages import paged
from chassis.statements import constant
from chassis.tables import PEOPLE, TEAMS
from gateway.projection.folding import folded
from gateway.projection.models import CYCLES, KEY_RESULTS, OBJECTIVES, SEARCH
from gateway.queries.cards import Card, titled
from gateway.queries.freshness import as_of

KINDS = ("person", "team", "objective", "key_result")
MOST_WORDS = 8
SORTED_BY = 80
"""Characters of a title that count for its place."""


def search(
    session: Session, question: str, *, kinds: Collection[str] = KINDS, limit: int = 20, cursor: str | None = None
) -> Card:
    """A page of what was found, best first. A question without any letter finds nothing."""
    ranked = _ranked(folded(question), kinds or KINDS)
    order = [ranked.c.rank, ranked.c.place, ranked.c.id]
    page = paged(session, select(ranked.c.id), order, limit, cursor)
    details = {row.id: row for row in session.execute(_details(page["items"]))} if page["items"] else {}
    return {
        "as_of": as_of(session),
        "items": [_hit(details[id_]) for id_ in page["items"] if id_ in details],
        "next": page["next"],
    }


def _ranked(question: str, kinds: Collection[str]) -> Subquery:
    words = question.split()[:MOST_WORDS]
    found = [SEARCH.c.words.contains(word, autoescape=True) for word in words]
    return (
        select(
            SEARCH.c.id,
            _rank(question).label("rank"),
            func.substr(SEARCH.c.folded, 1, SORTED_BY, type_=Text).label("place"),
        )
        .outerjoin(KEY_RESULTS, KEY_RESULTS.c.id == SEARCH.c.id)
        .outerjoin(OBJECTIVES, OBJECTIVES.c.id == KEY_RESULTS.c.objective_id)
        .where(SEARCH.c.shown == true(), SEARCH.c.kind.in_(list(kinds)), *(found or [SEARCH.c.id.is_(None)]))
        .where(OBJECTIVES.c.state.is_distinct_from(constant("deleted")))
        .subquery("ranked")
    )


def _rank(question: str) -> ColumnElement[int]:
    return case(
        (SEARCH.c.folded == question, 0),
        (SEARCH.c.folded.startswith(question, autoescape=True), 1),
        (SEARCH.c.folded.contains(f" {question}", autoescape=True), 2),
        else_=3,
    )


def _details(ids: Collection[str]) -> Select[Any]:
    """What helps to tell the hits apart: job title, owner, cycle, objective."""
    owner_person, owner_team, parent = PEOPLE.alias("owner_person"), TEAMS.alias("owner_team"), TEAMS.alias("above")
    return (
        select(SEARCH.c.id, SEARCH.c.kind, SEARCH.c.title)
        .add_columns(PEOPLE.c.title.label("job"), parent.c.name.label("parent_name"))
        .add_columns(KEY_RESULTS.c.objective_id, OBJECTIVES.c.title.label("objective_title"))
        .add_columns(func.coalesce(owner_person.c.display_name, owner_team.c.name).label("owner_name"))
        .add_columns(CYCLES.c.name.label("cycle_name"))
        .select_from(SEARCH)
        .outerjoin(PEOPLE, PEOPLE.c.id == SEARCH.c.id)
        .outerjoin(TEAMS, TEAMS.c.id == SEARCH.c.id)
        .outerjoin(parent, parent.c.id == TEAMS.c.parent_id)
        .outerjoin(KEY_RESULTS, KEY_RESULTS.c.id == SEARCH.c.id)
        .outerjoin(OBJECTIVES, or_(OBJECTIVES.c.id == SEARCH.c.id, OBJECTIVES.c.id == KEY_RESULTS.c.objective_id))
        .outerjoin(owner_person, owner_person.c.id == OBJECTIVES.c.owner_id)
        .outerjoin(owner_team, and_(owner_team.c.id == OBJECTIVES.c.owner_id, OBJECTIVES.c.owner_kind == "team"))
        .outerjoin(CYCLES, CYCLES.c.id == OBJECTIVES.c.cycle_id)
        .where(SEARCH.c.id.in_(list(ids)))
    )


def _hit(row: Row[Any]) -> Card:
    said = {
        "person": [row.job],
        "team": [row.parent_name],
        "objective": [row.owner_name, row.cycle_name],
        "key_result": [row.objective_title, row.cycle_name],
    }
    within = titled("objective", row.objective_id, row.objective_title) if row.kind == "key_result" else None
    return {
        "kind": row.kind,
        "id": row.id,
        "title": row.title,
        "detail": " · ".join(filter(None, said[row.kind])) or None,
        "objective": within,
        "href": f"/api/v1/{_PLURALS[row.kind]}/{row.id}",
    }


_PLURALS = {"person": "persons", "team": "teams", "objective": "objectives", "key_result": "key-results"}
