"""The Git half of a promotion, on real repositories."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from olo_jupyter.git_settings import GitSettings
from olo_jupyter.promotion.git import GitError
from olo_jupyter.promotion.paths import PromotionError
from olo_jupyter.promotion.publish import publish
from olo_jupyter.promotion.repository import Repository
from olo_jupyter.promotion.worktree import open_worktree

from .conftest import Place, git, snapshot

MODEL = {"models/gold/delays.sql": "select 1 as x\n"}
BRANCH = "olo/ana/delays"


def test_a_branch_with_one_commit_is_pushed(place: Place) -> None:
    done = place.promote("delays", MODEL)
    assert (done.branch, done.changed, done.pushed, done.findings) == (BRANCH, True, True, ())
    assert git(place.origin, "rev-parse", BRANCH) == done.commit == git(place.root, "rev-parse", BRANCH)
    assert git(place.origin, "show", f"{BRANCH}:models/gold/delays.sql") == "select 1 as x"
    assert git(place.origin, "log", "--format=%s", f"main..{BRANCH}") == "feat(gold): promote delays"
    assert "+select 1 as x" in done.diff.read_text()
    assert list((place.state / "worktrees").iterdir()) == []
    assert "worktrees" not in git(place.root, "worktree", "list")


def test_the_same_again_makes_no_commit(place: Place) -> None:
    first, second = place.promote("delays", MODEL), place.promote("delays", MODEL)
    assert (second.changed, second.pushed, second.commit) == (False, True, first.commit)


def test_a_change_is_a_commit_on_top_of_other_peoples(place: Place) -> None:
    place.promote("delays", MODEL)
    place.colleague(BRANCH, {"models/gold/notes.md": "by hand\n"})
    done = place.promote("delays", {"models/gold/delays.sql": "select 2 as x\n"})
    assert done.pushed
    assert git(place.origin, "show", f"{BRANCH}:models/gold/notes.md") == "by hand"
    assert git(place.origin, "log", "--format=%s", f"main..{BRANCH}").split("\n")[1] == "by hand"


def _dirty(root: Path) -> None:
    (root / "olo.yml").write_text("version: 1\nname: edited\n")
    (root / "staged.txt").write_text("staged\n")
    git(root, "add", "staged.txt")
    (root / "untracked.txt").write_text("untracked\n")


def _detached(root: Path) -> None:
    git(root, "checkout", "-q", "--detach")


def _merging(root: Path) -> None:
    for branch, text in (("one", "1\n"), ("two", "2\n")):
        git(root, "checkout", "-q", "-b", branch, "main")
        (root / "f.txt").write_text(text)
        git(root, "add", "f.txt")
        git(root, "commit", "-q", "-m", branch)
    with pytest.raises(AssertionError):
        git(root, "merge", "one")
    assert (root / ".git" / "MERGE_HEAD").exists()


def _stashed(root: Path) -> None:
    _dirty(root)
    git(root, "stash")


@pytest.mark.parametrize("state", [_dirty, _detached, _merging, _stashed])
def test_the_users_checkout_stays_byte_for_byte(place: Place, state) -> None:
    state(place.root)
    before = snapshot(place.root)
    assert place.promote("delays", MODEL).pushed
    assert snapshot(place.root) == before


def test_a_branch_that_is_checked_out_is_not_moved_under_the_user(place: Place) -> None:
    first = place.promote("delays", MODEL)
    git(place.root, "checkout", "-q", BRANCH)
    before = snapshot(place.root)
    done = place.promote("delays", {"models/gold/delays.sql": "select 2 as x\n"})
    assert snapshot(place.root) == before
    assert git(place.root, "rev-parse", "HEAD") == first.commit
    assert git(place.root, "status", "--porcelain") == ""
    assert [finding.code for finding in done.findings] == ["branch-checked-out"]
    git(place.root, "merge", "-q", "--ff-only", f"refs/olo/{BRANCH}")
    assert (place.root / "models/gold/delays.sql").read_text() == "select 2 as x\n"


def test_an_unreachable_remote_keeps_the_commit_and_says_how_to_push(place: Place) -> None:
    away = place.origin.with_name("away.git")
    shutil.move(place.origin, away)
    done = place.promote("delays", MODEL)
    assert (done.changed, done.pushed) == (True, False)
    assert git(place.root, "rev-parse", BRANCH) == done.commit
    [finding] = done.findings
    assert finding.code == "not-pushed"
    shutil.move(away, place.origin)
    command = finding.hint.split(": ", 1)[1].split(",")[0].split()
    git(place.root, *command[1:])
    assert git(place.origin, "rev-parse", BRANCH) == done.commit


def test_promoting_again_pushes_what_could_not_be_pushed(place: Place) -> None:
    away = place.origin.with_name("away.git")
    shutil.move(place.origin, away)
    first = place.promote("delays", MODEL)
    shutil.move(away, place.origin)
    second = place.promote("delays", MODEL)
    assert (second.changed, second.pushed, second.commit) == (False, True, first.commit)
    assert git(place.origin, "rev-parse", BRANCH) == first.commit


def test_no_remote_at_all_is_said_too(place: Place) -> None:
    git(place.root, "remote", "remove", "origin")
    done = place.promote("delays", MODEL)
    assert (done.changed, done.pushed) == (True, False)
    assert "no remote 'origin'" in done.findings[0].message


def test_a_promotion_on_another_ones_branch_is_stacked_and_follows_it(place: Place) -> None:
    upstream = place.promote("delays", MODEL)
    score = {"src/flights/score.py": "x = 1\n"}
    done = place.promote("score", score, upstreams=(BRANCH,))
    assert git(place.root, "rev-parse", f"{done.commit}^") == upstream.commit
    assert "delays.sql" not in done.diff.read_text()
    moved = place.promote("delays", {"models/gold/delays.sql": "select 2 as x\n"})
    again = place.promote("score", score, upstreams=(BRANCH,))
    assert again.pushed
    assert git(place.root, "merge-base", moved.commit, again.commit) == moved.commit
    assert git(place.root, "show", f"{again.commit}:models/gold/delays.sql") == "select 2 as x"


def test_a_merged_upstream_is_not_stacked_on(place: Place) -> None:
    place.promote("delays", MODEL)
    git(place.origin, "update-ref", "refs/heads/main", BRANCH)
    done = place.promote("score", {"src/flights/score.py": "x = 1\n"}, upstreams=(BRANCH,))
    assert git(place.root, "rev-parse", f"{done.commit}^") == git(place.origin, "rev-parse", "main")


def test_after_the_merge_a_branch_starts_anew(place: Place) -> None:
    place.promote("delays", MODEL)
    place.colleague("main", {"other.txt": "x\n"})
    other = place.root.parent / "colleague"
    git(other, "fetch", "-q")
    git(other, "merge", "-q", "-m", "merge", f"origin/{BRANCH}")
    git(other, "push", "-q", "origin", "HEAD:main")
    assert not place.promote("delays", MODEL).changed
    done = place.promote("delays", {"models/gold/delays.sql": "select 2 as x\n"})
    assert git(place.root, "rev-parse", f"{done.commit}^") == git(place.origin, "rev-parse", "main")


def test_other_peoples_commits_are_never_forced_away(place: Place) -> None:
    place.promote("delays", MODEL)
    git(place.root, "checkout", "-q", BRANCH)
    (place.root / "mine.txt").write_text("mine\n")
    git(place.root, "add", "mine.txt")
    git(place.root, "commit", "-q", "-m", "by hand, not pushed")
    git(place.root, "checkout", "-q", "main")
    place.colleague(BRANCH, {"theirs.txt": "theirs\n"})
    with pytest.raises(PromotionError) as error:
        place.promote("delays", {"models/gold/delays.sql": "select 2 as x\n"})
    assert error.value.code == "branch-diverged"
    assert git(place.origin, "show", f"{BRANCH}:theirs.txt") == "theirs"


def test_a_branch_that_moves_meanwhile_is_not_overwritten(place: Place) -> None:
    place.promote("delays", MODEL)
    repository = Repository(place.root)
    repository.refresh("olo/ana/")
    with open_worktree(repository, place.state, "delays", repository.start(BRANCH)) as tree:
        tree.write("models/gold/delays.sql", "select 2 as x\n")
        place.colleague(BRANCH, {"theirs.txt": "theirs\n"})
        with pytest.raises(PromotionError) as error:
            publish(
                tree, BRANCH, ["models/gold/delays.sql"], "feat(gold): promote\n\nOlo-Verification: x\n", place.state
            )
    assert error.value.code == "branch-moved"
    assert place.promote("delays", {"models/gold/delays.sql": "select 2 as x\n"}).pushed
    assert git(place.origin, "show", f"{BRANCH}:theirs.txt") == "theirs"


def _hook(root: Path, name: str, text: str) -> None:
    path = root / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_hook_that_refuses_is_shown(place: Place) -> None:
    _hook(place.root, "pre-commit", "echo 'models need a description' >&2; exit 1")
    with pytest.raises(PromotionError, match="models need a description") as error:
        place.promote("delays", MODEL)
    assert error.value.code == "commit-refused"
    assert list((place.state / "worktrees").iterdir()) == []


def test_a_hook_that_hangs_is_ended(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    _hook(place.root, "pre-commit", "sleep 60 & sleep 60")
    monkeypatch.setattr("olo_jupyter.promotion.publish.HOOK_SECONDS", 0.5)
    begin = time.monotonic()
    with pytest.raises(GitError) as error:
        place.promote("delays", MODEL)
    assert error.value.code == "git-timeout"
    assert time.monotonic() - begin < 10


def test_without_an_identity_git_s_own_advice_is_given(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    config = place.root.parent / "no-identity"
    config.write_text("[user]\n\tuseConfigOnly = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    with pytest.raises(PromotionError) as error:
        place.promote("delays", MODEL)
    assert error.value.code == "no-identity"


def test_a_service_account_commits_and_the_person_stays_the_author(place: Place) -> None:
    settings = GitSettings(committer="OLO Service <olo@example.org>")
    done = Place(place.root, place.origin, place.state, settings).promote("delays", MODEL)
    shown = git(place.origin, "log", "-1", "--format=%an <%ae>|%cn <%ce>", done.commit)
    assert shown == "Ana <ana@example.org>|OLO Service <olo@example.org>"


def test_commits_are_signed_where_git_is_set_up_to_sign(place: Place, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (tmp_path / "signers").write_text(f"ana@example.org {key.with_suffix('.pub').read_text()}")
    for name, value in {
        "gpg.format": "ssh", "user.signingKey": str(key), "commit.gpgSign": "true",
        "gpg.ssh.allowedSignersFile": str(tmp_path / "signers"),
    }.items():  # fmt: skip
        git(place.root, "config", name, value)
    done = place.promote("delays", MODEL)
    assert git(place.root, "log", "-1", "--format=%G? %GS", done.commit) == "G ana@example.org"


@pytest.mark.parametrize("path", ["../x.sql", "/etc/x", ".git/hooks/pre-commit", "models/../../x", "a\\b", ""])
def test_paths_that_leave_the_project_are_refused(place: Place, path: str) -> None:
    with pytest.raises(PromotionError) as error:
        place.promote("delays", {path: "x\n"})
    assert error.value.code == "bad-path"


def test_a_symbolic_link_out_of_the_repository_is_refused(place: Place, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (place.root / "models").symlink_to(outside)
    git(place.root, "add", "models")
    git(place.root, "commit", "-q", "-m", "link")
    git(place.root, "push", "-q")
    with pytest.raises(PromotionError, match="symbolic link"):
        place.promote("delays", MODEL)
    assert list(outside.iterdir()) == []


def test_a_project_below_the_top_of_its_repository(place: Place) -> None:
    below = place.root / "data" / "flights"
    below.mkdir(parents=True)
    git(place.root, "mv", "olo.yml", "data/flights/olo.yml")
    git(place.root, "commit", "-q", "-m", "move")
    git(place.root, "push", "-q")
    done = Place(below, place.origin, place.state).promote("delays", MODEL)
    assert git(place.origin, "show", f"{done.branch}:data/flights/models/gold/delays.sql") == "select 1 as x"


def test_clear_errors_without_repository_commit_or_project(place: Place, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(PromotionError) as error:
        Repository(empty)
    assert error.value.code == "no-repository"
    git(empty, "init", "-q")
    with pytest.raises(PromotionError) as error:
        Repository(empty).default_commit()
    assert error.value.code == "no-commit"
    git(place.root, "rm", "-q", "--cached", "olo.yml")
    git(place.root, "commit", "-q", "-m", "gone", "--allow-empty")
    git(place.root, "push", "-q")
    with pytest.raises(PromotionError) as error:
        place.promote("delays", MODEL)
    assert error.value.code == "project-not-committed"


def test_leftovers_of_ended_processes_are_removed(place: Place) -> None:
    left = place.state / "worktrees" / "delays.999999999.ab"
    git(place.root, "worktree", "add", "-q", "--detach", str(left), "main")
    place.promote("delays", MODEL)
    assert not left.exists()


def test_two_promotions_of_one_name_at_once(place: Place) -> None:
    repository = Repository(place.root)
    start = repository.start(BRANCH)
    with open_worktree(repository, place.state, "delays", start), pytest.raises(PromotionError) as error:
        place.promote("delays", MODEL)
    assert error.value.code == "in-progress"


@pytest.mark.parametrize("kept", [True, False], ids=["branch kept", "branch deleted"])
@pytest.mark.parametrize("edited", [False, True], ids=["as merged", "edited since"])
def test_after_a_squashed_merge_a_branch_goes_on_from_the_merge(place: Place, kept: bool, edited: bool) -> None:
    place.promote("delays", MODEL)
    place.promote("delays", {"models/gold/delays.sql": "select 2 as x\n"})
    other = place.root.parent / "colleague"
    git(place.root.parent, "clone", "-q", str(place.origin), str(other))
    git(other, "merge", "-q", "--squash", f"origin/{BRANCH}")
    git(other, "commit", "-q", "-m", "squashed")
    if edited:
        (other / "models/gold/delays.sql").write_text("select 2 as y\n")
        git(other, "commit", "-q", "-am", "by hand")
    git(other, "push", "-q", "origin", "HEAD:main")
    if not kept:
        git(place.origin, "branch", "-q", "-D", BRANCH)
    before = git(place.origin, "rev-parse", "--verify", "-q", BRANCH, check=False)
    repository = Repository(place.root)
    repository.refresh("olo/ana/")
    assert repository.merged(BRANCH)
    place.promote("score", {"src/flights/score.py": "x = 1\n"}, upstreams=(BRANCH,))
    assert git(place.origin, "diff", "--name-only", "main...olo/ana/score") == "src/flights/score.py"

    done = place.promote("delays", {"models/gold/delays.sql": "select 3 as x\n"})
    assert (done.changed, done.pushed, done.findings) == (True, True, ())
    assert git(place.origin, "diff", "--name-only", f"main...{BRANCH}") == "models/gold/delays.sql"
    assert git(place.origin, "merge-base", "main", BRANCH) == git(place.origin, "rev-parse", "main")
    if kept:
        git(place.origin, "merge-base", "--is-ancestor", before, BRANCH)
    assert not place.promote("delays", {"models/gold/delays.sql": "select 3 as x\n"}).changed


def test_a_squashed_branch_that_gives_nothing_new_stays_as_it_is(place: Place) -> None:
    place.promote("delays", MODEL)
    other = place.root.parent / "colleague"
    git(place.root.parent, "clone", "-q", str(place.origin), str(other))
    git(other, "merge", "-q", "--squash", f"origin/{BRANCH}")
    git(other, "commit", "-q", "-m", "squashed")
    git(other, "push", "-q", "origin", "HEAD:main")
    before = git(place.origin, "rev-parse", BRANCH)
    done = place.promote("delays", MODEL)
    assert (done.changed, done.pushed, done.findings) == (False, True, ())
    assert git(place.origin, "rev-parse", BRANCH) == before
