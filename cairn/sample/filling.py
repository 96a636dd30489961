"""The sample, sent through the public API as a service account: people, teams, goals, check-ins, praise."""

import csv
import io
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from cairn.sample import goals
from cairn.sample.organisation import Organisation
from gateway.signin import tokens

if TYPE_CHECKING:
    import httpx

    from cairn.embedded import Embedded

BATCH = 50
PRAISE = (
    "You found the fault nobody else saw, and told us so kindly.",
    "Thank you for staying with the customer until it worked.",
    "The new layout saves everybody ten minutes a day.",
    "Your notes made the handover painless.",
    "You asked the question that turned the meeting around.",
)


class Filler:
    """One session with the gateway. Every write waits for what the writes before it have published."""

    def __init__(self, client: "httpx.Client") -> None:
        self._client = client
        self._seen: dict[str, str] = {}

    def send(self, path: str, **request: Any) -> Any:
        """POST and answer the body; raises httpx.HTTPStatusError where it was refused."""
        headers = {"Cairn-Consistency": ";".join(self._seen.values())} if self._seen else {}
        answer = self._client.post(f"/api/v1/{path}", headers={**headers, **request.pop("headers", {})}, **request)
        if answer.is_error:
            raise RuntimeError(f"the sample was refused at {path}: {answer.status_code} {answer.text[:1000]}")
        if token := answer.headers.get("Cairn-Consistency"):
            self._seen[token.partition(":")[0]] = token
        return answer.json()

    def rows(self, path: str, rows: Sequence[Mapping[str, str]]) -> None:
        """Send rows as a CSV file."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        self.send(path, content=text.getvalue().encode(), headers={"Content-Type": "text/csv"})

    def items(self, path: str) -> Iterator[dict[str, Any]]:
        """Everything in a list, over all its pages."""
        cursor: dict[str, str] = {}
        while True:
            page = self._client.get(f"/api/v1/{path}", params={"limit": "200", **cursor}).raise_for_status().json()
            yield from page["items"]
            if not page["next"]:
                return
            cursor = {"cursor": page["next"]}

    def known(self, path: str) -> dict[str, str]:
        """Ids by external id."""
        return {item["external_id"]: item["id"] for item in self.items(path) if item["external_id"]}

    def key_results(self) -> dict[str, str]:
        """Ids of all key results by external id."""
        nested = (key_result for objective in self.items("objectives") for key_result in objective["key_results"])
        return {key_result["external_id"]: key_result["id"] for key_result in nested}


def fill(cairn: "Embedded", address: str, made: Organisation, now: datetime) -> None:
    """Send everything. Safe to run again on what an earlier run has left."""
    import httpx

    secret = tokens.issue_service_account(
        cairn.parts["gateway"], "sample", roles=("admin", "hr"), scopes=("*",), days=1
    )
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {secret}"}, timeout=30) as client:
        filler = Filler(client)
        _people(filler, made)
        people, teams = filler.known("persons"), filler.known("teams")
        for cycle in goals.cycles(now.date()):
            _goals(filler, made, cycle, now, people, teams)
        _praise(filler, made, now.date(), people)


def _people(filler: Filler, made: Organisation) -> None:
    plain = [{"external_id": t.external_id, "name": t.name, "parent_external_id": t.parent} for t in made.teams]
    filler.rows("imports/teams", plain)
    filler.rows("imports/people", [_person(person) for person in made.people])
    filler.rows("imports/teams", [{"external_id": t.external_id, "lead_external_id": t.lead} for t in made.teams])


def _person(person: Any) -> dict[str, str]:
    return {
        "external_id": person.external_id,
        "email": person.email,
        "display_name": person.display_name,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "title": person.title,
        "manager_external_id": person.manager,
        "teams": "|".join(person.teams),
        "roles": "|".join(person.roles),
        "time_zone": person.time_zone,
    }


def _goals(
    filler: Filler,
    made: Organisation,
    cycle: goals.SampleCycle,
    now: datetime,
    people: Mapping[str, str],
    teams: Mapping[str, str],
) -> None:
    cycles, known = filler.known("cycles"), filler.known("objectives")
    cycle_id = cycles.get(cycle.name) or filler.send("cycles", json=_cycle(cycle))["id"]
    found = goals.objectives(made, cycle)
    for objective in found:
        if objective.external_id not in known:
            body = _objective(objective, cycle_id, people, teams, known)
            known[objective.external_id] = filler.send("objectives", json=body)["id"]
    key_results = filler.key_results()
    bodies = [_check_in(c, people, key_results) for c in goals.check_ins(found, cycle, now)]
    for batch in _batches(bodies):
        filler.send("check-ins?upsert=true", json={"check_ins": batch})
    if cycle.ends_on < now.date():
        _close(filler, [known[objective.external_id] for objective in reversed(found)])


def _close(filler: Filler, ids: Iterable[str]) -> None:
    """Close what is over, from the leaves up, each with the grade its progress suggests."""
    still_open = {item["id"] for item in filler.items("objectives") if item["state"] == "active"}
    for objective_id in ids:
        if objective_id in still_open:
            filler.send(f"objectives/{objective_id}/close", json={}, headers={"If-Match": "*"})


def _cycle(cycle: goals.SampleCycle) -> dict[str, str]:
    return {
        "external_id": cycle.name,
        "name": cycle.name,
        "starts_on": str(cycle.starts_on),
        "ends_on": str(cycle.ends_on),
    }


def _objective(
    objective: goals.SampleObjective,
    cycle_id: str,
    people: Mapping[str, str],
    teams: Mapping[str, str],
    known: Mapping[str, str],
) -> dict[str, Any]:
    return {
        "external_id": objective.external_id,
        "title": objective.title,
        "cycle_id": cycle_id,
        "owner_kind": "team",
        "owner_id": teams[objective.team],
        "kind": objective.kind,
        "parents": [{"parent_kind": "objective", "parent_id": known[parent]} for parent in objective.parents],
        "key_results": [
            {
                "external_id": key_result.external_id,
                "title": key_result.title,
                "metric": key_result.metric,
                "unit": key_result.unit,
                "start": str(key_result.start),
                "target": str(key_result.target),
                "owner_id": people[key_result.owner],
            }
            for key_result in objective.key_results
        ],
    }


def _check_in(
    check_in: goals.SampleCheckIn, people: Mapping[str, str], key_results: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "external_id": check_in.external_id,
        "key_result_id": key_results[check_in.key_result],
        "author_id": people[check_in.author],
        "as_of": str(check_in.submitted_at.date()),
        "submitted_at": check_in.submitted_at.isoformat(),
        "value": str(check_in.value),
        "confidence": check_in.confidence,
        "note": check_in.note,
    }


def _batches(items: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _praise(filler: Filler, made: Organisation, today: date, people: Mapping[str, str]) -> None:
    chance = random.Random(11)  # noqa: S311 - made-up praise needs no cryptography
    for number in range(40):
        giver, recipient = chance.sample(made.people, 2)
        given = datetime.combine(today - timedelta(days=1 + number), time(15), UTC)
        kind = "feedback" if number % 5 == 4 else "praise"
        body = {
            "external_id": f"sample-{number}",
            "kind": kind,
            "giver_id": people[giver.external_id],
            "recipient_id": people[recipient.external_id],
            "text": PRAISE[number % len(PRAISE)],
            "given_at": given.isoformat(),
        }
        filler.send("feedback", json=body)
