"""How each kind of container becomes a process: the command, its files, and how one sees that it is well.

What differs from the container is said here and nowhere else: host names become addresses, published ports a second
address to listen on, volumes folders below the data folder.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from deploy import debian
from deploy.kafka.broker import JVM, LIBRARIES
from deploy.kafka.broker import format_storage as format_broker
from deploy.local.compose import ComposeError, Container
from deploy.postgres import programs as postgres_programs

ROOT = Path(__file__).resolve().parents[2]
Probe = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one instance of a service lives."""

    container: Container
    name: str
    address: str
    folder: Path
    addresses: Mapping[str, Sequence[str]] = field(repr=False)
    """The addresses of every service's instances, by service."""

    def here(self, text: str) -> str:
        """Text of the file with host names as addresses: its own for localhost and 0.0.0.0."""
        text = re.sub(r"(?<![\w.-])(localhost|0\.0\.0\.0|127\.0\.0\.1)(?![\w.-])", self.address, text)
        for name, addresses in self.addresses.items():
            text = re.sub(rf"(?<![\w.-]){re.escape(name)}(?=:\d)", addresses[0], text)
        return text


@dataclass(frozen=True, slots=True)
class Process:
    """What to run, and the command that ends with 0 while it is well."""

    command: Sequence[str]
    environment: Mapping[str, str]
    probe: Sequence[str] = ()
    stop: str = "TERM"


WITHOUT_PROGRAM = ("grafana/grafana",)
"""Images for which there is no program in Debian; nothing else needs them."""


def left_out(container: Container) -> str:
    """Why a container is not run here; empty where it is."""
    if container.image.partition(":")[0] not in WITHOUT_PROGRAM:
        return ""
    return f"{container.name}: left out, Debian has no program for the image {container.image}"


def process(place: Place) -> Process:
    """The process of a container. Raises ComposeError for an image nothing here stands for."""
    image = place.container.image.rpartition("/")[2].partition(":")[0]
    make = {
        "cairn": _cairn,
        "postgres": _postgres,
        "kafka": _kafka,
        "mailpit": _mail,
        "nginx-unprivileged": _nginx,
        "prometheus": _prometheus,
        "alertmanager": _alertmanager,
    }.get(image)
    if make is None:
        raise ComposeError(f"There is no program of this machine for the image {place.container.image}.")
    place.folder.mkdir(parents=True, exist_ok=True)
    return make(place)


def _bare() -> dict[str, str]:
    """What a process of any container finds in its environment; no setting of ours comes in from outside the file."""
    kept = ("PATH", "HOME", "LANG", "JAVA_HOME", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _cairn(place: Place) -> Process:
    said = {name: _setting(place, name, value) for name, value in place.container.environment.items()}
    environment = {**_bare(), "PYTHONPATH": str(ROOT), "CAIRN_DATA": str(place.folder), **said}
    return Process(
        [sys.executable, "-m", "cairn", *place.container.command],
        environment,
        _probe(place, {"python": sys.executable}),
    )


def _setting(place: Place, name: str, value: str) -> str:
    return value if name == "CAIRN_PUBLIC_URL" else place.here(value)


def _probe(place: Place, programs: Mapping[str, str]) -> list[str]:
    kind, *words = place.container.probe or ("NONE",)
    if kind == "NONE":
        return []
    words = [place.here(word) for word in words]
    return [programs.get(words[0], words[0]), *words[1:]]


def _postgres(place: Place) -> Process:
    binaries = postgres_programs.find_or_install()
    as_owner = postgres_programs.as_owner(place.folder)
    data = place.folder / "data"
    if not (data / "PG_VERSION").exists():
        _new_cluster(place, binaries, as_owner, data)
    options = place.container.command[1:]
    own = ["-c", f"listen_addresses={place.address}", "-c", "unix_socket_directories="]
    command = [*as_owner, str(binaries / "postgres"), "-D", str(data), *options, *own]
    return Process(command, _bare(), _probe(place, {"pg_isready": str(binaries / "pg_isready")}), stop="INT")


def _new_cluster(place: Place, binaries: Path, as_owner: Sequence[str], data: Path) -> None:
    """A cluster with the databases that the image's first start would make, by the same script."""
    environment = {**_bare(), **place.container.environment}
    secret = place.folder / "password"
    secret.write_text(environment["POSTGRES_PASSWORD"])
    postgres_programs.give(secret)
    fresh = data.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    init = [*as_owner, str(binaries / "initdb"), "-D", str(fresh), "-U", "postgres", "-A", "scram-sha-256"]
    _ran([*init, f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8"], environment)
    secret.unlink()
    control = [*as_owner, str(binaries / "pg_ctl"), "-D", str(fresh), "-w", "-l", str(place.folder / "first.log")]
    _ran([*control, "-o", f"-c listen_addresses={place.address} -c unix_socket_directories=''", "start"], environment)
    try:
        server = {"PGHOST": place.address, "PGPASSWORD": environment["POSTGRES_PASSWORD"]}
        _ran(["sh", str(ROOT / "deploy/postgres/databases.sh")], {**environment, **server})
    finally:
        _ran([*control, "-m", "fast", "stop"], environment)
    fresh.rename(data)


def _ran(command: Sequence[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise ComposeError(f"{shlex.join(command[:4])} … failed: {(done.stderr or done.stdout).strip()[-800:]}")


def _kafka(place: Place) -> Process:
    """The image turns KAFKA_SOME_SETTING into some.setting; so do we."""
    said = place.container.environment
    options = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): place.here(value)
        for name, value in said.items()
        if name.startswith("KAFKA_") and name not in ("KAFKA_HEAP_OPTS", "KAFKA_LOG_DIRS")
    }
    log = place.folder / "log"
    properties = place.folder / "server.properties"
    properties.write_text("".join(f"{name}={value}\n" for name, value in {**options, "log.dirs": log}.items()))
    format_broker(log)
    java = ["java", *said.get("KAFKA_HEAP_OPTS", "").split(), *[flag for flag in JVM if not flag.startswith("-Xm")]]
    logging = ROOT / "deploy/kafka/log4j2.xml"
    own = [f"-Dkafka.logs.dir={place.folder}", f"-Dlog4j2.configurationFile={logging}"]
    probe = [sys.executable, "-m", "deploy.local.knock", place.address, "9092"]
    return Process([*java, *own, "-cp", f"{LIBRARIES}/*", "kafka.Kafka", str(properties)], _bare(), probe)


def _mail(place: Place) -> Process:
    catcher = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"{place.address}:1025", "-c"]
    probe = [sys.executable, "-m", "deploy.local.knock", place.address, "1025"]
    kept = ["aiosmtpd.handlers.Mailbox", str(place.folder / "mails")]
    return Process([*catcher, *kept], {**_bare(), "PYTHONPATH": str(ROOT)}, probe)


def _nginx(place: Place) -> Process:
    text = (ROOT / "deploy/edge/nginx.conf").read_text()
    published = [port.rsplit(":", 1)[0] for port in place.container.ports]
    text = re.sub(r"listen (\d+);", rf"listen {place.address}:\1;", text)
    text = text.replace(f"listen {place.address}:8080;", f"listen {place.address}:8080; listen {published[0]};")
    text = re.sub(r"server ([\w-]+):(\d+)([^;]*);", lambda found: _servers(place, found), text)
    text = text.replace("/tmp/", f"{place.folder}/").replace("/dev/stdout", str(place.folder / "access.log"))  # noqa: S108
    config = place.folder / "nginx.conf"
    config.write_text(text)
    command = [debian.program("nginx", "nginx-light"), "-e", "stderr", "-c", str(config), "-g", "daemon off;"]
    probe = [sys.executable, "-m", "deploy.probe", f"http://{place.address}:8080/edge-health"]
    return Process(command, _bare(), probe, stop="QUIT")


def _servers(place: Place, found: re.Match[str]) -> str:
    """Docker's name server tells all instances of a service, and when they change; here they are written out."""
    name, port, rest = found.groups()
    options = rest.replace(" resolve", "")
    return " ".join(f"server {address}:{port}{options};" for address in place.addresses.get(name, [name]))


def _prometheus(place: Place) -> Process:
    return _configured(
        place, debian.program("prometheus", "prometheus"), "9090", ["--storage.tsdb.path", str(place.folder / "data")]
    )


def _alertmanager(place: Place) -> Process:
    storage = ["--storage.path", str(place.folder / "data"), "--cluster.listen-address="]
    program = debian.program("prometheus-alertmanager", "prometheus-alertmanager")
    return _configured(place, program, "9093", storage)


def _configured(place: Place, program: str, port: str, options: Sequence[str]) -> Process:
    """Prometheus and Alertmanager: their folder of configuration, with instances in place of names to look up."""
    for file in (ROOT / "deploy/prometheus").glob("*.yml"):
        written = yaml.safe_dump(_found(yaml.safe_load(file.read_text()), place), sort_keys=False)
        (place.folder / file.name).write_text(written)
    main = {"9090": "prometheus.yml", "9093": "alertmanager.yml"}[port]
    command = [program, f"--config.file={place.folder / main}", f"--web.listen-address={place.address}:{port}"]
    probe = [sys.executable, "-m", "deploy.probe", f"http://{place.address}:{port}/-/ready"]
    return Process([*command, *options], _bare(), probe)


def _found(value: Any, place: Place) -> Any:
    """Configuration with every look-up of names as the list of what it would find."""
    if isinstance(value, list):
        return [_found(one, place) for one in value]
    if not isinstance(value, dict):
        return value
    filled = {name: _found(one, place) for name, one in value.items()}
    for lookup in filled.pop("dns_sd_configs", []):
        for name in lookup["names"]:
            targets = [f"{address}:{lookup['port']}" for address in place.addresses.get(name, ())]
            labels = {"__meta_dns_name": name}
            filled.setdefault("static_configs", []).append({"targets": targets, "labels": labels})
    return filled
