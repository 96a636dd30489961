"""Web and worker processes on one folder: what they need, how they answer, how they end."""

import os
import re
import signal
import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from cairn import connect, topology
from chassis.settings import SettingsError, load
from tests.support.command import run
from tests.support.stack import Stack, answers, free_port, ports_of, until

pytestmark = pytest.mark.slow
ENDING_SECONDS = 8


@pytest.fixture
def folder(tmp_path: Path) -> dict[str, str]:
    """The settings of a Cairn whose files are prepared."""
    settings = {"CAIRN_DATA": str(tmp_path / "data"), "CAIRN_PARTITIONS": "2", "CAIRN_WEB_WORKERS": "1"}
    assert run(settings, "migrate").exit_code == 0
    assert run(settings, "topics", "apply").exit_code == 0
    return settings


@pytest.fixture
def stack(folder: dict[str, str], tmp_path: Path) -> Iterator[Stack]:
    """The gateway and people, each as web and worker, and nothing else."""
    ports = ports_of(topology.PARTS)
    urls = {f"CAIRN_{name.upper()}_URL": f"http://127.0.0.1:{ports[name]}" for name in topology.SERVICES}
    stack = Stack({**folder, **urls}, f"http://127.0.0.1:{ports['gateway']}", tmp_path)
    try:
        for name in ("people", "gateway"):
            start_web(stack, name, ports[name])
            start_worker(stack, name)
        for name in ("people", "gateway"):
            until(lambda name=name: answers(f"http://127.0.0.1:{ports[name]}/readyz"), 30, f"{name} web is ready")
            until(lambda name=name: answers(f"{stack.ops[name]}/readyz"), 30, f"{name} worker is ready")
        yield stack
    finally:
        stack.stop()


def start_web(stack: Stack, name: str, port: int, **environment: str) -> None:
    stack.start(f"{name}-web", "web", name, CAIRN_PORT=str(port), **environment)


def start_worker(stack: Stack, name: str, **environment: str) -> None:
    port = free_port()
    stack.ops[name] = f"http://127.0.0.1:{port}"
    stack.start(f"{name}-worker", "worker", name, CAIRN_OPS_PORT=str(port), **environment)


def ended(stack: Stack, name: str, number: signal.Signals = signal.SIGTERM) -> int:
    """The exit code after a signal."""
    process = stack.processes.pop(name)
    process.send_signal(number)
    return process.wait(ENDING_SECONDS)


def people_known(stack: Stack) -> set[str]:
    """The e-mail addresses the gateway's read model has."""
    with closing(sqlite3.connect(Path(stack.environment["CAIRN_DATA"], "gateway.db"))) as database:
        return {row[0] for row in database.execute("SELECT email FROM replica_people")}


def hire(stack: Stack, token: str, *names: str) -> None:
    with stack.client(token) as client:
        for name in names:
            body = {"email": f"{name}@example.org", "display_name": name}
            assert client.post("/api/v1/persons", json=body).status_code == 201


def test_web_and_worker_processes_of_two_parts_work_together_on_one_folder(stack: Stack) -> None:
    token = stack.admin()
    hire(stack, token, "ana", "ben")
    until(lambda: people_known(stack) == {"ana@example.org", "ben@example.org"}, 15, "the gateway knows them")
    assert stack.cairn("token", "ana@example.org").stdout.startswith("cairn_pat_")
    found = stack.cairn("status", check=False)
    assert re.search(r"^people +ok +0 .* held ", found.stdout, re.MULTILINE)
    assert "goals: no worker runs; start `cairn worker goals`" in found.stdout
    for address in (stack.url, stack.ops["people"]):
        assert httpx.get(f"{address}/livez").json() == {"status": "ok", "missing": []}
        assert "cairn_" in httpx.get(f"{address}/metrics").text


def test_both_end_with_0_within_seconds_of_a_signal_and_go_on_after_a_start(stack: Stack) -> None:
    token = stack.admin()
    names = [f"person-{number}" for number in range(40)]
    hire(stack, token, *names)
    # Events are under way when the workers are told to stop.
    assert ended(stack, "people-worker") == 0
    assert ended(stack, "gateway-worker", signal.SIGINT) == 0
    assert ended(stack, "people-web") == 0
    assert ended(stack, "gateway-web") == 0
    for name in ("people-worker", "gateway-worker", "people-web", "gateway-web"):
        assert "Traceback" not in stack.logs(name)
    assert leases(stack) == 0, "the relay's lease and the group's partitions were given back"
    start_worker(stack, "people")
    start_worker(stack, "gateway")
    until(lambda: people_known(stack) == {f"{name}@example.org" for name in names}, 15, "everybody has arrived")
    assert "Nothing is parked." in stack.cairn("parked", "list").stdout


def leases(stack: Stack) -> int:
    folder = Path(stack.environment["CAIRN_DATA"])
    asked = {"people.db": "leases WHERE name = 'relay'", "gateway.db": "leases WHERE name = 'relay'", "bus.db": "lease"}
    total = 0
    for file, rows in asked.items():
        with closing(sqlite3.connect(folder / file)) as database:
            total += database.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]  # noqa: S608 - our own constants
    return total


def test_a_request_that_is_being_read_when_the_signal_comes_is_answered(stack: Stack) -> None:
    body = b'{"email": "late@example.org", "display_name": "Late"}'
    port = int(stack.url.rpartition(":")[2])
    head = (
        f"POST /api/v1/persons HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {stack.admin()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    (worker,) = stack.children("gateway-web")
    idle = sockets(worker)
    with socket.create_connection(("127.0.0.1", port), timeout=ENDING_SECONDS) as connection:
        connection.sendall(head.encode() + body[:10])
        until(lambda: sockets(worker) > idle, 5, "the request is in the hands of a process")
        process = stack.processes.pop("gateway-web")
        before = sockets(process.pid)
        process.terminate()
        until(lambda: sockets(process.pid) < before, 5, "it takes no new connections")
        connection.sendall(body[10:])
        answer = connection.makefile("rb").readline()
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert process.wait(ENDING_SECONDS) == 0


def test_metrics_outlive_a_web_process_that_ends(folder: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    stack = Stack(folder, f"http://127.0.0.1:{port}", tmp_path)
    try:
        start_web(stack, "people", port, CAIRN_WEB_WORKERS="2")
        until(lambda: answers(f"{stack.url}/readyz"), 30, "people web is ready")
        until(lambda: len(stack.children("people-web")) == 2, 10, "both processes are there")
        assert httpx.get(f"{stack.url}/api/v1/persons").status_code == 401
        first = stack.children("people-web")[0]
        os.kill(first, signal.SIGTERM)
        until(lambda: len({*stack.children("people-web")} - {first}) == 2, 20, "another has taken its place")
        until(lambda: answers(f"{stack.url}/metrics"), 10, "metrics are shown")
        assert 'code="401"' in httpx.get(f"{stack.url}/metrics").text
    finally:
        stack.stop()


def sockets(pid: int) -> int:
    """How many sockets a process has open."""
    return sum(os.readlink(link).startswith("socket:") for link in Path(f"/proc/{pid}/fd").iterdir())


def test_processes_that_start_at_once_on_a_fresh_folder_agree_on_one_pair_of_keys(tmp_path: Path) -> None:
    settings = load({"CAIRN_DATA": str(tmp_path / "fresh")})
    with ThreadPoolExecutor(8) as processes:
        assert len(set(processes.map(connect.keys, [settings] * 16))) == 1


@pytest.mark.parametrize("role", ["web", "worker"])
def test_a_database_that_was_not_migrated_ends_with_4_and_the_command_to_run(role: str, tmp_path: Path) -> None:
    ran = run({"CAIRN_DATA": str(tmp_path / "none")}, role, "goals")
    assert (ran.exit_code, "cairn migrate" in ran.stderr) == (4, True)
    assert not (tmp_path / "none" / "goals.db").exists()
    (tmp_path / "goals.db").touch()
    ran = run({"CAIRN_DATA": str(tmp_path)}, role, "goals")
    assert (ran.exit_code, "run `cairn migrate goals`" in ran.stderr) == (4, True)


@pytest.mark.parametrize("role", ["web", "worker", "migrate"])
def test_a_database_server_that_is_away_ends_with_4(role: str) -> None:
    ran = run({"CAIRN_GOALS_DATABASE_URL": "postgresql://cairn:hunter-two@127.0.0.1:1/goals"}, role, "goals")
    assert ran.exit_code == 4
    assert "The database of goals does not answer" in ran.stderr
    assert "hunter-two" not in ran.output


def test_wrong_settings_end_with_2_and_are_all_told_at_once(folder: dict[str, str], tmp_path: Path) -> None:
    wrong = {"CAIRN_PORT": "http", "CAIRN_KAFKA": "kafka", "CAIRN_DATABSE_URL": "sqlite:///x", "CAIRN_PARTITIONS": "0"}
    ran = Stack({**folder, **wrong}, "", tmp_path).cairn("worker", "goals", check=False)
    assert ran.returncode == 2
    for name in wrong:
        assert name in ran.stderr
    assert "Did you mean CAIRN_DATABASE_URL?" in ran.stderr


def test_a_gateway_is_told_every_address_and_key_it_lacks(folder: dict[str, str]) -> None:
    ran = run({**folder, "CAIRN_INTERNAL_PUBLIC_KEYS": "k" * 50}, "web", "gateway")
    assert isinstance(ran.exception, SettingsError)
    told = "\n".join(ran.exception.problems)
    for name in ("CAIRN_INTERNAL_PRIVATE_KEY", *(f"CAIRN_{name.upper()}_URL" for name in topology.SERVICES)):
        assert f"{name} is missing" in told
    assert "cairn keygen" in told


def test_a_service_does_not_start_with_keys_it_cannot_verify_with(folder: dict[str, str]) -> None:
    for keys in ({"CAIRN_INTERNAL_PRIVATE_KEY": "k" * 50}, {"CAIRN_INTERNAL_PUBLIC_KEYS": '{"keys": []}' + " " * 40}):
        assert isinstance(run({**folder, **keys}, "web", "goals").exception, SettingsError)


@pytest.mark.parametrize(("role", "option"), [("web", "--port"), ("worker", "--ops-port")])
def test_a_port_that_is_taken_ends_with_2_and_the_option_to_use(folder: dict[str, str], role: str, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken_already:
        port = str(taken_already.getsockname()[1])
        ran = run(folder, role, "goals", option, port)
    assert (ran.exit_code, f"Choose another {option}" in ran.stderr) == (2, True)


def test_an_armed_failpoint_is_told_loudly(folder: dict[str, str], tmp_path: Path) -> None:
    stack = Stack(folder, "", tmp_path)
    try:
        start_worker(stack, "people", CAIRN_FAILPOINT="nowhere:kill")
        until(lambda: answers(f"{stack.ops['people']}/readyz"), 20, "the worker is ready")
        assert "CAIRN_FAILPOINT=nowhere:kill: this process dies or stands still there" in stack.logs("people-worker")
    finally:
        stack.stop()


def test_topics_can_be_applied_again_and_a_broker_that_is_away_is_told(folder: dict[str, str], tmp_path: Path) -> None:
    again = run(folder, "topics", "apply")
    assert (again.exit_code, again.stdout.count(": there")) == (0, 5)
    away = Stack({**folder, "CAIRN_KAFKA": "127.0.0.1:1"}, "", tmp_path).cairn("topics", "apply", check=False)
    assert (away.returncode, "The bus is not there (CAIRN_KAFKA=127.0.0.1:1)" in away.stderr) == (4, True)


def test_migrating_again_changes_nothing(folder: dict[str, str]) -> None:
    before = {path.name: path.read_bytes() for path in Path(folder["CAIRN_DATA"]).glob("*.db")}
    ran = run(folder, "migrate", "goals", "people")
    assert (ran.exit_code, ran.stdout) == (0, "goals: up to date\npeople: up to date\n")
    assert {path.name: path.read_bytes() for path in Path(folder["CAIRN_DATA"]).glob("*.db")} == before
