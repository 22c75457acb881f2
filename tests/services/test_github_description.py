"""Every request to GitHub fits its published description, and its published example answers are understood."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

import httpx2 as httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jsonschema import Draft202012Validator

from olo_jupyter.backends.hosts.base import GitHost, Proposal
from olo_jupyter.backends.hosts.discover import Remote, connect
from olo_jupyter.backends.hosts.github_app import installation_token
from tests.services.openapi import description

_METHODS = ("get", "put", "post", "patch", "delete")


class Described(httpx.BaseTransport):
    """Answers as the description's examples do; a request that the description doesn't allow fails the test."""

    def __init__(self) -> None:
        self.operations: list[str] = []
        self._components = {"components": description()["components"]}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        template, operation = self._operation(request)
        self.operations.append(operation["operationId"])
        parameters = [self._resolved(parameter) for parameter in operation.get("parameters", [])]
        known = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
        asked = dict(parse_qsl(request.url.query.decode()))
        assert set(asked) <= known, f"{template} has no parameter {set(asked) - known}"
        if request.content:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            sent = json.loads(request.content)
            self._check(schema, sent, template)
            assert set(sent) <= set(self._properties(schema)) or not self._properties(schema), template
        status, answer = next((s, a) for s, a in operation["responses"].items() if s.startswith("2"))
        return httpx.Response(int(status), json=self._example(answer))

    def _operation(self, request: httpx.Request) -> tuple[str, dict[str, Any]]:
        assert request.url.host == "api.github.com"
        method = request.method.lower()
        found = []
        for template, item in description()["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if method in item and re.fullmatch(pattern, request.url.raw_path.decode().split("?")[0]):
                found.append((template.count("{"), template, item[method]))
        assert found, f"GitHub has no {request.method} {request.url.path}"
        _, template, operation = min(found, key=lambda entry: entry[0])
        return template, operation

    def _example(self, answer: dict[str, Any]) -> Any:
        content = self._resolved(answer)["content"]["application/json"]
        return self._resolved(next(iter(content["examples"].values())))["value"]

    def _resolved(self, value: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in value:
            found: Any = description()
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            value = found
        return value

    def _properties(self, schema: dict[str, Any]) -> dict[str, Any]:
        resolved = self._resolved(schema)
        branches = [self._resolved(part) for key in ("oneOf", "anyOf", "allOf") for part in resolved.get(key, [])]
        merged: dict[str, Any] = dict(resolved.get("properties", {}))
        for branch in branches:
            merged |= branch.get("properties", {})
        return merged

    def _check(self, schema: dict[str, Any], sent: Any, template: str) -> None:
        errors = list(Draft202012Validator({**schema, **self._components}).iter_errors(sent))
        assert not errors, f"{template}: {errors[0].message}"


@pytest.fixture
def described() -> Described:
    return Described()


@pytest.fixture
def host(described: Described) -> GitHost:
    remote = Remote("github.com", "octocat/Hello-World", "https://github.com")
    return connect(remote, "github", "token", transport=described)


def test_every_call_fits(host: GitHost, described: Described) -> None:
    assert host.find("octocat:new-topic", "main") is not None
    made = host.create(Proposal("new-topic", "main", "t", "b", draft=True))
    assert (made.number, made.head, made.base) == (1347, "new-topic", "master")
    assert host.update(1347, title="t", body="b").url.endswith("/1347")
    host.add_labels(1347, ["olo"])
    host.request_reviews(1347, ["hubot", "octo-org/justice-league"])
    assert host.comment(1347, "Hello").startswith("https://")
    assert {check.outcome for check in host.checks("6dcb09b5b57875f334f61aebed695e2e4193db5e")} <= {
        "success", "neutral", "failure", "pending",
    }  # fmt: skip
    assert host.reviews(1347)[0].verdict == "approved"
    assert host.get(1347).state in ("open", "merged")
    assert described.operations == [
        "pulls/list", "pulls/create", "pulls/update", "issues/add-labels", "pulls/request-reviewers",
        "issues/create-comment", "checks/list-for-ref", "repos/get-combined-status-for-ref", "pulls/list-reviews",
        "pulls/get",
    ]  # fmt: skip


def test_a_fork_s_calls_fit(host: GitHost, described: Described) -> None:
    fork = host.fork()
    known = {"repos/get", "users/get-authenticated", "repos/list-forks", "repos/create-fork", "repos/list-branches"}
    assert set(described.operations) <= known
    assert fork is not None
    assert fork.http.startswith("https://github.com/")
    made = host.create(Proposal("octocat/Hello-World:new-topic", "main", "t", "b"))
    assert made.number == 1347


def test_an_app_s_calls_fit(described: Described) -> None:
    key = generate_private_key(65537, 2048)
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    api, path = "https://api.github.com", "octocat/Hello-World"
    token = installation_token(api, path, "Iv1.abc", pem, transport=described)
    assert token.startswith("ghs_")
    assert described.operations == ["apps/get-repo-installation", "apps/create-installation-access-token"]
