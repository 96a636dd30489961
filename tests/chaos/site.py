"""Everything a run works on: Kafka and PostgreSQL of its own, every part of Cairn as processes, a mail server."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cairn import topology
from deploy.kafka.broker import Broker
from tests.support import stack as stacks
from tests.support.own_postgres import OwnPostgres
from tests.support.smtp import Behaviour, mail_server
from tests.support.stack import Stack

PREFIX = "chaos."
PEOPLE = 12
MAILED = 3
"""So many people want every kind of news by e-mail."""


@dataclass(frozen=True)
class Site:
    folder: Path
    kafka: Broker
    postgres: OwnPostgres
    stack: Stack
    mail: Behaviour


@dataclass(frozen=True)
class World:
    """What the clients find when they come: all of it has arrived everywhere."""

    token: str
    cycle: str
    people: tuple[str, ...]
    objectives: tuple[str, ...]
    key_results: tuple[str, ...]


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """Start all of it; ended and thawed in every case."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as ending:
        mail, smtp = ending.enter_context(mail_server())
        kafka = ending.enter_context(Broker(folder / "kafka"))
        postgres = _postgres(ending)
        databases = {name: postgres.url(name) for name in topology.PARTS}
        stack = ending.enter_context(stacks.distributed(folder / "cairn", databases, kafka.bootstrap, PREFIX))
        stack.environment |= {"CAIRN_SMTP_URL": smtp, "CAIRN_MAIL_FROM": "cairn@example.org"}
        stack.crash("notifications-worker")
        stack.restart("notifications-worker")
        yield Site(folder, kafka, postgres, stack, mail)


def _postgres(ending: ExitStack) -> OwnPostgres:
    """A server with an empty database for every part, in a folder that its own user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-postgres-"))
    ending.callback(shutil.rmtree, folder, ignore_errors=True)
    server = OwnPostgres(folder, connections=200)
    server.start()
    ending.callback(server.stop_at_once)
    ending.callback(server.thaw)
    for name in topology.PARTS:
        server.run("postgres", f'CREATE DATABASE "{name}"')
    return server


def mutate(site: Site, mutant: str) -> None:
    """Start every worker anew with one rule switched off."""
    site.stack.program = ("-m", "tests.chaos.mutated", mutant)
    for name in topology.PARTS:
        site.stack.crash(f"{name}-worker")
        site.stack.restart(f"{name}-worker")


def settle_in(site: Site) -> World:
    """A small organisation with three objectives, sent in through the public API."""
    token = site.stack.admin()
    with site.stack.client(token) as client:
        people: list[str] = []
        for number in range(PEOPLE):
            manager = {"manager_id": people[(number - 1) // 3]} if number else {}
            name = {"email": f"p{number}@chaos.example", "display_name": f"Person {number}"}
            people.append(_post(client, "persons", **name, **manager)["id"])
        cycle = _post(client, "cycles", name="Chaos", starts_on="2026-01-01", ends_on="2026-12-31")["id"]
        site.stack.settle()
        counted = [{"title": f"Key result {n}", "metric": "increase", "start": "0", "target": "100"} for n in range(2)]
        made = [
            _post(client, "objectives", title=f"Top {n}", cycle_id=cycle, owner_id=people[n], key_results=counted)
            for n in range(3)
        ]
    site.stack.settle()
    for number in range(MAILED):
        _ask_for_letters(site.stack, f"p{number}@chaos.example")
    key_results = tuple(one["id"] for objective in made for one in objective["key_results"])
    return World(token, cycle, tuple(people), tuple(one["id"] for one in made), key_results)


def _ask_for_letters(stack: Stack, email: str) -> None:
    from services.notifications.rules import KINDS

    with stack.client(stack.cairn("token", email).stdout.strip()) as own:
        wanted = {kind: {"email": True} for kind in KINDS}
        own.put("/api/v1/notification-preferences", json=wanted, headers={"If-Match": "*"}).raise_for_status()


def _post(client: httpx.Client, path: str, **body: Any) -> Any:
    answer = client.post(f"/api/v1/{path}", json=body)
    assert answer.status_code < 300, f"{path}: {answer.text}"
    return json.loads(answer.text)
