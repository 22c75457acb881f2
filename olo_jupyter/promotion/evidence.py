"""The evidence that goes with a promotion: a JSON file for machines, a page for people.

No times and no query ids: the same proof gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from olo_converters.artefact import Artefact
from olo_converters.capture import ColumnProfile
from olo_converters.findings import Finding
from olo_jupyter.promotion.compare import RTOL
from olo_jupyter.promotion.verify import Verification

FOLDER = ".olo/evidence"


@dataclass(frozen=True)
class Subject:
    """What was promoted, and from where.

    Args:
        engine: The engine that gave the notebook's result.
        target_engine: The engine that the project's targets use.
        pins: Snapshot id of each table read, by full name.
        given: Parameters that the artefact has no default for: the proof gave them. The others ran with their defaults.
    """

    name: str
    kind: str
    relation: str
    notebook: str
    cells: Sequence[str]
    engine: str
    target_engine: str
    pins: Mapping[str, int]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    profile: Sequence[ColumnProfile] = ()
    given: Sequence[str] = ()


def label(subject: Subject, verification: Verification) -> str:
    """The status in words; an engine other than the target's is named.

    Example:
        >>> subject = Subject("a", "dbt", "gold.a", "n.ipynb", (), "embedded", "trino", {})
        >>> label(subject, Verification("verified", engine="embedded"))
        'verified on embedded, not on trino'
        >>> label(subject, Verification("unverified", "no rows"))
        'unverified: no rows'
    """
    if verification.status != "verified":
        return f"{verification.status}: {verification.reason}"
    if verification.engine != subject.target_engine:
        return f"verified on {verification.engine}, not on {subject.target_engine}"
    comparison = verification.comparison
    return "verified within the tolerance of floats" if comparison and comparison.within_tolerance else "verified"


def evidence_json(subject: Subject, verification: Verification, findings: Sequence[Finding]) -> dict[str, Any]:
    """The evidence as JSON values; snapshot ids are strings, since readers round big numbers."""
    comparison = verification.comparison
    return {
        "version": 1,
        "name": subject.name,
        "kind": subject.kind,
        "relation": subject.relation,
        "status": verification.status,
        "label": label(subject, verification),
        "reason": verification.reason,
        "rows": comparison.rows[1] if comparison else None,
        "notebook": {"path": subject.notebook, "cells": list(subject.cells), "engine": subject.engine},
        "engine": verification.engine,
        "target_engine": subject.target_engine,
        "pins": {name: str(snapshot) for name, snapshot in sorted(subject.pins.items())},
        "read": {name: str(snapshot) for name, snapshot in sorted(verification.reads.items())},
        "stepped": [{name: str(snapshot) for name, snapshot in sorted(one.items())} for one in verification.stepped],
        "parameters": {name: _plain(value) for name, value in sorted(subject.parameters.items())},
        "given": sorted(subject.given),
        "comparison": None
        if comparison is None
        else {
            "method": "columns with Trino types, row count, multiset fingerprint of the rows",
            "float_tolerance": RTOL if comparison.within_tolerance else None,
            "columns_differ": list(comparison.schema),
            "rows": {"notebook": comparison.rows[0], "artefact": comparison.rows[1]},
            "fingerprints": {"notebook": comparison.fingerprints[0], "artefact": comparison.fingerprints[1]},
            "only_in_notebook": list(comparison.only_notebook),
            "only_in_artefact": list(comparison.only_artefact),
        },
        "tests": {"passed": sorted(verification.tests), "failed": sorted(verification.failed)},
        "profile": [{key: _plain(value) for key, value in asdict(column).items()} for column in subject.profile],
        "findings": [finding.as_json() for finding in findings],
    }


def artefacts(subject: Subject, verification: Verification, findings: Sequence[Finding]) -> list[Artefact]:
    """The two evidence files."""
    values = evidence_json(subject, verification, findings)
    path = f"{FOLDER}/{subject.name}"
    text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return [Artefact(f"{path}.json", text, "evidence"), Artefact(f"{path}.md", _page(values), "evidence")]


def _page(values: Mapping[str, Any]) -> str:
    comparison = values["comparison"]
    lines = [
        f"# {values['name']}: {values['label']}",
        "",
        f"`{values['relation']}` was promoted as {values['kind']} from `{values['notebook']['path']}`, "
        f"cells {', '.join(f'`{cell}`' for cell in values['notebook']['cells'])}.",
        "",
    ]
    if comparison is not None:
        prints = comparison["fingerprints"]
        lines += [
            f"The artefact ran in a clean process on the {values['engine']} engine at the notebook's snapshots. "
            "What it wrote was read back and compared with the notebook's result, in any order of rows. "
            "Other data and other values of parameters were not tried.",
            "",
            *_how_parameters_ran(values),
            "| | notebook | artefact |",
            "|---|---|---|",
            f"| rows | {comparison['rows']['notebook']:,} | {comparison['rows']['artefact']:,} |",
            f"| fingerprint | `{prints['notebook']}` | `{prints['artefact']}` |",
            "",
        ]
        if values["stepped"]:
            lines += [f"{_steps(values)}", ""]
        if comparison["float_tolerance"] is not None:
            lines += [f"The rows differ by floats only, within a relative {comparison['float_tolerance']:g}.", ""]
        lines += [f"- {difference}" for difference in comparison["columns_differ"]]
        for side in ("notebook", "artefact"):
            rows = comparison[f"only_in_{side}"]
            lines += [f"Only in the {side}, for example:", "", *(f"- {_row(row)}" for row in rows), ""] if rows else []
    lines += _table("Table", "Snapshot", values["pins"].items())
    lines += _table("Parameter", "Value", values["parameters"].items())
    tests = [(name, "passed") for name in values["tests"]["passed"]]
    tests += [(name, "failed") for name in values["tests"]["failed"]]
    lines += _table("Test", "Result", tests)
    facts = [
        (
            column["name"],
            f"{column['rows']:,} rows looked at, {column['nulls']:,} NULL, {column['distinct']:,} distinct",
        )
        for column in values["profile"]
    ]
    lines += _table("Column", "Found in the notebook's result", facts)
    lines += [f"- {f['severity']}: {f['message']} {f['hint']}".rstrip() for f in values["findings"]]
    return "\n".join(lines).rstrip() + "\n"


def _how_parameters_ran(values: Mapping[str, Any]) -> list[str]:
    given = values["given"]
    lines = []
    if len(values["parameters"]) > len(given):
        lines.append("Parameters had the artefact's own defaults, as in a job.")
    if given:
        lines.append(f"Without a default, so given here and to be given on each run: {_cell(', '.join(given))}.")
    return [" ".join(lines), ""] if lines else []


def _steps(values: Mapping[str, Any]) -> str:
    """What an incremental model was stepped through."""
    end = "equals its full refresh" if values["status"] == "verified" else "does not equal its full refresh"
    states = "; ".join(", ".join(f"`{name}` at {at}" for name, at in one.items()) for one in values["stepped"])
    return f"It is incremental: stepped through {len(values['stepped'])} states of its tables it {end} ({states})."


def _table(first: str, second: str, rows: Any) -> list[str]:
    body = [f"| {_cell(a)} | {_cell(b)} |" for a, b in rows]
    return [f"| {first} | {second} |", "|---|---|", *body, ""] if body else []


def _row(row: Mapping[str, str]) -> str:
    return ", ".join(f"{_cell(name)} = {_cell(value)}" for name, value in row.items())


def _cell(value: Any) -> str:
    text = " ".join(str(value).split()).replace("\\", "\\\\")
    for char in "|`<>*_[]":
        text = text.replace(char, f"\\{char}")
    return text


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal) else repr(value)
