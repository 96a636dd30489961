"""HTTP: making and changing check-ins, their history, and what waits for one."""

from typing import Any

from chassis.http import (
    Blueprint,
    Expected,
    PageArgs,
    actor,
    expected,
    page_args,
    reads,
    session,
    tagged,
    unit,
    with_header,
    writes,
)
from chassis.http.call import site
from chassis.problems import NotFound
from services.checkins import commands, queries, schemas
from services.checkins.commands import Statement

check_ins = Blueprint(
    "check-ins", __name__, url_prefix="/api/v1", description="What people say about their key results."
)
waiting = Blueprint("due", __name__, url_prefix="/api/v1", description="What is due and what has gone stale.")

Body = dict[str, Any]


@check_ins.post("/check-ins")
@writes("checkins", "check_in.write", status=201)
@check_ins.arguments(schemas.SubmitArgs, location="query")
@check_ins.arguments(schemas.NewCheckIns)
@check_ins.response(201, schemas.CheckIns)
def submit_check_ins(args: Body, body: Body) -> Body:
    """Make 1 to 50 check-ins, all or none."""
    statements = [Statement(**said) for said in body["check_ins"]]
    return {"check_ins": commands.submit(unit(), statements, upsert=args["upsert"])}


@check_ins.post("/key-results/<uuid:key_result_id>/check-ins")
@writes("checkins", "check_in.write", status=201)
@check_ins.arguments(schemas.KeyResultCheckIn)
@check_ins.response(201, schemas.CheckIn)
def submit_check_in(body: Body, key_result_id: str) -> Any:
    """Check in on one key result."""
    made = commands.submit_one(unit(), Statement(key_result_id=key_result_id, **body))
    with_header("Location", f"/api/v1/check-ins/{made.id}")
    return tagged(made)


@check_ins.get("/key-results/<uuid:key_result_id>/check-ins")
@reads("checkins", "check_in.read")
@check_ins.arguments(schemas.HistoryArgs, location="query")
@check_ins.response(200, schemas.CheckInPage)
def list_key_result_check_ins(filters: Body, key_result_id: str) -> Body:
    """The history of a key result, newest day first."""
    return queries.key_result_history(session(), actor(), key_result_id, page_args(filters), **filters)


@check_ins.get("/check-ins")
@reads("checkins", "check_in.read")
@check_ins.arguments(schemas.CheckInFilter, location="query")
@check_ins.response(200, schemas.CheckInPage)
def list_check_ins(filters: Body) -> Body:
    """Check-ins of the organisation, newest day first."""
    return queries.check_ins(session(), actor(), page_args(filters), **filters)


@check_ins.get("/check-ins/<uuid:check_in_id>")
@reads("checkins", "check_in.read")
@check_ins.response(200, schemas.CheckIn)
def read_check_in(check_in_id: str) -> Any:
    """One check-in, withdrawn or not."""
    return tagged(queries.check_in(session(), actor(), check_in_id))


@check_ins.patch("/check-ins/<uuid:check_in_id>")
@writes("checkins", "check_in.write", match=True)
@check_ins.arguments(schemas.Correction)
@check_ins.response(200, schemas.CheckIn)
def correct_check_in(body: Body, check_in_id: str) -> Any:
    """Correct a check-in; everything after it counts anew."""
    reason = body.pop("reason", None)
    return tagged(commands.correct(unit(), check_in_id, expected(), body, reason))


@check_ins.post("/check-ins/<uuid:check_in_id>/withdraw")
@writes("checkins", "check_in.write", match=True)
@check_ins.arguments(schemas.Withdrawal)
@check_ins.response(200, schemas.CheckIn)
def withdraw_check_in(body: Body, check_in_id: str) -> Any:
    """Take a check-in back, as if it had not been made."""
    reason, release = body.get("reason"), body["release"]
    return tagged(commands.withdraw(unit(), check_in_id, expected(), reason, release=release))


@check_ins.post("/check-ins/withdrawals")
@writes("checkins", "check_in.write")
@check_ins.arguments(schemas.Withdrawals)
@check_ins.response(200, schemas.CheckIns)
def withdraw_check_ins(body: Body) -> Body:
    """Take 1 to 50 check-ins back, all or none."""
    wanted = [(one["id"], Expected.of(one["version"])) for one in body["check_ins"]]
    return {"check_ins": commands.withdraw_all(unit(), wanted, body.get("reason"), release=body["release"])}


@check_ins.get("/check-ins/<uuid:check_in_id>/revisions")
@reads("checkins", "check_in.audit")
@check_ins.arguments(PageArgs, location="query")
@check_ins.response(200, schemas.RevisionPage)
def list_check_in_revisions(filters: Body, check_in_id: str) -> Body:
    """What a check-in said before each change, for those who answer for it and for auditors."""
    return queries.revisions(session(), actor(), check_in_id, page_args(filters))


@waiting.get("/persons/<uuid:person_id>/due")
@reads("checkins", "due.read")
@waiting.arguments(PageArgs, location="query")
@waiting.response(200, schemas.DuePage)
def list_due_of_person(filters: Body, person_id: str) -> Body:
    """What a person should check in on by now."""
    return _of_person(person_id, filters, only_stale=False)


@waiting.get("/persons/<uuid:person_id>/stale")
@reads("checkins", "due.read")
@waiting.arguments(PageArgs, location="query")
@waiting.response(200, schemas.DuePage)
def list_stale_of_person(filters: Body, person_id: str) -> Body:
    """What a person has not checked in on for more than ten days."""
    return _of_person(person_id, filters, only_stale=True)


@waiting.get("/me/due")
@reads("checkins", "due.read")
@waiting.arguments(PageArgs, location="query")
@waiting.response(200, schemas.DuePage)
def list_my_due(filters: Body) -> Body:
    """What you should check in on by now."""
    return _of_person(_me(), filters, only_stale=False)


@waiting.get("/me/stale")
@reads("checkins", "due.read")
@waiting.arguments(PageArgs, location="query")
@waiting.response(200, schemas.DuePage)
def list_my_stale(filters: Body) -> Body:
    """What you have not checked in on for more than ten days."""
    return _of_person(_me(), filters, only_stale=True)


@waiting.get("/teams/<uuid:team_id>/due")
@reads("checkins", "due.read")
@waiting.arguments(PageArgs, location="query")
@waiting.response(200, schemas.DuePage)
def list_due_of_team(filters: Body, team_id: str) -> Body:
    """What a team and those below it should check in on by now."""
    return _of_team(team_id, filters, only_stale=False)


@waiting.get("/teams/<uuid:team_id>/stale")
@reads("checkins", "due.read")
@waiting.arguments(PageArgs, location="query")
@waiting.response(200, schemas.DuePage)
def list_stale_of_team(filters: Body, team_id: str) -> Body:
    """What a team and those below it have not checked in on for more than ten days."""
    return _of_team(team_id, filters, only_stale=True)


def _of_person(person_id: str, filters: Body, *, only_stale: bool) -> Body:
    now = site().runtime.clock()
    return queries.of_person(session(), actor(), now, person_id, page_args(filters), only_stale=only_stale)


def _of_team(team_id: str, filters: Body, *, only_stale: bool) -> Body:
    now = site().runtime.clock()
    return queries.of_team(session(), actor(), now, team_id, page_args(filters), only_stale=only_stale)


def _me() -> str:
    if actor().kind != "person":
        raise NotFound("A service account has nothing to check in on; ask for /persons/{id}/due.")
    return actor().id
