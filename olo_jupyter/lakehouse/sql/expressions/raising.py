"""Errors that lowered text raises: a CAST of ``olo:<trino error code>:<message>``, which can't succeed."""

from __future__ import annotations

CAST = "invalid-cast-argument"
ARGUMENT = "invalid-function-argument"


def fail(code: str, message: str) -> str:
    """DuckDB text (TINYINT) that raises ``message``, an SQL expression of text, under Trino's error ``code``."""
    return f"CAST('olo:{code}:' || {message} AS TINYINT)"


def fail_text(code: str, message: str) -> str:
    """As ``fail``, where text is expected."""
    return f"CAST({fail(code, message)} AS VARCHAR)"
