"""sqlfmt on a model's text."""

from __future__ import annotations


def formatted(text: str) -> tuple[str, str | None]:
    """The text as sqlfmt formats it; unchanged, with the reason, where it can't.

    Example:
        >>> formatted("SELECT 1  AS a\\n")
        ('select 1 as a\\n', None)
    """
    from sqlfmt.api import format_string
    from sqlfmt.exception import SqlfmtError
    from sqlfmt.mode import Mode

    try:
        return format_string(text, Mode(line_length=100, no_progressbar=True, quiet=True)), None
    except (SqlfmtError, RecursionError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return text, f"sqlfmt can't format the model: {reason}"
