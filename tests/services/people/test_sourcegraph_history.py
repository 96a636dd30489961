"""Two and a half years of a company, imported as one complete file after another: Cairn equals every file, tells
exactly what differs, and stops at mass exits and at nothing else."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

import pytest

from contracts.people import PersonChanged, PersonDeactivated, PersonReactivated, PersonRegistered, PersonState
from services.people.commands import apply_people
from services.people.commands.filing import Options, Report
from services.people.rules.table import Row, Table
from tests.support.people import ADMIN, Office
from tests.support.real_files import rows_of


class Post(NamedTuple):
    person: str
    title: str
    manager: str


Posts = dict[str, Post]
"""By entry; somebody may have several."""
Staff = dict[str, tuple[str, str | None]]
"""Title and manager by person."""


@pytest.fixture(scope="module")
def snapshots() -> dict[datetime, Posts]:
    rows = rows_of("sourcegraph_org/snapshots.csv")
    return {
        datetime.fromisoformat(taken_at): {
            row["entry_id"]: Post(row["person_id"], row["title"], row["manager_id"]) for row in entries
        }
        for taken_at, entries in groupby(rows, lambda row: row["taken_at"])
    }


@pytest.fixture(scope="module")
def known() -> dict[str, tuple[str, str]]:
    """Address and name by person; people who came and went between two snapshots have none."""
    rows = sorted(rows_of("sourcegraph_org/snapshots.csv"), key=lambda row: row["email"])
    return {row["person_id"]: (row["email"], row["display_name"]) for row in rows}


def weeks(snapshots: dict[datetime, Posts]) -> Iterator[tuple[datetime, Posts]]:
    """The posts at the end of every week in which something happened after the first snapshot, and at every snapshot
    after the events so far."""
    first, *later = snapshots
    posts = dict(snapshots[first])
    yield first, dict(posts)
    moments = [(datetime.fromisoformat(one["at"]), one) for one in rows_of("sourcegraph_org/org_events.csv")]
    for _, week in groupby((one for one in moments if one[0] > first), lambda one: one[0].isocalendar()[:2]):
        for moment, event in week:
            for snapshot in [one for one in later if one < moment]:
                later.remove(snapshot)
                yield snapshot, dict(posts)
            happen(posts, event)
        yield moment, dict(posts)


def happen(posts: Posts, event: dict[str, str]) -> None:
    entry, new = event["entry_id"], event["new_value"]
    if event["event"] in ("joined", "extra_role_added"):
        posts[entry] = Post(event["person_id"], new, event["manager_id_after"])
    elif event["event"] in ("left", "extra_role_removed"):
        del posts[entry]
    else:
        field = {"title_changed": "title", "manager_changed": "manager", "entry_person_changed": "person"}
        posts[entry] = posts[entry]._replace(**{field[event["event"]]: new})


def staff(posts: Posts) -> Staff:
    """One row a person: of several posts the one below somebody else, else the first."""
    found: Staff = {}
    for _, post in sorted(posts.items(), key=lambda one: (one[1].person == one[1].manager, one[0])):
        manager = post.manager if post.manager != post.person else ""
        found.setdefault(post.person, (post.title, manager or None))
    return found


def send(office: Office, now: Staff, known: dict[str, tuple[str, str]], options: Options) -> Report:
    rows = []
    for line, (person, (title, manager)) in enumerate(now.items(), start=2):
        email, name = known.get(person, ("", f"Person {person}"))
        cells = {"external_id": person, "email": email or f"{person}@sg.example.com", "display_name": name}
        rows.append(Row(line, {**cells, "title": title, "manager_external_id": manager or ""}))
    with office.unit(ADMIN) as unit:
        return apply_people(unit, Table(rows), options)


def active(office: Office) -> Staff:
    people, cursor = [], None
    while True:
        page = office.get("/persons", limit=200, **({"cursor": cursor} if cursor else {}))
        people += page["items"]
        if not (cursor := page.get("next")):
            break
    numbers = {one["id"]: one["external_id"] for one in people}
    return {one["external_id"]: (one["title"], numbers.get(one["manager_id"])) for one in people if one["active"]}


def follow(office: Office, history: Iterator[Staff], known: dict[str, tuple[str, str]]) -> list[int]:
    """Import each and compare; the leavers of every file the guard stopped."""
    before: Staff = {}
    ever: set[str] = set()
    mass_exits = []
    told = 0
    for now in history:
        joined, left = now.keys() - before.keys(), before.keys() - now.keys()
        changed = {one for one in now.keys() & before.keys() if now[one] != before[one]}
        expected = (len(joined - ever), len(joined & ever), len(changed), len(left))
        exits = len(left) >= 3 and len(left) * 10 > len(before)
        judged = send(office, now, known, Options(complete=True, dry_run=True))
        report = send(office, now, known, Options(complete=True))
        if exits:
            assert judged.guard is not None
            assert report.guard == judged.guard
            assert (judged.guard.leaving, judged.guard.active) == (len(left), len(before))
            assert len(office.said()) == told
            mass_exits.append(len(left))
            report = send(office, now, known, Options(complete=True, accept_leavers=True))
        for one in (judged, report):
            assert one.rejected == []
            assert one.guard is None or exits
            assert (one.created, one.reactivated, one.changed, one.omitted) == expected
        events = office.said()[told:]
        told += len(events)
        assert kinds(events) == {
            (PersonRegistered, frozenset(joined - ever)),
            (PersonReactivated, frozenset(joined & ever)),
            (PersonChanged, frozenset(changed)),
            (PersonDeactivated, frozenset(left)),
        }
        assert len(events) == sum(expected)
        before, ever = now, ever | now.keys()
    assert active(office) == before
    return mass_exits


def kinds(events: list[object]) -> set[tuple[type, frozenset[str]]]:
    told: dict[type, set[str]] = {
        PersonRegistered: set(), PersonReactivated: set(), PersonChanged: set(), PersonDeactivated: set()
    }  # fmt: skip
    for event in events:
        assert isinstance(event, PersonState)
        told[type(event)].add(event.external_id or "")
    return {(kind, frozenset(people)) for kind, people in told.items()}


def test_quarter_by_quarter_cairn_equals_every_snapshot(
    office: Office, snapshots: dict[datetime, Posts], known: dict[str, tuple[str, str]]
) -> None:
    def history() -> Iterator[Staff]:
        before: Staff = {}
        for posts in snapshots.values():
            assert active(office) == before
            before = staff(posts)
            yield before

    assert len(snapshots) == 10
    assert follow(office, history(), known) == [31, 45, 30, 36, 28]


@pytest.mark.slow
def test_week_by_week_the_events_lead_from_snapshot_to_snapshot(
    office: Office, snapshots: dict[datetime, Posts], known: dict[str, tuple[str, str]]
) -> None:
    reached = []

    def history() -> Iterator[Staff]:
        for moment, posts in weeks(snapshots):
            if moment in snapshots:
                assert posts == snapshots[moment]
                reached.append(moment)
            yield staff(posts)

    assert follow(office, history(), known) == []
    assert list(dict.fromkeys(reached)) == list(snapshots)
