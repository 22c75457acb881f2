"""What a promotion does to the project's files: each as it stands in the repository, and as it will be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
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
    """The draft's files merged with what the repository has; files that were moved there are followed."""
    visible = made.known.facts.files
    shared = {a.path for a in made.conversion.artefacts if a.kind not in _GENERATED and a.path in visible}
    base = made.known.record.files if made.known.record is not None else {}
    moved = made.known.moved
    generated = {a.path for a in made.conversion.artefacts}
    places = {path: place for path, place in moved.places.items() if path in generated}
    artefacts = [replace(a, path=places.get(a.path, a.path)) for a in made.conversion.artefacts]
    bases = {places.get(path, path): text for path, text in base.items()}
    return replace(merge(artefacts, bases, theirs, frozenset(shared), moved.renamed), moved=places)


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
