"""What a check-in costs follows what lies above it, not what else there is."""

import pytest

from chassis.unit import unit_of_work
from services.goals.commands.readings import keep_reading
from services.goals.rollup.settling import settle
from tests.support.goals import Goals, check_in, goals_service, parent
from tests.support.plans import generic_plans, multiply
from tests.support.postgres import Postgres

TABLES = ("cycles", "objectives", "objective_links", "key_results", "readings")


@pytest.mark.postgres
def test_a_check_in_reads_few_rows_where_all_objectives_are_active(postgres: Postgres) -> None:
    with postgres.database() as url, goals_service(url) as running:
        goals, db = Goals(running), running.runtime.db
        cycle = goals.cycle()
        goals.key_result(goals.objective(cycle))
        multiply(db, "objectives", 1000, "id")
        multiply(db, "key_results", 1000, "id", "objective_id")
        top = goals.objective(cycle)
        key_result = goals.key_result(goals.objective(cycle, parents=[parent(top)]))
        with unit_of_work(db) as unit, generic_plans(unit.session, TABLES) as reading:
            keep_reading(unit, check_in(key_result["id"], 40))
            settle(unit)
        assert reading.rows < 50
        assert goals.get(f"/objectives/{top['id']}")["progress"] == 0.4
