"""Notebooks made of sources, for tests."""

from __future__ import annotations

from olo_converters.capture import Capture, CapturedResult, ColumnFact, ProjectFacts
from olo_converters.conversion import Conversion, Example, Request
from olo_converters.convert import convert
from olo_converters.notebook import Cell, Notebook
from olo_converters.options import parse_options

EMPTY = Capture()
PROJECT = ProjectFacts()


def notebook(*sources: str) -> Notebook:
    """Code cells c0, c1 …; a source that starts with ``#md`` is markdown."""
    return Notebook(
        "analysis.ipynb",
        tuple(
            Cell(f"c{number}", number, "markdown" if text.startswith("#md") else "code", text.removeprefix("#md"))
            for number, text in enumerate(sources)
        ),
    )


def promoted(
    *sources: str,
    name: str = "report",
    source: str | None = None,
    options: str = "",
    capture: Capture = EMPTY,
    project: ProjectFacts = PROJECT,
    example: Example | None = None,
    at: str | None = None,
) -> Conversion:
    """The conversion of a notebook of these sources."""
    request = Request(notebook(*sources), name, parse_options(options), source, at, capture, project, example)
    return convert(request)


def captured(cell: str, name: str, sql: str, columns: str = "", **more: object) -> CapturedResult:
    """A run of a SQL cell; ``columns`` as ``a bigint, b varchar``."""
    facts = tuple(ColumnFact(*part.strip().split(" ", 1)) for part in columns.split(", ") if part)
    return CapturedResult(cell=cell, name=name, sql=sql, columns=facts, **more)  # type: ignore[arg-type]


def text_of(conversion: Conversion, path: str) -> str:
    """An artefact's text."""
    return next(artefact.text for artefact in conversion.artefacts if artefact.path == path)


def codes(conversion: Conversion) -> set[str]:
    """The codes of the findings."""
    return {finding.code for finding in conversion.findings}
