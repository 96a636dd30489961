"""Alert rules: each speaks when it should and not before, speaks of metrics that exist, and leads to a runbook."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

import chassis.metrics
from deploy import debian

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy/prometheus/rules.yml"
SCENES = ROOT / "tests/deploy/rules_test.yml"


@pytest.fixture(scope="module")
def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def test_every_alert_speaks_when_it_should_and_not_before(tmp_path: Path, rules: list[dict[str, Any]]) -> None:
    for file in (RULES, SCENES):
        shutil.copy(file, tmp_path)
    command = [debian.program("promtool", "prometheus"), "test", "rules", str(tmp_path / SCENES.name)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    tried = [one for scene in yaml.safe_load(SCENES.read_text())["tests"] for one in scene["alert_rule_test"]]
    for rule in rules:
        outcomes = {"exp_alerts" in one for one in tried if one["alertname"] == rule.get("alert")}
        assert "alert" not in rule or outcomes == {True, False} or rule["alert"] == "ConsumerStopped", rule


def test_every_exception_of_an_alert_is_tried(tmp_path: Path, rules: list[dict[str, Any]]) -> None:
    """Without any one of its `unless`, some scene of the alert goes wrong."""
    scenes = yaml.safe_load(SCENES.read_text())
    for rule in rules:
        first, *others = re.split(r"(?=\n\s*unless)", rule["expr"])
        mine = [one for one in scenes["tests"] if rule.get("alert") in {t["alertname"] for t in one["alert_rule_test"]}]
        (tmp_path / SCENES.name).write_text(yaml.safe_dump({**scenes, "tests": mine}))
        for left_out in range(len(others)):
            kept = "".join([first, *others[:left_out], *others[left_out + 1 :]])
            changed = [rule | {"expr": kept} if one is rule else one for one in rules]
            (tmp_path / RULES.name).write_text(yaml.safe_dump({"groups": [{"name": "cairn", "rules": changed}]}))
            command = [debian.program("promtool", "prometheus"), "test", "rules", str(tmp_path / SCENES.name)]
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
            assert ran.returncode == 1, f"{rule['alert']} does not need: {others[left_out]}"


def test_the_configuration_of_prometheus_and_alertmanager_is_taken() -> None:
    for program, package, config in (
        ("promtool", "prometheus", "prometheus.yml"),
        ("amtool", "prometheus-alertmanager", "alertmanager.yml"),
    ):
        verb = ["check", "config"] if program == "promtool" else ["check-config"]
        command = [debian.program(program, package), *verb, str(ROOT / "deploy/prometheus" / config)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_rules_speak_of_metrics_that_exist(rules: list[dict[str, Any]]) -> None:
    assert chassis.metrics.REQUESTS
    known = {name for metric in REGISTRY.collect() for name in [metric.name, *(s.name for s in metric.samples)]}
    exported = {name.removesuffix(ending) for name in known for ending in ("", "_total", "_created")}
    for rule in rules:
        for name in re.findall(r"\bcairn_\w+", rule["expr"]):
            assert re.sub(r"_(total|bucket|count|sum)$", "", name) in exported, name


def test_the_operations_page_names_every_alert_as_it_is(rules: list[dict[str, Any]]) -> None:
    page = (ROOT / "docs/operations.md").read_text()
    told = dict(re.findall(r"(?m)^\| `([A-Z]\w+)` \| [^|]+ \| (page|ticket) \|", page))
    assert told == {rule["alert"]: rule["labels"]["severity"] for rule in rules if "alert" in rule}


def test_every_alert_leads_to_a_section_of_the_operations_page(rules: list[dict[str, Any]]) -> None:
    page = (ROOT / "docs/operations.md").read_text()
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"(?m)^#+ (.+)$", page)}
    for rule in rules:
        if "alert" in rule:
            file, _, anchor = rule["annotations"]["runbook"].partition("#")
            assert (file, anchor in anchors) == ("docs/operations.md", True), rule["annotations"]["runbook"]
            assert rule["annotations"]["summary"]
            assert rule["labels"]["severity"] in ("page", "ticket")
