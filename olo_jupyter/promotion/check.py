"""What must not be published: values of sensitive columns, cells that changed, names that others took."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from olo_converters.artefact import Artefact
from olo_converters.capture import Capture
from olo_converters.findings import Finding
from olo_jupyter.promotion.capture import Observed
from olo_jupyter.promotion.merge import Record

_SHORTEST = 4
"""Shorter values (a grade, a state's code) turn up in any text by chance."""
_SHORTEST_NUMBER = 7
_MOST_VALUES = 50_000


def sensitive_values(artefacts: Sequence[Artefact], capture: Capture, observed: Observed) -> list[Finding]:
    """Values of columns tagged pii or restricted that stand in an artefact; the finding doesn't repeat them."""
    values: dict[str, str] = {}
    for table in capture.tables:
        for column in table.columns:
            if column.is_sensitive:
                values |= dict.fromkeys(_texts(row.get(column.name) for row in table.sample), column.name)
    hidden = {c.name for result in capture.results for c in result.columns if c.is_sensitive}
    hidden |= {column.name for table in capture.tables for column in table.columns if column.is_sensitive}
    if not hidden:
        return []
    for run in observed.results:
        for field, column in zip(run.result.arrow.schema, run.result.arrow.columns, strict=True):
            if field.name in hidden and not pa.types.is_nested(field.type):
                values |= dict.fromkeys(_texts(pc.unique(column)[:_MOST_VALUES].to_pylist()), field.name)
    return [
        Finding(
            "sensitive-value",
            "error",
            f"{artefact.path}:{line} holds a value of the column {column}, which is tagged sensitive.",
            hint="Make the value a parameter (:name) without a default, or take the cell that writes it out.",
        )
        for artefact in artefacts
        for line, column in sorted(set(_found(artefact.text, values)))
    ]


def _texts(values: Iterable[Any]) -> list[str]:
    kept = []
    for value in values:
        if isinstance(value, str) and len(value.strip()) >= _SHORTEST:
            kept.append(value)
        elif isinstance(value, int) and not isinstance(value, bool) and len(str(abs(value))) >= _SHORTEST_NUMBER:
            kept.append(str(value))
    return kept


def _found(text: str, values: Mapping[str, str]) -> Iterable[tuple[int, str]]:
    for value, column in values.items():
        at = text.find(value)
        if at >= 0 and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text):
            yield text.count("\n", 0, at) + 1, column


def changed_since(cells: Iterable[str], changed: Mapping[str, str]) -> list[Finding]:
    """Cells that were promoted before and have changed since: what they give now went into this artefact.

    Args:
        cells: Those that went into the artefact.
        changed: Name of the earlier promotion, by the cell that it promoted.
    """
    return [
        Finding(
            "promoted-before-change",
            "warning",
            f"This cell or one that it builds on has changed since it was promoted as {changed[cell]!r}: "
            "it went in as it is now, not as a reference to what was promoted.",
            cell,
            hint=f"Promote {changed[cell]} again first, then this one refers to it.",
        )
        for cell in cells
        if cell in changed
    ]


def renamed(name: str, model: str) -> list[Finding]:
    """Whether the promoted model has another name in the repository."""
    if not model:
        return []
    return [
        Finding(
            "renamed-in-repository",
            "info",
            f"The repository has the model {name} as {model}: it is promoted under that name.",
            hint=f"Other notebooks and models that read {name} read {model} now.",
        )
    ]


def names(name: str, kind: str, notebook: str, mine: Record | None) -> list[Finding]:
    """Whether the promotion's name is free: not another notebook's, not of another kind.

    Args:
        notebook: The promoted notebook, as the repository names it.
        mine: The record of this name, where there is one.
    """
    findings = []
    if mine is not None and mine.notebook != notebook:
        findings.append(
            Finding(
                "name-taken",
                "error",
                f"The promotion {name!r} belongs to the notebook {mine.notebook}.",
                hint="Promote under another name, or promote it from that notebook.",
            )
        )
    if mine is not None and mine.kind != kind:
        findings.append(
            Finding(
                "name-taken",
                "error",
                f"{name!r} was promoted as {mine.kind} before and would now become {kind}.",
                hint=f"Say kind: {mine.kind}, or promote under another name.",
            )
        )
    return findings
