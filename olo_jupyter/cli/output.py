"""What the commands print: errors, tables, JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from olo_jupyter.errors import OloError

if TYPE_CHECKING:
    from rich.text import Text

FAILED = 1
USED_WRONGLY = 2
_FOLDED_FROM = 32
"""Terminal cells: a longer value may be folded in a table."""
_WRONG_USE = frozenset(
    {
        "bad-parameter",
        "config",
        "engine-not-found",
        "file-not-read",
        "invalid-pin",
        "job-invalid",
        "job-not-found",
        "no-project",
        "no-sql",
        "notebook-missing",
        "query-not-found",
        "ref-not-found",
        "job-paused",
        "nothing-to-resume",
        "orchestrator-not-found",
        "run-not-found",
        "task-not-found",
        "target-not-found",
        "workspace",
        "workspace-not-found",
        "usage",
    }
)


def error_json(error: Exception) -> dict[str, Any]:
    """An error of ours as ``--json`` shows it."""
    as_json = getattr(error, "as_json", None)
    if as_json is not None:
        shown: dict[str, Any] = as_json()
        return shown
    fields = ("code", "message", "hint", "line", "column", "cell")
    return {name: getattr(error, name) for name in fields if hasattr(error, name)}


def fail(error: Exception, *, as_json: bool = False) -> int:
    """Print an error and give the exit code."""
    if as_json:
        print_json({"error": error_json(error)})
    else:
        sys.stderr.write(f"error: {error_text(error)}\n")
    return USED_WRONGLY if getattr(error, "code", "") in _WRONG_USE else FAILED


def usage_error(error: typer.TyperException) -> OloError:
    """What the option parser found wrong, as an error of ours."""
    return OloError(error.format_message(), code="usage", hint="--help lists the options.")


def read_text(file: Path, *, stdin: bool = False) -> str:
    """The text of a file that an option names; ``-`` is stdin where ``stdin`` allows it.

    Raises:
        OloError: file-not-read: missing, a folder, not permitted, not UTF-8.
    """
    if stdin and str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise OloError(
            f"{file} can't be read: {error.strerror}.", code="file-not-read", hint="Check the path."
        ) from error
    except UnicodeDecodeError as error:
        raise OloError(f"{file} is not UTF-8 text.", code="file-not-read", hint="Save it as UTF-8.") from error


def error_text(error: Exception) -> str:
    """The message with its place and hint, for people."""
    message = str(getattr(error, "message", error))
    line, column = getattr(error, "line", None), getattr(error, "column", None)
    place = f" (line {line}, column {column})" if line else ""
    hint = getattr(error, "hint", "")
    return f"{message}{place}" + (f"\n  → {hint}" if hint else "")


def print_json(value: Any) -> None:
    """One JSON value on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def print_table(header: Sequence[str], rows: Iterable[Sequence[Any]], *, caption: str = "") -> None:
    """A table for people; text is never read as markup.

    Where its columns have no room beside each other, each row becomes a block of lines, a column a line, as psql's
    expanded display does. What goes to a file or a pipe is as wide as it needs to be.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [[Text("NULL", style="dim") if value is None else Text(str(value)) for value in row] for row in rows]
    console = Console()
    widths = [
        max(Text(name).cell_len, *(_width(row[column]) for row in cells)) if cells else Text(name).cell_len
        for column, name in enumerate(header)
    ]
    if not console.is_terminal:
        console = Console(width=max(console.width, sum(widths) + 3 * len(widths)))
    narrow = sum(min(width, _FOLDED_FROM) + 3 for width in widths) > console.width
    if narrow and cells:
        for number, row in enumerate(cells, 1):
            block = Table(title=f"row {number}", title_justify="left", show_header=False, show_edge=False)
            block.add_column(style="bold", no_wrap=True)
            block.add_column(overflow="fold")
            for name, value in zip(header, row, strict=True):
                block.add_row(Text(name), value)
            console.print(block)
    else:
        table = Table(show_edge=False, header_style="bold")
        for name in header:
            table.add_column(Text(name), overflow="fold")
        for row in cells:
            table.add_row(*row)
        console.print(table)
    if caption:
        console.print(Text(caption, style="dim"))


def _width(text: Text) -> int:
    """Of its longest line, in terminal cells."""
    return max((line.cell_len for line in text.split(allow_blank=True)), default=0)
