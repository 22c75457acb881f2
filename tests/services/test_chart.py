"""The chart, rendered by helm as different people install it; what comes out is what Kubernetes takes."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.services.helm import install

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "olo-jupyter"
VERSIONS = ("1.31", "1.37")
PLAIN = {"project.repository": "https://git.example.org/data/flights.git"}
HUB = {"hub.apiUrl": "http://hub:8081/hub/api", "hub.tokenSecret": "olo-hub-service", "project.tokenSecret": "olo-git"}
OPEN = {"ingress.enabled": "true", "ingress.host": "olo.example.org", "ingress.tlsSecret": "olo-tls"}
WAYS = {"plain": PLAIN, "hub": {**PLAIN, **HUB}, "ingress": {**PLAIN, **OPEN}}


@pytest.fixture(scope="module", autouse=True)
def built() -> Path:
    """Built before a test's time begins."""
    return install()


def helm(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(one) for one in (install(), *words)], capture_output=True, text=True)


def rendered(values: dict[str, str]) -> list[dict[str, Any]]:
    settings = [word for name, value in values.items() for word in ("--set", f"{name}={value}")]
    done = helm("template", "olo", CHART, "--namespace", "olo", "--kube-version", "1.31.0", *settings)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def by_kind(values: dict[str, str]) -> dict[str, dict[str, Any]]:
    return {one["kind"]: one for one in rendered(values)}


def test_helm_finds_no_fault() -> None:
    done = helm("lint", "--strict", CHART, "--set", f"project.repository={PLAIN['project.repository']}")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("way", WAYS)
def test_kubernetes_takes_it(way: str, version: str) -> None:
    for resource in rendered(WAYS[way]):
        kubernetes_validate.validate(resource, version, strict=True)


def test_what_a_team_relies_on() -> None:
    made = by_kind(WAYS["hub"])
    pod = made["Deployment"]["spec"]["template"]["spec"]
    (service,) = [one for one in pod["containers"] if one["name"] == "service"]
    assert made["Deployment"]["spec"]["replicas"] >= 2
    assert made["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert made["PodDisruptionBudget"]["spec"]["minAvailable"] == 1
    assert [service[f"{one}Probe"]["httpGet"]["path"] for one in ("startup", "liveness", "readiness")] == [
        "/health", "/health", "/ready",
    ]  # fmt: skip
    assert pod["automountServiceAccountToken"] is False
    for container in [*pod["containers"], *pod["initContainers"]]:
        closed = container["securityContext"]
        assert (closed["readOnlyRootFilesystem"], closed["allowPrivilegeEscalation"]) == (True, False)
        assert container["resources"]["limits"]["memory"]
    assert made["NetworkPolicy"]["spec"]["policyTypes"] == ["Ingress", "Egress"]
    selector = made["Deployment"]["spec"]["selector"]["matchLabels"]
    for one in (made["Service"]["spec"]["selector"], made["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]):
        assert one == selector


def test_who_may_ask_the_service() -> None:
    """Without the ingress controller among them, an ingress would be shut out by the chart's own policy."""

    def namespaces(values: dict[str, str]) -> list[str]:
        (rule,) = by_kind(values)["NetworkPolicy"]["spec"]["ingress"]
        named = [one["namespaceSelector"] for one in rule["from"] if "namespaceSelector" in one]
        return [one["matchLabels"]["kubernetes.io/metadata.name"] for one in named]

    assert namespaces(WAYS["hub"]) == ["monitoring"]
    assert namespaces(WAYS["ingress"]) == ["ingress-nginx", "monitoring"]
    elsewhere = {"networkPolicy.ingressNamespace": "traefik", "networkPolicy.metricsNamespace": ""}
    assert namespaces({**WAYS["ingress"], **elsewhere}) == ["traefik"]


def test_a_service_monitor_is_made_where_the_operator_is() -> None:
    monitor = by_kind({**PLAIN, "serviceMonitor.enabled": "true"})["ServiceMonitor"]
    (endpoint,) = monitor["spec"]["endpoints"]
    service = by_kind(PLAIN)["Service"]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}


def test_secrets_are_named_never_written() -> None:
    made = rendered(WAYS["hub"])
    assert "Secret" not in {one["kind"] for one in made}
    pod = by_kind(WAYS["hub"])["Deployment"]["spec"]["template"]["spec"]
    variables = [one for container in [*pod["containers"], *pod["initContainers"]] for one in container["env"]]
    secret = {one["name"] for one in variables if "valueFrom" in one}
    assert secret == {"OLO_SERVICE_DATABASE", "JUPYTERHUB_API_TOKEN", "TOKEN"}
    assert not [one for one in variables if "value" in one and re.search("PASSWORD|DATABASE|API_TOKEN", one["name"])]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "project.repository|repository"),
        ({**PLAIN, "hub.apiUrl": "http://hub"}, "hub.tokenSecret"),
        ({**PLAIN, "replicas": "0"}, "replicas"),
        ({**PLAIN, "replica": "3"}, "replica"),
        ({**PLAIN, "ingress.enabled": "true", "ingress.host": "h"}, "ingress.tlsSecret"),
    ],
)
def test_wrong_values_are_refused_with_their_name(values: dict[str, str], said: str) -> None:
    settings = [word for name, value in values.items() for word in ("--set", f"{name}={value}")]
    done = helm("template", "olo", CHART, *settings)
    assert done.returncode != 0
    assert re.search(said, done.stderr), done.stderr


def test_versions_agree_and_values_for_others_are_yaml() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    version = json.loads((ROOT / "package.json").read_text())["version"]
    assert (chart["version"], chart["appVersion"]) == (version, version)
    for path in (ROOT / "charts" / "values").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert yaml.safe_load(text), path
        assert not re.search(r"(?i)(password|secret|token): *['\"]?[\w/+-]{12,}['\"]?\s*$", text, re.M), path
