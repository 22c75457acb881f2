"""What a promotion does to the project's files: each as it stands in the repository, and as it will be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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
    bases = {moved.bases.get(path, path): text for path, text in base.items()}
    if made.known.record is not None and made.conversion.kind == "dbt":
        bases, theirs = _renamed(bases, theirs, made.known.record.model, made.conversion.name)
    return replace(merge(artefacts, bases, theirs, frozenset(shared), moved.renamed), moved=places)


def _renamed(
    bases: Mapping[str, str], theirs: Callable[[str], str | None], old: str, new: str
) -> tuple[dict[str, str], Callable[[str], str | None]]:
    """What was generated last and what the repository has, both as if a renamed model's name stood in them already.

    Where the repository says the new name itself that is the same change; where it doesn't, it is not an edit by hand.
    A job keeps its own name.
    """
    of_its_name = r"_on_example_rows\b|_branches\b|_unique_key\b|_prepare\b|(?!\w)"
    word = re.compile(rf"(?<!\w)(?<!olo promote ){re.escape(old)}(?={of_its_name})")
    generated, said = dict(bases), {}
    for path, text in bases.items() if old != new else ():
        now = theirs(path)
        if now is None or path.startswith("jobs/"):
            continue
        as_generated = {line for line in text.split("\n") if word.search(line)}
        generated[path] = word.sub(new, text)
        said[path] = "\n".join(word.sub(new, line) if line in as_generated else line for line in now.split("\n"))
    return generated, lambda path: said[path] if path in said else theirs(path)


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
