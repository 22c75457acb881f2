"""What a promotion does to the project's files: each as it stands in the repository, and as it will be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from olo_jupyter.promotion.draft import Draft
from olo_jupyter.promotion.merge import Merged, merge
from olo_jupyter.promotion.paths import PromotionError

_GENERATED = ("model", "module", "test", "unit_test")
"""Kinds of files that are a promotion's own; the others may be shared, and are then edited in place."""


@dataclass(frozen=True)
class Change:
    """A file.

    Args:
        path: Below the project.
        kind: What the file is, as its artefact says; '' for one that is no longer generated.
        before: Its committed text, None where it isn't there.
        after: Its text afterwards, with Git's marks where it is in conflict; None where it won't be there.
        conflict: Whether the repository's edits and the new generation can't be merged.
    """

    path: str
    kind: str
    before: str | None
    after: str | None
    conflict: bool = False

    def as_json(self) -> dict[str, Any]:
        """The change as ``--json`` shows it."""
        return {
            "path": self.path,
            "kind": self.kind,
            "before": self.before,
            "after": self.after,
            "conflict": self.conflict,
        }


def committed(made: Draft) -> Callable[[str], str | None]:
    """Reads a project file as it is at the draft's commit, None where it isn't there."""
    repository = made.repository

    def read(path: str) -> str | None:
        content = repository.git.file_at(made.commit, f"{repository.prefix}{path}")
        try:
            return None if content is None else content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise PromotionError(f"{path} in the repository is not UTF-8 text.", code="not-text") from error

    return read


def merged(made: Draft, theirs: Callable[[str], str | None]) -> Merged:
    """The draft's files merged with what the repository has; a model that was moved there is followed."""
    visible = made.known.facts.files
    shared = {a.path for a in made.conversion.artefacts if a.kind not in _GENERATED and a.path in visible}
    base = made.known.record.files if made.known.record is not None else {}
    places = _moved(made, theirs)
    artefacts = [replace(a, path=places.get(a.path, a.path)) for a in made.conversion.artefacts]
    bases = {places.get(path, path): text for path, text in base.items()}
    return replace(merge(artefacts, bases, theirs, frozenset(shared)), moved=places)


def _moved(made: Draft, theirs: Callable[[str], str | None]) -> dict[str, str]:
    """Where the repository has models that aren't at their generated paths any more: dbt takes them by name alone.

    A file that was renamed as well is another model: it isn't followed.
    """
    record = made.known.record
    if record is None or record.layer != made.request.options.layer:
        return {}
    generated = {artefact.path for artefact in made.conversion.artefacts}
    found = {}
    for artefact in made.conversion.artefacts:
        if artefact.kind != "model" or theirs(artefact.path) is not None:
            continue
        name = PurePosixPath(artefact.path).name
        known = [path for path in record.files if PurePosixPath(path).name == name]
        there = [path for path in known if path not in generated and theirs(path) is not None]
        place = there[0] if there else _moved_to(made, artefact.path) if artefact.path in known else None
        if place is not None and PurePosixPath(place).name == name and theirs(place) is not None:
            found[artefact.path] = place
    return found


def _moved_to(made: Draft, path: str) -> str | None:
    """Where the commit that took a file away put it, None where it deleted it."""
    git, prefix = made.repository.git, made.repository.prefix
    taken = git.run(
        "log", "-1", "--diff-filter=D", "--no-renames", "--format=%H", made.commit, "--", f":(top){prefix}{path}"
    )
    if taken.code != 0 or not taken.text:
        return None
    told = git("diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status", f"{taken.text}^", taken.text).split(
        "\0"
    )
    for status, old, new in zip(told[::3], told[1::3], told[2::3], strict=False):
        if status.startswith("R") and old == f"{prefix}{path}" and new.startswith(prefix):
            return new.removeprefix(prefix)
    return None


def changes(made: Draft, done: Merged, theirs: Callable[[str], str | None]) -> tuple[Change, ...]:
    """Every file of the draft, then those that go."""
    found = [
        Change(
            path,
            artefact.kind,
            theirs(path),
            done.conflicts.get(path, done.files.get(path)),
            conflict=path in done.conflicts,
        )
        for artefact in made.conversion.artefacts
        for path in [done.moved.get(artefact.path, artefact.path)]
    ]
    return (*found, *(Change(path, "", theirs(path), None) for path in done.removed))
