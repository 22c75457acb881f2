"""Notebooks as plain values: .ipynb (nbformat 3 and 4), py:percent and MyST."""

from __future__ import annotations

import hashlib
import json
import keyword
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from olo_converters.errors import ConvertError

CellKind = Literal["code", "markdown", "raw"]
_TEXT_FORMATS = {".py": "py:percent", ".md": "md:myst", ".myst": "md:myst"}


class NotebookError(ConvertError):
    """A file that can't be read as a notebook."""

    default_code = "notebook"


@dataclass(frozen=True)
class Cell:
    """One cell.

    Args:
        id: Stable: nbformat's own, else made of position and source.
        index: Position among all cells of the notebook, from 0.
        source: Text with ``\\n`` line ends.
        language: ``python``, ``sql``, ``markdown``, ``r`` … in lower case.
        outputs: As nbformat 4 stores them.
        execution_count: As stored; None where the cell never ran.
        name: Where other cells use the cell's value by a name that its metadata gives it (Snowflake), that name.
    """

    id: str
    index: int
    kind: CellKind
    source: str
    language: str = "python"
    outputs: tuple[Mapping[str, Any], ...] = ()
    execution_count: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True)
class Notebook:
    """A notebook. ``path`` is what errors and provenance show."""

    path: str
    cells: tuple[Cell, ...]
    language: str = "python"
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def cell(self, cell_id: str) -> Cell:
        """The cell with this id.

        Raises:
            NotebookError: There is none.
        """
        for cell in self.cells:
            if cell.id == cell_id:
                return cell
        raise NotebookError(f"{self.path} has no cell {cell_id!r}.", code="cell-not-found")


def read_notebook(path: Path) -> Notebook:
    """Read a notebook from a file; its format is told by the suffix (.ipynb, .py, .md).

    Raises:
        NotebookError: Missing, not UTF-8, with null bytes, not JSON, not a notebook.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotebookError(f"{path} does not exist.", code="notebook-missing", hint="Check the path.") from error
    except OSError as error:
        raise NotebookError(f"{path} can't be read: {error.strerror}.", code="notebook-unreadable") from error
    if b"\0" in data:
        raise NotebookError(
            f"{path} holds null bytes: it is damaged or no notebook.",
            code="notebook-damaged",
            hint="Restore it from Git or a checkpoint.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotebookError(
            f"{path} is not UTF-8 (byte {error.start}).", code="notebook-encoding", hint="Save it as UTF-8."
        ) from error
    return parse_notebook(text, str(path), path.suffix.lower())


def parse_notebook(text: str, path: str = "<notebook>", suffix: str = ".ipynb") -> Notebook:
    """Read a notebook from text. ``suffix`` tells the format: .ipynb, .py (percent), .md (MyST).

    Raises:
        NotebookError: As read_notebook.
    """
    if suffix == ".ipynb":
        return _from_ipynb(text, path)
    if suffix in _TEXT_FORMATS:
        return _from_text(text, path, _TEXT_FORMATS[suffix])
    raise NotebookError(
        f"{path}: {suffix or 'no suffix'} is no notebook format.",
        code="notebook-format",
        hint="Use .ipynb, .py (percent) or .md (MyST).",
    )


def _from_ipynb(text: str, path: str) -> Notebook:
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        at = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise NotebookError(
            f"{path} is not JSON{at}.", code="notebook-not-json", hint="Restore it from Git or a checkpoint."
        ) from error
    if not isinstance(document, dict) or not isinstance(document.get("nbformat", 0), int):
        raise NotebookError(f"{path} is JSON, but no notebook.", code="notebook-invalid")
    if "worksheets" in document or document.get("nbformat", 4) < 4:
        document = _upgraded(text, document, path)
    cells = document.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise NotebookError(f"{path} is JSON, but no notebook: it has no list of cells.", code="notebook-invalid")
    metadata = document.get("metadata") if isinstance(document.get("metadata"), dict) else {}
    assert isinstance(metadata, dict)
    language = _language(metadata)
    return Notebook(path, _with_names(_cells(cells, language, path)), language, metadata)


def _upgraded(text: str, document: dict[str, Any], path: str) -> dict[str, Any]:
    """A notebook of an old format as one of format 4."""
    import nbformat
    from jsonschema import ValidationError

    version = document.get("nbformat")
    try:
        upgraded = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    except (ValidationError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise NotebookError(
            f"{path}: its format (nbformat {version}) can't be read.", code="notebook-invalid"
        ) from error
    return json.loads(json.dumps(upgraded))  # type: ignore[no-any-return]


def _from_text(text: str, path: str, format_: str) -> Notebook:
    import jupytext

    try:
        document = json.loads(json.dumps(jupytext.reads(text, fmt=format_)))
    except (ValueError, KeyError, SyntaxError) as error:
        raise NotebookError(f"{path} can't be read as {format_}: {error}.", code="notebook-invalid") from error
    metadata = document.get("metadata", {})
    language = _language(metadata)
    return Notebook(path, _cells(document["cells"], language, path, stored_ids=False), language, metadata)


def _language(metadata: Mapping[str, Any]) -> str:
    info = metadata.get("language_info")
    spec = metadata.get("kernelspec")
    name = info.get("name") if isinstance(info, dict) else None
    name = name or (spec.get("language") if isinstance(spec, dict) else None)
    name = str(name or "python").lower()
    return "python" if name.startswith(("python", "ipython")) else name


def _cells(documents: list[dict[str, Any]], language: str, path: str, *, stored_ids: bool = True) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    seen: set[str] = set()
    for index, document in enumerate(documents):
        source = document.get("source", "")
        if isinstance(source, list):
            source = "".join(map(str, source))
        if not isinstance(source, str):
            raise NotebookError(f"{path}: the source of cell {index + 1} is no text.", code="notebook-invalid")
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        kind: CellKind = {"code": "code", "markdown": "markdown", "heading": "markdown"}.get(  # type: ignore[assignment]
            str(document.get("cell_type")), "raw"
        )
        metadata = document.get("metadata") if isinstance(document.get("metadata"), dict) else {}
        assert isinstance(metadata, dict)
        cell_id = document.get("id") if stored_ids else None
        if not isinstance(cell_id, str) or not cell_id or cell_id in seen:
            digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            cell_id = f"cell-{index + 1}-{digest}"
        seen.add(cell_id)
        outputs = document.get("outputs") or []
        count = document.get("execution_count")
        cells.append(
            Cell(
                id=cell_id,
                index=index,
                kind=kind,
                source=source,
                language=_cell_language(metadata, language) if kind == "code" else "markdown",
                outputs=tuple(output for output in outputs if isinstance(output, dict))
                if isinstance(outputs, list)
                else (),
                execution_count=count if isinstance(count, int) else None,
                metadata=metadata,
            )
        )
    return tuple(cells)


def _with_names(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Snowflake's notebooks give a cell's value to others by the cell's name, or by a name for its result."""
    given: dict[str, str] = {}
    for cell in cells:
        found = cell.metadata.get("resultVariableName") or cell.metadata.get("name")
        if cell.kind == "code" and isinstance(found, str) and found.isidentifier() and not keyword.iskeyword(found):
            given[cell.id] = found
    if not given:
        return cells
    words = {cell.id: frozenset(re.findall(r"[A-Za-z_]\w*", cell.source)) for cell in cells if cell.kind == "code"}
    uses = Counter(word for mentioned in words.values() for word in mentioned)
    return tuple(
        replace(cell, name=name) if (name := given.get(cell.id, "")) and uses[name] > (name in words[cell.id]) else cell
        for cell in cells
    )


def _cell_language(metadata: Mapping[str, Any], language: str) -> str:
    """A cell's own language where a vendor's metadata names one (VS Code, Databricks, Snowflake)."""
    for key in ("language", "vscode", "application/vnd.databricks.v1+cell"):
        value = metadata.get(key)
        if key == "vscode" and isinstance(value, dict):
            value = value.get("languageId")
        if isinstance(value, dict):
            value = value.get("language")
        if isinstance(value, str) and value:
            return value.lower()
    return language
