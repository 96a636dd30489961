"""The SQL over the read model calls stale what the shared rule calls stale."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from chassis.cadence import Watched, waiting, zone
from chassis.service import Runtime
from contracts import goals
from gateway.projection.models import CYCLES, KEY_RESULTS
from gateway.queries.cadence import stale, stale_on
from tests.support.gateway import History, fold


def test_the_database_calls_stale_what_the_rule_calls_stale(runtime: Runtime) -> None:
    history = History(datetime(2026, 3, 1, 12, tzinfo=UTC))
    ada = history.person("Ada")
    spans = [(0, 90), (40, 60), (20, 30), (70, 80), (90, 120)]
    first = history.now.date()
    cycles = [
        history.cycle(starts_on=first + timedelta(days=start), ends_on=first + timedelta(days=end))
        for start, end in spans
    ]
    measures = []
    for day in range(0, 80, 5):
        history.pass_days(5)
        for cycle in cycles:
            told = {"opened_at": history.now - timedelta(days=day % 4)} if day % 2 else {}
            measures.append(history.key_result(history.objective(cycle, ada), **told))
        for measure in measures[day % 3 :: 4]:
            history.check_in(measure, ada, withdrawn=day % 2 == 0)
    fold(runtime, history.said)
    cycle_of = {cycle.id: cycle for cycle in cycles}
    for ahead in (0, 5, 6, 12, 30, 50):
        today = history.now.date() + timedelta(days=ahead)
        by_rule = {m.id for m in measures if _stale_by_rule(history, m, cycle_of[m.cycle_id], today)}
        assert _stale_by_database(runtime, today) == by_rule
        if ahead < 12:
            assert by_rule


def _stale_by_rule(history: History, measure: goals.KeyResultState, cycle: goals.CycleState, today: date) -> bool:
    made = next(envelope.time for envelope, event in history.said if event is measure)
    said = [e for _, e in history.said if getattr(e, "key_result_id", None) == measure.id and not e.withdrawn]  # type: ignore[attr-defined]
    last = max((one.as_of for one in said), default=None)  # type: ignore[attr-defined]
    watched = Watched(measure.opened_at or made, last, cycle.starts_on, cycle.ends_on)
    found = waiting(watched, datetime.combine(today, time(), UTC), zone("UTC"))
    return found is not None and found.stale


def _stale_by_database(runtime: Runtime, today: date) -> set[str]:
    statement = select(KEY_RESULTS.c.id).outerjoin(CYCLES, CYCLES.c.id == KEY_RESULTS.c.cycle_id).where(stale())
    with runtime.db.reading() as session:
        return set(session.execute(statement, stale_on(today)).scalars())
