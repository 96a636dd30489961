"""What a page costs follows what it shows, not what else there is."""

import pytest

from gateway.queries.dashboard import dashboard
from tests.support.gateway import History, fold, listening
from tests.support.plans import generic_plans, multiply
from tests.support.postgres import Postgres

TABLES = ("cycles", "objectives", "key_results", "check_ins", "replica_people")
"""Of the owners, three words each, all may be looked at while they are few."""


@pytest.mark.postgres
def test_a_dashboard_reads_few_rows_where_all_objectives_are_active(postgres: Postgres) -> None:
    with postgres.database() as url, listening(url) as part:
        history = History()
        cycle, crew = history.cycle(), history.team("Crew")
        ada = history.person("Ada Ames", team_ids=[crew.id])
        history.objective(cycle, history.person("Ben Best"), "Guests come back")
        fold(part, history.said)
        multiply(part.db, "objectives", 450, "id", "owner_id")
        multiply(part.db, "objective_owners", 450, "objective_id", "owner_id")
        history.said.clear()
        history.key_result(history.objective(cycle, ada, "Guests stay longer"), "Nights")
        fold(part, history.said)
        with part.db.writing() as session, generic_plans(session, TABLES) as reading:
            (shown,) = dashboard(session, ada.id, history.now)["objectives"]
        assert (shown["title"], len(shown["key_results"])) == ("Guests stay longer", 1)
        assert reading.rows < 50
