"""docker-compose.yml: valid, complete, closed; `make env` gives it every secret. No container is started here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from olo_jupyter.config import load_settings
from olo_jupyter.project.blueprint import Answers, create
from olo_jupyter.project.validate import validate_folder
from tests.services import airflow, gitea, keycloak, mlflow, s3, spark, trino

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "deploy" / "compose" / "init"))

import project as init_project  # noqa: E402 - a script, not a package

BUNDLES = "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"
COMPOSE = ROOT / "docker-compose.yml"
ONE_SHOT = {
    "polaris-bootstrap", "lake-init", "keycloak-init", "gitea-init", "project-init", "airflow-migrate",
    "superset-init", "openmetadata-init", "openmetadata-keys",
}  # fmt: skip


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return value


def make_env(path: Path) -> str:
    script = [sys.executable, str(ROOT / "scripts" / "make_env.py"), str(path)]
    return subprocess.run(script, check=True, capture_output=True, text=True).stdout


def values(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line and line[0] != "#")


def test_it_is_what_composes_schema_says() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(check, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_service_has_a_pinned_image_limits_and_a_health_check(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        tag = service["image"].rpartition(":")[2]
        assert re.search(r"\d+\.\d+|^\d{3}$", tag), f"{name}: {service['image']}"
        assert {"mem_limit", "cpus", "restart"} <= set(service), name
        assert name in ONE_SHOT or "healthcheck" in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_images_are_of_the_versions_that_the_services_tests_run(compose: dict[str, Any]) -> None:
    """What was tried natively is what is started there; MLflow's images with a database's driver are its ``-full``."""
    run = {
        "airflow-api": f"apache/airflow:{airflow.VERSION}-python3.12",
        "trino": f"trinodb/trino:{trino.VERSION}",
        "spark": f"apache/spark:{spark.PYSPARK.partition('==')[2]}-python3",
        "keycloak": f"quay.io/keycloak/keycloak:{keycloak.VERSION}",
        "s3": f"versity/versitygw:{s3.PACKAGE.rpartition('@')[2]}",
        "gitea": f"gitea/gitea:{gitea.VERSION.removeprefix('v')}-rootless",
        "mlflow": f"ghcr.io/mlflow/mlflow:v{mlflow.VERSION}-full",
    }
    assert {name: compose["services"][name]["image"] for name in run} == run


MADE = {"./dist": "wheels"}
"""Folders that a clone doesn't have, by the target of the Makefile that makes them."""


def test_nothing_is_published_beyond_loopback(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("${OLO_ADDRESS:-127.0.0.1}:") for port in ports)
    published = [port.split(":")[-2] for port in ports]
    assert len(published) == len(set(published))
    assert not any({"network_mode", "privileged", "pid"} & set(one) for one in compose["services"].values())


def test_what_services_need_is_there(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        for other, condition in service.get("depends_on", {}).items():
            assert other in services, f"{name} needs {other}"
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in services[other], f"{name} waits for {other}'s health"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source in MADE:
                assert f"\n{MADE[source]}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
            elif source.startswith("./"):
                assert (ROOT / source).exists(), f"{name} mounts {source}"
            else:
                assert source in compose["volumes"], f"{name} mounts {source}"
        for secret in service.get("secrets", []):
            assert (secret if isinstance(secret, str) else secret["source"]) in compose["secrets"], name


def test_who_waits_for_a_service_that_ends_waits_for_its_end(compose: dict[str, Any]) -> None:
    waited = set()
    for name, service in compose["services"].items():
        for other, condition in service.get("depends_on", {}).items():
            ends = condition["condition"] == "service_completed_successfully"
            assert ends == (other in ONE_SHOT), f"{name} waits for {other}"
            waited |= {other} if ends else set()
    assert waited == ONE_SHOT
    assert all(compose["services"][name]["restart"] == "no" for name in ONE_SHOT)


def test_prometheus_scrapes_what_is_there(compose: dict[str, Any]) -> None:
    """By the container's own port: 8000 is the Hub's proxy, 8080 Trino's."""
    config = yaml.safe_load((ROOT / "deploy" / "compose" / "prometheus" / "prometheus.yml").read_text())
    targets = {one["job_name"]: one["static_configs"][0]["targets"] for one in config["scrape_configs"]}
    here = targets.pop("prometheus")
    assert here == ["127.0.0.1:9090"]
    assert targets == {"olo-service": ["jupyterhub:8000"], "jupyterhub": ["jupyterhub:8000"], "trino": ["trino:8080"]}
    assert compose["services"]["jupyterhub"]["ports"][0].endswith(":8000")
    bind = (ROOT / "deploy" / "compose" / "hub" / "compose_config.py").read_text()
    assert 'bind_url = "http://0.0.0.0:8000"' in bind and "read:metrics" in bind
    rules = (ROOT / "templates" / "observability" / "prometheus" / "rules" / "olo.rules.yml").read_text()
    assert set(re.findall(r'job="([\w-]+)"', rules)) <= set(targets)


def test_airflow_installs_the_wheel_that_is_built(compose: dict[str, Any]) -> None:
    version = json.loads((ROOT / "package.json").read_text())["version"]
    wants = compose["services"]["airflow-api"]["environment"]["_PIP_ADDITIONAL_REQUIREMENTS"].split()[0]
    assert wants == f"/opt/olo/olo_jobs-{version}-py3-none-any.whl"
    assert {one["image"] for one in compose["services"].values() if "olo-jupyter-hub" in one["image"]} == {
        f"olo-jupyter-hub:{version}"
    }
    (bundle,) = json.loads(compose["services"]["airflow-dags"]["environment"][BUNDLES])
    assert bundle["kwargs"] == {"repo_url": "http://gitea:3000/olo/project.git", "tracking_ref": "deploy/prod"}


def test_the_project_of_the_platform_is_one(tmp_path: Path) -> None:
    """Every catalog is opened by Trino, which has a file for each."""
    create(tmp_path / "project", Answers("project", more={"ci": "gitea"}))
    init_project.fit(tmp_path / "project", ROOT / "deploy" / "compose" / "init" / "olo.yml")
    assert validate_folder(tmp_path / "project", [], dbt=False) == []
    settings = load_settings(tmp_path / "project", environ={"OLO_USER": "ana", "OLO_STATE": str(tmp_path)})
    governed = {name for name, one in settings.catalogs.items() if one.access == "trino"}
    files = (ROOT / "deploy" / "compose" / "trino" / "catalog").glob("*.properties")
    assert governed == {path.stem for path in files} == {"dev", "staging", "prod"}
    spark = (ROOT / "deploy" / "compose" / "spark.conf").read_text()
    assert set(re.findall(r"^spark\.sql\.catalog\.(\w+) ", spark, re.MULTILINE)) == governed


@pytest.mark.parametrize(
    ("said", "code", "expected"),
    [
        ("Bootstrap completed successfully.", 0, 0),
        ("Bootstrapping 'POLARIS' failed: ENTITY_ALREADY_EXISTS", 3, 0),
        ("Connection refused", 3, 3),
    ],
)
def test_polaris_realm_that_is_there_is_no_failure(tmp_path: Path, said: str, code: int, expected: int) -> None:
    tool = tmp_path / "tool"
    tool.write_text(f'#!/bin/sh\necho "{said}"\nexit {code}\n')
    tool.chmod(0o755)
    environ = {
        "POLARIS_TOOL": str(tool),
        "POLARIS_CLIENT_ID": "i",
        "POLARIS_CLIENT_SECRET": "s",
        "PATH": "/usr/bin:/bin",
    }
    script = ["sh", str(ROOT / "deploy" / "compose" / "polaris" / "bootstrap.sh")]
    done = subprocess.run(script, env=environ, capture_output=True, text=True)
    assert (done.returncode, said in done.stderr) == (expected, bool(expected))


def test_no_password_is_written_down_and_make_env_draws_each(tmp_path: Path, compose: dict[str, Any]) -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    named = set(re.findall(r"(?<!\$)\$\{(\w+)(?::\?[^}]*)?\}", text)) | {
        one["environment"] for one in compose["secrets"].values()
    }
    for line in text.splitlines():
        if found := re.match(
            r"\s+(\w*(?:PASSWORD|PASSWD|SECRET|SECRET_KEY|FERNET_KEY|CREDENTIALS))\s*:\s*(\S.*)", line
        ):
            assert "${" in found[2], line
    env = tmp_path / ".env"
    make_env(env)
    first = values(env)
    assert named <= set(first)
    assert env.stat().st_mode & 0o077 == 0
    drawn = {name: value for name, value in first.items() if re.search("PASSWORD|SECRET|KEY|TOKEN", name)}
    assert len(set(drawn.values())) == len(drawn)
    assert min(map(len, drawn.values())) >= 24
    assert json.loads(first["AIRFLOW_PASSWORDS"])["admin"]
    kept = env.read_text().replace(f"POSTGRES_PASSWORD={first['POSTGRES_PASSWORD']}", "POSTGRES_PASSWORD=mine")
    env.write_text(re.sub(r"(?m)^GRAFANA_ADMIN_PASSWORD=.*\n", "", kept))
    assert "GRAFANA_ADMIN_PASSWORD" in make_env(env)
    assert values(env)["POSTGRES_PASSWORD"] == "mine"
    assert "nothing added" in make_env(env)


def test_each_service_has_its_database(compose: dict[str, Any]) -> None:
    script = (ROOT / "deploy" / "compose" / "postgres" / "databases.sh").read_text()
    (made,) = re.findall(r"for name in ([^;]+);", script)
    used = set(re.findall(r"(?:postgresql(?:\+\w+)?://[^@\n]+@postgres|postgres:5432)/(\w+)", COMPOSE.read_text()))
    used |= {
        value
        for service in compose["services"].values()
        for name, value in (service.get("environment") or {}).items()
        if name in ("POSTGRES_DB", "OM_DATABASE", "GITEA__database__NAME") and value != "olo"
    }
    assert used - {"olo"} == set(made.split())
    subprocess.run(["sh", "-n", str(ROOT / "deploy" / "compose" / "postgres" / "databases.sh")], check=True)
