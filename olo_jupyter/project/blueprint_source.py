"""Where a blueprint comes from: a folder, or a version of a Git repository."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from olo_jupyter.project.blueprint_error import BlueprintError

_SHORT = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}


@dataclass(frozen=True)
class Source:
    """A blueprint's files at one version.

    Args:
        folder: Where they are.
        named: As the user named it: ``_src_path`` in a project's answers.
        version: Git's name of the version, its tag where it has one: ``_commit``; None outside of Git.
    """

    folder: Path
    named: str
    version: str | None


@contextmanager
def opened(named: str, ref: str | None) -> Iterator[Source]:
    """A blueprint's files, for as long as the block lasts.

    Args:
        named: A folder, a local Git repository, its URL, or ``gh:owner/name``, ``gl:owner/name``.
        ref: Branch, tag or commit; default: the newest version tag (PEP 440, no pre-release), else HEAD.

    Raises:
        BlueprintError: There is no such folder, repository or version.
    """
    where = _where(named)
    local = Path(where)
    if local.is_dir() and not _is_repository(local):
        if ref is not None:
            raise BlueprintError(
                f"{named} is no Git repository, so it has no version {ref}.", code="blueprint", hint="Leave --ref out."
            )
        yield Source(local.resolve(), named, None)
        return
    with TemporaryDirectory(prefix="olo-blueprint-source-") as name:
        folder = Path(name) / "blueprint"
        git(
            Path(name),
            "clone",
            "--quiet",
            "--no-checkout",
            "--",
            str(local.resolve() if local.is_dir() else where),
            str(folder),
        )
        git(folder, "checkout", "--quiet", "--detach", _commit(folder, ref or _newest(folder), named))
        yield Source(folder, named, git(folder, "describe", "--tags", "--always").strip())


def git(
    folder: Path,
    *words: str,
    environ: Mapping[str, str] | None = None,
    said: str = "",
    accepted: tuple[int, ...] = (0,),
) -> str:
    """Run git in a folder; nothing of a surrounding git command's environment reaches it.

    Raises:
        BlueprintError: It failed.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key.startswith("GIT_SSH")}
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
           for key, value in (("NAME", "olo"), ("EMAIL", "olo@users.noreply.invalid"))}  # fmt: skip
    quiet = {"GIT_TERMINAL_PROMPT": os.environ.get("GIT_TERMINAL_PROMPT", "1")}
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**kept, **quiet, **who, **(environ or {})}, input=said.encode(),
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode not in accepted:
        why = os.fsdecode(done.stderr).strip().splitlines()
        raise BlueprintError(
            f"git {words[0]} failed in {folder}: {why[-1] if why else done.returncode}",
            code="git",
            hint="The project must be a Git checkout with a commit, and Git 2.38 or later.",
        )
    return os.fsdecode(done.stdout)


def _where(named: str) -> str:
    for short, host in _SHORT.items():
        if named.startswith(short):
            return f"{host}{named.removeprefix(short).strip('/').removesuffix('.git')}.git"
    plain = named.removeprefix("git+")
    return str(Path(plain).expanduser()) if plain.startswith("~") else plain


def _is_repository(folder: Path) -> bool:
    try:
        top = git(folder, "rev-parse", "--show-toplevel").strip()
    except BlueprintError:
        return False
    return Path(top).resolve() == folder.resolve()


def _newest(folder: Path) -> str:
    from packaging.version import InvalidVersion, Version

    versions = {}
    for tag in git(folder, "tag", "--list").splitlines():
        try:
            version = Version(tag)
        except InvalidVersion:
            continue
        if not version.is_prerelease:
            versions[version] = tag
    return versions[max(versions)] if versions else "HEAD"


def _commit(folder: Path, ref: str, named: str) -> str:
    """The commit that a ref names: a tag or commit, or a branch of the repository that was cloned."""
    if not re.search(r"[\s\0]", ref):
        for name in (ref, f"refs/remotes/origin/{ref}"):
            said = git(folder, "cat-file", "--batch-check=%(objectname)", said=f"{name}^{{commit}}\n").strip()
            if re.fullmatch(r"[0-9a-f]{40,64}", said):
                return said
    raise BlueprintError(f"{named} has no version {ref!r}.", code="blueprint")
