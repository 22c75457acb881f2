"""Both ways between a notebook's cells and the files that came from them, read from the promotions' records."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Literal

from olo_jupyter.errors import OloError
from olo_jupyter.promotion.git import Git
from olo_jupyter.promotion.merge import RECORDS, Record, read_record

_CELL = re.compile(r"\(Notebook cells? ([^)]+?)\.?\)")


class ProvenanceError(OloError):
    """No promotion tells of this. ``code`` is ``not-promoted``, ``file-not-read`` or ``no-such-line``."""

    default_code = "not-promoted"


@dataclass(frozen=True)
class Origin:
    """Where a line came from.

    Args:
        line: 1-based.
        cells: Ids of the notebook's cells, the nearest that is known: a function's own, else all of the promotion's.
        made: ``generated`` as it stands, or ``edited`` by hand since.
        commit, author: Of the line's last change, '' where it isn't committed.
    """

    path: str
    line: int
    text: str
    promotion: str
    notebook: str
    cells: tuple[str, ...]
    made: Literal["generated", "edited"]
    commit: str = ""
    author: str = ""

    def as_json(self) -> dict[str, Any]:
        """The origin as ``--json`` shows it."""
        return asdict(self)


@dataclass(frozen=True)
class Place:
    """A file that came from a cell."""

    path: str
    promotion: str
    notebook: str

    def as_json(self) -> dict[str, Any]:
        """The place as ``--json`` shows it."""
        return asdict(self)


def records(root: Path) -> list[Record]:
    """The records of all promotions in a project's working tree, by name; unreadable ones are left out."""
    found = (read_record(path.read_text(encoding="utf-8")) for path in sorted((root / RECORDS).glob("*.yml")))
    return [record for record in found if record is not None]


def where(root: Path, cell: str, on_branches: Iterable[Record] = ()) -> list[Place]:
    """The files that came from a cell.

    Args:
        on_branches: Records of promotions that aren't merged yet; those of the working tree count first.

    Raises:
        ProvenanceError: not-promoted: no promotion has this cell.
    """
    known = records(root)
    names = {record.name for record in known}
    known += [record for record in on_branches if record.name not in names]
    places = [
        Place(path, record.name, record.notebook) for record in known if cell in record.cells for path in record.files
    ]
    if not places:
        cells = sorted({name for record in known for name in record.cells})
        raise ProvenanceError(
            f"No promotion has a cell {cell!r}.",
            hint=f"Cells that have been promoted: {', '.join(cells)}." if cells else "Nothing has been promoted here.",
        )
    return places


def blame(root: Path, path: str, line: int) -> Origin:
    """The cell that a line of a file came from.

    Args:
        root: The project's folder.
        path: Relative to it.
        line: 1-based.

    Raises:
        ProvenanceError: not-promoted, file-not-read, no-such-line.
    """
    try:
        text = (root / path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProvenanceError(f"{path} can't be read.", code="file-not-read", hint="Check the path.") from error
    lines = text.splitlines()
    if not 0 < line <= len(lines):
        raise ProvenanceError(f"{path} has {len(lines)} lines.", code="no-such-line", hint="Name one of them.")
    record = _record_of(records(root), path)
    generated = record.files[path].splitlines()
    at = _line_then(lines, generated, line)
    cells = _cells_at(record.files[path], at) if at is not None and path.endswith(".py") else ()
    commit, author = _last_change(root, path, line)
    return Origin(
        path, line, lines[line - 1], record.name, record.notebook, cells or record.cells,
        "edited" if at is None else "generated", commit, author,
    )  # fmt: skip


def _record_of(known: Iterable[Record], path: str) -> Record:
    for record in known:
        if path in record.files:
            return record
    raise ProvenanceError(
        f"No promotion in this working tree generated {path} as its own.",
        hint="Files that promotions share, like schema.yml, are edited in place: git blame tells who did.",
    )


def _line_then(now: list[str], then: list[str], line: int) -> int | None:
    """The generated line that stands at ``line`` now (1-based both), None where it was written by hand."""
    for block in SequenceMatcher(None, then, now, autojunk=False).get_matching_blocks():
        if block.b <= line - 1 < block.b + block.size:
            return block.a + line - block.b
    return None


def _cells_at(text: str, line: int) -> tuple[str, ...]:
    """The cells that the function around a generated line names in its docstring."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or node.lineno):
            told = _CELL.search(ast.get_docstring(node) or "")
            return tuple(re.split(r",\s*", told.group(1))) if told else ()
    return ()


def _last_change(root: Path, path: str, line: int) -> tuple[str, str]:
    blamed = Git(root).run("blame", "--line-porcelain", "-L", f"{line},{line}", "--", path)
    if blamed.code != 0:
        return "", ""
    head, *rest = blamed.text.splitlines()
    commit = head.split(" ")[0]
    author = next((told.removeprefix("author ") for told in rest if told.startswith("author ")), "")
    return ("", "") if set(commit) == {"0"} else (commit, author)
