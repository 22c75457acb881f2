"""Re-promotion as a three-way merge of what was generated last, what the repository has, and what is generated now."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from olo_converters.artefact import Artefact
from olo_converters.findings import Finding
from olo_converters.notebook import Notebook
from olo_jupyter.promotion.git import Git, GitError

RECORDS = ".olo/promotions"
_HEADER = "# What this promotion generated last: the base of the next three-way merge. Written by olo; don't edit.\n"


@dataclass(frozen=True)
class Record:
    """What a promotion generated last; the content of ``.olo/promotions/<name>.yml``.

    Args:
        variable: The variable that was promoted, '' where the cell has none.
        cells: Ids of the cells that went into it, the promoted one last.
        sources: Hash of each of those cells' source, by id: whether a cell has changed since.
        depends_on: Names of the promotions that it builds on.
        moved: Where the repository has files that aren't at their generated paths, by those.
        files: Generated text by path, hand edits not included; files edited in place (others share them) not either.
        renamed: The promoted model's name, where the repository gave it another one; '' otherwise.
    """

    name: str
    kind: str
    layer: str
    notebook: str
    branch: str = ""
    variable: str = ""
    cells: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    renamed: str = ""

    @property
    def model(self) -> str:
        """Name of the promoted model: the promotion's, unless the repository gave it another one."""
        return self.renamed or self.name

    @property
    def job(self) -> str:
        """Name of the job that runs it, '' without one."""
        return next((PurePosixPath(path).stem for path in self.files if path.startswith("jobs/")), "")

    def dump(self) -> str:
        """The record as YAML; the same values always give the same text."""
        files = [
            {"path": path, "sha256": hashlib.sha256(text.encode()).hexdigest(), "text": text}
            for path, text in sorted(self.files.items())
        ]
        values = {
            "version": 1, "name": self.name, "kind": self.kind, "layer": self.layer, "notebook": self.notebook,
            "branch": self.branch, "variable": self.variable, "cells": list(self.cells),
            "sources": dict(self.sources), "depends_on": list(self.depends_on),
            **({"renamed": self.renamed} if self.renamed else {}),
            **({"moved": dict(sorted(self.moved.items()))} if self.moved else {}), "generated": files,
        }  # fmt: skip
        text = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
        return _HEADER + text


def source_hash(source: str) -> str:
    """What tells whether a cell's source has changed: white space around it doesn't count.

    Example:
        >>> source_hash("a = 1\\n") == source_hash("a = 1")
        True
    """
    return hashlib.sha256(source.strip().encode()).hexdigest()[:16]


def drift(record: Record, notebook: Notebook) -> tuple[list[str], list[str]]:
    """The promoted cells that have changed in the notebook, and those that are gone."""
    now = {cell.id: source_hash(cell.source) for cell in notebook.cells}
    changed = [cell for cell, digest in record.sources.items() if cell in now and now[cell] != digest]
    return changed, [cell for cell in record.sources if cell not in now]


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, so that a diff of the record can be read."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    # YAML takes more characters for line breaks than "\n"; only quotes keep those as they are.
    other_breaks = any(break_ in text for break_ in "\r\x85\u2028\u2029")
    style = '"' if other_breaks else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _block)


def record_path(name: str) -> str:
    """Where a promotion's record is, relative to the project."""
    return f"{RECORDS}/{name}.yml"


def read_record(text: str | None) -> Record | None:
    """A record from its file's text; None where there is none or somebody made it unreadable."""
    if text is None:
        return None
    try:
        values: Any = yaml.safe_load(text)
        files = {str(entry["path"]): str(entry["text"]) for entry in values["generated"]}
        single = {key: str(values[key]) for key in ("name", "kind", "layer", "notebook", "branch", "variable")}
        many = {key: tuple(map(str, values[key])) for key in ("cells", "depends_on")}
        sources = {str(cell): str(digest) for cell, digest in (values.get("sources") or {}).items()}
        moved = {str(path): str(place) for path, place in (values.get("moved") or {}).items()}
        return Record(
            **single, cells=many["cells"], depends_on=many["depends_on"], renamed=str(values.get("renamed", "")),
            sources=sources, moved=moved, files=files,
        )  # fmt: skip
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        return None


@dataclass(frozen=True)
class Merged:
    """The outcome: the text of every file to write, the files to remove, and what couldn't be merged.

    Args:
        conflicts: Files that couldn't, by path, with Git's conflict marks.
        moved: Where the repository has files that aren't at their generated paths any more.
    """

    files: Mapping[str, str]
    findings: tuple[Finding, ...]
    removed: tuple[str, ...] = ()
    conflicts: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)


def merge(
    artefacts: Sequence[Artefact],
    base: Mapping[str, str],
    theirs: Callable[[str], str | None],
    edited_in_place: frozenset[str] = frozenset(),
    renamed: Mapping[str, str] | None = None,
) -> Merged:
    """Merge a new generation with what stands in the repository.

    Args:
        artefacts: The new generation.
        base: What was generated last, by path; empty for a first promotion.
        theirs: The committed text of a path, None where the file isn't there.
        edited_in_place: Paths whose new text was made from the committed one: nothing to merge.
        renamed: Models that have another name in the repository, which is given.
    """
    files: dict[str, str] = {}
    findings: list[Finding] = []
    marked: dict[str, str] = {}
    for artefact in artefacts:
        path, ours = artefact.path, artefact.text
        old, now = base.get(path), theirs(path)
        if path in edited_in_place or now == ours or (now is None and old is None):
            files[path] = ours
        elif now is None:
            _deleted(path, (renamed or {}).get(path, ""), changed=ours != old, findings=findings)
        elif old is None:
            findings.append(_taken(path))
        elif ours == old:
            files[path] = now
        elif now == old:
            files[path] = ours
        else:
            text, conflicts = three_way(now, old, ours)
            if conflicts:
                findings += _conflicts(path, text)
                marked[path] = text
            else:
                files[path] = text
    gone = [path for path in base if path not in {artefact.path for artefact in artefacts}]
    for path in gone:
        if theirs(path) not in (None, base[path]):
            findings.append(_left(path))
    removed = tuple(path for path in gone if theirs(path) == base[path])
    return Merged(files, tuple(findings), removed, marked)


def three_way(theirs: str, base: str, ours: str) -> tuple[str, int]:
    """``git merge-file``: the merged text and the number of conflicts (marked in the text).

    Example:
        >>> three_way("a\\nb\\nc\\nd\\nE\\n", "a\\nb\\nc\\nd\\ne\\n", "A\\nb\\nc\\nd\\ne\\n")
        ('A\\nb\\nc\\nd\\nE\\n', 0)
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in (("repository", theirs), ("last", base), ("new", ours)):
            (folder / file).write_text(text, encoding="utf-8", newline="\n")
        labels = ("-L", "repository", "-L", "generated last", "-L", "generated now")
        result = Git(folder).run("merge-file", "-p", *labels, "repository", "last", "new")
    if result.code > 127:
        raise GitError(f"git merge-file failed: {result.err.strip()}")
    return result.out.decode("utf-8"), result.code


def _conflicts(path: str, text: str) -> list[Finding]:
    """A finding for each hunk: where it is in the file with the marks, what either side has."""
    findings = []
    lines = text.split("\n")
    for start in [number for number, line in enumerate(lines) if line.startswith("<<<<<<< ")]:
        middle = lines.index("=======", start)
        end = next(number for number in range(middle, len(lines)) if lines[number].startswith(">>>>>>> "))
        theirs, ours = _shown(lines[start + 1 : middle]), _shown(lines[middle + 1 : end])
        findings.append(
            Finding(
                "merge-conflict",
                "error",
                f"{path}, conflict at line {start + 1}: the repository has {theirs}, the notebook now gives {ours}.",
                hint="Bring one to the other: edit the cell or the file, then promote again.",
            )
        )
    return findings


def _shown(lines: Sequence[str]) -> str:
    """The first line of a hunk's side, and how many more there are."""
    if not lines:
        return "nothing"
    more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
    return f"{lines[0].strip()[:100]!r}{more}"


def _taken(path: str) -> Finding:
    return Finding(
        "name-taken", "error", f"{path} is in the repository already and no promotion of this name wrote it.",
        hint="Promote under another name, or remove that file.",
    )  # fmt: skip


def _left(path: str) -> Finding:
    return Finding(
        "edited-stays", "info", f"{path} is no longer generated, but was edited in the repository and stays.",
        hint="Remove it by hand if it isn't needed any more.",
    )  # fmt: skip


def _deleted(path: str, renamed: str, *, changed: bool, findings: list[Finding]) -> None:
    if changed and renamed:
        finding = Finding(
            "merge-conflict", "error",
            f"{path} was renamed to {renamed} in the repository: that is another model, and the notebook changes it.",
            hint="Rename it back on the branch; or bring the change over to that file by hand.",
        )  # fmt: skip
    elif changed:
        finding = Finding(
            "merge-conflict", "error", f"{path} was deleted in the repository, and the notebook changes it.",
            hint="Restore the file on the branch, or promote under another name.",
        )  # fmt: skip
    else:
        finding = Finding("deleted-stays-deleted", "info", f"{path} was deleted in the repository and stays so.")
    findings.append(finding)
