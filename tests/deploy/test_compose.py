"""docker-compose.yml and the image, checked as far as that goes without a container engine."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec.compose_spec import PyCompose

from cairn import topology
from chassis.settings import load
from deploy import environment
from deploy.local import compose
from deploy.local.running import Local

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
OURS = {f"{part}-{role}" for part in topology.PARTS for role in ("web", "worker")}


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    written = tmp_path_factory.mktemp("environment") / ".env"
    assert environment.write(written)
    assert not environment.write(written)
    assert written.stat().st_mode & 0o777 == 0o600
    return compose.variables(written)


@pytest.fixture(scope="module")
def document(variables: Mapping[str, str]) -> dict[str, Any]:
    found = compose.filled(yaml.safe_load(FILE.read_text()), variables)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def services(document: Mapping[str, Any]) -> dict[str, Any]:
    found = document["services"]
    assert isinstance(found, dict)
    return found


def test_the_file_is_valid_by_the_compose_specification(document: Mapping[str, Any]) -> None:
    parsed = PyCompose.from_json(json.dumps(document))
    parsed.validate()
    assert set(parsed.service_names()) == set(document["services"])


def test_every_part_has_a_web_and_a_worker(services: Mapping[str, Any]) -> None:
    assert set(services) >= OURS
    for name in OURS:
        part, role = name.split("-")
        assert services[name]["command"] == [role, part]


def test_every_setting_is_known_to_the_code_and_right(services: Mapping[str, Any]) -> None:
    told = [name for name, one in services.items() if one["image"].startswith("cairn")]
    assert set(told) == OURS | {"migrate", "topics"}
    for name in told:
        settings = load({key: str(value) for key, value in services[name]["environment"].items()})
        part = name.split("-")[0]
        assert name == "topics" or settings.database_url(part if part != "migrate" else "goals"), name


def test_a_part_is_told_its_own_secrets_only(services: Mapping[str, Any], variables: Mapping[str, str]) -> None:
    for name in OURS:
        part, role = name.split("-")
        said = json.dumps(services[name]["environment"])
        others = [other for other in topology.PARTS if other != part]
        assert not any(variables[f"{other.upper()}_PASSWORD"] in said for other in others), name
        private = variables["CAIRN_INTERNAL_PRIVATE_KEY"]
        assert (private in services[name]["environment"].values()) == (name == "gateway-web"), name
        assert role == "web" or "CAIRN_CURSOR_SECRET" not in said, name


def test_every_container_is_bounded_watched_and_without_privileges(services: Mapping[str, Any]) -> None:
    for name, one in services.items():
        limits = one["deploy"]["resources"]["limits"]
        assert set(limits) == {"cpus", "memory", "pids"}, name
        assert "no-new-privileges:true" in one["security_opt"], name
        assert one["profiles"], name
        assert one["logging"]["options"], name
        assert re.fullmatch(r"[\w./-]+:(local|v?\d+\.\d[\w.-]*)", one["image"]), f"{name}: {one['image']} is not pinned"
        assert name in ("migrate", "topics") or "healthcheck" in one, name
        if name not in ("postgres", "kafka"):  # their images step down from root by themselves, and write to volumes
            assert one["cap_drop"] == ["ALL"], name
            assert one["read_only"] is True, name


def test_only_the_edge_and_what_an_operator_looks_at_is_published(services: Mapping[str, Any]) -> None:
    published = {name: one["ports"] for name, one in services.items() if one.get("ports")}
    assert set(published) == {"edge", "mail", "prometheus", "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert all(services[name]["networks"] == ["inside"] for name in OURS | {"postgres", "kafka", "migrate", "topics"})


def test_every_container_waits_for_what_it_cannot_do_without(services: Mapping[str, Any]) -> None:
    healthy, done = {"condition": "service_healthy"}, {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"] == {"postgres": healthy}
    assert services["topics"]["depends_on"] == {"kafka": healthy}
    for name in OURS:
        wanted = {"migrate": done} if name.endswith("web") else {"migrate": done, "topics": done}
        assert services[name]["depends_on"] == wanted, name
    assert services["edge"]["depends_on"] == {"gateway-web": healthy}


def test_every_name_the_edge_and_the_gateway_call_is_there(services: Mapping[str, Any]) -> None:
    text = (ROOT / "deploy/edge/nginx.conf").read_text()
    upstreams = dict(re.findall(r"upstream (\w+) \{[^}]*server ([\w-]+):8080 resolve max_fails=0;", text))
    assert upstreams == {part: f"{part}-web" for part in topology.PARTS}
    inside = dict(re.findall(r"^\s+(81\d\d) (\w+);$", text, re.MULTILINE))
    listening = set(re.findall(r"listen (\d+);", text))
    assert listening == {"8080", *inside}
    told = services["gateway-web"]["environment"]
    urls = {part: told[f"CAIRN_{part.upper()}_URL"] for part in topology.SERVICES}
    assert urls == {part: f"http://edge:{port}" for port, part in inside.items()}
    assert not any(port.endswith(f":{inner}") for port in services["edge"]["ports"] for inner in inside)


def test_what_has_no_program_here_is_left_out_with_a_reason(tmp_path: Path, variables: Mapping[str, str]) -> None:
    said: list[str] = []
    containers = compose.read(FILE, variables, {"core", "observability"})
    local = Local(containers, tmp_path, say=said.append)
    assert containers.keys() - local.containers.keys() == {"grafana"}
    assert ["grafana" in reason for reason in said] == [True]


def test_what_a_volume_brings_in_is_there(services: Mapping[str, Any]) -> None:
    sources = [volume.split(":")[0] for one in services.values() for volume in one.get("volumes", ())]
    brought = [source for source in sources if source.startswith("./")]
    assert brought
    assert [source for source in brought if not (ROOT / source).exists()] == []


def test_the_image_is_built_by_the_rules() -> None:
    checked = subprocess.run(
        ["hadolint", str(ROOT / "deploy/Dockerfile")], capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_image_holds_everything_a_process_imports() -> None:
    text = (ROOT / "deploy/Dockerfile").read_text()
    copied = set(re.findall(r"^COPY (\S+) \1$", text, re.MULTILINE))
    assert copied == {"contracts", "chassis", "services", "gateway", "cairn", "deploy/probe.py"}
    assert "--require-hashes" in text
    assert re.search(r"^USER \d+:\d+$", text, re.MULTILINE)


def test_a_missing_secret_is_named_with_its_remedy() -> None:
    with pytest.raises(compose.ComposeError, match=r"POSTGRES_PASSWORD.*deploy\.environment"):
        compose.read(FILE, {}, {"core"})
