"""The load: clients that each do a seeded mix of what people do, every write under an Idempotency-Key of its own.

The key stands in what the write makes (a title, a note, a text), so that it can be looked for in the owner's database.
An attempt of unknown outcome is repeated under its key, as a careful client would.
"""

import hashlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos.history import FAIL, INFO, OK, Attempt, History
from tests.chaos.site import World

CLIENTS = 8
PAUSE = (0.05, 0.3)
"""Seconds between two requests of a client."""
AGAIN_AFTER = 0.5
TIMEOUT = 8.0
AT_WORK = "still being worked on"
MIX = {
    "check_in": 40,
    "praise": 12,
    "private_note": 8,
    "create_objective": 12,
    "add_key_result": 6,
    "align": 6,
    "close": 4,
    "change_manager": 6,
    "register": 4,
    "deactivate": 2,
}


@dataclass
class Request:
    op: str
    key: str
    method: str
    path: str
    body: dict[str, Any] | None
    target: str = ""
    """What the write changes, where it makes nothing new."""


@dataclass
class Client:
    """One client and what it has made so far; use it from one thread."""

    number: int
    url: str
    world: World
    seed: int
    history: History
    began: float
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(f"{self.seed} client {self.number}")
        self._objectives = list(self.world.objectives)
        self._own: list[str] = []
        self._key_results = list(self.world.key_results)
        self._hires: list[str] = []
        headers = {"Authorization": f"Bearer {self.world.token}"}
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=TIMEOUT)

    def work(self, stop: threading.Event) -> None:
        """One request after the other until told to stop."""
        while not stop.wait(self._chance.uniform(*PAUSE)):
            request = self._next()
            self.requests.append(request)
            while self.send(request) == INFO and not stop.wait(AGAIN_AFTER):
                pass

    def send(self, request: Request) -> str:
        """One attempt, written down; its type."""
        start = time.monotonic()
        headers = {"Idempotency-Key": request.key, "If-Match": "*"}
        try:
            answer = self._http.request(request.method, f"/api/v1/{request.path}", json=request.body, headers=headers)
        except httpx.TransportError:
            self._note(request, start, INFO)
            return INFO
        type_ = _type(answer)
        self._note(request, start, type_, answer)
        if type_ == OK:
            self._learn(request, answer)
        return type_

    def close(self) -> None:
        self._http.close()

    def _note(self, request: Request, start: float, type_: str, answer: httpx.Response | None = None) -> None:
        status, id_, digest = 0, request.target, ""
        if answer is not None:
            status, digest = answer.status_code, hashlib.sha256(answer.content).hexdigest()[:16]
            if type_ == OK:
                id_ = answer.json().get("id", id_)
        span = (start - self.began, time.monotonic() - self.began)
        self.history.add(Attempt(self.number, *span, request.op, request.key, type_, status, id_, digest))

    def _learn(self, request: Request, answer: httpx.Response) -> None:
        made = answer.json()
        if request.op == "create_objective":
            self._objectives.append(made["id"])
            self._own.append(made["id"])
            self._key_results += [one["id"] for one in made["key_results"]]
        elif request.op == "add_key_result":
            self._key_results.append(made["id"])
        elif request.op == "register":
            self._hires.append(made["id"])

    def _next(self) -> Request:
        op = self._chance.choices(list(MIX), list(MIX.values()))[0]
        key = f"s{self.seed}-c{self.number}-{len(self.requests)}"
        make: Callable[[str], Request | None] = getattr(self, f"_{op}")
        return make(key) or self._check_in(key)

    def _check_in(self, key: str) -> Request:
        body = {"value": str(self._chance.randrange(101)), "note": key, "author_id": self._somebody()}
        path = f"key-results/{self._chance.choice(self._key_results)}/check-ins"
        return Request("check_in", key, "POST", path, body)

    def _praise(self, key: str) -> Request:
        return self._words(key, "praise", "praise", "public")

    def _private_note(self, key: str) -> Request:
        return self._words(key, "private_note", "feedback", "recipient")

    def _words(self, key: str, op: str, kind: str, visibility: str) -> Request:
        giver, recipient = self._chance.sample(self.world.people, 2)
        body = {"kind": kind, "visibility": visibility, "text": key, "giver_id": giver, "recipient_id": recipient}
        return Request(op, key, "POST", "feedback", body)

    def _create_objective(self, key: str) -> Request:
        key_results = [_key_result(f"{key} first"), _key_result(f"{key} second")]
        body = {
            "title": key,
            "cycle_id": self.world.cycle,
            "owner_id": self._somebody(),
            "parents": [_parent(self._chance.choice(self._objectives))],
            "key_results": key_results,
        }
        return Request("create_objective", key, "POST", "objectives", body)

    def _add_key_result(self, key: str) -> Request | None:
        if not self._own:
            return None
        path = f"objectives/{self._chance.choice(self._own)}/key-results"
        return Request("add_key_result", key, "POST", path, _key_result(key))

    def _align(self, key: str) -> Request | None:
        """To something older than itself, so that no loop can come of it."""
        if not self._own:
            return None
        own = self._chance.choice(self._own)
        older = self._objectives[: self._objectives.index(own)]
        parents = [_parent(one) for one in self._chance.sample(older, min(2, len(older)))]
        return Request("align", key, "PATCH", f"objectives/{own}", {"parents": parents, "description": key}, own)

    def _close(self, key: str) -> Request | None:
        if len(self._own) < 3:
            return None
        own = self._own.pop(self._chance.randrange(len(self._own)))
        return Request("close", key, "POST", f"objectives/{own}/close", {"grade": 0.5, "grade_note": key}, own)

    def _register(self, key: str) -> Request:
        body = {"email": f"{key}@chaos.example", "display_name": key, "manager_id": self._somebody()}
        return Request("register", key, "POST", "persons", body)

    def _change_manager(self, key: str) -> Request | None:
        if not self._hires:
            return None
        hire = self._chance.choice(self._hires)
        return Request("change_manager", key, "PATCH", f"persons/{hire}",
                       {"manager_id": self._somebody(), "title": key}, hire)  # fmt: skip

    def _deactivate(self, key: str) -> Request | None:
        if not self._hires:
            return None
        hire = self._hires.pop(self._chance.randrange(len(self._hires)))
        return Request("deactivate", key, "POST", f"persons/{hire}/deactivate", None, hire)

    def _somebody(self) -> str:
        return self._chance.choice(self.world.people)


def _type(answer: httpx.Response) -> str:
    if answer.is_success:
        return OK
    if answer.status_code >= 500 or (answer.status_code == 409 and AT_WORK in answer.text):
        return INFO
    return FAIL


def _parent(objective_id: str) -> dict[str, str]:
    return {"parent_kind": "objective", "parent_id": objective_id}


def _key_result(title: str) -> dict[str, str]:
    return {"title": title, "metric": "increase", "start": "0", "target": "100"}
