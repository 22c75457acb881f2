"""A script cut into statements at its semicolons."""

from __future__ import annotations

from dataclasses import dataclass

from olo_jupyter.lakehouse.sql.lexer import line_and_column, segments


@dataclass(frozen=True)
class Part:
    """One statement of a script.

    Args:
        text: The statement without its semicolon and the blanks around it; comments stay.
        offset: Where ``text`` begins in the script, 0-based.
        line: 1-based line of that place: error lines in the statement count from here (``line + error.line - 1``).
        column: 1-based column of that place; holds for errors in the statement's first line.
    """

    text: str
    offset: int
    line: int
    column: int


def split(text: str) -> list[Part]:
    """The statements of a script, in order; stretches with nothing but blanks and comments are left out.

    Raises:
        QueryError: syntax-error: a string, quoted name or comment isn't closed.

    Example:
        >>> [part.text for part in split("select ';' ; -- one; two\\n ; select 2")]
        ["select ';'", 'select 2']
    """
    parts: list[Part] = []
    start, code = 0, False

    def close(end: int) -> None:
        raw = text[start:end]
        if code:
            offset = start + len(raw) - len(raw.lstrip())
            parts.append(Part(raw.strip(), offset, *line_and_column(text, offset)))

    for segment in segments(text):
        if segment.kind != "code":
            code = code or segment.kind != "comment"
            continue
        at = segment.start
        while (semicolon := text.find(";", at, segment.end)) >= 0:
            code = code or bool(text[at:semicolon].strip())
            close(semicolon)
            start, code, at = semicolon + 1, False, semicolon + 1
        code = code or bool(text[at : segment.end].strip())
    close(len(text))
    return parts
