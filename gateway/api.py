"""The aggregated reads over HTTP: each is one question to the read model, so a service that is down harms none.

The answers are written to JSON as they are; the schemas only document them. Their ETag is weak and says nothing
about `as_of`: an answer is the same as before even though newer events, about other things, are known by now.
"""

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import msgspec
from flask import Response, current_app, g, request

from chassis.cadence import local_day
from chassis.http import Blueprint, actor, consistency, reads, session
from chassis.http.call import site
from chassis.http.pages import next_link
from chassis.http.tags import unchanged
from gateway import schemas
from gateway.kept import EXTENSION, Kept, ids_in
from gateway.queries import activity, alignment, dashboard, hand_over, organisation, persons, search, teams
from gateway.queries.cycles import cycle, cycle_card
from gateway.queries.me import me, require_person

blp = Blueprint("overviews", __name__, url_prefix="/api/v1", description="Everything on one page, from one database.")


@blp.get("/me")
@reads("gateway", "overview.read")
@blp.response(200, schemas.Me)
def get_me() -> Response:
    """Who is asking: the person or service account behind the token."""
    return _answer(me(session(), actor()))


@blp.get("/dashboard")
@reads("gateway", "dashboard.read")
@blp.response(200, schemas.Dashboard)
def get_dashboard() -> Response:
    """Your own page: objectives with key results, what is due, recent feedback, unread notifications."""
    person_id = require_person(actor(), "dashboard", "ask for a person's or team's overview instead")
    now = _now()
    return _kept_answer(("dashboard", person_id), now, lambda: dashboard.dashboard(session(), person_id, now))


@blp.get("/persons/<uuid:person_id>/overview")
@reads("gateway", "overview.read")
@blp.response(200, schemas.PersonOverview)
def get_person_overview(person_id: str) -> Response:
    """A person's objectives, latest check-ins, public praise and reports."""
    return _answer(persons.overview(session(), person_id, _now()))


@blp.get("/hand-over")
@reads("gateway", "hand_over.read")
@blp.arguments(schemas.HandOverArgs, location="query")
@blp.response(200, schemas.HandOverPage)
def list_hand_over(given: dict[str, Any]) -> Response:
    """What people who left still answer for and you have to give to somebody: you are the nearest manager above.

    What nobody above them is here for falls to HR and admins.
    """
    return _answer(hand_over.asked_for(session(), actor(), **given))


@blp.get("/persons/<uuid:person_id>/hand-over")
@reads("gateway", "overview.read")
@blp.arguments(schemas.LeftBehindArgs, location="query")
@blp.response(200, schemas.HandOverPage)
def list_left_behind(given: dict[str, Any], person_id: str) -> Response:
    """What one person answers for and would leave behind, or has left behind."""
    return _answer(hand_over.left_by(session(), person_id, **given))


@blp.get("/teams/<uuid:team_id>/overview")
@reads("gateway", "overview.read")
@blp.response(200, schemas.TeamOverview)
def get_team_overview(team_id: str) -> Response:
    """A team's objectives, and how its members and the teams below it stand."""
    return _answer(teams.overview(session(), team_id, _now()))


@blp.get("/cycles/<uuid:cycle_id>/alignment")
@reads("gateway", "overview.read")
@blp.arguments(schemas.AlignmentArgs, location="query")
@blp.response(200, schemas.AlignmentTree)
def get_alignment(given: dict[str, Any], cycle_id: str) -> Response:
    """The objectives of a cycle as a tree of who contributes to what, whole or below a node.

    An objective with several parents stands under each; what is below it is written out once.
    """
    now, root, depth = _now(), given.get("root"), given["depth"]
    return _kept_answer(
        ("alignment", cycle_id, root, depth),
        now,
        lambda: alignment.alignment(session(), cycle_id, local_day(now), root, depth),
    )


@blp.get("/organisation/overview")
@reads("gateway", "overview.read")
@blp.arguments(schemas.CycleArgs, location="query")
@blp.response(200, schemas.OrganisationOverview)
def get_organisation_overview(given: dict[str, Any]) -> Response:
    """The whole organisation in a cycle: progress, risk, staleness, and who has no objective."""
    return _answer(organisation.overview(session(), given.get("cycle_id"), _now()))


@blp.get("/organisation/coverage")
@reads("gateway", "overview.read")
@blp.arguments(schemas.CoverageArgs, location="query")
@blp.response(200, schemas.CoveragePage)
def list_people_without_objective(given: dict[str, Any]) -> Response:
    """Active persons without an objective in a cycle, by name."""
    chosen = cycle(session(), given.pop("cycle_id", None), local_day(_now()))
    page = organisation.people_without(session(), chosen.id, **given)
    return _answer({"as_of": chosen.newest, "cycle": cycle_card(chosen), **page})


@blp.get("/activity")
@reads("gateway", "overview.read")
@blp.arguments(schemas.ActivityArgs, location="query")
@blp.response(200, schemas.ActivityPage)
def list_activity(given: dict[str, Any]) -> Response:
    """Check-ins, public praise, objectives begun and closed; newest first."""
    return _answer(activity.activity(session(), **given))


@blp.get("/search")
@reads("gateway", "overview.read")
@blp.arguments(schemas.SearchArgs, location="query")
@blp.response(200, schemas.SearchPage)
def search_everything(given: dict[str, Any]) -> Response:
    """Find persons, teams, objectives and key results by parts of their names, best match first."""
    return _answer(search.search(session(), given.pop("q"), **given))


def _now() -> datetime:
    return site().runtime.clock()


@dataclass(frozen=True, slots=True)
class _Content:
    """An answer without `as_of`, which is of no one's making."""

    encoded: bytes
    tag: str
    next: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether time alone has not changed it."""
        return self.until is None or self.since is None or self.since <= now < self.until


def _kept_answer(key: Hashable, now: datetime, work_out: Callable[[], dict[str, Any]]) -> Response:
    """The answer kept under the key, if it holds still; else what is worked out, which is kept."""
    kept = cast(Kept, current_app.extensions[EXTENSION])
    # Sign-in has looked already; but waiting for somebody's own writes comes after it, and they are to be seen.
    awaited = consistency.HEADER in request.headers
    edition = None if awaited else g.get("cairn_edition")
    if edition is None:
        edition = kept.look(sure=awaited)
    found = kept.find(key)
    if found is not None and found[0].holds(now):
        return _told(found[0], found[1])
    card = work_out()
    as_of, about, until = card.pop("as_of"), card.pop("about"), card.pop("until")
    content = _content(card, now, until)
    kept.keep(key, content, about | ids_in(card), len(content.encoded), edition)
    return _told(content, as_of)


def _answer(card: dict[str, Any]) -> Response:
    as_of = card.pop("as_of")
    return _told(_content(card), as_of)


def _content(card: dict[str, Any], since: datetime | None = None, until: datetime | None = None) -> _Content:
    encoded = msgspec.json.encode(card)
    tag = f'"{hashlib.blake2b(encoded, digest_size=12).hexdigest()}"'
    return _Content(encoded, tag, card.get("next"), since, until)


def _told(content: _Content, as_of: datetime | None) -> Response:
    """The answer as JSON with its tag, or 304 where the caller holds it already."""
    if unchanged(request.headers.get("If-None-Match"), content.tag):
        answer = Response(status=304)
        del answer.headers["Content-Type"]
    else:
        body = b'{"as_of":' + msgspec.json.encode(as_of) + b"," + content.encoded[1:]
        answer = Response(body, content_type="application/json")
    answer.headers["ETag"] = f"W/{content.tag}"
    if content.next:
        answer.headers["Link"] = next_link(request.path, request.args, content.next)
    return answer
