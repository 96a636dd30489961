"""Five faults of a running topology, one after the other: each raises its own alert in time, no other, and then ends.

Real Kafka, PostgreSQL, Prometheus and Alertmanager, configured as shipped; Cairn with people, goals and the gateway.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from cairn import topology
from chassis.bus import Message
from chassis.bus.kafka import KafkaBus
from deploy.local.processes import ROOT
from deploy.local.running import Local
from tests.support import deployed
from tests.support.stack import until

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.postgres]
NETWORK = 1 + os.getpid() % 99
PARTS = ("people", "goals", "gateway")
WANTED = {"postgres", "kafka", "migrate", "topics", "prometheus", "alertmanager"} | {
    f"{part}-{role}" for part in PARTS for role in ("web", "worker")
}
IN_TIME = 120


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    folder = tmp_path_factory.mktemp("local")
    every = deployed.containers(folder, "observability", CAIRN_WEB_WORKERS="1")
    wanted = {name: one for name, one in every.items() if name in WANTED}
    # Without an edge between them.
    direct = {f"CAIRN_{part.upper()}_URL": f"http://{part}-web:8080" for part in topology.SERVICES}
    gateway = wanted["gateway-web"]
    wanted["gateway-web"] = replace(gateway, environment={**gateway.environment, **direct})
    with deployed.running(Local(wanted, folder, network=NETWORK)) as started:
        until(lambda: scraped(started) == 2 * len(PARTS), 60, "every process has been scraped")
        yield started


@pytest.fixture(scope="module")
def gateway(local: Local) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {deployed.admin(local)}"}
    with httpx.Client(base_url=address(local, "gateway-web", 8080), headers=headers, timeout=30) as client:
        yield client


def address(local: Local, name: str, port: int) -> str:
    return f"http://{local.instances[name].place.address}:{port}"


def cairn(local: Local, settings_of: str, *arguments: str) -> str:
    """What the command line says, with the settings of one of the processes."""
    settings = dict(local.instances[settings_of].process.environment)
    command = [sys.executable, "-m", "cairn", *arguments]
    ran = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def asked(local: Local, query: str) -> list[dict[str, str]]:
    """The labels of what a query finds."""
    answer = httpx.get(f"{address(local, 'prometheus', 9090)}/api/v1/query", params={"query": query}, timeout=10)
    return [one["metric"] for one in answer.raise_for_status().json()["data"]["result"]]


def scraped(local: Local) -> int:
    return len(asked(local, "up == 1"))


def alerts(local: Local) -> set[str]:
    """What Alertmanager would tell somebody."""
    active = httpx.get(f"{address(local, 'alertmanager', 9093)}/api/v2/alerts?active=true&inhibited=false", timeout=10)
    return {one["labels"]["alertname"] for one in active.raise_for_status().json()}


@contextmanager
def raises_only(local: Local, alert: str) -> Iterator[None]:
    """Begin with the fault made; in the block mend it. The alert comes in time and goes, and no other is seen."""
    others: set[str] = set()

    def seen() -> set[str]:
        found = alerts(local)
        others.update(found - {alert})
        return found

    def told() -> bool:
        return alert in seen() or bool(others)

    until(told, IN_TIME, f"{alert} is told; {asked(local, 'ALERTS')}")
    assert not others
    yield
    until(lambda: not seen() or bool(others), IN_TIME, f"{alert} has ended")
    assert not others


def restarted(local: Local, name: str, settings: Mapping[str, str]) -> None:
    """The process again, with these settings beside those of the file."""
    instance = local.instances[name]
    instance.kill()
    ordinary = instance.process
    instance.process = replace(ordinary, environment={**ordinary.environment, **settings})
    instance.start()
    instance.process = ordinary
    until(instance.well, 60, f"{name} is healthy: {instance.tail()}")


def write(gateway: httpx.Client, number: int) -> None:
    """Something that travels from people to everybody."""
    person = {"email": f"person{number}@example.org", "display_name": f"Person {number}"}
    gateway.post("/api/v1/persons", json=person).raise_for_status()


def knows(gateway: httpx.Client, number: int) -> bool:
    return f"Person {number}" in gateway.get("/api/v1/search", params={"q": f"Person {number}"}).text


def test_nothing_is_told_of_a_start_and_of_ordinary_work(local: Local, gateway: httpx.Client) -> None:
    write(gateway, 1)
    until(lambda: knows(gateway, 1), 30, "the person is in the read model")
    until(lambda: not asked(local, "ALERTS"), 60, "what was first asked before it answered is forgotten")
    assert asked(local, 'max_over_time(ALERTS{alertstate="firing"}[10m])') == []
    assert alerts(local) == set()


def test_an_event_that_cannot_be_read_is_told_as_parked(local: Local, gateway: httpx.Client) -> None:
    bus = KafkaBus(f"{local.instances['kafka'].place.address}:9092", "")
    headers = {"ce_specversion": "1.0", "ce_id": "poison", "ce_type": "nothing"}
    assert bus.publish([Message("cairn.people", "poison", b"\xff", headers)]) == [None]
    bus.close()
    write(gateway, 2)
    with raises_only(local, "EventsParked"):
        until(lambda: knows(gateway, 2), 30, "others go on")
        until(lambda: len(asked(local, "cairn_dead_letters > 0")) == 2, 30, "both that listen to people have parked it")
        for part in ("goals", "gateway"):
            cairn(local, f"{part}-worker", "parked", "drop", part, "1", "--yes")


def test_a_broker_that_does_not_answer_is_told_as_the_bus_away(local: Local, gateway: httpx.Client) -> None:
    local.instances["kafka"].signal(signal.SIGSTOP)
    try:
        write(gateway, 3)
        with raises_only(local, "BusAway"):
            local.instances["kafka"].signal(signal.SIGCONT)
            until(lambda: knows(gateway, 3), 60, "what waited has arrived")
    finally:
        local.instances["kafka"].signal(signal.SIGCONT)


def test_a_dead_service_is_told_as_a_process_down(local: Local, gateway: httpx.Client) -> None:
    local.instances["goals-web"].kill()
    assert gateway.get("/api/v1/cycles").status_code == 503
    with raises_only(local, "ProcessDown"):
        local.start("goals-web")
        until(lambda: gateway.get("/api/v1/cycles").status_code == 200, 30, "goals answers again")


def test_a_relay_that_stands_still_is_told_as_that(local: Local, gateway: httpx.Client) -> None:
    restarted(local, "people-worker", {"CAIRN_FAILPOINT": "relay.turn:hang@10"})
    with raises_only(local, "RelayFrozen"):
        write(gateway, 4)
        restarted(local, "people-worker", {})
        until(lambda: knows(gateway, 4), 60, "what waited has arrived")


def test_a_consumer_that_is_too_slow_is_told_as_behind(local: Local, gateway: httpx.Client) -> None:
    restarted(local, "gateway-worker", {"CAIRN_FAILPOINT": "consumer.in_transaction:pause@55"})
    write(gateway, 5)
    with raises_only(local, "ConsumerBehind"):
        restarted(local, "gateway-worker", {})
        until(lambda: knows(gateway, 5), 60, "it has caught up")
