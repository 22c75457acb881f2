"""Trino SQL to a tree in which function calls stand as the user wrote them.

sqlglot reads many functions into canonical nodes whose meaning is the average of twenty dialects. The product's promise
is Trino's meaning, so every call stays ``exp.Anonymous`` with Trino's own name; only real syntax (CAST, EXTRACT, TRIM FROM …)
gets nodes of its own.
"""

from __future__ import annotations

from sqlglot.dialects.trino import Trino

_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING", "LISTAGG")


class TrinoText(Trino):
    """sqlglot's Trino dialect without its reading of functions."""

    class Parser(Trino.Parser):
        FUNCTIONS = {}  # noqa: RUF012
        FUNCTION_PARSERS = {  # noqa: RUF012
            name: parser for name, parser in Trino.Parser.FUNCTION_PARSERS.items() if name in _SYNTAX
        }
