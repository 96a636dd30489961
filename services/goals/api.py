"""Cycles, objectives and key results over HTTP."""

from decimal import Decimal
from typing import Any

from chassis.http import Blueprint, expected, reads, session, tagged, unit, with_header, writes
from services.goals import commands, models, queries, schemas

cycles = Blueprint("cycles", __name__, url_prefix="/api/v1", description="Periods in which objectives live")
objectives = Blueprint("objectives", __name__, url_prefix="/api/v1", description="What is to be reached")
key_results = Blueprint("key-results", __name__, url_prefix="/api/v1", description="How reaching it is measured")

BLUEPRINTS = (cycles, objectives, key_results)


@cycles.get("/cycles")
@reads("goals", "cycle.read")
@cycles.arguments(schemas.CycleFilter, location="query")
@cycles.response(200, schemas.CyclePage)
def list_cycles(filters: dict[str, Any]) -> dict[str, Any]:
    return queries.cycles(session(), **filters)


@cycles.post("/cycles")
@writes("goals", "cycle.write")
@cycles.arguments(schemas.NewCycle)
@cycles.response(201, schemas.Cycle)
def create_cycle(body: dict[str, Any]) -> models.Cycle:
    cycle = commands.create_cycle(unit(), **body)
    with_header("Location", f"/api/v1/cycles/{cycle.id}")
    return tagged(cycle)


@cycles.get("/cycles/<uuid:cycle_id>")
@reads("goals", "cycle.read")
@cycles.response(200, schemas.Cycle)
def get_cycle(cycle_id: str) -> models.Cycle:
    return tagged(queries.cycle(session(), cycle_id))


@cycles.patch("/cycles/<uuid:cycle_id>")
@writes("goals", "cycle.write", match=True)
@cycles.arguments(schemas.CycleChange)
@cycles.response(200, schemas.Cycle)
def change_cycle(body: dict[str, Any], cycle_id: str) -> models.Cycle:
    return tagged(commands.change_cycle(unit(), cycle_id, expected(), body))


@cycles.delete("/cycles/<uuid:cycle_id>")
@writes("goals", "cycle.write", match=True)
@cycles.response(204, description="It is gone; no objective was in it.")
def delete_cycle(cycle_id: str) -> None:
    commands.delete_cycle(unit(), cycle_id, expected())


@objectives.get("/objectives")
@reads("goals", "objective.read")
@objectives.arguments(schemas.ObjectiveFilter, location="query")
@objectives.response(200, schemas.ObjectivePage)
def list_objectives(filters: dict[str, Any]) -> dict[str, Any]:
    return queries.objectives(session(), **filters)


@objectives.post("/objectives")
@writes("goals", "objective.write")
@objectives.arguments(schemas.NewObjective)
@objectives.response(201, schemas.Objective)
def create_objective(body: dict[str, Any]) -> models.Objective:
    objective = commands.create_objective(unit(), **body)
    with_header("Location", f"/api/v1/objectives/{objective.id}")
    return tagged(objective)


@objectives.get("/objectives/<uuid:objective_id>")
@reads("goals", "objective.read")
@objectives.response(200, schemas.Objective)
def get_objective(objective_id: str) -> models.Objective:
    return tagged(queries.objective(session(), objective_id))


@objectives.patch("/objectives/<uuid:objective_id>")
@writes("goals", "objective.write", match=True)
@objectives.arguments(schemas.ObjectiveChange)
@objectives.response(200, schemas.Objective)
def change_objective(body: dict[str, Any], objective_id: str) -> models.Objective:
    return tagged(commands.change_objective(unit(), objective_id, expected(), body))


@objectives.delete("/objectives/<uuid:objective_id>")
@writes("goals", "objective.write", match=True)
@objectives.response(204, description="It is gone; it was a draft, or nobody had checked in on it.")
def delete_objective(objective_id: str) -> None:
    commands.delete_objective(unit(), objective_id, expected())


@objectives.post("/objectives/<uuid:objective_id>/publish")
@writes("goals", "objective.write")
@objectives.response(200, schemas.Objective)
def publish_objective(objective_id: str) -> models.Objective:
    return tagged(commands.publish_objective(unit(), objective_id, expected()))


@objectives.post("/objectives/<uuid:objective_id>/unpublish")
@writes("goals", "objective.write")
@objectives.response(200, schemas.Objective)
def unpublish_objective(objective_id: str) -> models.Objective:
    return tagged(commands.unpublish_objective(unit(), objective_id, expected()))


@objectives.post("/objectives/<uuid:objective_id>/close")
@writes("goals", "objective.write")
@objectives.arguments(schemas.Closing)
@objectives.response(200, schemas.Objective)
def close_objective(body: dict[str, Any], objective_id: str) -> models.Objective:
    grade = body.get("grade")
    exact = None if grade is None else Decimal(repr(grade))
    closing = commands.close_objective(unit(), objective_id, expected(), grade=exact, grade_note=body.get("grade_note"))
    return tagged(closing)


@objectives.post("/objectives/<uuid:objective_id>/reopen")
@writes("goals", "objective.write")
@objectives.response(200, schemas.Objective)
def reopen_objective(objective_id: str) -> models.Objective:
    return tagged(commands.reopen_objective(unit(), objective_id, expected()))


@objectives.get("/objectives/<uuid:objective_id>/explain")
@reads("goals", "objective.read")
@objectives.response(200, schemas.Explanation)
def explain_objective(objective_id: str) -> dict[str, Any]:
    return queries.explained(session(), objective_id)


@key_results.post("/objectives/<uuid:objective_id>/key-results")
@writes("goals", "key_result.write")
@key_results.arguments(schemas.NewKeyResult)
@key_results.response(201, schemas.KeyResult)
def add_key_result(body: dict[str, Any], objective_id: str) -> models.KeyResult:
    key_result = commands.add_key_result(unit(), objective_id, body)
    with_header("Location", f"/api/v1/key-results/{key_result.id}")
    return tagged(key_result)


@key_results.get("/key-results/<uuid:key_result_id>")
@reads("goals", "key_result.read")
@key_results.response(200, schemas.KeyResult)
def get_key_result(key_result_id: str) -> models.KeyResult:
    return tagged(queries.key_result(session(), key_result_id))


@key_results.patch("/key-results/<uuid:key_result_id>")
@writes("goals", "key_result.write", match=True)
@key_results.arguments(schemas.KeyResultChange)
@key_results.response(200, schemas.KeyResult)
def change_key_result(body: dict[str, Any], key_result_id: str) -> models.KeyResult:
    return tagged(commands.change_key_result(unit(), key_result_id, expected(), body))


@key_results.delete("/key-results/<uuid:key_result_id>")
@writes("goals", "key_result.write", match=True)
@key_results.response(204, description="It counts no more.")
def remove_key_result(key_result_id: str) -> None:
    commands.remove_key_result(unit(), key_result_id, expected())


@key_results.get("/key-results/<uuid:key_result_id>/series")
@reads("goals", "key_result.read")
@key_results.response(200, schemas.Series)
def get_series(key_result_id: str) -> dict[str, Any]:
    return queries.series(session(), key_result_id)
