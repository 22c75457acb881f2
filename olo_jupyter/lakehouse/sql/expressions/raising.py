"""Errors that lowered text raises: a CAST of ``olo:<trino error code>:<message>``, which can't succeed.

What TRY mustn't take is raised as a time zone that doesn't exist: the one error of DuckDB's that its TRY lets through.
"""

from __future__ import annotations

CAST = "invalid-cast-argument"
ARGUMENT = "invalid-function-argument"
_BEYOND_TRY = frozenset({"unsupported", "generic-internal-error"})
"""Codes that TRY lets through: our own refusals, and what Trino's TRY doesn't take either."""


def fail(code: str, message: str, *, beyond_try: bool = False) -> str:
    """DuckDB text (TINYINT) that raises ``message``, an SQL expression of text, under Trino's error ``code``.

    Args:
        beyond_try: TRY around it doesn't give NULL, as for refusals.
    """
    if beyond_try or code in _BEYOND_TRY:
        zone = f"'olo:{code}:' || {message} || '\u200b'"
        return f"CAST(epoch(timezone({zone}, CAST('2000-01-01' AS TIMESTAMPTZ))) AS TINYINT)"
    return f"CAST('olo:{code}:' || {message} AS TINYINT)"


def fail_text(code: str, message: str) -> str:
    """As ``fail``, where text is expected."""
    return f"CAST({fail(code, message)} AS VARCHAR)"
