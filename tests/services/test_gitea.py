"""Pull requests on a real Gitea: every call of the host, a whole promotion, faults on the way, many users at a time."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2 as httpx
import pyarrow as pa
import pytest

from olo_converters.options import parse_options
from olo_jupyter.backends.hosts.base import Check, GitHost, HostError, Proposal, Review
from olo_jupyter.backends.hosts.discover import Remote, connect, kind_of, parse_remote
from olo_jupyter.config import load_settings
from olo_jupyter.git_settings import GitSettings
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.project.blueprint import Answers, create
from olo_jupyter.promotion.outcome import Promotion
from olo_jupyter.promotion.promote import promote
from olo_jupyter.promotion.publish import branch_name, publish
from olo_jupyter.promotion.pull_request import open_pull_request
from olo_jupyter.promotion.repository import Repository
from olo_jupyter.promotion.standing import standings
from olo_jupyter.promotion.worktree import open_worktree
from olo_jupyter.server.promotions import list_promotions
from tests.integration.promotion.notebooks import run
from tests.services.gitea import Gitea


@pytest.fixture
def api(gitea: Gitea) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"token {gitea.token}"}
    with httpx.Client(base_url=f"{gitea.uri}/api/v1", headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def repository(api: httpx.Client, gitea: Gitea, request: pytest.FixtureRequest) -> str:
    """A new repository of ana's: its address."""
    name = "".join(char if char.isalnum() else "-" for char in request.node.name)[:60]
    made = api.post("/user/repos", json={"name": name, "auto_init": True, "default_branch": "main"})
    assert made.status_code == 201, made.text
    return f"{gitea.uri}/ana/{name}.git"


@pytest.fixture(autouse=True)
def signed_in(gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git knows who ana is and has no helper; the token is in the environment alone."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = Ana\n\temail = ana@example.org\n[init]\n\tdefaultBranch = main\n")
    for name in [name for name in os.environ if name.startswith("OLO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("OLO_GIT_TOKEN", gitea.token)
    monkeypatch.setenv("OLO_USER", "ana")
    monkeypatch.setenv("OLO_STATE", str(tmp_path / "state"))


def git(folder: Path, *arguments: str, token: str = "") -> str:
    signed = ["-c", f"http.extraHeader=Authorization: token {token}"] if token else []
    done = subprocess.run(["git", *signed, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def place(url: str) -> Remote:
    remote = parse_remote(url)
    assert remote is not None
    return remote


def branch_with_a_file(api: httpx.Client, url: str, branch: str, path: str) -> None:
    made = api.post(
        f"/repos/{place(url).path}/contents/{path}",
        json={"content": "eA==", "message": "feat: x", "new_branch": branch, "branch": "main"},
    )
    assert made.status_code == 201, made.text


@pytest.fixture
def host(repository: str, gitea: Gitea) -> Iterator[GitHost]:
    remote = place(repository)
    assert kind_of(remote) == "gitea"
    with closing(connect(remote, "gitea", gitea.token)) as connected:
        yield connected


def test_every_call(api: httpx.Client, repository: str, host: GitHost, gitea: Gitea) -> None:
    path = place(repository).path
    branch_with_a_file(api, repository, "olo/ana/delays", "a.txt")
    assert host.find("olo/ana/delays", "main") is None
    proposal = Proposal("olo/ana/delays", "main", "feat: delays", "Why.", draft=True, labels=["olo", "gold"])
    opened = open_pull_request(host, proposal)
    assert (opened.is_new, opened.findings) == (True, ())
    pull = opened.pull_request
    assert (pull.state, pull.draft, pull.title, pull.base) == ("open", True, "feat: delays", "main")
    assert host.find("olo/ana/delays", "main") == host.get(pull.number)
    labels = api.get(f"/repos/{path}/issues/{pull.number}").json()["labels"]
    assert {label["name"] for label in labels} == {"olo", "gold"}

    assert host.update(pull.number, title="feat: better", body="New.").draft
    assert not host.set_draft(pull.number, draft=False).draft
    assert host.comment(pull.number, "Look at *this*.").startswith(pull.url)

    assert host.checks(pull.sha) == []
    for state in ("pending", "failure", "success"):
        api.post(f"/repos/{path}/statuses/{pull.sha}", json={"context": "ci", "state": state}).raise_for_status()
    api.post(f"/repos/{path}/statuses/{pull.sha}", json={"context": "lint", "state": "error"}).raise_for_status()
    assert sorted(host.checks(pull.sha), key=lambda check: check.name) == [
        Check("ci", "success"), Check("lint", "failure"),
    ]  # fmt: skip

    bo = gitea.add_user("bo")
    api.put(f"/repos/{path}/collaborators/bo", json={"permission": "write"}).raise_for_status()
    host.request_reviews(pull.number, ["bo"])
    reviewed = httpx.post(
        f"{gitea.uri}/api/v1/repos/{path}/pulls/{pull.number}/reviews",
        json={"event": "APPROVED", "body": "fine"}, headers={"Authorization": f"token {bo}"}, timeout=30,
    )  # fmt: skip
    assert reviewed.status_code == 200, reviewed.text
    assert host.reviews(pull.number) == [Review("bo", "approved")]

    api.post(f"/repos/{path}/pulls/{pull.number}/merge", json={"Do": "squash"}).raise_for_status()
    merged = host.get(pull.number)
    assert merged.state == "merged"
    assert merged.merged_as
    assert host.find("olo/ana/delays", "main") is None
    assert httpx.get(
        host.file_url("a.txt", merged.merged_as, 1), headers={"Authorization": f"token {gitea.token}"}, timeout=30
    ).is_success


def test_what_the_host_refuses(api: httpx.Client, repository: str, host: GitHost, gitea: Gitea) -> None:
    with pytest.raises(HostError) as unknown:
        host.get(99)
    assert unknown.value.code == "host-not-found"
    with pytest.raises(HostError) as no_branch:
        host.create(Proposal("nothing", "main", "t", "b"))
    assert no_branch.value.code in ("host-not-found", "host-invalid")
    with closing(connect(place(repository), "gitea", "wrong")) as stranger, pytest.raises(HostError) as refused:
        stranger.create(Proposal("x", "main", "t", "b"))
    assert refused.value.code == "host-unauthorized"
    branch_with_a_file(api, repository, "twice", "a.txt")
    host.create(Proposal("twice", "main", "t", "b"))
    with pytest.raises(HostError) as twice:
        host.create(Proposal("twice", "main", "t", "b"))
    assert twice.value.code == "host-exists"


def test_an_answer_that_got_lost_opens_no_second_one(api: httpx.Client, repository: str, gitea: Gitea) -> None:
    """The request is done, its answer is cut off: what this Gitea can't be made to do by itself."""

    class Cut(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if request.method == "POST":
                response.read()
                raise httpx.ReadError("connection reset", request=request)
            return response

    branch_with_a_file(api, repository, "olo/ana/cut", "a.txt")
    with closing(connect(place(repository), "gitea", gitea.token, transport=Cut())) as cut:
        opened = open_pull_request(cut, Proposal("olo/ana/cut", "main", "feat: cut", "Why."))
    listed = api.get(f"/repos/{place(repository).path}/pulls", params={"state": "all"}).json()
    assert [pull["number"] for pull in listed] == [opened.pull_request.number]


def test_users_at_the_same_time(api: httpx.Client, repository: str, gitea: Gitea, tmp_path: Path) -> None:
    """Each has a clone of their own and one promotion: as many pull requests, each with its own file alone."""
    users = [f"user{number}" for number in range(int(os.environ.get("OLO_TEST_USERS", "6")))]
    first = tmp_path / "first"
    git(tmp_path, "clone", "-q", repository, str(first), token=gitea.token)
    (first / "olo.yml").write_text("version: 1\nname: flights\n")
    git(first, "add", "-A")
    git(first, "commit", "-q", "-m", "chore: start")
    git(first, "push", "-q", token=gitea.token)

    def proposed(user: str) -> int:
        clone, state = tmp_path / user, tmp_path / f"{user}-state"
        git(tmp_path, "clone", "-q", repository, str(clone), token=gitea.token)
        branch = branch_name(user, "delays")
        mine = Repository(clone, GitSettings(host="gitea"))
        mine.refresh(f"olo/{user}/")
        path = f"models/{user}.sql"
        with open_worktree(mine, state, "delays", mine.start(branch)) as tree:
            tree.write(path, f"SELECT '{user}'\n")
            done = publish(tree, branch, [path], "feat(gold): promote delays\n\nOlo-Verification: verified\n", state)
        assert done.pushed, done.findings
        with closing(connect(place(repository), "gitea", gitea.token)) as host:
            return open_pull_request(host, Proposal(branch, "main", f"feat: {user}", "Why.")).pull_request.number

    with ThreadPoolExecutor(len(users)) as pool:
        numbers = list(pool.map(proposed, users))
    assert len(set(numbers)) == len(users)
    for user, number in zip(users, numbers, strict=True):
        files = api.get(f"/repos/{place(repository).path}/pulls/{number}/files").json()
        assert [file["filename"] for file in files] == [f"models/{user}.sql"]


@pytest.mark.timeout(900)
def test_a_promotion_and_its_pull_request(
    capfd: pytest.CaptureFixture[str], project: tuple[Session, Path], api: httpx.Client, repository: str, gitea: Gitea,
    tmp_path: Path,
) -> None:  # fmt: skip
    session, root = project
    ran = run([("c1", SQL)], session, root)
    options = parse_options("description: 'Flights by <origin>, for @everyone'")
    first = promote(ran.request("delays", options=options, open_pr=True), session)
    again = promote(ran.request("delays", options=options, open_pr=True), session)
    assert first.status == "verified", "\n".join(finding.message for finding in first.findings)
    assert first.pull_request is not None, first.findings
    assert again.pull_request is not None
    assert (again.pull_request.number, again.succeeded) == (first.pull_request.number, True)
    pull: dict[str, Any] = api.get(f"/repos/{place(repository).path}/pulls/{first.pull_request.number}").json()
    assert pull["title"] == "feat(gold): promote delays as a model"
    for told in ("**verified**", "models/gold/delays.sql", "```mermaid", "olo run", "dev.silver.flights"):
        assert told in pull["body"], told
    assert "@everyone" not in pull["body"]
    seen = "".join(capfd.readouterr()) + pull["body"] + git(root, "config", "--list")
    assert gitea.token not in seen
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and gitea.token.encode() in path.read_bytes()]


BRANCH = "olo/ana/delays"
SQL = "%%olo sql delays <<\nSELECT origin, count(*) AS flights FROM silver.flights GROUP BY origin"


@pytest.fixture
def project(repository: str, gitea: Gitea, tmp_path: Path) -> Iterator[tuple[Session, Path]]:
    """A project on the host, with a lakehouse of one table."""
    root = tmp_path / "project"
    git(tmp_path, "clone", "-q", repository, str(root), token=gitea.token)
    create(root, Answers("flights", sources={"silver": ("flights",)}, owner="bo"))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "chore: start")
    git(root, "push", "-q", "-u", "origin", "main", token=gitea.token)
    (tmp_path / "lakehouse").mkdir()
    with Session(load_settings(root)) as session:
        session.catalogs.catalog("dev").create_namespace("silver")
        session.write("silver.flights", pa.table({"origin": ["EWR", "JFK", "EWR"], "delay": [1, 2, None]}))
        yield session, root


def _promoted(session: Session, root: Path, sql: str = SQL, name: str = "delays") -> Promotion:
    ran = run([("c1", sql)], session, root)
    path = root / "notebooks" / "flights.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(notebook_json([("c1", sql)])))
    return promote(ran.request(name, source="delays", open_pr=True, verify=False), session)


def notebook_json(cells: list[tuple[str, str]]) -> dict[str, Any]:
    made = [
        {"id": name, "cell_type": "code", "source": source, "outputs": [], "execution_count": 1, "metadata": {}}
        for name, source in cells
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}


def merge_it(api: httpx.Client, address: str) -> None:
    """Merge, as soon as Gitea has looked at the last push: until then it answers 405."""
    end = time.monotonic() + 60
    while (answer := api.post(address, json={"Do": "squash"})).status_code == 405 and time.monotonic() < end:
        time.sleep(0.5)
    answer.raise_for_status()


@pytest.mark.timeout(600)
def test_there_and_back(api: httpx.Client, repository: str, project: tuple[Session, Path]) -> None:
    """Checks are shown, a colleague's edit on the branch survives, the merge and what the cell drifts are told."""
    session, root = project
    path = place(repository).path
    first = _promoted(session, root)
    assert first.pull_request is not None, first.findings
    number, model = first.pull_request.number, "models/gold/delays.sql"
    for context, state in (("lint", "success"), ("dbt build", "pending")):
        told = {"context": context, "state": state, "target_url": "https://ci.example.org/1"}
        api.post(f"/repos/{path}/statuses/{first.pull_request.sha}", json=told).raise_for_status()
    [one] = standings(session.settings).promotions
    assert (one.state, one.checks, one.cells) == ("open", "pending", "as promoted")
    [shown] = list_promotions(session.settings, root, host=True).promotions
    # The project's own workflow, which no runner takes here, is a check of its own.
    assert {(check.name, check.outcome) for check in shown.checks} >= {("lint", "success"), ("dbt build", "pending")}
    assert shown.pull_request is not None
    assert shown.pull_request.number == number

    there = api.get(f"/repos/{path}/contents/{model}", params={"ref": BRANCH}).json()
    text = base64.b64decode(there["content"]).decode()
    edited = base64.b64encode(f"{text.rstrip()}\n\n-- by a colleague\n".encode()).decode()
    change = {"content": edited, "sha": there["sha"], "message": "docs: note", "branch": BRANCH}
    api.put(f"/repos/{path}/contents/{model}", json=change).raise_for_status()
    second = _promoted(session, root, SQL.replace("count(*) AS flights", "count(*) AS all_flights"))
    assert second.pull_request is not None, second.findings
    assert second.pull_request.number == number
    merged = git(root, "show", f"{second.publication.commit if second.publication else ''}:{model}")
    assert "all_flights" in merged
    assert "-- by a colleague" in merged
    open_ones = api.get(f"/repos/{path}/pulls", params={"state": "open"}).json()
    assert [pull["number"] for pull in open_ones] == [number]

    merge_it(api, f"/repos/{path}/pulls/{number}/merge")
    [one] = standings(session.settings).promotions
    assert (one.state, one.cells, one.drifts) == ("merged", "as promoted", False)
    (root / "notebooks" / "flights.ipynb").write_text(json.dumps(notebook_json([("c1", SQL)])))
    [one] = standings(session.settings).promotions
    assert (one.state, one.cells, one.drifts) == ("merged", "c1 changed", True)


def test_a_protected_branch_and_one_who_may_not_push(
    api: httpx.Client, repository: str, project: tuple[Session, Path], gitea: Gitea, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, root = project
    path = place(repository).path
    rule = {"rule_name": "olo/**", "enable_push": False}
    api.post(f"/repos/{path}/branch_protections", json=rule).raise_for_status()
    refused = _promoted(session, root)
    [finding] = [finding for finding in refused.findings if finding.code == "not-pushed"]
    assert "protected" in finding.message
    assert "ask for the right" in finding.hint
    assert refused.pull_request is None
    api.delete(f"/repos/{path}/branch_protections/{quote('olo/**', safe='')}").raise_for_status()
    monkeypatch.setenv("OLO_GIT_TOKEN", gitea.add_user("cy"))
    stranger = _promoted(session, root)
    [finding] = [finding for finding in stranger.findings if finding.code == "not-pushed"]
    assert "fork" in finding.hint
    monkeypatch.setenv("OLO_GIT_TOKEN", gitea.token)
    done = _promoted(session, root)
    assert done.pull_request is not None, done.findings
    assert len(api.get(f"/repos/{path}/pulls").json()) == 1


def test_a_repository_that_moved(api: httpx.Client, repository: str, project: tuple[Session, Path]) -> None:
    session, root = project
    path = place(repository).path
    api.patch(f"/repos/{path}", json={"name": f"{path.split('/')[1][:40]}-moved"}).raise_for_status()
    done = _promoted(session, root)
    told = [finding for finding in done.findings if finding.code in ("not-pushed", "no-pull-request")]
    assert done.pull_request is not None or told, done.findings
    for finding in told:
        assert "moved" in f"{finding.message} {finding.hint}", finding
    git(root, "remote", "set-url", "origin", f"{repository.removesuffix('.git')[: -len(path.split('/')[1])]}x")
    gone = _promoted(session, root, SQL.replace("flights FROM", "n FROM"))
    assert gone.publication is not None
    assert not gone.publication.pushed


@pytest.mark.parametrize("is_done", [False, True], ids=["before it came through", "before its answer"])
def test_cut_at_each_request_one_pull_request(api: httpx.Client, repository: str, gitea: Gitea, is_done: bool) -> None:
    class Cut(httpx.HTTPTransport):
        left = 0

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            self.left -= 1
            if self.left != 0:
                return super().handle_request(request)
            if is_done:
                super().handle_request(request).read()
            raise httpx.ReadError("connection reset", request=request)

    path = place(repository).path
    reached = 0
    for number in range(1, 20):
        branch = f"olo/ana/cut{number}"
        branch_with_a_file(api, repository, branch, f"{number}.txt")
        proposal = Proposal(branch, "main", f"feat: {number}", "Why.", labels=["olo"], reviewers=["ana"])
        transport = Cut()
        transport.left = number
        first = None
        with closing(connect(place(repository), "gitea", gitea.token, transport=transport)) as cut:
            try:
                first = open_pull_request(cut, proposal)
            except HostError as error:
                assert error.code == "host-unavailable"
        with closing(connect(place(repository), "gitea", gitea.token)) as host:
            again = open_pull_request(host, proposal)
        listed = api.get(f"/repos/{path}/pulls", params={"state": "all"}).json()
        found = [pull for pull in listed if pull["head"]["ref"] == branch]
        assert [pull["number"] for pull in found] == [again.pull_request.number]
        assert [label["name"] for label in found[0]["labels"]] == ["olo"]
        if transport.left > 0:
            assert first is not None
            break
        reached = number
    assert reached >= 3
