"""Real repositories: a bare origin, the user's clone, a state folder beside them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from olo_jupyter.git_settings import GitSettings
from olo_jupyter.promotion.publish import Publication, branch_name, publish
from olo_jupyter.promotion.repository import Repository
from olo_jupyter.promotion.worktree import open_worktree


@pytest.fixture(autouse=True)
def _identity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = Ana\n\temail = ana@example.org\n[init]\n\tdefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def git(folder: Path, *arguments: str, check: bool = True) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, done.stderr
    return done.stdout.strip()


@dataclass(frozen=True)
class Place:
    """A user's checkout with a bare origin."""

    root: Path
    origin: Path
    state: Path
    settings: GitSettings = field(default_factory=GitSettings)

    def promote(self, name: str, files: Mapping[str, str], upstreams: tuple[str, ...] = ()) -> Publication:
        """Write files on the promotion's branch and publish them; the Git half of a promotion."""
        branch = branch_name("ana", name)
        repository = Repository(self.root, self.settings, "ana")
        repository.refresh("olo/ana/")
        with open_worktree(repository, self.state, name, repository.start(branch, upstreams)) as tree:
            for path, text in files.items():
                tree.write(path, text)
            message = f"feat(gold): promote {name}\n\nOlo-Verification: verified\n"
            return publish(tree, branch, files, message, self.state)

    def colleague(self, branch: str, files: Mapping[str, str]) -> None:
        """Somebody else pushes to a branch."""
        other = self.root.parent / "colleague"
        if not other.exists():
            git(self.root.parent, "clone", "-q", str(self.origin), str(other))
        git(other, "fetch", "-q")
        git(other, "checkout", "-q", "-B", "work", f"origin/{branch}")
        for path, text in files.items():
            (other / path).parent.mkdir(parents=True, exist_ok=True)
            (other / path).write_text(text)
        git(other, "add", "-A")
        git(other, "commit", "-q", "-m", "by hand")
        git(other, "push", "-q", "origin", f"HEAD:{branch}")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    origin, root = tmp_path / "origin.git", tmp_path / "project"
    git(tmp_path, "init", "-q", "--bare", str(origin))
    git(tmp_path, "init", "-q", str(root))
    (root / "olo.yml").write_text("version: 1\nname: flights\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "start")
    git(root, "remote", "add", "origin", str(origin))
    git(root, "push", "-q", "-u", "origin", "main")
    return Place(root, origin, tmp_path / "state")


def snapshot(root: Path) -> dict[str, bytes]:
    """Every byte of the user's checkout, HEAD and index: what a promotion must not change."""
    found = {}
    for folder, folders, files in os.walk(root):
        if Path(folder) == root:
            folders.remove(".git")
        for file in files:
            path = Path(folder) / file
            found[str(path.relative_to(root))] = path.read_bytes()
    for name in ("HEAD", "index", "MERGE_HEAD", "FETCH_HEAD", "ORIG_HEAD", "MERGE_MSG", "config", "refs/stash"):
        path = root / ".git" / name
        if path.exists():
            found[f".git/{name}"] = path.read_bytes()
    return found
