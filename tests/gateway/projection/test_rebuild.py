"""Rebuilding from what the owners republish, while the old copy is served."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import delete, insert, select, update

from chassis.service import Runtime
from chassis.tables import MEMBERS, PEOPLE
from contracts import goals
from contracts.envelope import Envelope
from contracts.event import Event
from gateway.projection import rebuild
from gateway.projection.models import CHECK_INS, KEY_RESULTS, LINKS, OBJECTIVES, OWNERS, SEARCH
from tests.support.gateway import History, fold, listening, read, someone, supports

Said = list[tuple[Envelope, Event]]


def an_organisation() -> History:
    history = History()
    ada, harbour, cycle = history.person("Ada Ames"), history.team("Harbour"), history.cycle()
    above = history.objective(cycle, harbour, "Riders stay")
    aim = history.objective(cycle, ada, "Quick help", parents=[supports(above)])
    aim = history.again(aim, goals.ObjectiveProgressed, progress=0.5)
    measure = history.key_result(aim, "Minutes to first reply")
    history.check_in(measure, ada, value=4)
    history.feedback(ada, ada)
    history.notification(ada)
    return history


def republished(history: History) -> Said:
    """The present state of everything, said once more under new event ids."""
    latest = {event.id: event for _, event in history.said}
    again = History(history.now)
    for event in latest.values():
        again.say(event)
    return again.said


def spoil(runtime: Runtime) -> None:
    """Corrupt some rows, lose others, add some that never were."""
    phantom = "019d2001-0518-7772-a5fb-04f9bad38681"
    with runtime.db.writing() as session:
        session.execute(update(OBJECTIVES).values(title="Nonsense", progress=0.99))
        session.execute(update(SEARCH).values(folded="nonsense", words="nonsense"))
        session.execute(delete(CHECK_INS))
        session.execute(delete(LINKS))
        ghost = dict(session.execute(select(KEY_RESULTS)).mappings().first() or {}) | {"id": phantom}
        session.execute(insert(KEY_RESULTS).values(ghost))
        spirit = dict(session.execute(select(PEOPLE)).mappings().first() or {}) | {"id": phantom}
        session.execute(insert(PEOPLE).values(spirit))
        session.execute(insert(MEMBERS).values(team_id=phantom, person_id=phantom))
        session.execute(
            insert(OWNERS).values(objective_id=phantom, owner_id=phantom, owner_kind="person", role="owner")
        )


def rebuilt(runtime: Runtime, said: Iterable[tuple[Envelope, Event]]) -> dict[str, int]:
    with runtime.db.writing() as session:
        rebuild.begin(session)
    fold(runtime, said)
    with runtime.db.writing() as session:
        return rebuild.finish(session)


def everything(runtime: Runtime) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, to compare across kinds of database."""
    tables = (*rebuild.VERSIONED, *(child for child, _, _ in rebuild.CHILDREN))
    with runtime.db.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
            for table in tables
        }


def checksum(runtime: Runtime) -> str:
    with runtime.db.reading() as session:
        return rebuild.checksum(session)


def test_a_spoilt_read_model_comes_back_as_if_folded_afresh(runtime: Runtime) -> None:
    history = an_organisation()
    fold(runtime, history.said)
    sound = checksum(runtime)
    spoil(runtime)
    assert checksum(runtime) != sound
    assert rebuilt(runtime, republished(history)) == {"replica_people": 1, "key_results": 1}
    assert checksum(runtime) == sound


def test_a_lost_read_model_comes_back_from_republished_state_alone(runtime: Runtime, tmp_path: Path) -> None:
    history = an_organisation()
    fold(runtime, republished(history))
    with listening(f"sqlite:///{tmp_path}/whole.db") as other:
        fold(other, history.said)
        whole = everything(other)
    assert everything(runtime) == whole


def test_republishing_in_any_order_rebuilds_the_same(runtime: Runtime) -> None:
    history = an_organisation()
    fold(runtime, history.said)
    sound = checksum(runtime)
    mixed = republished(history) * 2
    mixed.sort(key=lambda said: said[0].id[::-1])
    rebuilt(runtime, mixed)
    assert checksum(runtime) == sound


def test_the_old_copy_is_served_while_it_is_rebuilt(runtime: Runtime) -> None:
    history = an_organisation()
    fold(runtime, history.said)
    ada = history.said[0][1]
    before = read(runtime, someone(ada), "/dashboard")
    with runtime.db.writing() as session:
        rebuild.begin(session)
    assert read(runtime, someone(ada), "/dashboard") == before
    for said in republished(history):
        fold(runtime, [said])
        assert read(runtime, someone(ada), "/dashboard")["objectives"] == before["objectives"]
    with runtime.db.writing() as session:
        assert rebuild.unconfirmed(session) == {}
        assert rebuild.finish(session) == {}


def test_what_happens_meanwhile_is_not_undone(runtime: Runtime) -> None:
    history = an_organisation()
    fold(runtime, history.said)
    snapshot = republished(history)
    aim = next(event for _, event in reversed(history.said) if isinstance(event, goals.ObjectiveProgressed))
    history.again(aim, goals.ObjectiveProgressed, progress=0.9)
    with runtime.db.writing() as session:
        rebuild.begin(session)
    fold(runtime, history.said[-1:])
    fold(runtime, snapshot)
    with runtime.db.writing() as session:
        rebuild.finish(session)
        kept = session.execute(select(OBJECTIVES.c.progress).where(OBJECTIVES.c.id == aim.id)).scalar_one()
    assert kept == 0.9


def test_a_rebuild_left_unfinished_heals_as_owners_speak(runtime: Runtime) -> None:
    history = an_organisation()
    fold(runtime, history.said)
    with runtime.db.writing() as session:
        rebuild.begin(session)
        waiting = rebuild.unconfirmed(session)
    assert waiting["objectives"] == 2
    fold(runtime, [said for said in republished(history) if isinstance(said[1], goals.ObjectiveState)])
    with runtime.db.reading() as session:
        assert "objectives" not in rebuild.unconfirmed(session)


def test_equal_states_have_equal_checksums_in_two_databases(tmp_path: Path) -> None:
    history = an_organisation()
    sums = set()
    for name in ("one", "two"):
        with listening(f"sqlite:///{tmp_path}/{name}.db") as runtime:
            fold(runtime, history.said)
            sums.add(checksum(runtime))
    assert len(sums) == 1
