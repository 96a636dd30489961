"""Health and metrics, from a web process and from a worker's little server."""

import re
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chassis.db import Database
from chassis.http.app import build
from chassis.http.ops import database_ready, serve_ops
from chassis.identity import Verifier
from chassis.service import Runtime
from tests.chassis.http.demo import PUBLIC, Demo


def test_a_web_process_is_live_and_ready(shop: Demo) -> None:
    client = shop.app.test_client()
    assert client.get("/livez").json == {"status": "ok", "missing": []}
    assert client.get("/readyz").json == {"status": "ok", "missing": []}


def test_what_is_not_ready_says_what_is_missing(shop: Demo) -> None:
    app = build(shop.runtime, Verifier(PUBLIC), ready=lambda: ["the moon"])
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["missing"]) == (503, ["the moon"])
    assert app.test_client().get("/livez").status_code == 200


def test_a_database_that_is_away_is_told(shop: Demo, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    away = Database(f"sqlite:///{tmp_path / 'folder'}")
    assert database_ready(Runtime(shop.runtime.service, away)) == ["the database does not answer"]


def test_requests_are_counted_by_template_not_by_path(shop: Demo) -> None:
    shop.client().get("/api/v1/cycles/0190b6a4-9d5c-7c3e-8a55-0d4c2b7f1e60")
    shop.client().get("/some/where/0190b6a4")
    shop.client().open("/some/where", method="BREW")
    text = shop.app.test_client().get("/metrics").text
    routes = {
        (sample.labels["route"], sample.labels["method"], sample.labels["code"])
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "cairn_http_requests_total" and sample.labels["service"] == "goals"
    }
    assert ("/api/v1/cycles/<uuid:cycle_id>", "GET", "404") in routes
    assert ("unmatched", "GET", "404") in routes
    assert ("unmatched", "OTHER", "404") in routes
    assert not re.search(r"0190b6a4|/livez|/metrics", str(routes))


def test_refusals_are_counted(shop: Demo) -> None:
    def count() -> float:
        text = shop.app.test_client().get("/metrics").text
        found = re.search(r'cairn_authz_denied_total\{code="401",service="goals"\} ([0-9.]+)', text)
        return float(found[1]) if found else 0.0

    before = count()
    shop.app.test_client().get("/api/v1/cycles")
    assert count() == before + 1


def test_a_public_port_may_go_without_health_and_metrics(shop: Demo) -> None:
    app = build(shop.runtime, Verifier(PUBLIC), with_ops=False)
    assert app.test_client().get("/metrics").status_code == 404


def test_an_application_without_proof_of_callers_is_not_built(shop: Demo) -> None:
    with pytest.raises(TypeError, match="keys or authenticate"):
        build(shop.runtime)


def test_a_worker_serves_the_same_three(tmp_path: Path) -> None:
    missing = ["the relay has stopped"]
    with serve_ops(0, live=lambda: not missing, ready=lambda: missing) as server:
        base = f"http://127.0.0.1:{server.port}"
        assert httpx.get(f"{base}/livez").status_code == 503
        assert httpx.get(f"{base}/readyz").json()["missing"] == missing
        missing.clear()
        assert httpx.get(f"{base}/livez").status_code == 200
        assert httpx.get(f"{base}/readyz").status_code == 200
        assert "cairn_http_requests_total" in httpx.get(f"{base}/metrics").text
        other = httpx.get(f"{base}/else")
        assert (other.status_code, other.headers["Content-Type"]) == (404, "application/problem+json")


def test_metrics_of_several_processes_are_added_up(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    code = "from chassis import metrics; metrics.REQUESTS.labels('goals', '/x', 'GET', '200').inc()"
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    shown = subprocess.run(
        [sys.executable, "-c", "from chassis.http.ops import metrics_text; print(metrics_text().decode())"],
        check=True,
        env=environment,
        capture_output=True,
        text=True,
    ).stdout
    assert re.search(r'cairn_http_requests_total\{[^}]*route="/x"[^}]*\} 2\.0', shown)
