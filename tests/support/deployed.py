"""The whole topology of docker-compose.yml as processes here, for the tests and benchmarks of it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from cairn import connect, topology
from cairn.settling import settled
from chassis.service import Runtime
from chassis.settings import load
from deploy import debian, environment
from deploy.kafka.broker import free_ports, why_unavailable
from deploy.local import compose
from deploy.local.processes import ROOT
from deploy.local.running import Instance, Local
from tests.support import servers
from tests.support.stack import until

NETWORK = 100 + os.getpid() % 100
WELL_SECONDS = 120


@contextmanager
def deployed(
    folder: Path, scale: Mapping[str, int], *profiles: str, say: Callable[[str], None] = lambda _: None, **said: str
) -> Iterator[Local]:
    """Everything of these profiles and core, started; skips (on CI: fails) where a server cannot be had.

    `said` overrides variables of the .env.
    """
    with running(Local(containers(folder, *profiles, **said), folder, scale, network=NETWORK, say=say)) as local:
        yield local


def containers(folder: Path, *profiles: str, **said: str) -> dict[str, compose.Container]:
    """What docker-compose.yml says of these profiles and core, with a fresh .env in the folder."""
    servers.reachable(folder)
    environment.write(folder / ".env")
    variables = {**compose.variables(folder / ".env"), "CAIRN_EDGE_PORT": str(free_ports(1)[0]), **said}
    return compose.read(ROOT / "docker-compose.yml", variables, {"core", *profiles})


@contextmanager
def running(local: Local, only: Sequence[str] = ()) -> Iterator[Local]:
    """All of it started, or only some; skips (on CI: fails) where a server cannot be had. Ended with the block."""
    subprocess.run(["sh", str(ROOT / "deploy/kafka/fetch.sh")], check=False)
    if reason := why_unavailable():
        servers.absent(reason, "CAIRN_REQUIRE_KAFKA")
    try:
        if not only:
            local.up()
        for name in only:  # each once the one before is there
            local.start(name)
        yield local
    except debian.Unavailable as missing:
        servers.absent(str(missing), "CAIRN_REQUIRE_POSTGRES")
    finally:
        local.down()


def edge(local: Local) -> str:
    """Where Cairn answers."""
    return f"http://{local.containers['edge'].ports[0].rsplit(':', 1)[0]}"


def of_service(local: Local, name: str) -> list[Instance]:
    """All instances of a service."""
    return [one for one in local.instances.values() if one.place.container.name == name]


def admin(local: Local) -> str:
    """A token of a service account that may do everything."""
    gateway = dict(of_service(local, "gateway-web")[0].process.environment)
    command = [sys.executable, "-m", "cairn", "token", "--service-account", "tests", "--role", "admin", "--role", "hr"]
    return subprocess.run(command, cwd=ROOT, env=gateway, capture_output=True, text=True, check=True).stdout.strip()


def client(local: Local, token: str) -> httpx.Client:
    return httpx.Client(base_url=edge(local), headers={"Authorization": f"Bearer {token}"}, timeout=60)


def replaced(instance: Instance) -> None:
    """Stop one instance as an operator would, start it again and wait until it is well."""
    instance.stop()
    instance.start()
    well(instance)


def well(instance: Instance) -> None:
    until(instance.well, WELL_SECONDS, f"{instance.place.name} is healthy: {instance.tail()}")


@contextmanager
def parts(local: Local) -> Iterator[dict[str, Runtime]]:
    """Every part's database, opened beside the running processes."""
    names = [f"CAIRN_{part.upper()}_DATABASE_URL" for part in topology.PARTS]
    told = [of_service(local, f"{part}-web")[0].process.environment for part in topology.PARTS]
    with connect.opened(load({name: said[name] for name, said in zip(names, told, strict=True)})) as opened:
        yield opened


def settle(local: Local, seconds: float = 120) -> None:
    """Wait until nothing waits in any outbox and every read model has caught up."""
    with parts(local) as opened:
        until(lambda: settled(opened), seconds, "every event has arrived everywhere")
