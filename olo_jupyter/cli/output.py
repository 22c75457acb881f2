"""What the commands print: errors, tables, JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

FAILED = 1
USED_WRONGLY = 2
_WRONG_USE = frozenset({"config", "no-sql", "bad-parameter", "engine-not-found", "target-not-found", "job-not-found"})


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
    """A table for people; text is never read as markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False, header_style="bold")
    for name in header:
        table.add_column(Text(name), overflow="fold")
    for row in rows:
        table.add_row(*(Text("NULL", style="dim") if value is None else Text(str(value)) for value in row))
    console = Console()
    console.print(table)
    if caption:
        console.print(Text(caption, style="dim"))
