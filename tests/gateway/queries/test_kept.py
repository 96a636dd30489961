"""Answers kept between requests: never another than would be worked out anew, and cheap where they hold."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from chassis.service import Runtime
from contracts import checkins, goals, notifications, people
from contracts.feedback import Subject
from gateway.kept import EXTENSION, Kept
from gateway.projection import changes, rebuild
from gateway.projection.models import CHANGES, EDITION
from gateway.queries.cadence import steady_until
from tests.support.gateway import START, History, client, fold, listening, someone, statements, supports


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    with listening(f"sqlite:///{tmp_path / 'gateway.db'}", START + timedelta(days=20)) as listening_:
        yield listening_


def eventful() -> tuple[History, list[people.PersonState], goals.CycleState]:
    """Everything that may change in what Ada, her managers, a colleague and HR see."""
    history = History()
    boss = history.person("Bea Boss", roles=["employee"])
    hr = history.person("Hana HR", roles=["employee", "hr"])
    harbour, night = history.team("Harbour", lead_id=boss.id), history.team("Night")
    ada = history.person("Ada Ames", manager_id=boss.id, team_ids=[harbour.id])
    ben = history.person("Ben Birk", manager_id=ada.id, team_ids=[harbour.id, night.id])
    cycle, later = history.cycle(), history.cycle("2026 Q3", state="planned")
    top = history.objective(cycle, harbour, "Riders stay", progress=0.5)
    measure = history.key_result(top, "Fewer leave", owner_id=ada.id)
    aim = history.objective(cycle, ada, "Quick help", parents=[supports(measure)], co_owner_ids=[ben.id])
    draft = history.objective(cycle, ben, "Draft", state="draft")
    minutes = history.key_result(aim, "Minutes")
    by_ben = history.key_result(history.objective(cycle, ben, "Ben's"), "By Ben", owner_id=ben.id)
    history.pass_days(1)
    first = history.check_in(minutes, ada, value=4, note="well")
    history.feedback(boss, ada, about=Subject(kind="check_in", id=first.id))
    history.feedback(boss, ben, visibility="recipient", about=Subject(kind="objective", id=aim.id))
    raised = history.notification(ada)
    history.again(raised, notifications.NotificationRead, read_at=history.now)
    minutes = history.again(minutes, goals.KeyResultProgressed, value=4, progress=0.4)
    history.again(minutes, goals.KeyResultChanged, title="Minutes to reply")
    history.again(history.again(first, checkins.CheckInCorrected, value=5), checkins.CheckInWithdrawn, withdrawn=True)
    aim = history.again(aim, goals.ObjectiveChanged, co_owner_ids=[], parents=[], title="Quicker help")
    top = history.again(top, goals.ObjectiveChanged, owner_kind="person", owner_id=boss.id)
    history.again(top, goals.ObjectiveChanged, cycle_id=later.id)
    cem = history.person("Cem Can", manager_id=ben.id, team_ids=[night.id])
    history.key_result(history.objective(cycle, night, "Night's"), "Of nobody's team")
    ben = history.again(ben, people.PersonDeactivated, active=False, end_date=date(2026, 4, 9))
    history.again(draft, goals.ObjectiveChanged, owner_id=boss.id)
    by_ben = history.again(by_ben, goals.KeyResultChanged, owner_id=None)
    history.again(by_ben, goals.KeyResultChanged, removed=True)
    cem = history.again(cem, people.PersonChanged, manager_id=boss.id, team_ids=[])
    night = history.again(night, people.TeamChanged, lead_id=ben.id)
    night = history.again(night, people.TeamChanged, lead_id=ada.id, name="Late")
    history.again(night, people.TeamChanged, archived=True)
    history.again(ada, people.PersonChanged, manager_id=hr.id, display_name="Ada Berg")
    history.again(ben, people.PersonReactivated, active=True, end_date=None)
    cycle = history.again(cycle, goals.CycleChanged, state="closed")
    history.again(cycle, goals.CycleChanged, state="active")
    history.again(aim, goals.ObjectiveClosed, state="closed", grade=0.7, closed_at=history.now)
    history.again(boss, people.PersonDeactivated, active=False)
    return history, [boss, hr, ada, ben, cem], cycle


def test_after_every_event_what_is_kept_is_what_would_be_worked_out_anew(runtime: Runtime) -> None:
    history, viewers, cycle = eventful()
    apps = [client(runtime, someone(one)) for one in viewers]
    asked = [(app, "/api/v1/dashboard") for app in apps]
    asked += [(apps[0], f"/api/v1/cycles/{cycle.id}/alignment{query}") for query in ("", "?depth=1")]
    for said in history.said:
        fold(runtime, [said])
        kept = [app.get(path) for app, path in asked]
        remembered = [app.application.extensions[EXTENSION] for app in apps]
        for app in apps:
            app.application.extensions[EXTENSION] = Kept(runtime.db)
        anew = [app.get(path) for app, path in asked]
        for app, one in zip(apps, remembered, strict=True):
            app.application.extensions[EXTENSION] = one
        for before, after, (_, path) in zip(kept, anew, asked, strict=True):
            assert before.status_code == after.status_code
            assert after.status_code != 200 or before.get_json() == after.get_json(), (said[1], path)


def test_what_holds_is_answered_without_reading_it_again(runtime: Runtime) -> None:
    history, viewers, cycle = eventful()
    fold(runtime, history.said)
    asking = client(runtime, someone(viewers[2]))
    paths = ("/api/v1/dashboard", f"/api/v1/cycles/{cycle.id}/alignment")
    tags = {path: asking.get(path).headers["ETag"] for path in paths}
    with statements(runtime.db) as seen:
        assert {asking.get(path).status_code for path in paths} == {200}
        answers = [asking.get(path, headers={"If-None-Match": tag}) for path, tag in tags.items()]
    assert ({one.status_code for one in answers}, seen) == ({304}, [])


def test_a_change_elsewhere_leaves_it_and_moves_only_as_of(runtime: Runtime) -> None:
    history, viewers, _ = eventful()
    fold(runtime, history.said)
    asking = client(runtime, someone(viewers[2]))
    before = asking.get("/api/v1/dashboard").get_json()
    history.person("Somebody quite different")
    fold(runtime, history.said[-1:])
    with statements(runtime.db) as seen:
        after = asking.get("/api/v1/dashboard").get_json()
    assert after == {**before, "as_of": history.now.isoformat().replace("+00:00", "Z")}
    assert after["as_of"] > before["as_of"]
    assert len(seen) == 1


def test_time_alone_makes_it_anew(tmp_path: Path) -> None:
    history = History()
    ada = history.person("Ada")
    measure = history.key_result(history.objective(history.cycle(), ada))
    with listening(f"sqlite:///{tmp_path / 'gateway.db'}") as base:
        fold(base, history.said)
        moments: list[datetime] = []
        asking = client(Runtime(base.service, base.db, lambda: moments[-1]), someone(ada))

        def due(*moment: int) -> list[Any]:
            moments.append(datetime(*moment, tzinfo=UTC))  # type: ignore[misc,arg-type]
            return asking.get("/api/v1/dashboard").get_json()["due"]

        assert due(2026, 4, 6, 8, 59) == []
        assert [one["key_result"]["id"] for one in due(2026, 4, 6, 9, 0)] == [measure.id]
        assert [one["overdue_days"] for one in due(2026, 4, 7, 0, 0)] == [1]
        assert due(2026, 4, 6, 8, 59) == []


def test_it_is_steady_until_nine_or_the_end_of_the_day_where_the_person_is() -> None:
    def until(*moment: int) -> datetime:
        return steady_until(datetime(*moment, tzinfo=UTC), "Europe/Berlin")  # type: ignore[misc,arg-type]

    assert until(2026, 4, 6, 6, 59) == datetime(2026, 4, 6, 7, tzinfo=UTC)
    assert until(2026, 4, 6, 7, 0) == datetime(2026, 4, 6, 22, tzinfo=UTC)
    assert until(2026, 4, 6, 22, 0) == datetime(2026, 4, 7, 7, tzinfo=UTC)


def test_after_a_rebuild_nothing_kept_is_left(runtime: Runtime) -> None:
    history, viewers, _ = eventful()
    fold(runtime, history.said)
    asking = client(runtime, someone(viewers[2]))
    assert asking.get("/api/v1/dashboard").status_code == 200
    with runtime.db.writing() as session:
        rebuild.begin(session)
        rebuild.finish(session)
    assert asking.get("/api/v1/dashboard").status_code == 404


def note(runtime: Runtime, *ids: str) -> None:
    with runtime.db.writing() as session:
        changes.note(session, ids)


def test_who_has_not_looked_for_very_long_forgets_everything(runtime: Runtime) -> None:
    kept = Kept(runtime.db)
    note(runtime, "somebody")
    kept.keep("mine", 1, ["me"], 1, kept.look())
    with runtime.db.writing() as session:
        for _ in range(changes.KEPT + 200):
            changes.note(session, ["somebody"])
    kept.look()
    assert kept.find("mine") is None


def test_what_was_worked_out_while_something_changed_is_not_kept(runtime: Runtime) -> None:
    kept = Kept(runtime.db)
    begun = kept.look()
    note(runtime, "somebody")
    kept.look()
    kept.keep("mine", 1, ["me"], 1, begun)
    assert kept.find("mine") is None


def test_a_database_taken_back_to_an_older_state_is_believed(runtime: Runtime) -> None:
    kept = Kept(runtime.db)
    for _ in range(3):
        note(runtime, "somebody")
    kept.keep("mine", 1, ["me"], 1, kept.look())
    with runtime.db.writing() as session:
        session.execute(update(EDITION).values(edition=2))
        session.execute(delete(CHANGES).where(CHANGES.c.edition > 2))
    assert kept.look() == 2
    assert kept.find("mine") is None


def test_space_is_bounded_and_the_longest_unasked_goes_first(runtime: Runtime) -> None:
    kept = Kept(runtime.db, most=40_000)
    edition = kept.look()
    for name in ("a", "b", "c", "d"):
        kept.keep(name, name, [name], 9_000, edition)
    kept.find("a")
    kept.keep("e", "e", ["e"], 9_000, edition)
    assert [name for name in "abcde" if kept.find(name)] == ["a", "c", "d", "e"]
