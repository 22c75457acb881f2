"""Paths that a promotion may write."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from olo_jupyter.errors import OloError

BRANCHES = "branches"
"""The folder of the state in which promotion branches are checked out for people to edit."""


class PromotionError(OloError):
    """A promotion can't go on; the user's checkout is as it was."""

    default_code = "promotion"


def branch_folder(state: Path, branch: str) -> Path:
    """Where a promotion's branch is edited."""
    return state / BRANCHES / branch.rpartition("/")[2]


def inside(root: Path, path: str) -> Path:
    """``path`` in the repository at ``root``, proved to stay there.

    Raises:
        PromotionError: bad-path: it is absolute, climbs by ``..``, goes into ``.git``, or passes a symbolic link.
    """
    pure = PurePosixPath(path)
    forbidden = pure.is_absolute() or not pure.parts or "\\" in path or "\0" in path
    if forbidden or any(part == ".." or part.lower() == ".git" for part in pure.parts):
        raise PromotionError(f"{path!r} is no path inside the project.", code="bad-path")
    place = root
    for part in pure.parts:
        place = place / part
        if place.is_symlink():
            raise PromotionError(
                f"{path!r} passes the symbolic link {place.relative_to(root)}; promotions write real files only.",
                code="bad-path",
                hint="Promote under another name, or replace the link by a folder.",
            )
    return place
