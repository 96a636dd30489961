"""docker-compose.yml as processes here, with a real Kafka, PostgreSQL, nginx, Prometheus and Alertmanager."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.running import Instance, Local
from tests.support import deployed
from tests.support.load import Load
from tests.support.stack import until

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.postgres]
PROCESSED = "cairn_consumer_processed_total"
SCALE = {"gateway-web": 2, "checkins-web": 2, "goals-worker": 2}


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    folder = tmp_path_factory.mktemp("local")
    with deployed.deployed(folder, SCALE, "observability", CAIRN_WEB_WORKERS="1") as started:
        yield started


@pytest.fixture(scope="module")
def token(local: Local) -> str:
    return deployed.admin(local)


@pytest.fixture
def edge(local: Local, token: str) -> Iterator[httpx.Client]:
    with deployed.client(local, token) as client:
        yield client


def asked(local: Local, name: str, port: int, path: str) -> httpx.Response:
    return httpx.get(f"http://{local.instances[name].place.address}:{port}{path}", timeout=10).raise_for_status()


def targets(local: Local) -> dict[str, int]:
    """How many processes of each part and role Prometheus reaches."""
    found = asked(local, "prometheus", 9090, "/api/v1/targets?state=active").json()["data"]["activeTargets"]
    up = [f"{one['labels']['part']}-{one['labels']['role']}" for one in found if one["health"] == "up"]
    return dict(Counter(up))


def alerts(local: Local) -> set[str]:
    """What Alertmanager would tell somebody."""
    active = asked(local, "alertmanager", 9093, "/api/v2/alerts?active=true").json()
    return {one["labels"]["alertname"] for one in active}


def person(number: int) -> dict[str, str]:
    return {"email": f"person{number}@example.org", "display_name": f"Person {number}"}


def test_a_write_through_the_edge_is_seen_in_the_read_model(local: Local, edge: httpx.Client) -> None:
    made = edge.post("/api/v1/persons", json=person(0))
    assert made.status_code == 201, made.text
    token = {"Cairn-Consistency": made.headers["Cairn-Consistency"]}
    seen = edge.get("/api/v1/search", params={"q": "Person 0"}, headers=token)
    assert "Person 0" in seen.text
    assert edge.get("/metrics").status_code == 404


def test_prometheus_reaches_every_instance_and_nothing_is_wrong(local: Local) -> None:
    parts = ("people", "goals", "checkins", "feedback", "notifications", "gateway")
    wanted = {f"{part}-{role}": 1 for part in parts for role in ("web", "worker")}
    wanted |= SCALE
    until(lambda: targets(local) == wanted, 60, f"all targets are up: {targets(local)}")
    assert alerts(local) == set()


def test_instances_are_replaced_one_by_one_under_load_and_no_request_fails(local: Local, token: str) -> None:
    with closing(Load(deployed.edge(local), token, 400)) as load:
        with load:
            for name in ("gateway-web-1", "checkins-web-2", "goals-worker-1", "checkins-worker"):
                deployed.replaced(local.instances[name])
        assert load.wrong == []
        assert load.sent >= 400
        deployed.settle(local)
        with deployed.parts(local) as parts:
            assert load.faults(parts) == []


def test_workers_that_come_and_go_share_the_work_and_lose_and_double_nothing(local: Local, token: str) -> None:
    with closing(Load(deployed.edge(local), token, 0)) as load:
        first, second = deployed.of_service(local, "goals-worker")
        with load:
            _all_apply(first, second)
            third = local.add("goals-worker")
            _all_apply(first, second, third)
            first.kill()
            third.stop()
            _all_apply(second)
        first.start()
        deployed.well(first)
        assert load.wrong == []
        deployed.settle(local)
        with deployed.parts(local) as parts:
            assert load.faults(parts) == []


def _all_apply(*workers: Instance) -> None:
    """Wait until each of these has applied events from now on: they share the partitions."""
    before = [_applied(worker) for worker in workers]

    def growing() -> bool:
        return all(_applied(worker) > was for worker, was in zip(workers, before, strict=True))

    until(growing, 120, f"{[worker.place.name for worker in workers]} all apply events, beyond {before}")


def _applied(worker: Instance) -> int:
    """Events this worker has handled."""
    text = httpx.get(f"http://{worker.place.address}:9090/metrics", timeout=10).raise_for_status().text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    handled = {"service": "goals", "result": "handled"}
    return int(sum(one.value for one in samples if one.name == PROCESSED and one.labels == handled))


def test_a_dead_worker_raises_its_own_alert_and_its_twin_goes_on(local: Local, edge: httpx.Client) -> None:
    local.instances["goals-worker-1"].kill()
    made = edge.post("/api/v1/persons", json=person(1)).raise_for_status()
    cycle = {"name": "Q1 2027", "starts_on": "2027-01-01", "ends_on": "2027-03-31"}
    token = {"Cairn-Consistency": made.headers["Cairn-Consistency"]}

    def heard() -> bool:
        return edge.post("/api/v1/cycles", json=cycle, headers=token).status_code == 201

    until(heard, 60, "the twin has taken over and knows the person")
    until(lambda: alerts(local) == {"ProcessDown"}, 120, "the alert has reached Alertmanager, and no other")
    local.instances["goals-worker-1"].start()
    deployed.well(local.instances["goals-worker-1"])
    until(lambda: not alerts(local), 120, "the alert is over")


def test_the_whole_topology_fits_into_its_memory(local: Local) -> None:
    ours = [one for one in local.instances.values() if one.alive and one.place.container.image.startswith("cairn")]
    once = {one.place.container.name: one.running.pid for one in ours if one.running is not None}
    assert len(once) == 12
    assert sum(map(_resident, (pid for leader in once.values() for pid in _family(leader)))) < 2560 << 20


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
