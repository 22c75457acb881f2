"""Large repositories: the worktree holds what a promotion needs, the rest of the commit stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from olo_jupyter.promotion import sparse
from olo_jupyter.promotion.publish import publish
from olo_jupyter.promotion.repository import Repository
from olo_jupyter.promotion.worktree import open_worktree
from tests.large_repository import make

from .conftest import Place, git, snapshot

MESSAGE = "feat(gold): promote delays\n\nOlo-Verification: unverified\n"
FIRST = {
    "olo.yml": "version: 1\nname: flights\n", "models/gold/old.sql": "select 1\n", "models/gold/gone.sql": "x\n",
    "docs/a.md": "# A\n", "we [ird] *.d/x.txt": "x\n", "dbt_project.yml": "model-paths: [models, more/sql]\n",
    "more/sql/m.sql": "select 3\n",
}  # fmt: skip


def _clone(tmp_path: Path, files: int, commits: int) -> Place:
    origin, root = tmp_path / "origin.git", tmp_path / "project"
    make(origin, files, commits, FIRST)
    git(tmp_path, "clone", "-q", str(origin), str(root))
    return Place(root, origin, tmp_path / "state")


def _published(place: Place, whole: bool) -> tuple[str, set[str]]:
    repository = Repository(place.root)
    repository.refresh("olo/ana/")
    start = repository.start("olo/ana/delays")
    with open_worktree(repository, place.state, "delays", start, whole=whole) as tree:
        seen = {path.name for path in tree.folder.iterdir()}
        tree.write("models/gold/delays.sql", "select 2 as x\n")
        tree.write("models/gold/old.sql", "select 2\n")
        paths = ["models/gold/delays.sql", "models/gold/old.sql"]
        if tree.committed("models/gold/gone.sql") is not None:
            tree.remove("models/gold/gone.sql")
            paths.append("models/gold/gone.sql")
        done = publish(tree, "olo/ana/delays", paths, MESSAGE, place.state)
    assert done.pushed, done.findings
    return git(place.origin, "diff", "--name-status", "main", done.commit), seen


CHANGED = "A\tmodels/gold/delays.sql\nD\tmodels/gold/gone.sql\nM\tmodels/gold/old.sql"


def test_a_large_repository_s_worktree_holds_the_project_and_small_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparse, "LARGE", 50)
    place = _clone(tmp_path, 200, 10)
    before = snapshot(place.root)
    changed, seen = _published(place, whole=True)
    assert changed == CHANGED
    assert seen == {".git", "olo.yml", "dbt_project.yml", "models", "more", "docs", "we [ird] *.d"}
    assert snapshot(place.root) == before
    assert git(place.root, "status", "--porcelain") == ""


def test_what_a_sparse_worktree_left_out_is_written_and_removed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparse, "LARGE", 1)
    place = _clone(tmp_path, 200, 10)
    changed, seen = _published(place, whole=False)
    assert changed == CHANGED
    assert "models" not in seen
    assert git(place.root, "config", "--get-regexp", "core.sparse|extensions", check=False) == ""


def test_hooks_see_the_whole_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse, "LARGE", 1)
    place = _clone(tmp_path, 200, 10)
    hook = place.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntest -f models/gold/old.sql && test -f more/sql/m.sql\n")
    hook.chmod(0o755)
    assert _published(place, whole=False)[0] == CHANGED


@pytest.mark.full
@pytest.mark.timeout(900)
def test_fifty_thousand_files_and_twenty_thousand_commits(tmp_path: Path) -> None:
    place = _clone(tmp_path, 50_000, 20_000)
    before = snapshot(place.root)
    changed, seen = _published(place, whole=True)
    assert changed == CHANGED
    assert "data" not in seen
    assert snapshot(place.root) == before
    again, _ = _published(place, whole=True)
    assert again == CHANGED
