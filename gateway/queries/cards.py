"""Objectives and key results as every aggregate answer shows them, with names in place of bare ids.

Each list is one statement that brings the names along; what is referred to and not known yet has a stand-in name.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, false, func, select
from sqlalchemy.orm import Session

from chassis.statements import constant
from chassis.tables import PEOPLE, TEAMS
from gateway.projection.models import CHECK_INS, CYCLES, KEY_RESULTS, OBJECTIVES
from gateway.queries.cadence import waiting_of

Card = dict[str, Any]

UNKNOWN = {
    "person": "Unknown person",
    "team": "Unknown team",
    "cycle": "Unknown cycle",
    "objective": "Unknown objective",
    "key_result": "Unknown key result",
}
"""Names for what others refer to and nobody has told us about yet."""

BEGUN = OBJECTIVES.c.state.not_in([constant("draft"), constant("deleted")])
"""That an objective is or was more than a draft."""
_OWNER = PEOPLE.alias("owner_person")
_OWNING_TEAM = TEAMS.alias("owner_team")
_RESPONSIBLE = PEOPLE.alias("responsible")
_AUTHOR = PEOPLE.alias("author")
_LAST = CHECK_INS.alias("last_check_in")


def named(kind: str, id_: str, name: str | None) -> Card:
    """A reference with its name."""
    return {"id": id_, "name": name or UNKNOWN[kind]}


def titled(kind: str, id_: str, title: str | None) -> Card:
    """A reference to an objective or key result with its title."""
    return {"id": id_, "title": title or UNKNOWN[kind]}


def person(id_: str | None, name: str | None) -> Card | None:
    return None if id_ is None else named("person", id_, name)


def objectives(*conditions: ColumnElement[bool]) -> Select[Any]:
    """A statement for objectives with the names of their owners and cycles, deleted ones left out."""
    owner = func.coalesce(_OWNER.c.display_name, _OWNING_TEAM.c.name).label("owner_name")
    return (
        select(
            OBJECTIVES.c.id,
            OBJECTIVES.c.title,
            OBJECTIVES.c.kind,
            OBJECTIVES.c.state,
            OBJECTIVES.c.progress,
            OBJECTIVES.c.status,
            OBJECTIVES.c.grade,
            OBJECTIVES.c.owner_kind,
            OBJECTIVES.c.owner_id,
            OBJECTIVES.c.cycle_id,
            owner,
            CYCLES.c.name.label("cycle_name"),
            CYCLES.c.ends_on,
        )
        .select_from(OBJECTIVES)
        .outerjoin(_OWNER, and_(_OWNER.c.id == OBJECTIVES.c.owner_id, OBJECTIVES.c.owner_kind == "person"))
        .outerjoin(_OWNING_TEAM, and_(_OWNING_TEAM.c.id == OBJECTIVES.c.owner_id, OBJECTIVES.c.owner_kind == "team"))
        .outerjoin(CYCLES, CYCLES.c.id == OBJECTIVES.c.cycle_id)
        .where(OBJECTIVES.c.state != constant("deleted"), *conditions)
    )


def objective_card(row: Row[Any]) -> Card:
    """One row of `objectives`, without its key results."""
    return {
        "id": row.id,
        "title": row.title,
        "kind": row.kind,
        "state": row.state,
        "progress": row.progress,
        "status": row.status,
        "grade": row.grade,
        "owner": owner_card(row.owner_kind, row.owner_id, row.owner_name),
        "cycle": named("cycle", row.cycle_id, row.cycle_name),
    }


def owner_card(kind: str, id_: str, name: str | None) -> Card:
    """A person or team that owns something."""
    return {"kind": kind, **named("team" if kind == "team" else "person", id_, name)}


def running(cycle_id: ColumnElement[str]) -> ColumnElement[bool]:
    """That what lives in this cycle is shown as going on: it is not closed. One not heard of yet counts as open.

    As a list of the closed ones, of which PostgreSQL thinks that it leaves half of everything. Of the state of a single
    cycle it would think that it leaves nothing, begin with all objectives, and look for their owners one by one.
    """
    return cycle_id.not_in(select(CYCLES.c.id).where(CYCLES.c.state == constant("closed")))


def key_results(*conditions: ColumnElement[bool]) -> Select[Any]:
    """A statement for key results with their objective, cycle, owner and latest check-in; removed ones left out."""
    return (
        select(
            *(column for column in KEY_RESULTS.columns if column.name not in _NOT_SHOWN),
            OBJECTIVES.c.title.label("objective_title"),
            OBJECTIVES.c.state.label("objective_state"),
            OBJECTIVES.c.owner_kind.label("objective_owner_kind"),
            OBJECTIVES.c.owner_id.label("objective_owner_id"),
            CYCLES.c.starts_on,
            CYCLES.c.ends_on,
            _RESPONSIBLE.c.display_name.label("owner_name"),
            *(column.label(f"last_{column.name}") for column in _LAST.columns if column.name in _SAID),
            _AUTHOR.c.display_name.label("last_author_name"),
        )
        .select_from(KEY_RESULTS)
        .outerjoin(OBJECTIVES, OBJECTIVES.c.id == KEY_RESULTS.c.objective_id)
        .outerjoin(CYCLES, CYCLES.c.id == KEY_RESULTS.c.cycle_id)
        .outerjoin(_RESPONSIBLE, _RESPONSIBLE.c.id == KEY_RESULTS.c.owner_id)
        .outerjoin(_LAST, _LAST.c.id == _latest())
        .outerjoin(_AUTHOR, _AUTHOR.c.id == _LAST.c.author_id)
        .where(KEY_RESULTS.c.removed == false(), OBJECTIVES.c.state.is_distinct_from(constant("deleted")), *conditions)
        .order_by(KEY_RESULTS.c.objective_id, KEY_RESULTS.c.id)
    )


_NOT_SHOWN = frozenset({"version", "external_id", "removed", "cycle_id"})
_SAID = frozenset({"id", "author_id", "value", "confidence", "status", "note", "blockers", "as_of", "submitted_at"})


def _latest() -> ColumnElement[Any]:
    """The id of the key result's latest check-in: by the day it is true for, then by when it was made."""
    return (
        select(CHECK_INS.c.id)
        .where(CHECK_INS.c.key_result_id == KEY_RESULTS.c.id, CHECK_INS.c.withdrawn == false())
        .order_by(CHECK_INS.c.as_of.desc(), CHECK_INS.c.submitted_at.desc(), CHECK_INS.c.id.desc())
        .limit(1)
        .correlate(KEY_RESULTS)
        .scalar_subquery()
    )


def key_result_card(row: Row[Any], now: datetime, zone: str = "UTC") -> Card:
    """One row of `key_results`, with what it waits for by the clock of a time zone."""
    waits = waiting_of(row, now, zone)
    done = set(row.milestones_done)
    return {
        "id": row.id,
        "title": row.title,
        "owner": person(row.owner_id, row.owner_name),
        "metric": row.metric,
        "unit": row.unit,
        "currency": row.currency,
        "start": row.start,
        "target": row.target,
        "lower": row.lower,
        "upper": row.upper,
        "value": row.value,
        "milestones": [{"title": one["title"], "done": one["id"] in done} for one in row.milestones],
        "weight": row.weight,
        "progress": row.progress,
        "progress_raw": row.progress_raw,
        "confidence": row.confidence,
        "status": row.status,
        "as_of": row.as_of,
        "open": row.open,
        "last_check_in": _last_check_in(row),
        "waiting": asdict(waits) if waits else None,
    }


def _last_check_in(row: Row[Any]) -> Card | None:
    if row.last_id is None:
        return None
    return {
        "id": row.last_id,
        "author": named("person", row.last_author_id, row.last_author_name),
        "as_of": row.last_as_of,
        "submitted_at": row.last_submitted_at,
        "value": row.last_value,
        "confidence": row.last_confidence,
        "status": row.last_status,
        "note": row.last_note,
        "blockers": row.last_blockers,
    }


def with_key_results(session: Session, rows: Iterable[Row[Any]], now: datetime, zone: str = "UTC") -> list[Card]:
    """The objectives of these rows, each with its key results; one statement."""
    cards = {row.id: {**objective_card(row), "key_results": []} for row in rows}
    if cards:
        for row in session.execute(_key_results_of(), {"objective_ids": list(cards)}):
            cards[row.objective_id]["key_results"].append(key_result_card(row, now, zone))
    return list(cards.values())


@cache
def _key_results_of() -> Select[Any]:
    return key_results(KEY_RESULTS.c.objective_id.in_(bindparam("objective_ids", expanding=True)))
