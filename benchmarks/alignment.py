"""The alignment of a cycle in one call: 200 objectives with three key results each, four levels deep, asked for by
different people, beside bare Flask that answers the same JSON from memory."""

import json
from datetime import UTC, datetime, timedelta

from benchmarks import reading
from benchmarks.reading import Caller, Target, body_of, get, tag_of
from chassis.service import Runtime
from contracts.event import Event
from gateway.signin import tokens
from tests.support.gateway import History, fold, supports

OBJECTIVES = 200
BRANCHES = 5
PEOPLE = 40


def main() -> None:
    with reading.places() as (folder, url):
        with reading.gateway_database(url) as part:
            cycle_id, secrets = _filled(part)
        path = f"/api/v1/cycles/{cycle_id}/alignment"
        with reading.gateway(folder, url) as ours:
            answer = Caller(ours).exchange(get(path, secrets[0]))
            document = body_of(answer)
            shown = json.loads(document)
            print(f"alignment: {shown['objective_count']} objectives, {shown['key_result_count']} key results, "
                  f"{len(document)} bytes")  # fmt: skip
            with reading.bare(folder, document) as bare:
                _compare(bare, ours, path, secrets, tag_of(answer))


def _compare(bare: int, ours: int, path: str, secrets: list[str], tag: str) -> None:
    whole = Target(ours, [get(path, secret) for secret in secrets])
    reading.asked(whole, reading.SECONDS)
    found = reading.alternately(
        {
            "the same JSON from memory": Target(bare, [get("/memory")] * reading.CALLERS),
            "whole": whole,
            "unchanged": Target(ours, [get(path, secret, tag) for secret in secrets], 304),
        }
    )
    reading.show("alignment", found)


def _filled(part: Runtime) -> tuple[str, list[str]]:
    """Fill the read model by its own handlers; the cycle, and the tokens of all people."""
    history = History(reading.monday(datetime.now(UTC)))
    cycle = history.cycle(starts_on=history.now.date(), ends_on=history.now.date() + timedelta(days=90))
    people = [history.person(f"Person {number}", email=f"p{number}@example.org") for number in range(PEOPLE)]
    above: list[list[Event]] = []
    for number in range(OBJECTIVES):
        parents = [supports(above[(number - 1) // BRANCHES][number % 4])] if number else []
        aim = history.objective(cycle, people[number % PEOPLE], f"Aim {number}", parents=parents, progress=0.4)
        measures = [history.key_result(aim, f"Measure {place}", value=4, progress=0.4) for place in range(3)]
        above.append([aim, *measures])
    fold(part, history.said, batch=500)
    return cycle.id, [tokens.issue_for_email(part, one.email, scopes=("*",), days=1) for one in people]
