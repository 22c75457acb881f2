"""The commands of GitHub's and GitLab's workflows, run as their runners do: in order, by bash, with their variables.

Gitea's run on a real Gitea (test_gitea_actions). What only hosts can do (their actions, the merge, GitLab's release)
and installing are left out, each by name.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from olo_jobs.deployment import FILE, parse_deployment
from olo_jupyter.project.blueprint import Answers, create
from tests.services import release_tools
from tests.services.process import finished
from tests.unit.project.test_release_scripts import Service, service

__all__ = ["service"]
JOB = 'version: 1\nname: daily\nschedule: {cron: "0 6 * * *"}\ntasks: [{name: a, shell: {command: [echo, hello]}}]\n'
WORKSPACE = """\
version: 1
name: team
repository: {}
catalogs: {{dev: {{namespaces: [gold]}}}}
members: [{{user: ana, role: workspace-admin}}]
"""
ELSEWHERE = ("python -m pip ", "go install ", "GOBIN=", 'echo "$(go env', "semantic-release ", "gh pr merge")
"""How lines begin that install, or that need the host."""


class Pipeline:
    """A clone of a bare remote, and what its runner's environment has."""

    def __init__(self, folder: Path, ci: str) -> None:
        self.root, self.remote, self.ran = folder / "shop", folder / "remote.git", set[str]()
        create(self.root, Answers("shop", more={"ci": ci}))
        (self.root / "jobs/daily.yml").write_text(JOB)
        (self.root / "queries/one.sql").write_text("SELECT 1 AS n\n")
        (self.root / "models/gold/totals.sql").write_text("select 1 as n\n")
        (folder / "gitconfig").write_text("[user]\nname = CI\nemail = ci@example.org\n")
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("OLO_", "CI_", "GITHUB_", "DBT_"))
        }
        self.environ = {
            **kept,
            "PATH": release_tools.path(),
            "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
            "OLO_USER": "ci",
            "OLO_STATE": str(folder / "state"),
            "OLO_LAKEHOUSE": str(folder / "lake"),
        }
        (folder / "lake").mkdir()
        finished(["git", "init", "-q", "--bare", "-b", "main", str(self.remote)], folder)
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", str(self.remote))
        self.git("add", "-A")
        self.git("commit", "-qm", "feat: a project")
        self.git("tag", "v0.1.0")
        self.git("push", "-q", "origin", "main", "v0.1.0")
        self.head = self.git("rev-parse", "HEAD")

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=self.environ, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def merge(self, file: str, text: str) -> None:
        """One more commit on main."""
        path = self.root / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        self.git("add", file)
        self.git("commit", "-qm", f"feat: {path.stem}")
        self.git("push", "-q", "origin", "main")

    def run(self, command: str, environ: Mapping[str, str]) -> None:
        """One step, but for the lines that belong elsewhere."""
        lines = [line for line in command.strip().splitlines() if not line.strip().startswith(ELSEWHERE)]
        if not lines:
            return
        self.ran |= {line.strip() for line in lines}
        shell = ["bash", "-eo", "pipefail", "-c", "\n".join(lines)]
        given = {**self.environ, **environ}
        done = subprocess.run(shell, cwd=self.root, env=given, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"

    def deployed(self, target: str) -> str:
        """The version or commit that a target runs."""
        self.git("fetch", "-q", "origin", f"deploy/{target}")
        found = parse_deployment(self.git("show", f"FETCH_HEAD:{FILE}").encode())
        return found.release or found.commit


def told(service: Service) -> list[str]:
    """What Teams was told, each message as JSON."""
    return [json.dumps(body) for _, _, _, body in service.asked]


@pytest.mark.timeout(900)
def test_gitlabs(tmp_path: Path, service: Service) -> None:
    pipeline = Pipeline(tmp_path, "gitlab")
    jobs = yaml.safe_load((pipeline.root / ".gitlab-ci.yml").read_text())
    common = {
        "CI_COMMIT_SHA": pipeline.head,
        "CI_COMMIT_BRANCH": "main",
        "CI_DEFAULT_BRANCH": "main",
        "CI_PROJECT_PATH": "data/shop",
        "CI_JOB_URL": "https://gitlab.example.org/data/shop/-/jobs/7",
        "TEAMS_WEBHOOK": service.url,
    }

    def job(name: str, **more: str) -> None:
        own = {key: str(value) for key, value in jobs[name].get("variables", {}).items() if "$" not in str(value)}
        for command in jobs[name]["script"]:
            pipeline.run(command, {**common, **own, **more})

    for name in ("check", "deploy-staging", "test-staging", "pages", "release"):
        job(name)
    assert pipeline.deployed("staging") == "v0.1.0"
    assert (pipeline.root / "public/index.html").stat().st_size > 10_000
    job("production", CI_COMMIT_TAG="v0.1.0")
    assert pipeline.deployed("prod") == "v0.1.0"
    for target in ("staging", "prod"):
        job("drift", TARGET=target)
    pipeline.merge("workspaces/team.yml", WORKSPACE.format(pipeline.remote))
    for name in ("workspaces-plan", "workspaces-apply", "workspaces-drift"):
        job(name)
    (after,) = jobs[".failure"]["after_script"]
    pipeline.run(after, {**common, "CI_JOB_STATUS": "success"})
    assert not told(service)
    pipeline.run(after, {**common, "CI_JOB_STATUS": "failed", "CI_ENVIRONMENT_NAME": "production"})
    (message,) = told(service)
    assert all(word in message for word in ("data/shop", "production", pipeline.head, "/-/jobs/7"))
    written = {
        line.strip()
        for name, one in jobs.items()
        if isinstance(one, dict)
        and name != "fast-track"  # its merge is GitLab's; merge_request.py has tests of its own
        for part in ("before_script", "script", "after_script")
        for command in one.get(part, ())
        for line in command.strip().splitlines()
    }
    assert {line for line in written - pipeline.ran if not line.startswith(ELSEWHERE)} == set()


@pytest.mark.timeout(900)
def test_githubs(tmp_path: Path, service: Service) -> None:
    pipeline = Pipeline(tmp_path, "github")
    files = {
        path.stem: yaml.safe_load(path.read_text()) for path in (pipeline.root / ".github/workflows").glob("*.yml")
    }
    common = {
        "GITHUB_SHA": pipeline.head,
        "GITHUB_REPOSITORY": "data/shop",
        "GITHUB_SERVER_URL": "https://github.example.org",
        "GITHUB_RUN_ID": "7",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "TEAMS_WEBHOOK": service.url,
    }

    def steps(workflow: str, job: str, **more: str) -> None:
        one: dict[str, Any] = files[workflow]["jobs"][job]
        for step in one["steps"]:
            if "run" in step:
                values = {**one.get("env", {}), **step.get("env", {})}
                plain = {key: str(value) for key, value in values.items() if "${{" not in str(value)}
                pipeline.run(step["run"], {**common, **plain, **more})

    steps("check", "check")
    steps("staging", "staging")
    assert pipeline.deployed("staging") == "v0.1.0"
    assert (pipeline.root / "public/index.html").stat().st_size > 10_000
    steps("release", "production", VERSION="v0.1.0")
    assert pipeline.deployed("prod") == "v0.1.0"
    for target in ("staging", "prod"):
        steps("drift", "drift", TARGET=target)
    pipeline.merge("workspaces/team.yml", WORKSPACE.format(pipeline.remote))
    (job,) = files["workspaces"]["jobs"]
    steps("workspaces", job, EVENT="push")
    assert (tmp_path / "output").read_text() == "found=yes\n"
    assert "team" in (tmp_path / "summary").read_text()
    texts = told(service)
    assert len(texts) == 5  # every step that tells of a failure was run
    for target, version in (("staging", pipeline.head), ("prod", "v0.1.0"), ("workspaces", "push")):
        assert any(all(word in text for word in ("data/shop", target, version, "/actions/runs/7")) for text in texts)
