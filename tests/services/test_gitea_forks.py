"""Pull requests from a fork on a real Gitea: of one who may not push to the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.promotion.outcome import Promotion
from olo_jupyter.promotion.promote import promote
from olo_jupyter.promotion.standing import standings
from tests.integration.promotion.notebooks import run
from tests.services.gitea import Gitea

from .test_gitea import SQL, api, git, merge_it, place, project, repository, signed_in

__all__ = ["api", "project", "repository", "signed_in"]
BRANCH = "olo/dee/delays"


def _promoted(root: Path, sql: str = SQL) -> Promotion:
    with Session(load_settings(root)) as session:
        ran = run([("c1", sql)], session, root)
        return promote(ran.request("delays", source="delays", open_pr=True, verify=False), session)


def _fork_is(root: Path, value: str) -> None:
    path = root / "olo.yml"
    text = path.read_text().split("\ngit:")[0].rstrip()
    path.write_text(f"{text}\ngit:\n  fork: {value}\n")


@pytest.fixture(scope="module")
def her_token(gitea: Gitea) -> str:
    """Of one who may read all repositories here and write none."""
    return gitea.add_user("dee")


@pytest.fixture
def stranger(project: tuple[Session, Path], her_token: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """A checkout of hers, and her token."""
    monkeypatch.setenv("OLO_GIT_TOKEN", her_token)
    monkeypatch.setenv("OLO_USER", "dee")
    return project[1], her_token


def _pulls(api: httpx.Client, repository: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/repos/{place(repository).path}/pulls", params={"state": "all"}).json()
    return found


@pytest.mark.timeout(600)
def test_one_s_own_fork_is_made_used_again_and_merged_from(
    api: httpx.Client, repository: str, stranger: tuple[Path, str]
) -> None:
    root, token = stranger
    refused = _promoted(root)
    [finding] = [finding for finding in refused.findings if finding.code == "not-pushed"]
    assert "git.fork: auto" in finding.hint
    _fork_is(root, "auto")
    before = git(root, "config", "--list", "--local")
    first = _promoted(root)
    assert first.pull_request is not None, first.findings
    [pull] = _pulls(api, repository)
    name = place(repository).path.split("/")[1]
    assert (pull["head"]["repo"]["full_name"], pull["head"]["ref"]) == (f"dee/{name}", BRANCH)
    assert pull["base"]["repo"]["full_name"] == f"ana/{name}"
    assert "olo/dee" not in git(root, "ls-remote", "origin", token=token)
    [one] = standings(load_settings(root)).promotions
    assert (one.state, one.pull_request and one.pull_request.number) == ("open", pull["number"])

    again = _promoted(root, SQL.replace("AS flights", "AS all_flights"))
    assert again.pull_request is not None, again.findings
    assert again.pull_request.number == pull["number"]
    assert again.publication is not None
    assert git(root, "rev-list", "--count", f"{again.publication.commit}", "--not", "refs/remotes/origin/main") == "2"
    assert [each["number"] for each in _pulls(api, repository)] == [pull["number"]]
    assert git(root, "config", "--list", "--local") == before
    merge_it(api, f"/repos/{place(repository).path}/pulls/{pull['number']}/merge")
    [one] = standings(load_settings(root)).promotions
    assert one.state == "merged"
    # The merge was squashed: the same again proposes nothing, a change opens another pull request that merges cleanly.
    same = _promoted(root, SQL.replace("AS flights", "AS all_flights"))
    assert (same.succeeded, same.pull_request) == (True, None), same.findings
    assert "already-merged" in {finding.code for finding in same.findings}
    third = _promoted(root, SQL.replace("AS flights", "AS n"))
    assert third.pull_request is not None, third.findings
    assert third.pull_request.number != pull["number"]
    merge_it(api, f"/repos/{place(repository).path}/pulls/{third.pull_request.number}/merge")


@pytest.mark.timeout(600)
def test_a_fork_that_olo_yml_names(
    api: httpx.Client, repository: str, stranger: tuple[Path, str], gitea: Gitea
) -> None:
    root, token = stranger
    signed = {"Authorization": f"token {token}"}
    made = httpx.post(
        f"{gitea.uri}/api/v1/repos/{place(repository).path}/forks", json={"name": "mine"}, headers=signed, timeout=60
    )
    assert made.status_code == 202, made.text
    _fork_is(root, f"{gitea.uri}/dee/mine.git")
    done = _promoted(root)
    assert done.pull_request is not None, done.findings
    git(root, "remote", "add", "mine", f"{gitea.uri}/dee/mine.git")
    _fork_is(root, "mine")
    again = _promoted(root)
    assert again.pull_request is not None, again.findings
    [pull] = _pulls(api, repository)
    assert again.pull_request.number == pull["number"]
    assert pull["head"]["repo"]["full_name"] == "dee/mine"


@pytest.mark.timeout(600)
def test_one_who_may_push_needs_no_fork(api: httpx.Client, repository: str, project: tuple[Session, Path]) -> None:
    _, root = project
    _fork_is(root, "auto")
    done = _promoted(root)
    assert done.pull_request is not None, done.findings
    [pull] = _pulls(api, repository)
    assert pull["head"]["repo"]["full_name"] == place(repository).path
