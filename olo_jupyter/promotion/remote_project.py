"""A project that is given by its address: a bare, partial clone in the cache, and a checkout beside it.

Both are ours: the person has no checkout of it. Promotions are published from there as from any other.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qs, urlsplit

from olo_jupyter.backends.hosts.discover import parse_remote
from olo_jupyter.config import CONFIG_FILE, short_name
from olo_jupyter.errors import OloError
from olo_jupyter.git_settings import GitSettings
from olo_jupyter.promotion import sparse
from olo_jupyter.promotion.credentials import network_environment
from olo_jupyter.promotion.git import NETWORK_SECONDS, NO_HOOKS, Git, GitError
from olo_jupyter.promotion.paths import PromotionError
from olo_jupyter.promotion.repository import REMOTE

CLONE_SECONDS = 1800.0


def brought(address: str, environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of a project, at the newest commit of its default branch; with what is here where the remote is away.

    Args:
        address: ``https://…``, ``ssh://…`` or ``user@host:path``; with ``#subdirectory=PATH`` for a project that is
            not at the top of its repository.

    Raises:
        PromotionError: secret-in-address, no-clone (it can't be reached and isn't here), no-project.
    """
    url, _, fragment = address.partition("#")
    parts = urlsplit(url)
    if parts.password or (parts.username and parts.scheme in ("http", "https")):
        raise PromotionError(
            "The project's address holds a user or a password.",
            code="secret-in-address",
            hint="Name it without: the token comes from the environment, Git's credential helpers or the keyring.",
        )
    key = hashlib.sha256(url.encode()).hexdigest()[:12]
    place = _cache(environ) / "projects" / key
    name = PurePosixPath(parts.path.rstrip("/") or url.rpartition(":")[2]).name.removesuffix(".git") or "project"
    remote = parse_remote(url) if parts.scheme in ("http", "https") else None
    user = short_name(environ.get("OLO_USER") or environ.get("USER") or "user")
    with _locked(place):
        git = _repository(place / "repository.git", url)
        git.env = network_environment(remote, GitSettings(), user, environ)
        tree = place / name
        commit, is_away = _fetched(git, url)
        if not is_away or not (tree / ".git").is_file():  # a partial clone has contents from the remote only
            _checked_out(git, tree, commit)
    below = parse_qs(fragment).get("subdirectory", [""])[0]
    root = (tree / below).resolve()
    if not root.is_relative_to(tree) or not (root / CONFIG_FILE).is_file():
        listed = git("ls-tree", "-r", "--name-only", "--full-tree", commit).split("\n")
        found = [path.rpartition("/")[0] for path in listed if PurePosixPath(path).name == CONFIG_FILE]
        raise PromotionError(
            f"There is no {CONFIG_FILE} {f'in {below} of' if below else 'at the top of'} {url}.",
            code="no-project",
            hint=f"Name one: {url}#subdirectory={found[0]}" if found else "Is it the right repository?",
        )
    return root


def _cache(environ: Mapping[str, str]) -> Path:
    named = environ.get("OLO_CACHE")
    if named:
        return Path(named)
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "olo-jupyter"


def _repository(bare: Path, url: str) -> Git:
    """The bare repository, made where it isn't there yet: whole or not at all."""
    if not bare.is_dir():
        new = bare.with_name(f"{bare.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        git = Git(new)
        git("init", "--quiet", "--bare", ".")
        for key, value in {"url": url, "promisor": "true", "partialclonefilter": "blob:none"}.items():
            git("config", f"remote.{REMOTE}.{key}", value)
        new.rename(bare)
    return Git(bare)


def _fetched(git: Git, url: str) -> tuple[str, bool]:
    """The newest commit of the default branch as far as is known, and whether the remote is away."""
    head = f"refs/remotes/{REMOTE}/HEAD"
    try:
        told = git("ls-remote", "--symref", REMOTE, "HEAD", seconds=NETWORK_SECONDS)
        found = re.match(r"ref: refs/heads/(\S+)\tHEAD", told)
        if found is None:
            raise PromotionError(
                f"{url} has no commit yet.", code="no-commit", hint="Make a project there and push it: olo init."
            )
        branch = f"refs/remotes/{REMOTE}/{found.group(1)}"
        git(
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", REMOTE,
            f"+refs/heads/{found.group(1)}:{branch}", seconds=CLONE_SECONDS,
        )  # fmt: skip
        git("symbolic-ref", head, branch)
    except GitError as error:
        known = git.commit_of(head)
        said = (error.output or error.message).strip().splitlines()[-1]
        if known is None:
            raise PromotionError(
                f"{url} can't be cloned: {said}",
                code="no-clone",
                hint="Is the address right, and is there a token for its host? Then do the same again.",
            ) from error
        warnings.warn(f"{url} can't be reached, the project is as it was last: {said}", stacklevel=4)
        return known, True
    commit = git.commit_of(head)
    assert commit is not None
    return commit, False


def _checked_out(git: Git, tree: Path, commit: str) -> None:
    """The checkout at a commit; what somebody changed in it stays as it is, and it where it was."""
    chosen = sparse.patterns(git, commit, "", whole=True)
    if not (tree / ".git").is_file():
        shutil.rmtree(tree, ignore_errors=True)
        git("worktree", "prune")
        git(*NO_HOOKS, "worktree", "add", "--quiet", "--no-checkout", "--detach", str(tree), commit)
        here = Git(tree, git.env)
    else:
        here = Git(tree, git.env)
        if here("rev-parse", "HEAD") == commit and (tree / CONFIG_FILE).exists():
            return
        if here("status", "--porcelain", "--untracked-files=no") and (tree / CONFIG_FILE).exists():
            warnings.warn(f"{tree} was changed by hand: it stays where it is.", stacklevel=4)
            return
    if chosen is None:
        here(*NO_HOOKS, "checkout", "--quiet", "--force", "--detach", commit, seconds=CLONE_SECONDS)
    else:
        here("update-ref", "--no-deref", "HEAD", commit)
        sparse.check_out(here, chosen)


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """One process at a time; the others wait."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = (place / "lock").open("a")
    except OSError as error:
        raise OloError(f"{place} can't be written: {error.strerror}.", code="cache", hint="Set OLO_CACHE.") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
