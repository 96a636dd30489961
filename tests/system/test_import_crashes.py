"""A worker killed at any point of an import: the next one does what is left, and everything happens once."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.access import Actor
from tests.support.people import Office
from tests.support.stack import Stack, embedded, until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
POINTS = ("import.taken", "import.understood", "import.applied", "import.committed")
COUNT = 1200
SERVICE = Actor("importer", "service", frozenset({"hr", "admin"}))


def file_of(count: int) -> bytes:
    """So many people below the first."""
    lines = [f"{one},p{one}@harbour.example,Person {one},{'0' if one else ''}\n" for one in range(count)]
    return ("external_id,email,display_name,manager_external_id\n" + "".join(lines)).encode()


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    made = Office(database_url).as_(SERVICE)
    yield made
    made.close()


def worked(url: str, failpoint: str = "") -> int:
    """Let a worker of its own carry out what waits; how it ended."""
    environment = {name: value for name, value in os.environ.items() if name != "CAIRN_FAILPOINT"}
    if failpoint:
        environment["CAIRN_FAILPOINT"] = f"{failpoint}:kill@1"
    command = [sys.executable, "-m", "tests.support.import_process", url]
    return subprocess.run(command, cwd=ROOT, env=environment, timeout=120, check=False).returncode


def sent(office: Office, content: bytes) -> str:
    answer = office.call("POST", "/imports", data=content)
    assert answer.status_code == 202, answer.text
    return str((answer.json or {})["id"])


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_import_happens_once(point: str, office: Office, database_url: str) -> None:
    made = sent(office, file_of(COUNT))
    assert worked(database_url, point) == -signal.SIGKILL
    state = office.get(f"/imports/{made}")["state"]
    assert state == ("applied" if point == "import.committed" else "running")
    assert Counter(event.id for event in office.said()).total() == (COUNT if state == "applied" else 0)
    assert worked(database_url) == 0
    found = office.get(f"/imports/{made}")
    assert (found["state"], found["counts"]["created"]) == ("applied", COUNT)
    assert set(Counter(event.id for event in office.said()).values()) == {1}
    assert len(office.said()) == COUNT


def test_a_file_that_kills_its_worker_every_time_is_given_up(office: Office, database_url: str) -> None:
    poison, after = sent(office, file_of(3)), sent(office, file_of(5))
    for _ in range(3):
        assert worked(database_url, "import.understood") == -signal.SIGKILL
    assert worked(database_url) == 0
    found = office.get(f"/imports/{poison}")
    assert (found["state"], found["attempts"]) == ("failed", 3)
    assert "Nothing of it was applied" in found["detail"]
    assert office.get(f"/imports/{after}")["state"] == "applied"
    assert len(office.said()) == 5


def test_a_cairn_that_was_killed_goes_on_after_its_restart(tmp_path: Path) -> None:
    with embedded(tmp_path) as stack:
        token = stack.admin()
        stack.crash("up")
        stack.start("up", "up", CAIRN_FAILPOINT="import.applied:kill@1")
        until(lambda: answers(stack, token), 60, "it answers")
        with stack.client(token) as client:
            made = client.post("/api/v1/imports", content=file_of(50)).json()["id"]
        assert stack.processes["up"].wait(60) == -signal.SIGKILL
        expire_leases(stack)
        stack.start("up", "up")
        until(lambda: looked_at(stack, token, made).get("state") == "applied", 60, "the import is applied")
        stack.settle()
        with stack.client(token) as client:
            assert len(client.get("/api/v1/persons", params={"limit": 200}).json()["items"]) == 50


def answers(stack: Stack, token: str) -> bool:
    return "items" in looked_at(stack, token, "")


def looked_at(stack: Stack, token: str, import_id: str) -> dict[str, Any]:
    """What is answered about imports; nothing while nobody answers."""
    import httpx

    try:
        with stack.client(token) as client:
            return dict(client.get(f"/api/v1/imports/{import_id}".rstrip("/")).json())
    except httpx.HTTPError:
        return {}


def expire_leases(stack: Stack) -> None:
    """As if the minute had passed for which the dead worker holds its tasks."""
    from sqlalchemy import update

    from chassis.tables import LEASES

    with stack.parts() as parts, parts["people"].db.writing() as session:
        session.execute(update(LEASES).values(expires=0))
