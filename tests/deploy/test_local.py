"""docker-compose.yml as processes here, with a real Kafka, PostgreSQL, nginx, Prometheus and Alertmanager."""

import os
import select
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from deploy import debian, environment
from deploy.kafka.broker import free_ports, why_unavailable
from deploy.local import compose
from deploy.local.processes import ROOT
from deploy.local.running import Local
from tests.support import servers
from tests.support.stack import until

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.postgres]
NETWORK = 100 + os.getpid() % 100


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    folder = tmp_path_factory.mktemp("local")
    # PostgreSQL runs as a user of its own, who has to get there.
    for above in (folder, *folder.parents[:2]):
        above.chmod(0o755)
    environment.write(folder / ".env")
    subprocess.run(["sh", str(ROOT / "deploy/kafka/fetch.sh")], check=False)
    if reason := why_unavailable():
        servers.absent(reason, "CAIRN_REQUIRE_KAFKA")
    port = free_ports(1)[0]
    variables = {**compose.variables(folder / ".env"), "CAIRN_EDGE_PORT": str(port), "CAIRN_WEB_WORKERS": "1"}
    containers = compose.read(ROOT / "docker-compose.yml", variables, {"core", "observability"})
    started = Local(containers, folder, {"gateway-web": 2, "goals-worker": 2}, network=NETWORK)
    try:
        started.up()
        yield started
    except debian.Unavailable as missing:
        servers.absent(str(missing), "CAIRN_REQUIRE_POSTGRES")
    finally:
        started.down()


@pytest.fixture(scope="module")
def token(local: Local) -> str:
    gateway = dict(local.instances["gateway-web-1"].process.environment)
    command = [sys.executable, "-m", "cairn", "token", "--service-account", "tests", "--role", "admin", "--role", "hr"]
    ran = subprocess.run(command, cwd=ROOT, env=gateway, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


@pytest.fixture
def edge(local: Local, token: str) -> Iterator[httpx.Client]:
    address = f"http://{local.containers['edge'].ports[0].rsplit(':', 1)[0]}"
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
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
    wanted |= {"gateway-web": 2, "goals-worker": 2}
    until(lambda: targets(local) == wanted, 60, f"all targets are up: {targets(local)}")
    assert alerts(local) == set()


def test_the_gateway_is_replaced_instance_by_instance_without_losing_a_request(
    local: Local, edge: httpx.Client
) -> None:
    answers: Counter[int] = Counter()
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            answers[edge.get("/api/v1/persons", params={"limit": "1"}).status_code] += 1

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    try:
        for name in ("gateway-web-1", "gateway-web-2"):
            local.instances[name].stop()
            local.instances[name].start()
            _until_well(local, name)
    finally:
        over.set()
        for client in clients:
            client.join()
    assert set(answers) == {200}
    assert answers[200] > 100


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
    _until_well(local, "goals-worker-1")
    until(lambda: not alerts(local), 120, "the alert is over")


def test_the_whole_topology_fits_into_its_memory(local: Local) -> None:
    ours = [one for one in local.instances.values() if one.alive and one.place.container.image.startswith("cairn")]
    assert len(ours) == 14
    assert sum(map(_resident, (pid for one in ours for pid in _family(one.running.pid)))) < 2560 << 20


def _until_well(local: Local, name: str) -> None:
    well: Callable[[], bool] = local.instances[name].well
    until(well, 60, f"{name} is healthy again: {local.instances[name].tail()}")
    select.select([], [], [], 0.2)


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
