"""The scorecard of one notebook: what of it can be promoted, what stands in the way of the rest. Runs none of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Literal

from olo_converters.artefact import Artefact
from olo_converters.capture import ProjectFacts
from olo_converters.conversion import Conversion, Request
from olo_converters.convert import convert
from olo_converters.errors import ConvertError
from olo_converters.findings import Finding, finding
from olo_converters.graph import Graph, build_graph
from olo_converters.notebook import Notebook
from olo_converters.python.ruff import tidied_all, told
from olo_converters.slice import slice_for
from olo_converters.targets import Target, size_of, targets_of

MOST_TARGETS = 200
Status = Literal["clean", "explained", "failed"]


@dataclass(frozen=True)
class Scan:
    """What a scan says of a notebook.

    Args:
        notebook: Its path.
        status: ``clean``: each target is promoted; ``explained``: each one that isn't has a finding that names the
            blocking statement and a next step; ``failed``: no answer.
        cells: Cells of the notebook.
        targets: What the notebook ends with; ``promotable`` of them can be promoted.
        sizes: Per promotable target, the lines of its slice of all lines of code (0 to 1).
        seconds: The time that it took.
    """

    notebook: str
    status: Status
    cells: int = 0
    targets: int = 0
    promotable: int = 0
    artefacts: tuple[Artefact, ...] = ()
    findings: tuple[Finding, ...] = ()
    sizes: tuple[float, ...] = ()
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The line of ``olo scan --json``."""
        return {
            "notebook": self.notebook,
            "status": self.status,
            "cells": self.cells,
            "promotable": self.promotable,
            "artefacts": [{"path": one.path, "kind": one.kind} for one in self.artefacts],
            "findings": [one.as_json() for one in self.findings],
            "seconds": round(self.seconds, 3),
        }


def scan_notebook(notebook: Notebook) -> Scan:
    """Promote every target of a notebook, as far as reading goes.

    The first that is converted is seen by the next one, as in a project: names, requirements and jobs are shared.
    """
    graph = build_graph(notebook)
    targets = targets_of(graph)
    left_out, targets = targets[:-MOST_TARGETS], targets[-MOST_TARGETS:]
    files: dict[str, Artefact] = {}
    promoted: list[tuple[Target, Conversion]] = []
    findings: list[Finding] = []
    if left_out:
        many = f"the notebook ends with {len(left_out) + len(targets)} values; the last {MOST_TARGETS} are looked at"
        hint = "Say with %olo promote NAME which ones you mean."
        findings.append(finding("too-many-targets", many, cell=notebook.cells[0].id, line=1, hint=hint))
    for target in targets:
        made = _converted(notebook, graph, target, files)
        if made.is_refused:
            findings += _placed(made.findings, graph, target)
        else:
            promoted.append((target, made))
            files.update({one.path: one for one in made.artefacts})
    files, refused = _tidied(files, promoted)
    for target, problems in refused:
        findings += _placed(problems, graph, target)
    out = {target.name for target, _ in refused}
    kept = [(target, made) for target, made in promoted if target.name not in out]
    findings += [one for _, made in kept for one in made.findings]
    findings += graph.findings
    if not targets:
        findings.append(finding("no-target", "the notebook ends without a table, a frame, an array or a model"))
    return Scan(
        notebook=notebook.path,
        status="clean" if len(kept) == len(targets) and not left_out else "explained",
        cells=len(notebook.cells),
        targets=len(targets) + len(left_out),
        promotable=len(kept),
        artefacts=tuple(files.values()),
        findings=tuple(dict.fromkeys(findings)),
        sizes=tuple(size_of(slice_for(graph, target.source or target.name, at=target.at), graph) for target, _ in kept),
    )


def unreadable(path: str, error: ConvertError) -> Scan:
    """What a scan says of a file that can't be read as a notebook."""
    problem = Finding(error.code, "error", error.message, line=error.line, hint=error.hint or "Repair the file.")
    return Scan(path, "explained", findings=(problem,))


def _converted(notebook: Notebook, graph: Graph, target: Target, files: Mapping[str, Artefact]) -> Conversion:
    project = ProjectFacts(files={path: one.text for path, one in files.items()})
    request = Request(notebook, target.name, target.options, target.source, target.at, project=project, tidy=False)
    return convert(request, graph)


def _placed(findings: Iterable[Finding], graph: Graph, target: Target) -> list[Finding]:
    """The errors of a target that isn't promoted; each names a cell, the target's own at worst."""
    cell = slice_for(graph, target.source or target.name, at=target.at).cell or None
    return [
        replace(
            one,
            message=f"{target.source or target.name}: {one.message}",
            cell=one.cell or cell,
            line=one.line or 1,
            hint=one.hint or "Write it otherwise, or promote another value.",
        )
        for one in findings
        if one.severity == "error"
    ]


def _tidied(
    files: Mapping[str, Artefact], promoted: Iterable[tuple[Target, Conversion]]
) -> tuple[dict[str, Artefact], list[tuple[Target, list[Finding]]]]:
    """The artefacts with their Python formatted, without those of targets that ruff finds to be wrong."""
    python = [one for one in files.values() if one.path.endswith(".py")]
    if not python:
        return dict(files), []
    with tempfile.TemporaryDirectory(prefix="olo-scan-") as name:
        folder = Path(name)
        for one in python:
            path = folder / one.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(one.text, encoding="utf-8")
        lints = tidied_all(folder)
        texts = {one.path: (folder / one.path).read_text(encoding="utf-8") for one in python}
    made = {path: replace(one, text=texts.get(path, one.text)) for path, one in files.items()}
    refused: list[tuple[Target, list[Finding]]] = []
    for target, conversion in promoted:
        own = [one.path for one in conversion.artefacts if one.kind in ("module", "test")]
        problems = [found for path in own for lint in lints.get(path, ()) if (found := told(lint)).severity == "error"]
        if problems:
            refused.append((target, problems))
            for written in own:
                if not written.endswith("__init__.py"):
                    made.pop(written, None)
    return made, refused


def totals(scans: Iterable[Scan]) -> dict[str, Any]:
    """The last line of ``olo scan --json``.

    Example:
        >>> totals([Scan("a.ipynb", "clean", targets=2, promotable=2, sizes=(0.5, 0.1))])["median_slice"]
        0.3
    """
    every = list(scans)
    sizes = [size for one in every for size in one.sizes]
    return {
        "notebooks": len(every),
        **{status: sum(one.status == status for one in every) for status in ("clean", "explained", "failed")},
        "targets": sum(one.targets for one in every),
        "promoted": sum(one.promotable for one in every),
        "without_target": sum(not one.targets and one.status == "clean" for one in every),
        "median_slice": round(median(sizes), 3) if sizes else None,
    }
