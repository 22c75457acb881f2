"""What the commands print: errors, tables, JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import typer

from olo_jupyter.errors import OloError

FAILED = 1
USED_WRONGLY = 2
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
