"""*My dashboard* at the gateway: 1,000 people with objectives, key results and check-ins ask for their own in turn,
each with an API token of theirs, beside a bare Flask JSON route."""

import json
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks import reading
from benchmarks.reading import Caller, Target, body_of, get, tag_of
from chassis.service import Runtime
from contracts.goals import CycleState
from contracts.people import PersonState, TeamState
from gateway.signin import tokens
from tests.support.gateway import History, fold

PEOPLE = 1000
TEAM = 8
WARM_ROUNDS = 30
"""Each with new connections, so that every process comes to answer everybody."""
PATH = "/api/v1/dashboard"


def main() -> None:
    with reading.places() as (folder, url):
        with reading.gateway_database(url) as part:
            secrets = _filled(part)
        with reading.bare(folder, b'{"hello": "world"}') as bare, reading.gateway(folder, url) as ours:
            _compare(bare, ours, secrets)


def _compare(bare: int, ours: int, secrets: list[str]) -> None:
    caller = Caller(ours)
    answered = [caller.exchange(get(PATH, secret)) for secret in secrets]
    cards = [json.loads(body_of(answer)) for answer in answered]
    measured = sum(len(one["key_results"]) for card in cards for one in card["objectives"])
    size = sum(len(body_of(answer)) for answer in answered) // len(answered)
    print(f"dashboard: {len(cards)} people, {measured / len(cards):.1f} key results each, {size} bytes")
    same = [get(PATH, secret, tag_of(answer)) for secret, answer in zip(secrets, answered, strict=True)]
    whole = Target(ours, [get(PATH, secret) for secret in secrets])
    first, *_ = (reading.asked(whole, reading.SECONDS) for _ in range(WARM_ROUNDS))
    print(f"dashboard: while every process works them out for the first time: {reading.spread(first)}", flush=True)
    hello = Target(bare, [get("/")] * reading.CALLERS)
    found = reading.alternately({"bare Flask": hello, "whole": whole, "unchanged": Target(ours, same, 304)})
    reading.show("dashboard", found)


def _filled(part: Runtime) -> list[str]:
    """Fill the read model by its own handlers; the tokens of all people."""
    random, now = Random(1), datetime.now(UTC)  # noqa: S311 - made-up figures
    history = History(reading.monday(now))
    cycle = history.cycle(starts_on=history.now.date(), ends_on=history.now.date() + timedelta(days=90))
    everybody: list[PersonState] = []
    teams = [history.team(f"Team {number}") for number in range(PEOPLE // TEAM)]
    for number in range(PEOPLE):
        manager = everybody[(number - 1) // TEAM].id if number else None
        email = f"p{number}@example.org"
        person: PersonState = history.person(
            f"Person {number}", email=email, manager_id=manager, team_ids=[teams[number // TEAM].id]
        )
        everybody.append(person)
    for team in teams:
        _aim(history, cycle, team, everybody[0], random)
    for owner in everybody:
        _aim(history, cycle, owner, owner, random)
        for _ in range(3):
            history.feedback(random.choice(everybody), owner, text="You made this look easy. " * 3)
            history.notification(owner)
    fold(part, history.said, batch=500)
    return [tokens.issue_for_email(part, person.email, scopes=("*",), days=1) for person in everybody]


def _aim(
    history: History, cycle: CycleState, owner: PersonState | TeamState, author: PersonState, random: Random
) -> None:
    aim = history.objective(cycle, owner, f"Make it better by {random.random():.3f}", progress=random.random())
    for number in range(3):
        measure = history.key_result(aim, f"Measure {number} rises", value=4, progress=0.4)
        if number:
            history.check_in(measure, author, value=4, confidence=0.7, status="on_track", note="Going well. " * 5)
