"""Eight people who work without pause, three reads to two writes, and the proof that each write counted once.

Every write carries an Idempotency-Key. A change of a person also carries the ETag of the answer before, so that one
that was lost or done twice would be refused.
"""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import httpx
from sqlalchemy import text

from chassis.service import Runtime
from chassis.tables import PEOPLE
from tests.support.stack import items, until

API = "/api/v1"
CLIENTS = 8
PATIENCE = 60
COPIED = "id, version, external_id, email, display_name, title, manager_id"


@dataclass
class Worker:
    """One of them: a person, their objective with one key result, and all they were told."""

    client: httpx.Client
    number: int
    person: dict[str, Any]
    objective: dict[str, Any]
    etag: str
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    check_ins: list[str] = field(default_factory=list)
    praises: list[str] = field(default_factory=list)
    changes: int = 0

    def turn(self, number: int) -> None:
        """One request; which one, its number says."""
        key_result = self.objective["key_results"][0]["id"]
        person = self.person["id"]
        match number % 10:
            case 0 | 5:
                body = {"value": str(number % 101), "author_id": person}
                self._made(self.check_ins, f"key-results/{key_result}/check-ins", body)
            case 2:
                to = self.objective["praised"]
                praise = {"kind": "praise", "giver_id": person, "recipient_id": to, "text": f"Well done, {number}"}
                self._made(self.praises, "feedback", praise)
            case 7:
                self._changed(number)
            case 1:
                self._ask("GET", f"persons/{person}/overview")
            case 3:
                self._ask("GET", f"objectives/{self.objective['id']}")
            case 4:
                self._ask("GET", f"cycles/{self.objective['cycle_id']}/alignment")
            case 6:
                self._ask("GET", "check-ins", params={"author_id": person, "limit": "5"})
            case 8:
                self._ask("GET", "persons", params={"limit": "5"})
            case _:
                self._ask("GET", "feedback", params={"limit": "5"})

    def _made(self, made: list[str], path: str, body: Mapping[str, Any]) -> None:
        answer = self._ask("POST", path, json=body)
        if answer is not None:
            made.append(answer.json()["id"])

    def _changed(self, number: int) -> None:
        body = {"title": f"Number {number}"}
        answer = self._ask("PATCH", f"persons/{self.person['id']}", json=body, headers={"If-Match": self.etag})
        if answer is not None:
            self.etag = answer.headers["ETag"]
            self.changes += 1

    def _ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any) -> Any:
        """The answer if it is one of success; anything else is written down as wrong."""
        key = {} if method == "GET" else {"Idempotency-Key": str(uuid4())}
        began = time.monotonic()
        try:
            answer = self.client.request(method, f"{API}/{path}", headers={**key, **(headers or {})}, **more)
        except httpx.TransportError as fault:
            self.wrong.append(f"{method} {path}: {fault!r}")
            return None
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers[f"{method} {answer.status_code}"] += 1
        if answer.is_success:
            return answer
        self.wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return None


class Load:
    """Use it as a context: they work inside it, and until at least `least` requests were sent."""

    def __init__(self, url: str, token: str, least: int, pace: float = 0.0) -> None:
        """`pace` is the requests a second that are asked for; 0 is as fast as it goes."""
        self._least, self._pace = least, pace
        self._over = threading.Event()
        headers = {"Authorization": f"Bearer {token}"}
        self.clients = [httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) for _ in range(CLIENTS)]
        self.cycle, self.workers = _company(self.clients)
        self._threads: list[threading.Thread] = []
        self.seconds = 0.0

    def __enter__(self) -> Self:
        self.seconds = -time.monotonic()
        self._threads = [threading.Thread(target=self._work, args=(worker,), daemon=True) for worker in self.workers]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.seconds += time.monotonic()

    def close(self) -> None:
        for client in self.clients:
            client.close()

    @property
    def sent(self) -> int:
        return sum(self.answers.values()) + len(self.wrong)

    @property
    def answers(self) -> Counter[str]:
        return sum((worker.answers for worker in self.workers), Counter())

    @property
    def wrong(self) -> list[str]:
        return [fault for worker in self.workers for fault in worker.wrong]

    def _work(self, worker: Worker) -> None:
        number, began, pause = 0, time.monotonic(), threading.Event()
        while not self._over.is_set() or number * CLIENTS < self._least:
            worker.turn(number + worker.number)
            number += 1
            if self._pace:
                pause.wait(max(0.0, began + number * CLIENTS / self._pace - time.monotonic()))

    def faults(self, parts: Mapping[str, Runtime]) -> list[str]:
        """What is wrong with what is stored, once everything has settled."""
        found = [fault for worker in self.workers for fault in self._stored(worker)]
        copies = {name: _people(part) for name, part in parts.items()}
        return found + [f"the people of {name} differ" for name in copies if copies[name] != copies["people"]]

    def _stored(self, worker: Worker) -> list[str]:
        client, person = worker.client, worker.person["id"]
        check_ins = items(client, "check-ins", author_id=person)
        praises = items(client, "feedback", giver_id=person)
        now = client.get(f"{API}/persons/{person}").raise_for_status().json()
        progress = _progress(check_ins)
        objective = client.get(f"{API}/objectives/{worker.objective['id']}").raise_for_status().json()
        seen = client.get(f"{API}/cycles/{self.cycle}/alignment").raise_for_status().json()["objectives"]
        shown = next(one["progress"] for one in seen if one["id"] == worker.objective["id"])
        compared = {
            "check-ins": (sorted(one["id"] for one in check_ins), sorted(worker.check_ins)),
            "praises": (sorted(one["id"] for one in praises), sorted(worker.praises)),
            "changes": (now["version"], worker.person["version"] + worker.changes),
            "progress": (objective["progress"], progress),
            "progress as the gateway shows it": (shown, progress),
        }
        return [f"{what}: {is_} instead of {wanted}" for what, (is_, wanted) in compared.items() if is_ != wanted]


def _company(clients: list[httpx.Client]) -> tuple[str, list[Worker]]:
    """A cycle, and for every client a person with an objective of one key result."""
    mark = uuid4().hex[:8]
    made = _Maker(clients[0])
    cycle = made("cycles", name=mark, starts_on="2026-01-01", ends_on="2026-12-31").json()["id"]
    praised = made("persons", email=f"{mark}@load.example", display_name="Praised").json()["id"]
    workers = []
    for number, client in enumerate(clients):
        person = made("persons", email=f"{mark}-{number}@load.example", display_name=f"Worker {number}")
        wanted = [{"title": "KR", "metric": "increase", "start": "0", "target": "100"}]
        body = {"title": "Aim", "cycle_id": cycle, "owner_id": person.json()["id"], "key_results": wanted}
        objective = made("objectives", **body).json() | {"cycle_id": cycle, "praised": praised}
        workers.append(Worker(client, number, person.json(), objective, person.headers["ETag"]))
    for worker in workers:
        _known_everywhere(worker)
    return cycle, workers


class _Maker:
    """Posts what depends on what was posted before."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._seen: dict[str, str] = {}

    def __call__(self, path: str, **body: Any) -> httpx.Response:
        made: list[httpx.Response] = []

        def accepted() -> bool:
            seen = {"Cairn-Consistency": ";".join(self._seen.values())} if self._seen else {}
            made.append(self._client.post(f"{API}/{path}", json=body, headers=seen))
            assert made[-1].status_code in (201, 503, 504), made[-1].text
            return made[-1].status_code == 201

        until(accepted, PATIENCE, f"{path} is made")
        token = made[-1].headers["Cairn-Consistency"]
        self._seen[token.partition(":")[0]] = token
        return made[-1]


def _known_everywhere(worker: Worker) -> None:
    """Wait until whoever will be asked about this person and objective has heard of them."""

    def known() -> bool:
        worker.turn(0)
        worker.turn(2)
        for number in (1, 3, 4):
            worker.turn(number)
        right = not worker.wrong
        worker.wrong.clear()
        return right

    until(known, PATIENCE, f"person {worker.number} is known everywhere")


def _progress(check_ins: list[dict[str, Any]]) -> float:
    latest = max(check_ins, key=lambda one: (one["as_of"], one["submitted_at"], one["id"]))
    return round(float(latest["value"]) / 100, 6)


def _people(part: Runtime) -> list[tuple[Any, ...]]:
    """Everybody as a part knows them: the owner, and those with a copy."""
    table = "people" if part.service.name == "people" else PEOPLE.name
    with part.db.reading() as session:
        return [tuple(row) for row in session.execute(text(f"SELECT {COPIED} FROM {table} ORDER BY id"))]  # noqa: S608
