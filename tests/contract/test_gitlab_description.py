"""Every request fits GitLab's published description, and what it answers is read by its names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx2 as httpx
import pytest
from jsonschema import Draft202012Validator

from olo_jupyter.backends.hosts.base import GitHost, Proposal, Review
from olo_jupyter.backends.hosts.discover import Remote, connect

FILE = Path(__file__).with_name("gitlab_description.json")
READER = {"access_level": 20, "notification_level": 3}
HERE, FORK = (
    {
        "id": number, "path_with_namespace": path, "http_url_to_repo": f"https://git.example.org/{path}.git",
        "ssh_url_to_repo": f"git@git.example.org:{path}.git", "import_status": status,
    }
    for number, path, status in ((1, "g/p", "none"), (9, "bo/p", "finished"))
)  # fmt: skip
PROJECTS: dict[str, Any] = {
    "g/p": {**HERE, "permissions": {"project_access": READER, "group_access": None}},
    "bo/p": FORK,
    "other/p": {**FORK, "id": 10, "path_with_namespace": "other/p"},
}
EXAMPLES: dict[str, Any] = {
    "API_Entities_MergeRequest": {
        "iid": 14, "title": "Draft: feat: x", "description": "Why.", "state": "opened", "draft": True,
        "source_branch": "olo/ana/x", "target_branch": "main", "sha": "c0ffee", "merge_commit_sha": None,
        "squash_commit_sha": None, "source_project_id": 9, "web_url": "https://git.example.org/g/p/-/merge_requests/14",
    },
    "API_Entities_CommitStatus": {"name": "test", "status": "failed", "sha": "c0", "target_url": None},
    "API_Entities_MergeRequestReviewer": {"user": {"id": 4, "username": "bo"}, "state": "unreviewed"},
    "API_Entities_MergeRequestApprovals": {"approved": True, "approved_by": [{"user": {"id": 4, "username": "bo"}}]},
    "API_Entities_UserBasic": {"id": 4, "username": "bo", "state": "active"},
    "APIEntitiesNote": {"id": 301, "body": "Look."},
    "APIEntitiesProject": {**FORK, "import_status": "scheduled"},
}  # fmt: skip
EXAMPLES["API_Entities_MergeRequestBasic"] = EXAMPLES["API_Entities_MergeRequest"]


_TYPED: dict[str, Callable[[str], Any]] = {"integer": int, "boolean": {"true": True, "false": False}.__getitem__}


@cache
def description() -> dict[str, Any]:
    value: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return value


class Described(httpx.BaseTransport):
    """Answers as described; a request that the description doesn't allow fails the test."""

    def __init__(self) -> None:
        self.operations: list[str] = []
        self.sent: list[tuple[str, Any]] = []
        self.has_fork = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        method, path = request.method.lower(), request.url.raw_path.decode().split("?")[0]
        operation = self._operation(method, path)
        self.operations.append(operation["operationId"])
        for name, value in parse_qsl(request.url.query.decode()):
            described = operation.get("query", {}).get(name)
            assert described is not None, f"{path} has no parameter {name}"
            self._check(described, _TYPED.get(described["type"], str)(value), name)
        if request.content:
            self.sent.append((path, json.loads(request.content).get("target_project_id")))
            schema = {**description()["definitions"][operation["body"]], "additionalProperties": False}
            self._check(schema, json.loads(request.content), path)
        status, name = next(iter(operation["answers"].items()))
        answer = PROJECTS[unquote(path.rsplit("/", 1)[-1])] if "WithAccess" in name else EXAMPLES[name]
        known = description()["definitions"].get(name) or description()["definitions"]["API_Entities_MergeRequest"]
        assert set(answer) <= set(known), f"the example has names that {name} hasn't"
        if operation["operationId"] == "getApiV4ProjectsIdForks" and not self.has_fork:
            return httpx.Response(200, json=[])
        return httpx.Response(int(status), json=[answer] if operation.get("list") else answer)

    def _operation(self, method: str, path: str) -> dict[str, Any]:
        for template, item in description()["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if method in item and re.fullmatch(pattern, path):
                found: dict[str, Any] = item[method]
                return found
        raise AssertionError(f"GitLab describes no {method} {unquote(path)}")

    def _check(self, schema: dict[str, Any], value: Any, where: str) -> None:
        errors = list(Draft202012Validator(schema).iter_errors(value))
        assert not errors, f"{where}: {errors[0].message}"


@pytest.fixture
def described() -> Described:
    return Described()


@pytest.fixture
def host(described: Described) -> GitHost:
    return connect(Remote("git.example.org", "g/p", "https://git.example.org"), "gitlab", "t", transport=described)


def test_every_call_fits(host: GitHost, described: Described) -> None:
    assert host.find("olo/ana/x", "main") is not None
    assert host.find("olo/ana/x", "main", ended=True) is not None
    made = host.create(Proposal("olo/ana/x", "main", "feat: x", "Why.", draft=True))
    assert (made.number, made.title, made.draft, made.head, made.base) == (14, "feat: x", True, "olo/ana/x", "main")
    assert host.update(14, title="feat: y", body="New.").sha == "c0ffee"
    assert host.set_draft(14, draft=False).state == "open"
    host.add_labels(14, ["olo", "gold"])
    host.request_reviews(14, ["bo"])
    assert host.comment(14, "Look.").endswith("merge_requests/14#note_301")
    assert [check.outcome for check in host.checks("c0ffee")] == ["failure"]
    assert host.reviews(14) == [Review("bo", "approved")]
    assert set(described.operations) == {
        "getApiV4ProjectsIdMergeRequests", "postApiV4ProjectsIdMergeRequests",
        "getApiV4ProjectsIdMergeRequestsMergeRequestIid", "putApiV4ProjectsIdMergeRequestsMergeRequestIid",
        "getApiV4Users", "getApiV4ProjectsIdMergeRequestsMergeRequestIidReviewers",
        "postApiV4ProjectsIdMergeRequestsNoteableIdNotes", "getApiV4ProjectsIdRepositoryCommitsShaStatuses",
        "getApiV4ProjectsIdMergeRequestsMergeRequestIidApprovals",
    }  # fmt: skip


@pytest.mark.parametrize("has_fork", [False, True])
def test_a_request_from_a_fork_fits(host: GitHost, described: Described, has_fork: bool) -> None:
    described.has_fork = has_fork
    fork = host.fork()
    assert ("postApiV4ProjectsIdFork" in described.operations) is not has_fork
    assert fork is not None
    assert (fork.path, fork.http) == ("bo/p", "https://git.example.org/bo/p.git")
    found = host.find("bo/p:olo/ana/x", "main")
    assert found is not None
    assert host.find("other/p:olo/ana/x", "main") is None
    described.operations.clear()
    made = host.create(Proposal("bo/p:olo/ana/x", "main", "feat: x", "Why."))
    assert (made.number, made.head) == (14, "olo/ana/x")
    assert described.sent[-1] == ("/api/v4/projects/bo%2Fp/merge_requests", 1)
