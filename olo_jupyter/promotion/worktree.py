"""A Git worktree of a promotion's own, in the state folder: the user's checkout, index and HEAD are never touched."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from olo_jupyter.promotion import sparse
from olo_jupyter.promotion.git import NO_HOOKS, Git, GitError
from olo_jupyter.promotion.paths import PromotionError, inside
from olo_jupyter.promotion.repository import Repository, Start

"""Checking out our own folder is no event of the user's: post-checkout hooks don't run for it."""


class Worktree:
    """A checkout of one commit, detached.

    Args:
        repository: The user's repository.
        folder: The worktree's top.
        start: Where it stands.
    """

    def __init__(self, repository: Repository, folder: Path, start: Start) -> None:
        self.repository = repository
        self.folder = folder
        self.start = start
        self.git = Git(folder, repository.git.env)
        self.root = folder / repository.prefix
        self.commit = self.git("rev-parse", "HEAD")

    def committed(self, path: str) -> str | None:
        """A project file's text as committed at the start, None where it isn't there.

        Raises:
            PromotionError: It isn't UTF-8 text.
        """
        content = self.git.file_at("HEAD", f"{self.repository.prefix}{path}")
        if content is None:
            return None
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise PromotionError(f"{path} in the repository is not UTF-8 text.", code="not-text") from error

    def write(self, path: str, text: str) -> None:
        """Write a project file.

        Raises:
            PromotionError: bad-path: it would leave the project.
        """
        place = inside(self.root, path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="\n")

    def remove(self, path: str) -> None:
        """Remove a project file, if it is there.

        Raises:
            PromotionError: bad-path: it is outside the project.
        """
        inside(self.root, path).unlink(missing_ok=True)

    def same_but_for_case(self, path: str) -> str | None:
        """A committed file whose path differs from ``path`` in case only: both can't be checked out everywhere."""
        wanted = f"{self.repository.prefix}{path}"
        listed = self.git("ls-files", "-z", "--", f":(icase,literal,top){wanted}").split("\0")
        return next((name for name in listed if name and name != wanted), None)


@contextmanager
def open_worktree(
    repository: Repository, state: Path, name: str, start: Start, *, whole: bool = True
) -> Iterator[Worktree]:
    """A worktree at ``start``, removed at the end; leftovers of ended processes are removed first.

    Args:
        whole: Whether all of the project has to be there, to be run; else large folders may be left out. What the
            repository has beside the project is left out where it is large.

    Raises:
        PromotionError: in-progress: another process promotes the same name; upstream-conflict: the upstream
            promotion can't be merged in; project-not-committed: olo.yml isn't in the start commit.
        GitError: git failed.
    """
    folders = state / "worktrees"
    folders.mkdir(parents=True, exist_ok=True)
    with _locked(state / "locks" / name, name):
        collect(repository, state)
        folder = folders / f"{name}.{os.getpid()}.{secrets.token_hex(4)}"
        try:
            add_worktree(repository, folder, start.commit, whole=whole)
            tree = Worktree(repository, folder, start)
            if not (tree.root / "olo.yml").is_file():
                raise PromotionError(
                    f"olo.yml is not in commit {start.commit[:12]}, which the branch starts from.",
                    code="project-not-committed",
                    hint="Commit the project's files and push them to the default branch first.",
                )
            if start.joins:
                _join(tree, start.joins, at_once=bool(start.merge))
            if start.merge:
                for upstream in start.merge:
                    _merge_upstream(tree, upstream)
                tree = Worktree(repository, folder, start)
            yield tree
        finally:
            _remove(repository, folder)


def add_worktree(repository: Repository, folder: Path, at: str, *, whole: bool, detach: bool = True) -> None:
    """Check a commit or a branch out into a new folder: of a large repository what is needed only.

    Raises:
        GitError: git failed.
    """
    whole = whole or sparse.has_commit_hooks(repository.git)
    chosen = sparse.patterns(repository.git, at, repository.prefix, whole=whole)
    add = (*NO_HOOKS, "worktree", "add", "--quiet", *(["--detach"] if detach else []))
    if chosen is None:
        repository.git(*add, str(folder), at)
    else:
        repository.git(*add, "--no-checkout", str(folder), at)
        sparse.check_out(Git(folder, repository.git.env), chosen)


def collect(repository: Repository, state: Path) -> list[Path]:
    """Remove the worktrees whose process has ended; what was removed."""
    removed = []
    for folder in sorted((state / "worktrees").glob("*.*.*")):
        process = folder.name.split(".")[1]
        if process.isdigit() and not _alive(int(process)):
            _remove(repository, folder)
            removed.append(folder)
    return removed


def _remove(repository: Repository, folder: Path) -> None:
    repository.git.run("worktree", "remove", "--force", str(folder))
    shutil.rmtree(folder, ignore_errors=True)
    repository.git.run("worktree", "prune")


def _join(tree: Worktree, commit: str, *, at_once: bool) -> None:
    """Have a commit whose content is here already as a parent: of the promotion's own, or of one before it."""
    how = ["-m", "chore: go on from the merge"] if at_once else ["--no-commit"]
    tree.git("merge", "--quiet", "--no-ff", "--strategy=ours", *how, commit, env=tree.repository.committer)


def _merge_upstream(tree: Worktree, commit: str) -> None:
    try:
        message = "chore: merge the upstream promotion"
        tree.git("merge", "--quiet", "--no-ff", "-m", message, commit, env=tree.repository.committer)
    except GitError as error:
        raise PromotionError(
            "The upstream promotion has moved on and can't be merged into this branch by itself.",
            code="upstream-conflict",
            hint="Merge its branch into this one by hand and push, then promote again.",
        ) from error


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _locked(path: Path, name: str) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PromotionError(
                f"Another process promotes {name!r} right now.", code="in-progress", hint="Wait for it, then try again."
            ) from error
        yield
