"""A promotion's branch in a worktree of its own that stays, for people to edit: code-server opens it."""

from __future__ import annotations

from pathlib import Path

from olo_converters.findings import Finding
from olo_jupyter.promotion.git import NO_HOOKS, Git, GitError
from olo_jupyter.promotion.paths import BRANCHES, branch_folder
from olo_jupyter.promotion.repository import Repository
from olo_jupyter.promotion.worktree import add_worktree


def hand_off(repository: Repository, state: Path, branch: str) -> tuple[Path | None, tuple[Finding, ...]]:
    """The folder in which the branch is checked out, made or brought up to date; None where it is elsewhere.

    What somebody edited there and didn't commit stays: a finding says so. Folders of merged branches go.

    The commit is made already: what git refuses here is a finding.
    """
    try:
        return _handed_off(repository, state, branch)
    except GitError as error:
        said = f"The branch wasn't checked out for editing: {error.message}"
        return None, (Finding("no-folder", "warning", said, hint=error.hint),)


def _handed_off(repository: Repository, state: Path, branch: str) -> tuple[Path | None, tuple[Finding, ...]]:
    _tidy(repository, state, branch)
    place = branch_folder(state, branch)
    taken = repository.checked_out(branch)
    if taken is not None and taken.resolve() != place.resolve():
        return None, ()
    if place.is_dir():
        return (place, _brought_up_to_date(repository, place, branch)) if taken else (None, (_in_the_way(place),))
    repository.git("worktree", "prune")
    place.parent.mkdir(parents=True, exist_ok=True)
    add_worktree(repository, place, branch, whole=True, detach=False)
    return place, ()


def _tidy(repository: Repository, state: Path, but: str) -> None:
    """Remove the folders of merged branches in which nothing waits to be committed."""
    user = but.rpartition("/")[0]
    for place in sorted((state / BRANCHES).glob("*")):
        branch = f"{user}/{place.name}"
        clean = place.is_dir() and Git(place).run("status", "--porcelain").out == b""
        if branch != but and clean and repository.merged(branch):
            repository.git.run("worktree", "remove", str(place))


def _brought_up_to_date(repository: Repository, place: Path, branch: str) -> tuple[Finding, ...]:
    commit = repository.git.commit_of(f"refs/olo/{branch}")
    git = Git(place, repository.git.env)
    if commit is None or git.is_ancestor(commit, "HEAD"):
        return ()
    if git.succeeds(*NO_HOOKS, "merge", "--quiet", "--ff-only", commit):
        return ()
    return (
        Finding(
            "branch-edited", "warning", f"{place} has changes that aren't committed: it isn't at the new commit.",
            hint=f"Commit them there, then run git merge refs/olo/{branch}; or take them back and promote again.",
        ),
    )  # fmt: skip


def _in_the_way(place: Path) -> Finding:
    return Finding(
        "folder-in-the-way", "info", f"{place} is no worktree of this repository: it was left as it is.",
        hint="Remove it, then promote again to have the branch there.",
    )  # fmt: skip
