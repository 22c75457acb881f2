"""What DuckDB raises while a lowered statement runs, in Trino's terms."""

from __future__ import annotations

import re

from olo_jupyter.lakehouse.errors import QueryCancelled, QueryError, Unsupported
from olo_jupyter.lakehouse.sql.expressions.duck import HINT

_OURS = re.compile(r"olo:([a-z-]+):(.*?)' to INT8", re.DOTALL)
_RULES: tuple[tuple[str, str, str], ...] = (
    # exception class, pattern of its text, Trino's code
    ("", r"[Dd]ivision by zero", "division-by-zero"),
    ("OutOfRangeException", "", "numeric-value-out-of-range"),
    (
        "ConversionException",
        r"with value -?nan can't be cast|Could not convert string \"nan\" to DECIMAL",
        "invalid-cast-argument",
    ),
    (
        "ConversionException",
        r"out of range for the destination type|value is out of range|Failed to cast decimal"
        r"|Could not cast value|overflow",
        "numeric-value-out-of-range",
    ),
    # A double becomes a decimal by its digits; text that isn't a number is caught before, by a macro of ours.
    ("ConversionException", r"Could not convert string \"[^\"]*\" to DECIMAL", "numeric-value-out-of-range"),
    ("ConversionException", "", "invalid-cast-argument"),
    ("InvalidInputException", r"More than one row returned by a subquery", "subquery-multiple-rows"),
    ("OutOfMemoryException", "", "exceeded-local-memory-limit"),
)


def to_query_error(error: Exception) -> QueryError:
    """``error`` of DuckDB as the error that Trino would raise.

    A text of this product's own macros carries Trino's code; the others are told by DuckDB's class and words. What DuckDB can't
    bind or doesn't know is an error of the translation, so it is refused rather than blamed on the user.

    Example:
        >>> class ConversionException(Exception): ...
        >>> to_query_error(ConversionException("Could not convert string 'olo:division-by-zero:Division by zero' to INT8")).code
        'division-by-zero'
    """
    words, kind = str(error), type(error).__name__
    ours = _OURS.search(words)
    if ours is not None:
        code, message = ours.groups()
        if code == "unsupported":
            return Unsupported(f"The embedded engine doesn't have Trino's {message}.", hint=HINT)
        return QueryError(message, code=code)
    if kind == "InterruptException":
        return QueryCancelled("The query was canceled.")
    first = words.strip().partition("\n")[0]
    message = re.sub(r"^[A-Za-z ]+ Error: ", "", first)
    for class_, pattern, code in _RULES:
        if class_ in ("", kind) and re.search(pattern, words):
            return QueryError(message, code=code)
    if kind in (
        "BinderException",
        "CatalogException",
        "ParserException",
        "NotImplementedException",
        "TypeMismatchException",
    ):
        return Unsupported(f"The embedded engine can't run this statement: {message}", hint=HINT)
    return QueryError(message)
