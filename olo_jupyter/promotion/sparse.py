"""Which folders of a large repository a worktree holds: writing 50,000 files takes longer than promoting."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from olo_jupyter.promotion.git import Git

LARGE = 1_000
"""Files from which a repository is large, and how many of it are checked out beside what has to be."""
LARGE_BYTES = 100_000_000
"""The same, in bytes."""
_OF_THE_PROJECT = (
    ".olo", "analyses", "jobs", "macros", "models", "queries", "seeds", "snapshots", "src", "targets", "tests",
)  # fmt: skip
_DBT_PATHS = ("model-paths", "seed-paths", "test-paths", "analysis-paths", "macro-paths", "snapshot-paths")
_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg")
_MAGIC = str.maketrans({char: f"\\{char}" for char in "\\*?[#! "})


def patterns(git: Git, commit: str, prefix: str, *, whole: bool) -> list[str] | None:
    """The sparse-checkout patterns (not cone) of a commit's worktree; None: all of it.

    Args:
        prefix: The project below the repository's top, '' or with a slash at its end.
        whole: Whether all of the project's own folders have to be there: the artefact is run, or hooks look at it.
    """
    files = _files(git, commit)
    if len(files) <= LARGE and sum(files.values()) <= LARGE_BYTES:
        return None
    needed = {f"{prefix}{name}/" for name in _project_folders(git, commit, prefix)} if whole else set[str]()
    return _chosen(files, prefix, needed)


def _files(git: Git, commit: str) -> dict[str, int]:
    """The size of each file by path; 0 where the clone is partial: to ask would fetch them."""
    is_partial = git.succeeds("config", "--get-regexp", r"^remote\..*\.promisor$")
    listed = git("ls-tree", "-r", "-z", *([] if is_partial else ["-l"]), "--full-tree", commit).split("\0")
    found = {}
    for entry in filter(None, listed):
        described, _, path = entry.partition("\t")
        size = described.split()[-1]
        found[path] = int(size) if not is_partial and size.isdigit() else 0
    return found


def _chosen(files: Mapping[str, int], prefix: str, needed: set[str]) -> list[str]:
    """The files of the top, the project and the folders between them; folders that are needed; then the smallest.

    Example:
        >>> many = {f"data/{number}.csv": 10 for number in range(2000)}
        >>> _chosen({"olo.yml": 9, "docs/a.md": 9, "models/a.sql": 9, **many}, "", {"models/"})
        ['/*', '!/*/', '/models/', '/docs/']
    """
    parts = prefix.split("/")[:-1]
    opened = ["", *("/".join(parts[: depth + 1]) + "/" for depth in range(len(parts)))]
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for path, size in files.items():
        inside = max((folder for folder in opened if path.startswith(folder)), key=len)
        name, slash, _ = path[len(inside) :].partition("/")
        if slash:
            counts[f"{inside}{name}/"] += 1
            sizes[f"{inside}{name}/"] += size
    kept, room, bytes_left = [folder for folder in sorted(needed) if folder in counts], LARGE, LARGE_BYTES
    for folder, count in sorted(counts.items(), key=lambda entry: (entry[1], entry[0])):
        if folder not in needed and count <= room and sizes[folder] <= bytes_left:
            kept.append(folder)
            room, bytes_left = room - count, bytes_left - sizes[folder]
    lines = []
    for folder in opened:
        lines += [f"/{folder.translate(_MAGIC)}*", f"!/{folder.translate(_MAGIC)}*/"]
        lines += [f"/{other.translate(_MAGIC)}" for other in opened if other != folder and other.startswith(folder)]
    return [*lines, *(f"/{folder.translate(_MAGIC)}" for folder in kept)]


def has_commit_hooks(git: Git) -> bool:
    """Whether hooks of the repository look at a commit."""
    told = git.run("rev-parse", "--git-path", "hooks")
    folder = git.folder / told.text
    return told.code == 0 and any(os.access(folder / name, os.X_OK) for name in _HOOKS)


def check_out(git: Git, chosen: list[str]) -> None:
    """Write the files of a worktree that was added without them; the user's configuration stays as it is."""
    place = Path(git.folder / git("rev-parse", "--git-path", "info/sparse-checkout"))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("\n".join(chosen) + "\n", encoding="utf-8")
    git("-c", "core.sparseCheckout=true", "-c", "core.sparseCheckoutCone=false", "read-tree", "-m", "-u", "HEAD")


def _project_folders(git: Git, commit: str, prefix: str) -> set[str]:
    """The folders that a project always has, and those that its dbt_project.yml names."""
    found = set(_OF_THE_PROJECT)
    content = git.file_at(commit, f"{prefix}dbt_project.yml")
    try:
        values: Any = yaml.safe_load(content.decode("utf-8")) if content is not None else None
    except (yaml.YAMLError, UnicodeDecodeError):
        return found  # dbt says what is wrong with it
    if isinstance(values, dict):
        for key in _DBT_PATHS:
            named = values.get(key)
            found |= {str(name).strip("/").split("/")[0] for name in (named if isinstance(named, list) else [])}
    return found
