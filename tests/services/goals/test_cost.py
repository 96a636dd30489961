"""What a check-in costs follows what lies above it, not what else there is."""

import pytest
from sqlalchemy import text

from chassis.unit import Unit, unit_of_work
from services.goals.commands.readings import keep_reading
from services.goals.rollup.settling import settle
from tests.support.goals import Goals, check_in, goals_service, parent
from tests.support.postgres import Postgres

OTHERS = 1000
_MORE_OBJECTIVES = text(
    "INSERT INTO objectives SELECT (copied).* FROM (SELECT jsonb_populate_record(one, jsonb_build_object("
    "'id', 'other-' || number)) AS copied FROM objectives AS one, generate_series(1, :others) AS number) AS copies"
)
_MORE_KEY_RESULTS = text(
    "INSERT INTO key_results SELECT (copied).* FROM (SELECT jsonb_populate_record(one, jsonb_build_object("
    "'id', objectives.id || '-' || number, 'objective_id', objectives.id)) AS copied FROM key_results AS one, "
    "objectives, generate_series(1, 4) AS number WHERE objectives.id LIKE 'other-%') AS copies"
)
_READ = text("SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname = ANY(:tables)")


@pytest.mark.postgres
def test_a_check_in_reads_few_rows_even_by_plans_that_know_no_parameter(postgres: Postgres) -> None:
    """Plans of statements that are carried out often are made without looking at what they are given."""
    with postgres.database() as url, goals_service(url) as running:
        goals, db = Goals(running), running.runtime.db
        cycle = goals.cycle()
        top = goals.objective(cycle)
        with db.writing() as session:  # all of them active, as in any organisation of one cycle
            session.execute(_MORE_OBJECTIVES, {"others": OTHERS})
        key_result = goals.key_result(goals.objective(cycle, parents=[parent(top)]))
        with db.writing() as session:
            session.execute(_MORE_KEY_RESULTS)
        with db.writing() as session:
            session.execute(text("ANALYZE"))
        with unit_of_work(db) as unit:
            unit.session.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
            before = _rows_read(unit)
            keep_reading(unit, check_in(key_result["id"], 40))
            settle(unit)
            assert _rows_read(unit) - before < OTHERS / 10
        assert goals.get(f"/objectives/{top['id']}")["progress"] == 0.4


def _rows_read(unit: Unit) -> int:
    tables = ["objectives", "key_results", "objective_links", "readings", "cycles"]
    return int(unit.session.execute(_READ, {"tables": tables}).scalar_one())
