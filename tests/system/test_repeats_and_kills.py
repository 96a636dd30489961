"""A running Cairn under repeats and kills: everything delivered twice, processes killed while people check in."""

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select, update

from chassis.service import Runtime
from chassis.tables import MEMBERS, OUTBOX, PEOPLE, TEAMS
from tests.support.stack import Stack, until

pytestmark = pytest.mark.slow


def digests(stack: Stack) -> dict[str, str]:
    """A checksum of everything each part knows, whatever order it learnt it in."""
    with stack.parts() as opened:
        return {name: _digest(part) for name, part in opened.items()}


def _digest(part: Runtime) -> str:
    tables = [*part.service.metadata.tables.values(), PEOPLE, TEAMS, MEMBERS]
    rows = []
    with part.db.reading() as session:
        for table in tables:
            volatile = {"serial", "last_used_at", "fresh_at", "as_of_event"}
            columns = [column for column in table.columns if column.name not in volatile]
            rows += [f"{table.name} {tuple(row)}" for row in session.execute(select(*columns))]
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


class Company:
    """A chain of objectives with key results at its end, and somebody who checks in."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._seen: dict[str, str] = {}
        mark = uuid4().hex[:8]
        self.person = self.post("persons", email=f"{mark}@company.example", display_name="Co Worker")["id"]
        self.cycle = self.post("cycles", name=mark, starts_on="2026-01-01", ends_on="2026-12-31")["id"]
        parents: list[dict[str, str]] = []
        for level in range(3):
            body = {"title": f"Level {level}", "cycle_id": self.cycle, "owner_id": self.person, "parents": parents}
            parents = [{"parent_kind": "objective", "parent_id": self.post("objectives", **body)["id"]}]
        wanted = [{"title": f"KR {n}", "metric": "increase", "start": "0", "target": "100"} for n in range(4)]
        leaf = {"title": "Leaf", "cycle_id": self.cycle, "owner_id": self.person, "parents": parents}
        self.key_results = [made["id"] for made in self.post("objectives", **leaf, key_results=wanted)["key_results"]]

    def post(self, path: str, **body: object) -> dict[str, list[dict[str, str]] | str]:
        seen = {"Cairn-Consistency": ";".join(self._seen.values())} if self._seen else {}
        answer = self._client.post(f"/api/v1/{path}", json=body, headers=seen)
        assert answer.status_code < 300, answer.text
        token = answer.headers["Cairn-Consistency"]
        self._seen[token.partition(":")[0]] = token
        return dict(answer.json())

    def objectives(self) -> list[dict[str, object]]:
        listed = self._client.get("/api/v1/objectives", params={"cycle_id": self.cycle})
        return list(listed.raise_for_status().json()["items"])


def test_everything_delivered_twice_changes_nothing(stack: Stack) -> None:
    with stack.client(stack.admin()) as client:
        company = Company(client)
        for number, key_result in enumerate(company.key_results):
            company.post(f"key-results/{key_result}/check-ins", value=str(number * 10), author_id=company.person)
        praised = company.post("persons", email=f"{uuid4().hex}@company.example", display_name="Praised One")["id"]
        text = "Well done"
        company.post("feedback", kind="praise", giver_id=company.person, recipient_id=praised, text=text)
    stack.settle()
    before = digests(stack)
    with stack.parts() as opened:
        repeats = publish_again(opened)
        for name, count in expected_repeats(opened, repeats).items():
            until(lambda name=name, count=count: duplicates(stack, name) >= count, 90, f"{name} saw {count} repeats")
    assert digests(stack) == before


def publish_again(opened: dict[str, Runtime]) -> dict[str, int]:
    """Make every relay send everything once more; answers how many messages each service sends."""
    sent = {}
    for name, part in opened.items():
        with part.db.writing() as session:
            sent[name] = session.execute(select(func.count(OUTBOX.c.id))).scalar_one()
            session.execute(update(OUTBOX).values(published_at=None))
    return sent


def expected_repeats(opened: dict[str, Runtime], sent: dict[str, int]) -> dict[str, int]:
    """How many duplicates each reader must see."""
    topics = {name: [topic.rpartition(".")[2] for topic in part.service.topics()] for name, part in opened.items()}
    return {name: sum(sent[owner] for owner in owners) for name, owners in topics.items() if owners}


def duplicates(stack: Stack, name: str) -> float:
    return stack.metric(name, "cairn_consumer_processed_total", result="duplicate")


def check_in(client: httpx.Client, company: Company, number: int) -> None:
    """One check-in, repeated under its Idempotency-Key until it is accepted."""
    body = {"value": str(number % 101), "author_id": company.person}
    path = f"/api/v1/key-results/{company.key_results[number % 4]}/check-ins"
    headers = {"Idempotency-Key": f"{company.cycle}-{number}"}

    def accepted() -> bool:
        try:
            answer = client.post(path, json=body, headers=headers)
        except httpx.TransportError:
            return False
        assert answer.status_code in (201, 409, 502, 503), answer.text
        return answer.status_code == 201

    until(accepted, 60, f"check-in {number} is accepted")


def test_kills_while_people_check_in_lose_and_double_nothing(stack: Stack) -> None:
    kill_and_start = _kill_embedded if "up" in stack.processes else _kill_distributed
    chance = random.Random(4)
    with stack.client(stack.admin()) as client:
        company = Company(client)
        stack.settle()
        with ThreadPoolExecutor(4) as people:
            waiting = []
            for number in range(120):
                waiting.append(people.submit(check_in, client, company, number))
                if number % 40 == 20:
                    waiting[-1].result()
                    kill_and_start(stack, chance)
            for one in waiting:
                one.result()
        stack.settle(120)
        listed = client.get("/api/v1/check-ins", params={"author_id": company.person, "limit": "200"}).json()["items"]
        assert len(listed) == 120
        read_model = client.get(f"/api/v1/cycles/{company.cycle}/alignment").raise_for_status().json()
        progress = {item["progress"] for item in company.objectives()}
        assert progress == {mean_of_latest(listed)}
        assert read_model["objectives"][0]["progress"] in progress


def mean_of_latest(check_ins: list[dict[str, str]]) -> float:
    """What the chain's progress must be: the mean of each key result's latest value, out of 100."""
    newest: dict[str, tuple[tuple[str, str, str], str]] = {}
    for one in check_ins:
        order = (one["as_of"], one["submitted_at"], one["id"])
        newest[one["key_result_id"]] = max(newest.get(one["key_result_id"], (order, "")), (order, one["value"]))
    return round(sum(float(value) for _, value in newest.values()) / 100 / len(newest), 6)


def _kill_embedded(stack: Stack, _chance: random.Random) -> None:
    stack.crash("up")
    stack.start("up", "up")


def _kill_distributed(stack: Stack, chance: random.Random) -> None:
    for name in chance.sample(["goals-worker", "checkins-worker", "gateway-worker", "checkins-web"], 2):
        stack.crash(name)
        stack.restart(name)
