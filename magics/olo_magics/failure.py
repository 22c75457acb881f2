"""Errors as a cell shows them: no traceback, the place in the user's own cell, what to do now."""

from __future__ import annotations


class CellError(Exception):
    """Stops the cell (and "Run all"); IPython prints ``lines`` in place of a traceback.

    ``error`` is the error behind it, for code that catches this one.
    """

    def __init__(self, error: Exception, lines: list[str]) -> None:
        super().__init__(lines[0])
        self.error = error
        self.lines = lines

    def _render_traceback_(self) -> list[str]:
        return self.lines


def cell_error(error: Exception, cell: str = "", first_line: int = 2) -> CellError:
    """The error for a cell.

    Args:
        error: One of ours: OloError (QueryError with line and column) or the converters' ConvertError.
        cell: The body of the cell, which the error's line counts in.
        first_line: Number that the first line of the body has in the cell.
    """
    message = str(getattr(error, "message", error))
    code = getattr(error, "code", "")
    hint = getattr(error, "hint", "")
    line = getattr(error, "line", None)
    column = getattr(error, "column", None)
    kind = f" [{code}]" if code else ""
    lines = [f"{message}{kind}"]
    body = cell.splitlines()
    if line is not None and 1 <= line <= len(body):
        number = f"{line + first_line - 1} | "
        lines.append(f"  line {line + first_line - 1}" + (f", column {column}" if column else ""))
        lines.append(f"  {number}{body[line - 1]}")
        if column:
            lead = "".join("\t" if char == "\t" else " " for char in body[line - 1][: column - 1])
            lines.append(f"  {' ' * len(number)}{lead}^")
    if hint:
        lines.append(f"  → {hint}")
    return CellError(error, lines)
