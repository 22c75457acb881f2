"""A real Prometheus scrapes a real Jupyter Server whose project ran: rules, dashboards and figures fit together."""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from tests.services.process import Process, free_port, http_answers
from tests.services.prometheus import Prometheus, check, promtool, start
from tests.shop import add_items, forget_environment, lay_out

TEMPLATES = Path(__file__).parents[2] / "templates" / "observability"
DASHBOARDS = sorted((TEMPLATES / "grafana" / "dashboards").glob("*.json"))
JOB = "version: 1\nname: busy\nsla: 1h\ntasks:\n- {name: count, sql: {text: SELECT count(*) FROM silver.items}}\n"

LATER = {
    "olo_promotions_total", "olo_upstream_seconds_bucket", "olo_upstream_seconds_count", "olo_query_cpu_seconds_total",
}  # fmt: skip
"""Metrics that this small world has none of: nothing is promoted, no upstream is asked, there is no Trino."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """A Jupyter Server on the shop, in which a job ran; its port and token."""
    folder = tmp_path_factory.mktemp("observed")
    with pytest.MonkeyPatch.context() as patch:
        forget_environment(patch)
        root = lay_out(folder)
        add_items(root)
        with (root / "olo.yml").open("a") as config:
            config.write("prices: {cpu_hour: 0.05, tib_scanned: 4.5}\n")
        (root / "targets").mkdir()
        (root / "targets" / "sandbox.yml").write_text("catalog: ana_sandbox\nsources: dev\n")
        (root / "jobs").mkdir()
        (root / "jobs" / "busy.yml").write_text(JOB)
        olo = [sys.executable, "-m", "olo_jupyter.cli"]
        subprocess.run([*olo, "run", "busy"], cwd=root, check=True, capture_output=True)
        port, token = free_port(), secrets.token_hex(16)
        options = [f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1", "--no-browser", "--allow-root"]
        command = [
            sys.executable,
            "-m",
            "jupyter",
            "server",
            *options,
            "--ServerApp.jpserver_extensions=olo_jupyter=True",
        ]
        process = Process(command, folder / "server.log", environ={"JUPYTER_TOKEN": token}, cwd=root)
        process.wait_until(http_answers(f"http://127.0.0.1:{port}/api"), 60, "Jupyter Server")
        try:
            for path in ("catalogs", "runs", "runs/none"):
                request = urllib.request.Request(f"http://127.0.0.1:{port}/olo/api/{path}")
                request.add_header("Authorization", f"token {token}")
                with closing(_opened(request)):
                    pass
            yield port, token
        finally:
            process.stop()


def _opened(request: urllib.request.Request):
    try:
        return urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        assert error.code == 404
        return error


@pytest.fixture(scope="module")
def prometheus(server: tuple[int, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus on the shipped configuration: its rules as they are, its targets on this machine."""
    port, token = server
    folder = tmp_path_factory.mktemp("prometheus")
    config = yaml.safe_load((TEMPLATES / "prometheus" / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(TEMPLATES / "prometheus" / "rules" / "*.rules.yml")]
    (jupyter,) = [one for one in config["scrape_configs"] if one["job_name"] == "jupyter"]
    del jupyter["file_sd_configs"]
    jupyter["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
    config["scrape_configs"] = [jupyter]
    (folder / "secrets").mkdir()
    (folder / "secrets" / "jupyter-token").touch(mode=0o600)
    (folder / "secrets" / "jupyter-token").write_text(token)
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    running = start(folder, folder / "prometheus.yml")
    try:
        end = time.monotonic() + 30
        while not running.ask("query", query='olo_runs_total{job="jupyter"}')["result"]:
            assert time.monotonic() < end, running.ask("targets")
            time.sleep(0.5)
        yield running
    finally:
        running.stop()


def test_rules_and_configuration_are_valid_and_alerts_fire_when_they_should() -> None:
    folder = TEMPLATES / "prometheus"
    check("check", "config", "--syntax-only", "prometheus.yml", cwd=folder)
    check("check", "rules", "--lint=all", "--lint-fatal", "rules/olo.rules.yml", cwd=folder)
    check("test", "rules", "olo.tests.yml", "cost.tests.yml", cwd=folder / "rules")


def test_what_is_exposed_is_well_formed(server: tuple[int, str]) -> None:
    port, token = server
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=30) as response:
        ours = [line for line in response.read().decode().splitlines() if re.match(r"(# \w+ )?olo_", line)]
    done = subprocess.run(
        [promtool(), "check", "metrics"], input="\n".join(ours) + "\n", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30)
    assert refused.value.code in (401, 403)


def test_the_figures_are_those_of_the_project(prometheus: Prometheus) -> None:
    def value(query: str) -> float:
        (found,) = prometheus.ask("query", query=query)["result"]
        return float(found["value"][1])

    labels = 'workspace="shop",job_name="busy",target="sandbox"'
    assert value(f'olo_runs_total{{{labels},state="success"}}') == 1
    assert value(f'olo_run_seconds_count{{{labels},state="success"}}') == 1
    assert value(f'olo_task_cpu_seconds_total{{{labels},task="count"}}') > 0
    assert value(f'olo_task_memory_bytes{{{labels},task="count"}}') > 10_000_000
    assert value('olo_price{workspace="shop",unit="cpu_hour",currency="EUR"}') == 0.05
    assert value('olo_requests_total{area="runs",code="run-not-found"}') == 1
    assert value("time() - olo_poller_last_look_timestamp_seconds") < 10
    assert value("olo_project_readable") == 1


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_dashboards_ask_what_there_is(path: Path, prometheus: Prometheus) -> None:
    dashboard = json.loads(path.read_text(encoding="utf-8"))
    recorded = {one["record"] for group in _rules() for one in group["rules"] if "record" in one}
    there = set(prometheus.ask("label/__name__/values")) | LATER | recorded
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            expression = re.sub(r"\$\w+", ".*", target["expr"])
            prometheus.ask("query", query=expression)
            used = set(re.findall(r"\b(?:olo_\w+|up|workspace_job:[\w:]+)\b(?=[{\[)\s]|$)", expression))
            assert used, expression
            assert used <= there, f"{panel['title']}: {sorted(used - there)} is measured nowhere"


def test_the_rules_are_loaded_and_quiet(prometheus: Prometheus) -> None:
    groups = prometheus.ask("rules")["groups"]
    assert {group["name"] for group in groups} == {group["name"] for group in _rules()}
    assert [rule["lastError"] for group in groups for rule in group["rules"] if rule.get("lastError")] == []
    assert prometheus.ask("alerts")["alerts"] == []


def test_the_documentation_tells_every_metric_and_every_alert() -> None:
    docs = Path(__file__).parents[2] / "docs"
    told = (docs / "reference" / "metrics.md").read_text(encoding="utf-8")
    runbook = (docs / "runbooks" / "incident.md").read_text(encoding="utf-8")
    names = {one for path in DASHBOARDS for one in re.findall(r"\bolo_[a-z_]+", path.read_text(encoding="utf-8"))}
    bare = {re.sub(r"_(bucket|count|sum)$", "", name) for name in names if not name.startswith("olo_cost")}
    assert not [name for name in sorted(bare) if f"`{name}`" not in told]
    alerts = {one["alert"] for group in _rules() for one in group["rules"] if "alert" in one}
    assert not [alert for alert in sorted(alerts) if alert not in runbook]


def _rules() -> list[dict]:
    return yaml.safe_load((TEMPLATES / "prometheus" / "rules" / "olo.rules.yml").read_text())["groups"]
