"""One part in trouble and the others not: its database restarts, hangs or is full, it is away or slow (F14 to F16, F28,
F29), asked ten times at once (F39), and served by the version before (F38).

People live on a PostgreSQL of their own, goals behind a proxy that makes trouble, the gateway on the common server.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from chassis.identity import generate_keys
from tests.support.own_postgres import OwnPostgres, own_postgres
from tests.support.postgres import Postgres
from tests.support.stack import Stack, answers, free_port, ports_of, until
from tests.support.tcp_proxy import PASS, SWALLOW, TcpProxy, tcp_proxy

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

Figure = Callable[[str], None]
FROZEN_SECONDS = float(os.environ.get("CAIRN_FAULT_SECONDS", "6"))
READ_DEADLINE = 2.0


@dataclass
class Parts:
    stack: Stack
    people: OwnPostgres
    proxy: TcpProxy
    """Between gateway and goals."""
    client: httpx.Client

    def hire(self, key: str | None = None) -> httpx.Response:
        """A new person; the key makes it repeatable."""
        mark = uuid4().hex
        return self.client.post(
            "/api/v1/persons",
            json={"email": f"{key or mark}@company.example", "display_name": "N" * 200},
            headers={"Idempotency-Key": key or mark},
        )

    def known(self) -> int:
        return int(str(self.people.run("people", "SELECT count(*) FROM people")[0][0]))

    def timed(self, path: str, count: int = 30) -> list[float]:
        """Seconds each of so many reads took, sorted; AssertionError where one is not answered 200."""
        took = []
        for _ in range(count):
            before = time.monotonic()
            answer = self.client.get(path)
            took.append(time.monotonic() - before)
            assert answer.status_code == 200, answer.text
        return sorted(took)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Parts]:
    folder = tmp_path_factory.mktemp("parts")
    ports = ports_of(("people", "goals", "gateway"))
    private, public = generate_keys()
    with ExitStack() as ending:
        people = ending.enter_context(own_postgres())
        people.run("postgres", "CREATE DATABASE people")
        proxy = ending.enter_context(tcp_proxy("127.0.0.1", ports["goals"]))
        elsewhere = "http://127.0.0.1:9"
        environment = {
            "CAIRN_DATA": str(folder),
            "CAIRN_WEB_WORKERS": "1",
            "CAIRN_INTERNAL_PRIVATE_KEY": private,
            "CAIRN_INTERNAL_PUBLIC_KEYS": public,
            "CAIRN_PEOPLE_DATABASE_URL": people.url("people"),
            **{f"CAIRN_{name}_URL": elsewhere for name in ("CHECKINS", "FEEDBACK", "NOTIFICATIONS")},
            "CAIRN_PEOPLE_URL": f"http://127.0.0.1:{ports['people']}",
            "CAIRN_GOALS_URL": proxy.url,
        }
        for name in ("goals", "gateway"):
            environment[f"CAIRN_{name.upper()}_DATABASE_URL"] = ending.enter_context(postgres.database())
        stack = Stack(environment, f"http://127.0.0.1:{ports['gateway']}", folder)
        ending.callback(stack.stop)
        stack.cairn("migrate", "people", "goals", "gateway")
        for name, port in ports.items():
            # Two processes of people: a hanging database holds one up for each request at hand.
            stack.start(
                f"{name}-web", "web", name, CAIRN_PORT=str(port), CAIRN_WEB_WORKERS="2" if name == "people" else "1"
            )
        for name, port in ports.items():
            ready = f"http://127.0.0.1:{port}/readyz"
            until(lambda ready=ready: answers(ready), 120, f"{name} is ready: {stack.logs(f'{name}-web')[-1000:]}")
        client = ending.enter_context(stack.client(stack.admin()))
        yield Parts(stack, people, proxy, client)


@pytest.fixture
def sound(parts: Parts) -> Parts:
    """All of it well, whatever the test before has done."""
    until(lambda: parts.hire().status_code == 201, 60, "people answer")
    until(lambda: parts.client.get("/api/v1/cycles").status_code == 200, 60, "goals answer")
    return parts


def test_ten_at_once_with_one_key_make_one_person(sound: Parts) -> None:
    before, key = sound.known(), uuid4().hex
    with ThreadPoolExecutor(10) as threads:
        answered = list(threads.map(lambda _: sound.hire(key), range(10)))
    assert {answer.status_code for answer in answered} <= {201, 409, 503}
    done = {answer.content for answer in answered if answer.status_code == 201}
    assert len(done) == 1
    assert sound.hire(key).content in done
    assert sound.known() == before + 1


def test_a_database_that_restarts_at_once_loses_nothing_and_is_used_again(sound: Parts, figure: Figure) -> None:
    before, stop = sound.known(), threading.Event()
    answered: list[httpx.Response] = []

    def write() -> None:
        while not stop.wait(0.01):
            answered.append(sound.hire())

    with ThreadPoolExecutor(3) as threads:
        writers = [threads.submit(write) for _ in range(3)]
        until(lambda: len(answered) > 30, 60, "writes go on")
        sound.people.stop_at_once()
        until(lambda: answered[-1].status_code == 503, 30, "writes are refused")
        others = sound.timed("/api/v1/cycles", 10)
        sound.people.start()
        up = time.monotonic()
        until(lambda: answered[-1].status_code == 201, 30, "writes go on")
        healed = time.monotonic() - up
        stop.set()
        for one in writers:
            one.result()
    refused = [answer for answer in answered if answer.status_code != 201]
    assert {answer.status_code for answer in refused} == {503}
    assert all(answer.headers["Retry-After"] and "detail" in answer.json() for answer in refused)
    acknowledged = len(answered) - len(refused)
    figure(f"{acknowledged} acknowledged, 0 lost; {len(refused)} told 503; healed {healed:.1f} s after the start; "
           f"goals meanwhile at most {others[-1] * 1000:.0f} ms")  # fmt: skip
    assert before + acknowledged <= sound.known() <= before + len(answered)


def test_a_database_that_hangs_holds_up_its_own_part_only(sound: Parts, figure: Figure) -> None:
    normal, dashboard = sound.timed("/api/v1/cycles"), sound.timed("/api/v1/me")
    stop = threading.Event()
    told: list[tuple[int, float]] = []

    def read() -> None:
        while not stop.is_set():
            before = time.monotonic()
            told.append((sound.client.get("/api/v1/persons").status_code, time.monotonic() - before))
            stop.wait(0.05)

    sound.people.freeze()
    thaw_at = time.monotonic() + FROZEN_SECONDS
    with ThreadPoolExecutor(4) as threads:
        readers = [threads.submit(read) for _ in range(4)]
        until(lambda: bool(told), 30, "the first is told")
        others, own = sound.timed("/api/v1/cycles"), sound.timed("/api/v1/me")
        until(lambda: time.monotonic() > thaw_at, FROZEN_SECONDS, "it hangs")
        stop.set()
        for one in readers:
            one.result()
    sound.people.thaw()
    back = time.monotonic()
    until(lambda: sound.hire().status_code == 201, 30, "people answer again")
    figure(f"people: {len(told)} reads told 503, the slowest after {max(took for _, took in told):.1f} s; goals "
           f"{normal[-1] * 1000:.0f} ms -> {others[-1] * 1000:.0f} ms, gateway {dashboard[-1] * 1000:.0f} -> "
           f"{own[-1] * 1000:.0f} ms (slowest of 30); back {time.monotonic() - back:.1f} s after it")  # fmt: skip
    assert {status for status, _ in told} == {503}
    assert max(took for _, took in told) < READ_DEADLINE + 1.5
    assert others[-1] < 2 * normal[-1] + 0.5
    assert own[-1] < 2 * dashboard[-1] + 0.5


def test_a_full_disk_is_told_and_forgotten_when_there_is_room_again(sound: Parts, figure: Figure) -> None:
    if not os.path.ismount(sound.people.folder):
        pytest.skip("no small file system can be mounted here; it needs root")
    before = sound.known()
    acknowledged, refused = 0, None
    with sound.people.full():
        for _ in range(400):
            answer = sound.hire()
            if answer.status_code != 201:
                refused = answer
                break
            acknowledged += 1
        assert refused is not None, "the disk was never full"
        assert (refused.status_code, refused.headers["Content-Type"]) == (503, "application/problem+json")
        assert refused.headers["Retry-After"]
        assert sound.client.get("/api/v1/persons").status_code == 200, "what is there can be read"
    freed = time.monotonic()
    until(lambda: sound.hire().status_code == 201, 60, "there is room again")
    figure(
        f"{acknowledged} written until it was full, 0 lost; writes {time.monotonic() - freed:.1f} s after it was freed"
    )
    assert sound.known() == before + acknowledged + 1


def test_a_service_that_swallows_requests_costs_its_own_readers_an_answer_in_time(sound: Parts, figure: Figure) -> None:
    usual = sound.timed("/api/v1/me")
    sound.proxy.mode = SWALLOW
    try:
        waited, others = slow_goals(sound)
    finally:
        sound.proxy.mode = PASS
    figure(f"goals: 503 after at most {waited[-1]:.1f} s, {waited[0] * 1000:.0f} ms once it is known; "
           f"the gateway's own answers {usual[-1] * 1000:.0f} -> {others[-1] * 1000:.0f} ms (slowest)")  # fmt: skip
    assert waited[-1] < READ_DEADLINE + 1.5
    assert waited[0] < 0.5, "the breaker is open"
    assert others[-1] < 1.2


def test_a_service_that_takes_five_seconds_is_not_waited_for(sound: Parts, figure: Figure) -> None:
    sound.proxy.delay = 5.0
    try:
        waited, others = slow_goals(sound)
    finally:
        sound.proxy.delay = 0.0
    figure(f"goals: 503 after at most {waited[-1]:.1f} s; the gateway's own answers at most {others[-1] * 1000:.0f} ms")
    assert waited[-1] < READ_DEADLINE + 1.5
    assert others[-1] < 1.2


def slow_goals(parts: Parts) -> tuple[list[float], list[float]]:
    """How long eight at once wait for goals to be refused, and what others wait for their answers meanwhile; sorted."""

    def read() -> list[float]:
        took = []
        for _ in range(4):
            before = time.monotonic()
            assert parts.client.get("/api/v1/cycles").status_code == 503
            took.append(time.monotonic() - before)
        return took

    with ThreadPoolExecutor(8) as threads:
        readers = [threads.submit(read) for _ in range(8)]
        others = parts.timed("/api/v1/me")
        return sorted(took for one in readers for took in one.result()), others


def test_a_database_one_step_ahead_is_served_by_the_version_before(sound: Parts, tmp_path: Path) -> None:
    """As while a release is rolled out: `cairn migrate` of the next version ran, processes of this one go on."""
    people = sound.people
    people.run("people", "ALTER TABLE people ADD COLUMN favourite_colour text")
    people.run("people", "CREATE TABLE colours (name text PRIMARY KEY)")
    people.run("people", "UPDATE people_version SET version_num = '9000'")
    url = sound.stack.environment["CAIRN_PEOPLE_URL"]
    assert httpx.get(f"{url}/readyz").json() == {"status": "ok", "missing": []}
    assert sound.hire().status_code == 201
    assert "people: up to date" in sound.stack.cairn("migrate", "people").stdout
    assert people.run("people", "SELECT version_num FROM people_version") == [("9000",)], "nothing is taken back"
    port = str(free_port())
    sound.stack.start("people-late", "web", "people", CAIRN_PORT=port)
    until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), 60, "this version still starts on it")
    sound.stack.crash("people-late")
