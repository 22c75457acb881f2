"""The promoted branch in a worktree that stays: made, brought up to date, left alone where somebody works in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from olo_jupyter.promotion.hand_off import hand_off
from olo_jupyter.promotion.repository import Repository

from .conftest import Place, git, snapshot
from .test_publish import BRANCH, MODEL

FILE = "models/gold/delays.sql"
SECOND = {FILE: "select 2 as x\n"}


def _handed(place: Place) -> tuple[Path | None, list[str]]:
    folder, findings = hand_off(Repository(place.root), place.state, BRANCH)
    return folder, [finding.code for finding in findings]


def test_the_branch_is_checked_out_and_follows(place: Place) -> None:
    before = snapshot(place.root)
    place.promote("delays", MODEL)
    folder, findings = _handed(place)
    assert folder == place.state / "branches" / "delays"
    assert findings == []
    assert git(folder, "branch", "--show-current") == BRANCH
    done = place.promote("delays", SECOND)
    assert done.findings == ()
    assert _handed(place) == (folder, [])
    assert (folder / FILE).read_text() == SECOND[FILE]
    assert git(folder, "status", "--porcelain") == ""
    assert git(place.root, "rev-parse", BRANCH) == done.commit
    assert snapshot(place.root) == before


def test_commits_made_there_are_built_upon(place: Place) -> None:
    place.promote("delays", MODEL)
    folder, _ = _handed(place)
    assert folder is not None
    (folder / "notes.md").write_text("by hand\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "docs: notes")
    place.promote("delays", SECOND)
    assert _handed(place) == (folder, [])
    assert git(place.origin, "show", f"{BRANCH}:notes.md") == "by hand"


def test_what_is_not_committed_there_stays(place: Place) -> None:
    place.promote("delays", MODEL)
    folder, _ = _handed(place)
    assert folder is not None
    (folder / FILE).write_text("by hand\n")
    done = place.promote("delays", SECOND)
    assert done.pushed
    assert _handed(place) == (folder, ["branch-edited"])
    assert (folder / FILE).read_text() == "by hand\n"


def test_elsewhere_and_in_the_way(place: Place) -> None:
    place.promote("delays", MODEL)
    git(place.root, "checkout", "-q", BRANCH)
    assert _handed(place) == (None, [])
    git(place.root, "checkout", "-q", "main")
    (place.state / "branches" / "delays").mkdir(parents=True)
    assert _handed(place) == (None, ["folder-in-the-way"])


def test_folders_of_merged_branches_go(place: Place) -> None:
    place.promote("score", {"src/flights/score.py": "x = 1\n"})
    folder, _ = hand_off(Repository(place.root), place.state, "olo/ana/score")
    assert folder is not None
    git(place.root, "push", "-q", "origin", "olo/ana/score:main")
    place.promote("delays", MODEL)
    _handed(place)
    assert not folder.exists()
    assert "score" not in git(place.root, "worktree", "list")


def test_the_branch_in_one_s_own_checkout_instead(place: Place) -> None:
    """Git has a branch checked out once: its refusal names the folder, and who gives that up has the branch."""
    place.promote("delays", MODEL)
    folder, _ = _handed(place)
    with pytest.raises(AssertionError, match=re.escape(str(folder))):
        git(place.root, "switch", "-q", BRANCH)
    git(place.root, "worktree", "remove", str(folder))
    git(place.root, "switch", "-q", BRANCH)
    again = place.promote("delays", SECOND)
    assert [finding.code for finding in again.findings] == ["branch-checked-out"]
    assert _handed(place) == (None, [])
    assert git(place.root, "branch", "--show-current") == BRANCH
