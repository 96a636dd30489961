"""One's own page: what one owns, what is due, what others said."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chassis.access import Actor
from chassis.service import Runtime
from contracts import checkins, goals, notifications, people
from tests.support import gateway
from tests.support.gateway import History, client, fold, ids, read, someone, statements


def dashboard(runtime: Runtime, person: people.PersonState) -> dict:
    return read(runtime, someone(person), "/dashboard")


@pytest.fixture
def history() -> History:
    return History()


def test_it_shows_what_i_own_co_own_and_have_through_my_teams_each_once(runtime: Runtime, history: History) -> None:
    harbour, led = history.team("Harbour"), history.team("Night shift")
    ada = history.person("Ada", team_ids=[harbour.id])
    history.again(led, people.TeamChanged, lead_id=ada.id)
    ben, cycle = history.person("Ben"), history.cycle()
    mine = history.objective(cycle, ada, "Mine")
    shared = history.objective(cycle, ben, "Shared", co_owner_ids=[ada.id])
    team_too = history.objective(cycle, harbour, "Team and me", co_owner_ids=[ada.id])
    through = history.objective(cycle, harbour, "Through the team")
    lead = history.objective(cycle, led, "Through leading")
    history.objective(cycle, ben, "Somebody else's")
    fold(runtime, history.said)
    shown = {one["title"]: one["role"] for one in dashboard(runtime, ada)["objectives"]}
    assert shown == {
        "Mine": "owner",
        "Shared": "co_owner",
        "Team and me": "co_owner",
        "Through the team": "team",
        "Through leading": "team",
    }
    assert ids(dashboard(runtime, ada)["objectives"])[0] == mine.id
    assert {shared.id, team_too.id, through.id, lead.id} < set(ids(dashboard(runtime, ada)["objectives"]))


def test_closed_cycles_and_deleted_drafts_are_left_out(runtime: Runtime, history: History) -> None:
    ada, now, past = history.person("Ada"), history.cycle(), history.cycle("2025 Q4", state="closed")
    kept = history.objective(now, ada, state="closed", grade=0.7)
    history.objective(past, ada)
    history.objective(now, ada, state="deleted")
    fold(runtime, history.said)
    assert ids(dashboard(runtime, ada)["objectives"]) == [kept.id]


def test_key_results_come_with_names_figures_and_the_last_check_in(runtime: Runtime, history: History) -> None:
    ada, ben, cycle = history.person("Ada Ames"), history.person("Ben Birk"), history.cycle()
    measure = history.key_result(
        history.objective(cycle, ada), "Replies", owner_id=ben.id, value=7, progress=0.7, progress_raw=0.7
    )
    late = history.check_in(measure, ben, as_of=date(2026, 4, 1), note="entered late", value=9)
    last = history.check_in(measure, ben, as_of=date(2026, 4, 3), note="the latest day", value=7, confidence=0.4)
    history.again(history.check_in(measure, ada, as_of=date(2026, 4, 9)), checkins.CheckInWithdrawn, withdrawn=True)
    history.say(checkins.CheckInSubmitted(**{**_fields(late), "id": history.new_id(), "as_of": date(2026, 4, 2)}))
    fold(runtime, history.said)
    ((card,),) = [one["key_results"] for one in dashboard(runtime, ada)["objectives"]]
    assert (card["owner"]["name"], card["value"], card["target"], card["progress"]) == ("Ben Birk", "7", "10", 0.7)
    assert card["last_check_in"]["id"] == last.id
    assert card["last_check_in"]["author"] == {"id": ben.id, "name": "Ben Birk"}
    assert (card["last_check_in"]["note"], card["last_check_in"]["confidence"]) == ("the latest day", 0.4)


def _fields(event: object) -> dict:
    return {name: getattr(event, name) for name in event.__struct_fields__}  # type: ignore[attr-defined]


def test_due_is_what_i_answer_for_and_nobody_checked_in_for_a_week(database_url: str, history: History) -> None:
    harbour = history.team("Harbour")
    ada, ben = history.person("Ada", team_ids=[harbour.id]), history.person("Ben", team_ids=[harbour.id])
    history.again(harbour, people.TeamChanged, lead_id=ada.id)
    cycle = history.cycle()
    mine, theirs, ours = (history.objective(cycle, owner) for owner in (ada, ben, harbour))
    due = history.key_result(mine, "Mine")
    history.key_result(mine, "Mine by objective, Ben's by name", owner_id=ben.id)
    by_name = history.key_result(theirs, "Ben's objective, mine by name", owner_id=ada.id)
    history.key_result(theirs, "Not mine at all")
    as_lead = history.key_result(ours, "The team's, I lead")
    history.key_result(mine, "Closed", open=False)
    history.again(history.key_result(mine, "Removed"), goals.KeyResultChanged, removed=True)
    fresh = history.key_result(mine, "Checked in lately")
    history.check_in(fresh, ada, as_of=date(2026, 4, 5))
    history.pass_days(7)
    with gateway.listening(database_url, history.now) as runtime:
        fold(runtime, history.said)
        found = {one["key_result"]["id"]: one for one in dashboard(runtime, ada)["due"]}
        assert set(found) == {due.id, by_name.id, as_lead.id}
        assert found[by_name.id]["objective"]["title"] == "Aim"
        assert found[due.id]["due_on"] == "2026-04-06"
        assert {one["key_result"]["title"] for one in dashboard(runtime, ben)["due"]} == {
            "Mine by objective, Ben's by name",
            "Not mine at all",
        }


def test_a_team_without_a_lead_is_answered_for_by_all_its_members(database_url: str, history: History) -> None:
    harbour = history.team("Harbour")
    ada = history.person("Ada", team_ids=[harbour.id])
    measure = history.key_result(history.objective(history.cycle(), harbour))
    with gateway.listening(database_url, history.now + timedelta(days=9)) as runtime:
        fold(runtime, history.said)
        assert [one["key_result"]["id"] for one in dashboard(runtime, ada)["due"]] == [measure.id]


def test_what_leavers_left_falls_to_the_nearest_manager_who_is_here(database_url: str, history: History) -> None:
    ada, harbour = history.person("Ada"), history.team("Harbour")
    ben = history.person("Ben", manager_id=ada.id, active=False)
    cem = history.person("Cem", manager_id=ben.id, active=False)
    history.again(harbour, people.TeamChanged, lead_id=cem.id, archived=True)
    dee = history.person("Dee", manager_id=cem.id)
    cycle = history.cycle()
    of_cem = history.key_result(history.objective(cycle, cem), "Of one who left")
    by_name = history.key_result(history.objective(cycle, harbour), "Of a team whose lead left", owner_id=ben.id)
    history.key_result(history.objective(cycle, cem), "Of one who left, by name of one who is here", owner_id=dee.id)
    with gateway.listening(database_url, history.now + timedelta(days=9)) as runtime:
        fold(runtime, history.said)
        assert {one["key_result"]["id"] for one in dashboard(runtime, ada)["due"]} == {of_cem.id, by_name.id}
        assert dashboard(runtime, ada)["objectives"] == []
        assert dashboard(runtime, cem)["due"] == []


def test_it_is_due_at_nine_on_monday_where_the_person_is(database_url: str, history: History) -> None:
    ada = history.person("Ada", time_zone="Europe/Lisbon")
    history.key_result(history.objective(history.cycle(), ada))
    nine = datetime(2026, 4, 6, 8, tzinfo=UTC)
    for moment, expected in ((nine - timedelta(seconds=1), []), (nine, [("2026-04-06", 0, False)])):
        with gateway.listening(database_url, moment) as runtime:
            fold(runtime, history.said)
            due = dashboard(runtime, ada)["due"]
            assert [(one["due_on"], one["overdue_days"], one["stale"]) for one in due] == expected


def test_a_check_in_ends_what_was_due_and_its_withdrawal_brings_it_back(database_url: str, history: History) -> None:
    ada = history.person("Ada")
    measure = history.key_result(history.objective(history.cycle(), ada))
    history.pass_days(8)
    with gateway.listening(database_url, history.now) as runtime:
        fold(runtime, history.said)
        assert len(dashboard(runtime, ada)["due"]) == 1
        said = history.check_in(measure, ada)
        fold(runtime, history.said[-1:])
        assert dashboard(runtime, ada)["due"] == []
        history.again(said, checkins.CheckInWithdrawn, withdrawn=True)
        fold(runtime, history.said[-1:])
        assert len(dashboard(runtime, ada)["due"]) == 1


def test_public_praise_has_its_text_and_private_feedback_only_a_link(runtime: Runtime, history: History) -> None:
    ada, ben, cycle = history.person("Ada Ames"), history.person("Ben Birk"), history.cycle()
    aim = history.objective(cycle, ada, "Quick help")
    about = {"kind": "objective", "id": aim.id}
    from contracts.feedback import Subject

    praise = history.feedback(ben, ada, text="Thank you", about=Subject(**about))
    private = history.feedback(ben, ada, kind="feedback", visibility="recipient", text=None)
    history.feedback(ada, ben, text="not to me")
    fold(runtime, history.said)
    second, first = dashboard(runtime, ada)["feedback"]
    assert (first["summary"], first["text"], first["about"]["title"]) == (
        "Praise from Ben Birk",
        "Thank you",
        "Quick help",
    )
    assert (second["summary"], second["text"]) == ("Private feedback from Ben Birk", None)
    assert [one["href"] for one in (first, second)] == [f"/api/v1/feedback/{one.id}" for one in (praise, private)]


def test_unread_counts_what_i_have_not_read(runtime: Runtime, history: History) -> None:
    ada, ben = history.person("Ada"), history.person("Ben")
    history.notification(ada)
    history.notification(ben)
    gone = history.notification(ada)
    fold(runtime, history.said)
    assert dashboard(runtime, ada)["unread"] == 2
    history.again(gone, notifications.NotificationRead, read_at=history.now)
    fold(runtime, history.said[-1:])
    assert dashboard(runtime, ada)["unread"] == 1
    assert read(runtime, someone(ada), "/me")["unread"] == 1


def test_what_arrives_before_its_owner_is_shown_with_stand_in_names(runtime: Runtime, history: History) -> None:
    ada, ghost, cycle = history.person("Ada"), history.person("Ghost"), history.cycle()
    aim = history.objective(cycle, ghost, "Early", co_owner_ids=[ada.id])
    history.key_result(aim, owner_id=ghost.id)
    history.key_result(history.objective(cycle, ghost, "Not here yet"), "Mine", owner_id=ada.id)
    hidden = {ghost.id, cycle.id}
    fold(runtime, [one for one in history.said if one[1].id not in hidden and one[1].__struct_fields__])
    (card,) = [one for one in dashboard(runtime, ada)["objectives"] if one["title"] == "Early"]
    assert (card["owner"]["name"], card["cycle"]["name"]) == ("Unknown person", "Unknown cycle")
    assert card["key_results"][0]["owner"]["name"] == "Unknown person"


def test_as_of_is_the_newest_event_applied(runtime: Runtime, history: History) -> None:
    ada = history.person("Ada")
    fold(runtime, history.said)
    assert dashboard(runtime, ada)["as_of"] == "2026-04-01T08:00:01Z"


def test_a_service_account_has_no_dashboard(runtime: Runtime) -> None:
    robot = Actor("robot", kind="service", roles=frozenset({"service"}))
    answer = client(runtime, robot).get("/api/v1/dashboard")
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    assert read(runtime, robot, "/me")["person"] is None


def test_a_person_not_heard_of_is_not_found(runtime: Runtime) -> None:
    answer = client(runtime, Actor("019d2001-0518-7772-a5fb-04f9bad38681")).get("/api/v1/dashboard")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_it_takes_the_same_few_statements_whatever_the_size(runtime: Runtime, history: History) -> None:
    harbour = history.team("Harbour")
    ada, cycle = history.person("Ada", team_ids=[harbour.id]), history.cycle()
    fold(runtime, history.said)
    with statements(runtime.db) as few:
        dashboard(runtime, ada)
    said = len(history.said)
    for owner in [ada, harbour] * 20:
        for _ in range(3):
            measure = history.key_result(history.objective(cycle, owner))
            history.check_in(measure, ada)
        history.feedback(ada, ada)
        history.notification(ada)
    fold(runtime, history.said[said:])
    with statements(runtime.db) as many:
        dashboard(runtime, ada)
    assert len(many) == len(few) <= 10


def test_what_is_due_takes_the_same_few_statements_however_much_it_is(database_url: str, history: History) -> None:
    led, harbour = history.team("Led"), history.team("Harbour")
    ada, cycle = history.person("Ada", team_ids=[harbour.id]), history.cycle()
    gone = history.person("Gone", manager_id=ada.id, active=False)
    history.again(led, people.TeamChanged, lead_id=ada.id)
    counts = []
    for size in (1, 20):
        for owner in [ada, harbour, led, gone] * size:
            history.key_result(history.objective(cycle, owner))
        with gateway.listening(database_url, history.now + timedelta(days=9)) as runtime:
            fold(runtime, history.said)
            with statements(runtime.db) as seen:
                assert len(dashboard(runtime, ada)["due"]) == (4, 84)[len(counts)]
            counts.append(len(seen))
    assert counts[0] == counts[1] <= 13
