"""A project of the blueprint on a real Gitea, whose workflows our runner runs."""

from __future__ import annotations

import base64
import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx

from olo_jobs.deployment import FILE, parse_deployment
from olo_jupyter.project.blueprint import Answers, create
from tests.services import release_tools
from tests.services.gitea import Gitea
from tests.services.gitea_runner import Done, Runner

OTHERS = ("check", "staging", "workspaces")
"""Workflows that may stand in the way of the one that is waited for: taken as passed, without being run."""


@dataclass
class GiteaProject:
    """The repository ``ana/<name>``; ``folder`` holds ``lake``, the clone ``project`` and what jobs made."""

    gitea: Gitea
    name: str
    api: httpx.Client
    runner: Runner
    folder: Path
    branches: int = 0

    def change(self, subject: str, text: str, branch: str = "", *, path: str = "") -> dict[str, Any]:
        """A branch with one changed file, and its pull request."""
        self.branches += 1
        branch = branch or f"change-{self.branches}"
        told = {"content": base64.b64encode(text.encode()).decode(), "message": subject, "new_branch": branch}
        made = self.api.post(f"contents/{path or f'queries/q{self.branches}.sql'}", json={**told, "branch": "main"})
        assert made.status_code == 201, made.text
        return self.pull(branch, subject)

    def pull(self, head: str, subject: str) -> dict[str, Any]:
        opened = self.api.post("pulls", json={"head": head, "base": "main", "title": subject})
        assert opened.status_code == 201, opened.text
        found: dict[str, Any] = opened.json()
        return found

    def ask(self, pull: dict[str, Any], token: str = "", text: str = "/release") -> Done:
        """Comment, and run the fast track's first job."""
        headers = {"Authorization": f"token {token or self.gitea.token}"}
        self.api.post(f"issues/{pull['number']}/comments", json={"body": text}, headers=headers).raise_for_status()
        return self.until("fast-track", "answer", passed=OTHERS)

    def answer(self, pull: dict[str, Any]) -> str:
        """The last comment."""
        said: str = self.api.get(f"issues/{pull['number']}/comments").json()[-1]["body"]
        return said

    def until(self, workflow: str, job: str, *, result: str = "", passed: tuple[str, ...] = ()) -> Done:
        """Run jobs until this one is done; all of them go well, but for the one that is to fail."""
        while True:
            done = self.runner.next(passed=passed)
            if (done.workflow, done.job) == (workflow, job):
                assert done.result == result if result else done.result != "failure", done.log
                return done
            assert done.result != "failure", done.log

    def deployed(self, target: str) -> str:
        """The version or commit that a target runs."""
        text = self.api.get(f"raw/{FILE}", params={"ref": f"deploy/{target}"})
        assert text.status_code == 200, text.text
        found = parse_deployment(text.content)
        return found.release or found.commit


@contextlib.contextmanager
def gitea_project(
    gitea: Gitea, folder: Path, name: str, answers: Answers, write: Callable[[Path], object]
) -> Iterator[GiteaProject]:
    """Make the repository with the blueprint and what ``write`` adds to it, and register a runner."""
    site = httpx.Client(base_url=f"{gitea.uri}/api/v1/", headers={"Authorization": f"token {gitea.token}"}, timeout=60)
    with site:
        made = site.post("user/repos", json={"name": name, "default_branch": "main"})
        assert made.status_code == 201, made.text
    root = folder / "project"
    create(root, answers)
    write(root)
    settings = root / "pyproject.toml"
    # This Gitea has no certificate.
    settings.write_text(settings.read_text().replace('type = "gitea"', 'type = "gitea"\ninsecure = true'))
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org"]
    signed = ["-c", f"http.extraHeader=Authorization: token {gitea.token}"]
    for words in (
        ["init", "-q", "-b", "main"],
        ["remote", "add", "origin", f"{gitea.uri}/ana/{name}.git"],
        ["add", "-A"],
        [*who, "commit", "-qm", "feat: a project"],
        [*signed, "push", "-q", "-u", "origin", "main"],
    ):
        subprocess.run(["git", *words], cwd=root, check=True)
    (folder / "gitconfig").write_text("")
    (folder / "lake").mkdir()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("OLO_", "GITHUB_", "GITEA_"))}
    environ |= {
        "PATH": release_tools.path(),
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "OLO_USER": "ci",
        "OLO_STATE": str(folder / "state"),
    }
    base = f"{gitea.uri}/api/v1/repos/ana/{name}/"
    with httpx.Client(base_url=base, headers={"Authorization": f"token {gitea.token}"}, timeout=60) as api:
        token = api.post("actions/runners/registration-token").json()["token"]
        api.post("actions/variables/OLO_LAKEHOUSE", json={"value": str(folder / "lake")}).raise_for_status()
        yield GiteaProject(gitea, name, api, Runner(gitea.uri, token, folder / "runs", environ), folder)
