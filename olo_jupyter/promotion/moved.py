"""Where the repository has a promotion's files that aren't at their generated paths any more, by Git's history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from olo_jupyter.promotion.git import Git
from olo_jupyter.promotion.merge import Record

_MOST_MOVES = 10


@dataclass(frozen=True)
class Moved:
    """Files by their generated paths.

    Args:
        places: Where they are now: what is generated goes there.
        renamed: Models under another name: dbt knows a model by its file's name, so that this is another model.
    """

    places: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)


def find_moved(git: Git, commit: str, prefix: str, record: Record, files: Mapping[str, str]) -> Moved:
    """Where the files of a promotion are at a commit.

    Args:
        prefix: The project below the repository's top.
        record: What was generated last.
        files: All files of the project at the commit.
    """
    generated = {place: path for path, place in record.moved.items()}
    places, renamed = {}, {}
    for path in record.files:
        origin = generated.get(path, path)
        place: str | None = path
        if path not in files:
            place = _same_model(path, files) or _followed(git, commit, prefix, path, files)
        if place is None or place == origin:
            continue
        if _is_model(origin) and PurePosixPath(place).name != PurePosixPath(origin).name:
            renamed[origin] = place
        else:
            places[origin] = place
    return Moved(places, renamed)


def _is_model(path: str) -> bool:
    return path.startswith("models/") and path.endswith(".sql")


def _same_model(path: str, files: Mapping[str, str]) -> str | None:
    """The one model of that name in another folder: also where there is no history, in a shallow clone."""
    name = PurePosixPath(path).name
    found = [other for other in files if _is_model(other) and PurePosixPath(other).name == name]
    return found[0] if _is_model(path) and len(found) == 1 else None


def _followed(git: Git, commit: str, prefix: str, path: str, files: Mapping[str, str]) -> str | None:
    """Where a file came to by one rename or several, None where it was deleted."""
    for _ in range(_MOST_MOVES):
        place = _moved_to(git, commit, prefix, path)
        if place is None or place in files:
            return place
        path = place
    return None


def _moved_to(git: Git, commit: str, prefix: str, path: str) -> str | None:
    """Where the commit that took a file away put it, None where it deleted it."""
    taken = git.run(
        "log", "-1", "--diff-filter=D", "--no-renames", "--format=%H", commit, "--", f":(top){prefix}{path}"
    )
    if taken.code != 0 or not taken.text:
        return None
    told = git.run(
        "diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status", f"{taken.text}^", taken.text
    ).text.split("\0")  # fmt: skip
    for status, old, new in zip(told[::3], told[1::3], told[2::3], strict=False):
        if status.startswith("R") and old == f"{prefix}{path}" and new.startswith(prefix):
            return new.removeprefix(prefix)
    return None
