"""Drift on real repositories: nothing where what runs is what Git says; else what, and what to do."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from olo_jupyter.jobs.orchestrator import Job
from olo_jupyter.releases import drift as drift_module
from olo_jupyter.releases.deploy import deploy
from olo_jupyter.releases.drift import drift
from tests.unit.releases.test_deploy import _alone, change, commit, git, settings
from tests.unit.releases.test_deploy import root as clone

__all__ = ["_alone", "clone"]


@pytest.fixture
def root(clone: Path) -> Path:
    """The clone, with catalogs that can be opened."""
    config = clone / "olo.yml"
    for name in ("dev", "prod"):
        place = f"{name}: {{properties: {{uri: 'sqlite:///../lake/{name}.db', warehouse: 'file:../lake'}}}}"
        config.write_text(config.read_text().replace(f"{name}: {{}}", place))
    (clone / ".." / "lake").mkdir()
    commit(clone)
    git(clone, "push", "-q", "origin", "main")
    return clone


def told(root: Path, target: str) -> list[tuple[str, str]]:
    return [(one.about, one.message) for one in drift(settings(root), target)]


def test_what_runs_is_what_git_says(root: Path) -> None:
    assert told(root, "dev") == [("deployment", "Nothing was deployed to dev yet.")]
    deploy(settings(root), "dev", "main")
    assert told(root, "dev") == []


def test_a_merge_that_nobody_deployed_is_seen_from_any_clone(root: Path, tmp_path: Path) -> None:
    deploy(settings(root), "dev", "main")
    sha = git(root, "rev-parse", "HEAD")[:12]
    git(tmp_path, "clone", "-q", "remote.git", "other")
    change(tmp_path / "other" / "project", "0 6", "0 7")
    git(tmp_path / "other", "push", "-q", "origin", "main")
    assert told(root, "dev") == [("deployment", f"dev runs {sha}, 1 commit behind main.")]


def test_production_follows_the_newest_release_not_main(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLO_SERVICE_ACCOUNT", "svc-prod")
    git(root, "tag", "-a", "v1.9.0", "-m", "nine")
    git(root, "push", "-q", "origin", "v1.9.0")
    deploy(settings(root), "prod", "v1.9.0")
    change(root, "0 6", "0 7")
    git(root, "push", "-q", "origin", "main")
    assert told(root, "prod") == []
    git(root, "tag", "v1.10.0")
    git(root, "push", "-q", "origin", "v1.10.0")
    assert told(root, "prod") == [("deployment", "prod runs v1.9.0, 1 commit behind v1.10.0.")]


def test_a_deploy_branch_that_was_written_by_hand(root: Path, tmp_path: Path) -> None:
    deploy(settings(root), "dev", "main")
    git(tmp_path, "clone", "-q", "-b", "deploy/dev", "remote.git", "hand")
    (tmp_path / "hand" / "project" / "jobs" / "clean.yml").write_text("version: 1\nname: clean\ntasks: []\n")
    commit(tmp_path / "hand", "fix: quickly")
    git(tmp_path / "hand", "push", "-q", "origin", "deploy/dev")
    ((about, message),) = told(root, "dev")
    assert (about, "project/jobs/clean.yml" in message) == ("deployment", True)


def test_what_the_orchestrator_serves(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The protocol's answers are made here: Airflow itself can't be made to serve what nobody deployed."""
    deploy(settings(root), "dev", "main")
    served = [Job("clean", schedule="0 6 * * *", paused=False), Job("stray")]
    monkeypatch.setattr(drift_module, "orchestrator_for", lambda settings, target: "airflow")
    monkeypatch.setattr(drift_module, "connect", lambda *_: SimpleNamespace(jobs=lambda: served, close=lambda: None))
    assert told(root, "dev") == [
        ("job", "airflow serves stray, which nobody deployed."),
        ("job", "The schedule of clean runs in dev, and should not."),
    ]
    served[:] = []
    assert told(root, "dev") == [("job", "clean was deployed, and airflow doesn't serve it.")]


def test_a_catalog_that_cannot_be_opened(root: Path) -> None:
    deploy(settings(root), "dev", "main")
    config = root / "olo.yml"
    there = "dev: {properties: {uri: 'sqlite:///../lake/dev.db'"
    config.write_text(config.read_text().replace(there, "dev: {type: rest, properties: {uri: 'http://127.0.0.1:9'"))
    ((about, message),) = told(root, "dev")
    assert (about, message.startswith("Catalog dev can't be opened")) == ("catalog", True)
