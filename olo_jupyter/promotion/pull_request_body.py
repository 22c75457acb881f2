"""The text of a promotion's pull request: what, from where, how it was proved, how to run it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from olo_converters.findings import Finding

BEGIN, END = "<!-- olo: begin (rewritten by the next promotion) -->", "<!-- olo: end -->"
_SILENT_AT = "@\u200b"
_SIGNS = {"error": "⛔", "warning": "⚠️", "info": "ℹ️"}


@dataclass(frozen=True)
class Content:
    """What the text tells.

    Args:
        evidence: The evidence file's values.
        files: Path and page of each file of the promotion.
        notebook_url: The notebook at its commit, '' where it isn't in the repository.
        builds_on: Branches that have to be merged before.
        job: Name of the job that runs it, '' without one.
    """

    evidence: Mapping[str, Any]
    description: str
    files: Sequence[tuple[str, str]]
    findings: Sequence[Finding]
    notebook_url: str = ""
    builds_on: Sequence[str] = ()
    job: str = ""


def body(content: Content) -> str:
    """The text, between marks: what people write around them stays."""
    values = content.evidence
    parts = [
        BEGIN,
        _what(content),
        *([f"**Merge first:** {', '.join(f'`{name}`' for name in content.builds_on)}"] if content.builds_on else []),
        "### Files\n\n" + "\n".join(f"- [`{path}`]({url})" for path, url in content.files),
        "### Evidence\n\n" + _evidence(values),
        "### Findings\n\n" + _findings(content.findings),
        "### Lineage\n\n" + _lineage(values),
        "### Run it\n\n" + _run(content),
        "### Provenance\n\n" + _provenance(content),
        END,
    ]
    return "\n\n".join(parts) + "\n"


def merged_body(old: str, new: str) -> str:
    """``new`` in place of what the last promotion wrote; the rest of ``old`` stays.

    Example:
        >>> merged_body("Please look, Bo.\\n\\n" + BEGIN + "old" + END + "\\nThanks", BEGIN + "new" + END + "\\n")
        'Please look, Bo.\\n\\n<!-- olo: begin (rewritten by the next promotion) -->new<!-- olo: end -->\\nThanks'
    """
    start, end = old.find(BEGIN), old.find(END)
    if start < 0 or end < start:
        return new if old.strip() in ("", new.strip()) else f"{old.rstrip()}\n\n{new}"
    return old[:start] + new.rstrip("\n") + old[end + len(END) :]


def _what(content: Content) -> str:
    values = content.evidence
    kind = "dbt model" if values["kind"] == "dbt" else "Python module"
    # The analyst's own Markdown, but it calls nobody and closes no comment of ours.
    description = content.description.strip().replace("<", "&lt;").replace("@", _SILENT_AT)
    told = f"{description}\n\n" if description else ""
    return f"{told}Promotes `{_plain(values['relation'])}` as a {kind} from a notebook. **{_text(values['label'])}**"


def _evidence(values: Mapping[str, Any]) -> str:
    rows: list[tuple[str, str]] = [("status", f"**{_text(values['label'])}**")]
    comparison = values["comparison"]
    if comparison is not None:
        rows.append(("method", f"clean process, {_text(values['engine'])} engine; {comparison['method']}"))
        for what in ("rows", "fingerprints"):
            pair = comparison[what]
            shown = [f"`{value:,}`" if isinstance(value, int) else f"`{value}`" for value in pair.values()]
            rows.append((what, f"notebook {shown[0]}, artefact {shown[1]}"))
        if comparison["float_tolerance"] is not None:
            rows.append(("floats", f"equal within a relative {comparison['float_tolerance']:g}"))
    rows += [(f"`{_plain(table)}`", f"at snapshot `{pin}`") for table, pin in values["pins"].items()]
    rows += [(f"`:{_plain(name)}`", f"`{_plain(value)}`") for name, value in values["parameters"].items()]
    tests = values["tests"]
    if tests["passed"] or tests["failed"]:
        rows.append(("tests", f"{len(tests['passed'])} passed, {len(tests['failed'])} failed"))
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return "None."
    lines = []
    for finding in findings:
        where = f" (cell `{_plain(finding.cell)}`)" if finding.cell else ""
        hint = f" → {_text(finding.hint)}" if finding.hint else ""
        lines.append(f"- {_SIGNS[finding.severity]} `{finding.code}`{where}: {_text(finding.message)}{hint}")
    return "\n".join(lines)


def _lineage(values: Mapping[str, Any]) -> str:
    tables = sorted({*values["pins"], *values["read"]})
    if not tables:
        return "It reads no table."
    lines = ["```mermaid", "flowchart LR"]
    lines += [f'  t{number}["{_node(table)}"] --> out' for number, table in enumerate(tables)]
    return "\n".join([*lines, f'  out(["{_node(values["relation"])}"])', "```"])


def _run(content: Content) -> str:
    name = content.evidence["name"]
    steps = [f"olo run {content.job} --target sandbox"] if content.job else []
    if content.evidence["kind"] == "dbt":
        steps.append(f"dbt build --select {name}")
    return "```sh\n" + "\n".join(steps or [f"python -m pytest -k {name}"]) + "\n```"


def _provenance(content: Content) -> str:
    notebook = content.evidence["notebook"]
    shown = f"`{_plain(notebook['path'])}`"
    page = f"[{shown}]({content.notebook_url})" if content.notebook_url else shown
    cells = ", ".join(f"`{_plain(cell)}`" for cell in notebook["cells"])
    return f"{page}, cells {cells}. Which cell a line came from: `olo blame FILE:LINE`."


def _text(value: Any) -> str:
    """Text of ours or of the user's, as Markdown text on one line: no markup, no mention, no HTML of its own."""
    line = " ".join(str(value).split())
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", line).replace("@", _SILENT_AT)


def _plain(value: Any) -> str:
    """Text inside backticks."""
    return " ".join(str(value).split()).replace("`", "'").replace("|", "\\|")


def _node(value: Any) -> str:
    return re.sub(r'["<>&#;`]', "_", str(value))
