"""Grafana's dashboards: written by the program beside them, every query parses, every metric exists."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from cairn import topology
from chassis import metrics
from deploy import debian
from deploy.grafana.__main__ import FOLDER, text
from deploy.grafana.dashboards import LISTENING, PARTS, every
from deploy.grafana.panels import SOURCE

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"up", "ALERTS"}
"""What Prometheus itself adds."""


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (panel for panel in board["panels"] if panel["type"] != "row")


def queries() -> list[tuple[str, str]]:
    """Every query of every dashboard, with where it stands."""
    return [
        (f"{name}: {panel['title']}", target["expr"])
        for name, board in every().items()
        for panel in panels(board)
        for target in panel["targets"]
    ]


def series() -> set[str]:
    """Every name that can be asked for: what is exported, by its kind, and what the rules record."""
    known = set(NOT_OURS)
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            (described,) = metric.describe()
            endings = {Counter: ("_total",), Histogram: ("_bucket", "_sum", "_count")}.get(type(metric), ("",))
            known |= {described.name + ending for ending in endings}
    rules = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text())
    return known | {rule["record"] for group in rules["groups"] for rule in group["rules"] if "record" in rule}


def asked(query: str) -> set[str]:
    """The metrics a query names."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(?:by|on) \([^)]*\)", "", query)
    return {name for name in re.findall(r"[a-zA-Z_][\w:]*(?![\w:]*\s*\()", bare) if name not in ("by", "or", "on")}


def test_what_lies_there_is_what_the_program_writes() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert written == {name: text(board) for name, board in every().items()}, "run: python -m deploy.grafana"


def test_every_part_has_a_dashboard_that_knows_what_it_does() -> None:
    assert set(PARTS) == set(topology.PARTS)
    from chassis.settings import load

    assert set(LISTENING) == {name for name in PARTS if topology.declare(name, load({})).handlers}
    assert set(every()) == {"overview.json", "event-flow.json", *(f"part-{name}.json" for name in PARTS)}


def test_every_query_parses(tmp_path: Path) -> None:
    rules = [
        {"record": f"query:{number}", "expr": expression.replace("$__rate_interval", "1m")}
        for number, (_, expression) in enumerate(queries())
    ]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    command = [debian.program("promtool", "prometheus"), "check", "rules", str(file)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, f"{len(rules)} rules found" in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_every_metric_asked_for_exists() -> None:
    known = series()
    for where, query in queries():
        assert asked(query), where
        assert asked(query) <= known, (where, asked(query) - known)


def test_every_metric_is_drawn_somewhere() -> None:
    drawn = {name for _, query in queries() for name in asked(query)}
    rules = (ROOT / "deploy/prometheus/rules.yml").read_text()
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            (described,) = metric.describe()
            assert any(name.startswith(described.name) for name in drawn) or described.name in rules, described.name


@pytest.mark.parametrize("name", sorted(every()))
def test_panels_say_what_they_show_and_when_to_worry(name: str) -> None:
    board = every()[name]
    shown = list(panels(board))
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in shown:
        assert panel["title"]
        assert len(panel["description"]) > 10, panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in {"s", "ops", "reqps", "percentunit", "short"}
        assert panel["datasource"] == SOURCE
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]}
    assert len(places) == len(board["panels"]), "no two panels lie on each other"


def test_grafana_is_told_of_the_source_and_the_folder() -> None:
    provisioning = ROOT / "deploy/grafana/provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text())["datasources"]
    assert {"type": source["type"], "uid": source["uid"]} == SOURCE
    (provider,) = yaml.safe_load((provisioning / "dashboards/cairn.yml").read_text())["providers"]
    assert (provider["type"], provider["options"]["path"]) == ("file", "/etc/grafana/dashboards")
