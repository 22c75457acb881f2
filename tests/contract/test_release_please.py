"""What the blueprint's release workflow gives release-please's action, and takes from it, is what that action knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

WORKFLOWS = Path(__file__).parents[2] / "templates/project/{% if ci == 'github' %}.github{% endif %}/workflows"
ACTION = "googleapis/release-please-action@v4"
# Of the action's src/index.ts (googleapis/release-please-action at commit 073b7f94e121d8c3eaa79ae3593009314ec69fb0,
# Apache-2.0): the names that it reads, and those that it sets for a release of the repository's root.
INPUTS = {
    "token", "release-type", "path", "repo-url", "target-branch", "config-file", "manifest-file", "github-api-url",
    "github-graphql-url", "proxy-server", "skip-github-release", "skip-github-pull-request", "skip-labeling", "fork",
    "include-component-in-tag", "changelog-host", "versioning-strategy", "release-as",
}  # fmt: skip
OUTPUTS = {
    "releases_created", "release_created", "tag_name", "upload_url", "html_url", "body", "version", "major", "minor",
    "patch", "sha", "paths_released", "prs_created", "pr", "prs",
}  # fmt: skip


def test_the_release_workflow_speaks_the_action_s_words() -> None:
    text = (WORKFLOWS / "release.yml").read_text(encoding="utf-8")
    jobs: dict[str, Any] = yaml.safe_load(text)["jobs"]
    steps = [step for job in jobs.values() for step in job.get("steps", ()) if step.get("uses") == ACTION]
    assert len(steps) == 2, "the usual way, and the fast track's second look after the merge"
    for step in steps:
        assert set(step["with"]) <= INPUTS
        assert step["with"]["release-type"] == "python"
    ids = "|".join(step["id"] for step in steps)
    taken = set(re.findall(rf"steps\.(?:{ids})\.outputs\.(\w+)", text))
    assert {"tag_name", "pr"} <= taken <= OUTPUTS


def test_the_project_has_the_version_that_the_python_strategy_raises() -> None:
    """It raises ``version`` of ``[project]`` in pyproject.toml, beside the change log."""
    text = (WORKFLOWS.parents[1] / "pyproject.toml.jinja").read_text(encoding="utf-8")
    assert re.search(r"^\[project\]\nname = .*\nversion = \"0\.1\.0\"$", text, re.MULTILINE)
