"""The blueprint's Gitea workflows on a real Gitea: checks, staging on merge, versions, production, `/release`.

What Gitea decides is Gitea's: which event starts what, what a workflow's own token may do, statuses, the merge.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx2 as httpx
import pytest

from olo_jupyter.project.blueprint import Answers
from tests.services.gitea import Gitea
from tests.services.gitea_project import OTHERS, GiteaProject, gitea_project

JOB = 'version: 1\nname: daily\nschedule: {cron: "0 6 * * *"}\ntasks: [{name: a, shell: {command: [echo, hello]}}]\n'


@pytest.fixture(scope="module")
def shop(gitea: Gitea, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GiteaProject]:
    folder = tmp_path_factory.mktemp("actions")
    answers = Answers("shop", more={"ci": "gitea"})
    with gitea_project(
        gitea, folder, "actions-shop", answers, lambda root: (root / "jobs/daily.yml").write_text(JOB)
    ) as found:
        yield found


@pytest.mark.timeout(600)
def test_merged_work_runs_on_staging(shop: GiteaProject) -> None:
    """The push made all of it: lint, deployment, queries within their service level, documentation."""
    shop.until("staging", "staging")
    head = shop.api.get("branches/main").json()["commit"]["id"]
    assert shop.deployed("staging") == head


@pytest.mark.timeout(600)
def test_who_may_not_release(shop: GiteaProject) -> None:
    """Without a token that may ask, by one who may only read, from a fork, before the checks: nothing is merged."""
    readers = shop.gitea.add_user("reader")
    shop.api.put("collaborators/reader", json={"permission": "read"}).raise_for_status()
    pull = shop.change("feat: one", "SELECT 1 AS a\n")
    shop.until("check", "check", passed=OTHERS)
    assert shop.ask(pull).outputs["merged"] == "false"
    assert "`RELEASE_TOKEN`" in shop.answer(pull)
    shop.api.put("actions/secrets/RELEASE_TOKEN", json={"data": shop.gitea.token}).raise_for_status()
    assert shop.ask(pull, readers).outputs["merged"] == "false"
    assert shop.answer(pull).startswith("**Refused:** only people who may write")

    fork = httpx.Client(base_url=f"{shop.gitea.uri}/api/v1/", headers={"Authorization": f"token {readers}"}, timeout=60)
    with fork:
        fork.post("repos/ana/actions-shop/forks", json={}).raise_for_status()
        changed = {"content": "c2VsZWN0IDE=", "message": "feat: foreign", "new_branch": "foreign", "branch": "main"}
        fork.post("repos/reader/actions-shop/contents/queries/f.sql", json=changed).raise_for_status()
    foreign = shop.pull("reader:foreign", "feat: foreign")
    shop.until("check", "check", passed=OTHERS)
    assert shop.ask(foreign).outputs["merged"] == "false"
    assert "from a fork" in shop.answer(foreign)

    bad = shop.change("feat: bad", "import os\n", "x$(touch${IFS}pwned)", path="src/shop/bad.py")
    assert shop.until("check", "check", result="failure").log
    assert shop.ask(bad).outputs["merged"] == "false"
    assert shop.answer(bad).startswith("**Not yet:** the check `check")
    assert [shop.api.get(f"pulls/{one['number']}").json()["merged"] for one in (pull, foreign, bad)] == [False] * 3
    for text in ("/release now", "please /release", "/release; touch pwned"):
        assert shop.ask(pull, text=text).result == "skipped"
    assert not list(shop.folder.rglob("pwned"))


@pytest.mark.timeout(600)
def test_released_at_once_and_by_hand(shop: GiteaProject) -> None:
    """Versions follow the subjects of commits: a feature after none is 0.1.0, a mend 0.1.1, the next feature 0.2.0."""
    shop.api.put("actions/secrets/RELEASE_TOKEN", json={"data": shop.gitea.token}).raise_for_status()
    for rule in ("main", "deploy/*"):  # as the project's README asks for: a workflow's own token may not push there
        told = {
            "rule_name": rule,
            "enable_push": True,
            "enable_push_whitelist": True,
            "push_whitelist_usernames": ["ana"],
        }
        shop.api.post("branch_protections", json=told).raise_for_status()
    fast = shop.change("feat: fast", "SELECT 1 AS a\n")
    shop.until("check", "check", passed=OTHERS)
    assert shop.ask(fast).outputs["merged"] == "true"
    assert shop.answer(fast).startswith("**Merged:**")
    shop.until("fast-track", "release", passed=OTHERS)
    assert shop.deployed("prod") == "v0.1.0"
    for subject, version in (("fix: slow", "v0.1.1"), ("feat: slow", "v0.2.0"), ("docs: none", "v0.2.0")):
        slow = shop.change(subject, "SELECT 2 AS a\n")
        shop.until("check", "check", passed=OTHERS)
        merged = shop.api.post(f"pulls/{slow['number']}/merge", json={"Do": "squash", "MergeTitleField": subject})
        assert merged.is_success, merged.text
        shop.api.post("actions/workflows/release.yml/dispatches", json={"ref": "main"}).raise_for_status()
        shop.until("release", "release", passed=OTHERS)
        assert shop.deployed("prod") == version, subject
    assert [one["name"] for one in shop.api.get("releases").json()] == ["v0.2.0", "v0.1.1", "v0.1.0"]
