"""Repositories as people have them: shallow, empty, full of odd names, with links, submodules and hooks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from olo_jupyter.promotion.git import GitError
from olo_jupyter.promotion.paths import PromotionError
from olo_jupyter.promotion.repository import Repository
from olo_jupyter.promotion.worktree import open_worktree

from .conftest import Place, git, snapshot
from .test_publish import BRANCH, MODEL, _hook


def test_a_shallow_clone(place: Place, tmp_path: Path) -> None:
    for number in range(3):
        git(place.root, "commit", "-q", "--allow-empty", "-m", f"step {number}")
    git(place.root, "push", "-q")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{place.origin}", str(shallow))
    mine = Place(shallow, place.origin, place.state)
    before = snapshot(shallow)
    done = mine.promote("delays", MODEL)
    assert done.pushed, done.findings
    assert git(place.origin, "log", "--format=%s", f"main..{BRANCH}") == "feat(gold): promote delays"
    place.colleague(BRANCH, {"notes.md": "by hand\n"})
    again = mine.promote("delays", {"models/gold/delays.sql": "select 2 as x\n"})
    assert again.pushed, again.findings
    assert git(place.origin, "show", f"{BRANCH}:notes.md") == "by hand"
    assert {name: text for name, text in snapshot(shallow).items() if name in before} == before


def test_a_partial_clone_fetches_what_it_needs(place: Place, tmp_path: Path) -> None:
    git(place.origin, "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{place.origin}", str(partial))
    done = Place(partial, place.origin, place.state).promote("delays", MODEL)
    assert done.pushed, done.findings


def test_an_empty_repository_and_an_empty_remote(place: Place, tmp_path: Path) -> None:
    origin, root = tmp_path / "empty.git", tmp_path / "empty"
    git(tmp_path, "init", "-q", "--bare", str(origin))
    git(tmp_path, "clone", "-q", str(origin), str(root))
    with pytest.raises(PromotionError) as error:
        Place(root, origin, place.state).promote("delays", MODEL)
    assert error.value.code == "no-commit"
    assert "Commit" in error.value.hint
    (root / "olo.yml").write_text("version: 1\nname: flights\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "start")
    done = Place(root, origin, place.state).promote("delays", MODEL)
    assert done.pushed, done.findings


def test_names_with_spaces_quotes_and_emoji(place: Place) -> None:
    files = {
        "models/gold/späte Flüge 😀.sql": "select 1\n", "models/gold/it's [a] *.sql": "select 2\n",
        ":(glob)x/-n.sql": "select 3\n", 'models/"quoted".sql': "select 4\n", "models/new\nline.sql": "select 5\n",
    }  # fmt: skip
    done = place.promote("delays", files)
    assert done.pushed, done.findings
    listed = git(place.origin, "diff", "-z", "--name-only", "main", BRANCH).rstrip("\0").split("\0")
    assert set(listed) == set(files)
    assert not place.promote("delays", files).changed


def test_a_name_that_differs_in_case_only_is_seen(place: Place) -> None:
    (place.root / "models").mkdir()
    (place.root / "models" / "Delays.sql").write_text("select 1\n")
    git(place.root, "add", "-A")
    git(place.root, "commit", "-q", "-m", "case")
    git(place.root, "push", "-q")
    repository = Repository(place.root)
    with open_worktree(repository, place.state, "delays", repository.start(BRANCH)) as tree:
        assert tree.same_but_for_case("models/delays.sql") == "models/Delays.sql"
        assert tree.same_but_for_case("models/Delays.sql") is None


def test_a_link_in_the_way_and_one_that_leaves(place: Place, tmp_path: Path) -> None:
    outside = tmp_path / "secret.sql"
    outside.write_text("untouched\n")
    (place.root / "models" / "gold").mkdir(parents=True)
    (place.root / "models" / "gold" / "delays.sql").symlink_to(outside)
    git(place.root, "add", "-A")
    git(place.root, "commit", "-q", "-m", "link")
    git(place.root, "push", "-q")
    with pytest.raises(PromotionError, match="symbolic link"):
        place.promote("delays", MODEL)
    assert outside.read_text() == "untouched\n"


def test_submodules_are_left_alone(place: Place, tmp_path: Path) -> None:
    library = tmp_path / "library"
    git(tmp_path, "init", "-q", str(library))
    git(library, "commit", "-q", "--allow-empty", "-m", "library")
    git(place.root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "lib")
    git(place.root, "commit", "-q", "-m", "submodule")
    git(place.root, "push", "-q")
    before = snapshot(place.root)
    done = place.promote("delays", MODEL)
    assert done.pushed, done.findings
    assert git(place.origin, "diff", "--name-only", "main", BRANCH) == "models/gold/delays.sql"
    assert snapshot(place.root) == before


def test_large_files_kept_elsewhere_are_not_fetched(place: Place, tmp_path: Path) -> None:
    """A filter such as Git LFS's: it sees that it has to leave pointers as they are."""
    log = tmp_path / "smudged"
    smudge = tmp_path / "smudge"
    smudge.write_text(f'#!/bin/sh\necho "skip=$GIT_LFS_SKIP_SMUDGE" >> {log}\ncat\n')
    smudge.chmod(0o755)
    git(place.root, "config", "filter.lfs.smudge", str(smudge))
    git(place.root, "config", "filter.lfs.clean", "cat")
    (place.root / ".gitattributes").write_text("*.bin filter=lfs\n")
    (place.root / "big.bin").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    git(place.root, "add", "-A")
    git(place.root, "commit", "-q", "-m", "lfs")
    git(place.root, "push", "-q")
    log.unlink(missing_ok=True)
    assert place.promote("delays", MODEL).pushed
    assert set(log.read_text().split()) == {"skip=1"}
    assert git(place.origin, "diff", "--name-only", "main", BRANCH) == "models/gold/delays.sql"


def test_a_host_that_refuses_the_push_is_quoted(place: Place) -> None:
    hook = place.origin / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'branch olo/ana/delays is protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    done = place.promote("delays", MODEL)
    assert not done.pushed
    [finding] = done.findings
    assert finding.code == "not-pushed"
    assert "is protected" in finding.message
    assert git(place.root, "rev-parse", BRANCH) == done.commit
    hook.unlink()
    again = place.promote("delays", MODEL)
    assert (again.pushed, again.changed, again.commit) == (True, False, done.commit)


def test_a_hook_before_the_push_is_quoted(place: Place) -> None:
    _hook(place.root, "pre-push", "echo 'run the linter first' >&2; exit 1")
    done = place.promote("delays", MODEL)
    assert not done.pushed
    assert "run the linter first" in done.findings[0].message


@pytest.mark.parametrize("step", ["fetch", "worktree", "commit", "push", "update-ref"])
def test_cut_at_each_step_nothing_is_lost_and_a_second_call_finishes(
    place: Place, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git is ended in the middle of each of its steps: what is there stays, and the same call again finishes."""
    from olo_jupyter.promotion.git import Git

    place.promote("delays", MODEL)
    before, head = snapshot(place.root), git(place.origin, "rev-parse", BRANCH)
    real = Git.run

    def cut(self: Git, *arguments: str, **more: object) -> object:
        if step in arguments[:4]:
            raise GitError(f"git {step} was cut", code="git-timeout")
        return real(self, *arguments, **more)  # type: ignore[arg-type]

    second = {"models/gold/delays.sql": "select 2 as x\n"}
    with monkeypatch.context() as patched:
        patched.setattr(Git, "run", cut)
        try:
            done = place.promote("delays", second)
        except GitError:
            pass
        else:
            assert step in ("fetch", "push")
            assert not done.pushed
            assert [finding.code for finding in done.findings] == ["not-pushed"]
    assert snapshot(place.root) == before
    assert git(place.origin, "rev-parse", BRANCH) in {head, git(place.root, "rev-parse", f"{BRANCH}")} or step == (
        "update-ref"
    )
    again = place.promote("delays", second)
    assert again.pushed, again.findings
    assert git(place.origin, "show", f"{BRANCH}:models/gold/delays.sql") == "select 2 as x"
    assert git(place.origin, "rev-list", "--count", f"main..{BRANCH}") == "2"
    assert list((place.state / "worktrees").iterdir()) == []


@pytest.mark.full
def test_a_file_of_a_gigabyte_is_not_written_again(place: Place) -> None:
    folder = place.root / "data"
    folder.mkdir()
    with (folder / "huge.bin").open("wb") as file:
        file.truncate(2**30)
    git(place.root, "-c", "core.bigFileThreshold=1m", "-c", "core.compression=0", "add", "-A")
    git(place.root, "commit", "-q", "-m", "huge")
    git(place.root, "push", "-q")
    repository = Repository(place.root)
    with open_worktree(repository, place.state, "delays", repository.start(BRANCH)) as tree:
        assert not (tree.folder / "data").exists()
    assert place.promote("delays", MODEL).pushed
    shutil.rmtree(folder)
