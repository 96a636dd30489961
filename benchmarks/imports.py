"""An organisation of 98,009 people through `cairn import people`: how long until everybody is in, until every copy has
heard, what memory it takes, and how fast everyone below a person is told afterwards.

The files are a real ministry's where the real data lies beside the project, else made up to the same size and depth.
"""

import csv
import hashlib
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text

from benchmarks.servers import real
from cairn import topology
from cairn.settling import settled
from chassis import replica
from chassis.relay import waiting_since
from chassis.service import Runtime
from chassis.tables import OUTBOX, PEOPLE
from tests.support import kafka
from tests.support.real_files import data_root
from tests.support.stack import Stack, distributed, embedded

SIZE = 98_009
MAP = (
    "external_id={person_id},email={person_id}@dwp.example.com,display_name={display_name},title={title},"
    "manager_external_id={manager_id}"
)
SAMPLE = 1000
PATIENCE = 600.0
COPIES = tuple(name for name in topology.PARTS if name != "people")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = _files(Path(folder))
        with embedded(Path(folder) / "embedded") as stack:
            _measure("embedded", stack, files)
        try:
            with _distributed(Path(folder) / "distributed") as stack:
                _measure("distributed", stack, files)
        except pytest.skip.Exception as reason:
            print(f"imports, distributed: not measured: {reason}")


def _measure(where: str, stack: Stack, files: list[Path]) -> None:
    def say(what: str, value: object) -> None:
        print(f"imports, {where}: {what}: {value}", flush=True)

    managers = _lines(files)
    token = stack.admin()
    memory, work = _memory(stack, "VmRSS"), _work(stack)
    with stack.parts() as parts, ThreadPoolExecutor(1) as aside:
        began = time.monotonic()
        command = ("import", "people", *map(str, files), "--map", MAP)
        sent = aside.submit(lambda: (stack.cairn(*command, CAIRN_TOKEN=token), time.monotonic()))
        heard = _until_heard(parts, len(managers), sent)
        applied = heard.pop("people")
        say("everybody in, committed, after", f"{applied - began:.1f} s")
        say("every event out, after that", f"{heard.pop('events out') - applied:.1f} s")
        say("every copy in step, after that", f"{max(heard.values()) - applied:.1f} s")
        say("the command came back after", f"{sent.result()[1] - began:.1f} s")
        say("processor time of all processes", f"{_work(stack) - work:.1f} s")
        say("memory at its highest, above before", _above(memory, _memory(stack, "VmHWM")))
        say("nothing missing anywhere", settled(parts))
        say("events", _events(parts["people"]))
        say("copies equal", len({_fingerprint(parts[name]) for name in topology.PARTS}) == 1)
        known = _ids(parts["people"])
        above = {known[person]: known[manager] if manager else None for person, manager in managers.items()}
        for name in COPIES:
            say(f"who stands above, {name}", _chains(parts[name], above))
    with stack.client(token) as client:
        say("everyone below, first page over HTTP", _below(client, above))
        _usable(client, above, say)


def _until_heard(parts: Mapping[str, Runtime], people: int, sent: Future[Any]) -> dict[str, float]:
    """When each part had everybody, and when no event waited any more. Raises TimeoutError, and what `sent` raised."""
    heard: dict[str, float] = {}
    deadline = time.monotonic() + PATIENCE
    while len(heard) <= len(parts):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {PATIENCE:.0f} s: only {sorted(heard)}")
        if sent.done():
            sent.result()
        time.sleep(1.0)
        for name in parts.keys() - heard.keys():
            if _count(parts[name]) == people:
                heard[name] = time.monotonic()
        if "people" in heard and "events out" not in heard and not waiting_since(parts["people"].db)[0]:
            heard["events out"] = time.monotonic()
    return heard


def _count(part: Runtime) -> int:
    with part.db.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {_table(part)}")).scalar_one())  # noqa: S608 - our names


def _table(part: Runtime) -> str:
    """Where a part keeps everybody: the owner, and those with a copy."""
    return "people" if part.service.name == "people" else PEOPLE.name


def _events(people: Runtime) -> int:
    with people.db.reading() as session:
        return session.execute(select(func.count()).where(OUTBOX.c.published_at.is_not(None))).scalar_one()


def _fingerprint(part: Runtime) -> str:
    """Of everything that is known of everybody."""
    columns = "id, version, external_id, email, display_name, title, manager_id"
    digest = hashlib.sha256()
    with part.db.reading() as session:
        for row in session.execute(text(f"SELECT {columns} FROM {_table(part)} ORDER BY id")):  # noqa: S608 - our own names
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _ids(people: Runtime) -> dict[str, str]:
    with people.db.reading() as session:
        return dict(session.execute(text("SELECT external_id, id FROM people")).tuples().all())


def _chains(part: Runtime, above: Mapping[str, str | None]) -> str:
    times = []
    for person in Random(1).sample(sorted(above), SAMPLE):  # noqa: S311 - a sample, not a secret
        with part.db.reading() as session:
            began = time.perf_counter()
            found = replica.chain(session, [person])
            times.append(time.perf_counter() - began)
        if found != set(_up(above, person)):
            raise AssertionError(f"{part.service.name} errs about who stands above {person}")
    return f"{SAMPLE} right, {_spread(times)}"


def _below(client: httpx.Client, above: Mapping[str, str | None]) -> str:
    """First pages for the root, the largest and random managers, and all pages of them: the same as naive recursion."""
    below: dict[str, set[str]] = defaultdict(set)
    for person in above:
        for manager in _up(above, person):
            below[manager].add(person)
    largest = sorted(below, key=lambda manager: -len(below[manager]))
    asked = dict.fromkeys([*largest[:100], *Random(2).sample(largest, min(SAMPLE, len(largest)))])  # noqa: S311
    times = []
    for manager in asked:
        began = time.perf_counter()
        client.get(f"/api/v1/persons/{manager}/reports", params={"depth": "all"}).raise_for_status()
        times.append(time.perf_counter() - began)
    checked = [largest[0], *[manager for manager in asked if len(below[manager]) < SAMPLE]]
    for manager in checked:
        if _all_pages(client, manager) != below[manager]:
            raise AssertionError(f"not everyone below {manager}")
    return f"{len(asked)} asked, all {len(below[largest[0]])} below the root and {len(checked)} right, {_spread(times)}"


def _all_pages(client: httpx.Client, manager: str) -> set[str]:
    found: set[str] = set()
    query = {"depth": "all", "limit": "200"}
    while True:
        page = client.get(f"/api/v1/persons/{manager}/reports", params=query).raise_for_status().json()
        found.update(one["id"] for one in page["items"])
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


def _usable(client: httpx.Client, above: Mapping[str, str | None], say: Callable[[str, object], None]) -> None:
    """What people look at all day, with everybody there."""
    root = next(person for person, manager in above.items() if manager is None)
    leaf = max(above, key=lambda person: len(list(_up(above, person))))
    paths = {
        "persons, first page": "/api/v1/persons",
        "persons?q=smith": "/api/v1/persons?q=smith",
        "persons?q= that nobody has": "/api/v1/persons?q=qqzzqq",
        "search?q=smith": "/api/v1/search?q=smith",
        "overview of the root": f"/api/v1/persons/{root}/overview",
        "chain of the lowest": f"/api/v1/persons/{leaf}/chain",
        "due of the root": f"/api/v1/persons/{root}/due",
    }
    for name, path in paths.items():
        times = []
        for _ in range(7):
            began = time.perf_counter()
            answer = client.get(path)
            times.append(time.perf_counter() - began)
        say(name, _spread(times) if answer.status_code == 200 else f"answers {answer.status_code}")


def _up(above: Mapping[str, str | None], person: str) -> Iterator[str]:
    here = above[person]
    while here is not None:
        yield here
        here = above[here]


def _spread(seconds: list[float]) -> str:
    ordered = sorted(one * 1000 for one in seconds)
    return f"p50 {median(ordered):.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.1f} ms, most {ordered[-1]:.1f} ms"


def _files(folder: Path) -> list[Path]:
    try:
        return sorted((data_root() / "uk_gov_organograms").glob("expanded_dwp_98k_part*.csv")) or [_made_up(folder)]
    except pytest.skip.Exception:
        return [_made_up(folder)]


def _made_up(folder: Path) -> Path:
    """Everybody but the first reports to somebody of the upper half, which makes some twenty levels."""
    path = folder / "made-up.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["person_id", "display_name", "title", "manager_id"])
        for number in range(SIZE):
            manager = f"P{number * 11 // 20}" if number else ""
            writer.writerow([f"P{number}", f"Person {number * 7919 % SIZE}", "Officer", manager])
    return path


def _lines(files: list[Path]) -> dict[str, str | None]:
    """Who reports to whom, as the files say."""
    lines: dict[str, str | None] = {}
    for path in files:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines.update((row["person_id"], row["manager_id"] or None) for row in csv.DictReader(file))
    return lines


def _memory(stack: Stack, field: str) -> dict[str, int]:
    """MiB of each process with its children: VmRSS, what it holds now, or VmHWM, the most it ever held."""
    return {
        name: sum(_status(pid, field) for pid in [process.pid, *stack.children(name)]) // 1024
        for name, process in stack.processes.items()
    }


def _status(pid: int, field: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


def _above(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    grown = sorted(((after[name] - before[name], name) for name in before), reverse=True)
    return ", ".join(f"{name} {more} MiB" for more, name in grown[:4])


def _work(stack: Stack) -> float:
    """Seconds of processor time that every process and its children have spent so far."""
    ticks = 0
    for name, process in stack.processes.items():
        for pid in [process.pid, *stack.children(name)]:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def _distributed(folder: Path) -> Iterator[Stack]:
    """Every part on a PostgreSQL and a Kafka of this run. Raises pytest's Skipped where they cannot be had."""
    with ExitStack() as made:
        server, broker = made.enter_context(real())
        databases = {name: made.enter_context(server.database()) for name in topology.PARTS}
        yield made.enter_context(distributed(folder, databases, broker, kafka.fresh_prefix()))
