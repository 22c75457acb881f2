"""Where the repository has a promotion's files that aren't at their generated paths any more, by Git's history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from olo_jupyter.promotion.git import Git
from olo_jupyter.promotion.merge import Record

_MOST_MOVES = 10
_NAMED_BY_MODEL = ("models", "tests", "queries")


@dataclass(frozen=True)
class Moved:
    """Where a promotion's files are.

    Args:
        places: Where what is generated goes, by its generated path.
        bases: For each file of the record the path that its text is compared at.
        renamed: Models that the promotion makes beside its own and that have another name: dbt knows a model by its
            file's name, so that these are other models.
        model: The name that the repository gave the promoted model, '' where it has the one of the last promotion.
    """

    places: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    model: str = ""


def find_moved(
    git: Git, commit: str, prefix: str, record: Record, files: Mapping[str, str], others: frozenset[str] = frozenset()
) -> Moved:
    """Where the files of a promotion are at a commit.

    Args:
        prefix: The project below the repository's top.
        record: What was generated last.
        files: All files of the project at the commit.
        others: Files that other promotions generated: none of them is one of this promotion's by another name.
    """
    generated = {place: path for path, place in record.moved.items()}
    found: dict[str, tuple[str, str | None]] = {}
    for path in record.files:
        place: str | None = path
        if path not in files:
            place = _same_model(path, files) or _followed(git, commit, prefix, path, files)
        found[path] = generated.get(path, path), None if place in others else place
    own = f"models/{record.layer}/{record.model}.sql"
    main = next((place for origin, place in found.values() if origin == own and place), own)
    name = PurePosixPath(main).stem
    places, bases, renamed = {}, {}, {}
    for path, (origin, place) in found.items():
        now = _named(origin, record.model, name)
        bases[path] = place or now
        if place is None or place == now:
            continue
        if _is_model(now) and PurePosixPath(place).name != PurePosixPath(now).name:
            renamed[now] = place
        else:
            places[now] = place
    return Moved(places, bases, renamed, name if name != record.model else "")


def _named(path: str, old: str, new: str) -> str:
    """The path that a file is generated at once its model has another name; the job keeps the promotion's.

    Example:
        >>> [_named(path, "a", "b") for path in ("models/gold/a.yml", "tests/a_unique_key.sql", "jobs/a.yml")]
        ['models/gold/b.yml', 'tests/b_unique_key.sql', 'jobs/a.yml']
    """
    place = PurePosixPath(path)
    is_its = place.stem in (old, f"{old}_unique_key", f"{old}_prepare") and place.parts[0] in _NAMED_BY_MODEL
    return str(place.with_name(new + place.name.removeprefix(old))) if is_its else path


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
