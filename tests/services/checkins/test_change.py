"""Correcting and withdrawing, and the audit trail they leave."""

from decimal import Decimal

import pytest

from contracts.checkins import CheckInCorrected, CheckInState, CheckInWithdrawn
from tests.support.checkins import (
    AMARA,
    BORIS,
    DELE,
    ELIF,
    IMPORTER,
    NOW,
    World,
    key_result,
    milestones,
    objective,
    pointers,
    some_id,
)


def revisions(world: World, made: dict[str, str]) -> list[dict[str, object]]:
    items: list[dict[str, object]] = world.get(f"/check-ins/{made['id']}/revisions")["items"]
    return items


def test_a_correction_says_the_whole_new_state(world: World) -> None:
    made = world.checks_in(value=40, note="Counted by hand", confidence=0.5)
    corrected = world.corrects(made, value="38.5", blockers="None any more", as_of="2026-05-10")
    event = world.said()[-1]
    assert isinstance(event, CheckInCorrected)
    assert (event.id, event.version, event.value, event.note) == (made["id"], 2, Decimal("38.5"), "Counted by hand")
    assert event.submitted_at == NOW
    assert (corrected["version"], corrected["as_of"], corrected["confidence"]) == (2, "2026-05-10", 0.5)


def test_null_takes_a_word_back(world: World) -> None:
    made = world.checks_in(confidence=0.5, status="behind", note="Hm", blockers="Rain")
    corrected = world.corrects(made, confidence=None, status=None, note=None, blockers="")
    assert [corrected[name] for name in ("confidence", "status", "note", "blockers")] == [None] * 4


def test_what_it_said_before_is_kept_with_who_and_why(world: World) -> None:
    made = world.checks_in(value=40, note="Typo")
    second = world.as_(BORIS).corrects(made, value=41, reason="Wrong column")
    world.as_(AMARA).withdraws(second, reason="Wrong quarter")
    last, first = revisions(world, made)
    assert (first["version"], first["change"], first["changed_by"], first["reason"]) == (
        1,
        "corrected",
        BORIS,
        "Wrong column",
    )
    assert first["before"]["value"] == "40"  # type: ignore[index]
    assert first["before"]["as_of"] == "2026-05-13"  # type: ignore[index]
    assert (last["version"], last["change"], last["changed_by"]) == (2, "withdrawn", AMARA)
    assert last["before"]["value"] == "41"  # type: ignore[index]


def test_the_trail_is_for_those_who_answer_for_it_and_for_auditors(world: World) -> None:
    path = f"/check-ins/{world.checks_in()['id']}/revisions"
    world.as_(DELE).get(path, 403)
    world.as_(DELE, "auditor").get(path)
    world.as_(BORIS).get(path)
    world.as_(ELIF, "hr").get(path)


def test_a_correction_without_a_difference_changes_nothing(world: World) -> None:
    made = world.checks_in(value="40.50")
    assert world.corrects(made, value="40.5", note="") == made
    assert len(world.said()) == 1
    assert revisions(world, made) == []


def test_a_correction_names_the_version_it_saw(world: World) -> None:
    made = world.checks_in()
    path = f"/check-ins/{made['id']}"
    world.patch(path, {"value": 1}, 428)
    world.corrects(made, value=39)
    world.corrects(made, 412, value=38)
    world.withdraws(made, 412)
    assert world.get(path)["value"] == "39"


def test_the_tag_grows_with_every_change(world: World) -> None:
    made = world.checks_in()
    response = world.client.patch(
        f"/api/v1/check-ins/{made['id']}", json={"value": 1}, headers={"If-Match": world_tag(world, made)}
    )
    assert response.headers["ETag"] == '"2"'


def world_tag(world: World, made: dict[str, str]) -> str:
    return world.client.get(f"/api/v1/check-ins/{made['id']}").headers["ETag"]


def test_a_withdrawn_check_in_is_readable_and_counts_no_more(world: World) -> None:
    made = world.checks_in(note="Wrong")
    withdrawn = world.withdraws(made)
    event = world.said()[-1]
    assert isinstance(event, CheckInWithdrawn)
    assert (event.withdrawn, event.version, event.value) == (True, 2, Decimal(40))
    assert world.get(f"/check-ins/{made['id']}") == withdrawn
    assert world.history() == []
    assert world.history(withdrawn="true") == [withdrawn]


def test_withdrawing_twice_is_once(world: World) -> None:
    withdrawn = world.withdraws(world.checks_in())
    assert world.withdraws(withdrawn) == withdrawn
    assert len(world.said()) == 2


def test_a_withdrawn_check_in_is_not_corrected(world: World) -> None:
    problem = world.corrects(world.withdraws(world.checks_in()), 409, value=1)
    assert problem["type"] == "urn:cairn:problem:withdrawn"


def test_a_withdrawn_import_stays_withdrawn(world: World) -> None:
    said = {"author_id": AMARA, "external_id": "C-1", "as_of": "2026-05-01"}
    withdrawn = world.withdraws(world.as_(IMPORTER).checks_in(**said))
    assert world.checks_in(**said) == withdrawn
    assert pointers(world.checks_in(409, **said, note="again")) == ["/external_id"]


def test_several_are_withdrawn_together_or_not_at_all(world: World) -> None:
    first, second = world.checks_in(as_of="2026-05-01"), world.checks_in(as_of="2026-05-02")
    wanted = [{"id": one["id"], "version": 1} for one in (second, first)]
    stale = [wanted[0], {**wanted[1], "version": 2}]
    assert world.post("/check-ins/withdrawals", {"check_ins": stale}, 412)["type"] == "urn:cairn:problem:stale"
    assert len(world.history()) == 2
    done = world.post("/check-ins/withdrawals", {"check_ins": wanted, "reason": "All wrong"}, 200)["check_ins"]
    assert [(one["id"], one["withdrawn"]) for one in done] == [(second["id"], True), (first["id"], True)]
    assert world.history() == []
    assert world.post("/check-ins/withdrawals", {"check_ins": []}, 422)


def test_a_withdrawn_import_whose_external_id_was_released_is_made_anew(world: World) -> None:
    said = {"author_id": AMARA, "external_id": "C-1", "as_of": "2026-05-01"}
    withdrawn = world.withdraws(world.as_(IMPORTER).checks_in(**said), release=True)
    assert (withdrawn["external_id"], withdrawn["withdrawn"]) == (None, True)
    again = world.checks_in(**said)
    assert (again["withdrawn"], again["external_id"]) == (False, "C-1")
    assert again["id"] != withdrawn["id"]
    assert world.checks_in(**said) == again
    assert world.history() == [again]


@pytest.mark.parametrize(("who", "roles", "answer"), [(AMARA, (), 200), (BORIS, (), 200), (DELE, (), 403)])
def test_owners_and_managers_change_it(world: World, who: str, roles: tuple[str, ...], answer: int) -> None:
    made = world.checks_in()
    corrected = world.as_(who, *roles).corrects(made, answer, value=1)
    world.withdraws(corrected if answer == 200 else made, answer)


def test_authors_correct_themselves_after_the_key_result_moved_on(world: World) -> None:
    made = world.checks_in()
    world.hears(objective(version=2, owner_id=DELE))
    world.corrects(made, value=1)


def test_the_history_of_a_closed_objective_stands(world: World) -> None:
    made = world.checks_in()
    world.hears(key_result(version=2, open=False), objective(version=2, state="closed"))
    assert "closed" in world.corrects(made, 409, value=1)["detail"]
    world.withdraws(made, 409)
    assert world.history() == [made]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"value": None}, "/value"),
        ({"milestones_done": ["x"]}, "/milestones_done"),
        ({"as_of": "2026-06-01"}, "/as_of"),
        ({"as_of": None}, "/as_of"),
        ({"confidence": 2}, "/confidence"),
        ({"status": "fine"}, "/status"),
        ({"author_id": BORIS}, "/author_id"),
        ({"key_result_id": some_id("Other")}, "/key_result_id"),
        ({"submitted_at": "2026-05-01T00:00:00Z"}, "/submitted_at"),
    ],
)
def test_a_correction_must_make_sense(sqlite_world: World, changes: dict[str, object], wrong: str) -> None:
    made = sqlite_world.checks_in()
    assert pointers(sqlite_world.corrects(made, 422, **changes)) == [wrong]
    assert sqlite_world.get(f"/check-ins/{made['id']}") == made


def test_a_correction_that_lowers_confidence_needs_a_note(world: World) -> None:
    world.checks_in(confidence=0.8, as_of="2026-05-01")
    made = world.checks_in(confidence=0.8, as_of="2026-05-08")
    assert pointers(world.corrects(made, 422, confidence=0.4)) == ["/note"]
    corrected = world.corrects(made, confidence=0.4, note="Lost a week")
    assert pointers(world.corrects(corrected, 422, note=None)) == ["/note"]
    world.corrects(corrected, note=None, as_of="2026-04-30")


def test_words_can_be_mended_after_the_metric_changed(world: World) -> None:
    made = world.checks_in()
    world.hears(key_result(version=2, metric="milestones", milestones=milestones("a")))
    assert world.corrects(made, note="From the old metric")["value"] == "40"


def test_everything_can_be_said_again(world: World) -> None:
    submitted = world.checks_in(as_of="2026-05-01")
    corrected = world.corrects(world.checks_in(as_of="2026-05-02"), value=1)
    withdrawn = world.withdraws(world.checks_in(as_of="2026-05-03"))
    before = world.said(CheckInState)
    with world.unit() as unit:
        assert world.runtime.service.republish is not None
        world.runtime.service.republish(unit)
    again = world.said(CheckInState)[len(before) :]
    assert [event.id for event in again] == sorted(one["id"] for one in (submitted, corrected, withdrawn))
    for event in again:
        (latest,) = [old for old in before if (old.id, old.version) == (event.id, event.version)]
        assert event == latest


def test_what_fell_due_lately_is_said_again_under_its_id(world: World) -> None:
    world.runs_the_task()
    (first,) = world.said()
    with world.unit() as unit:
        assert world.runtime.service.republish is not None
        world.runtime.service.republish(unit)
    assert world.said() == [first, first]
