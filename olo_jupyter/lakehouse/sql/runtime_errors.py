"""What DuckDB raises while a lowered statement runs, in Trino's terms."""

from __future__ import annotations

import re

from olo_jupyter.lakehouse.errors import GONE_HINT, QueryCancelled, QueryError, Unsupported, one_line
from olo_jupyter.lakehouse.sql.expressions.duck import HINT, unsupported

_OURS = re.compile(r"olo:([a-z-]+):(.*?)(?:' to INT8|\u200b)", re.DOTALL)
_RULES: tuple[tuple[str, str, str], ...] = (
    # exception class ('' any), pattern of its text, Trino's code
    ("", r"[Dd]ivision by zero", "division-by-zero"),
    ("", r"Argument for ntile", "invalid-function-argument"),
    ("", r"Map keys (must be unique|can not be NULL)", "invalid-function-argument"),
    ("", r"Window \w+ (PRECEDING|FOLLOWING) expression", "invalid-window-frame"),
    ("OutOfRangeException", "", "numeric-value-out-of-range"),
    # What is cast from text to a decimal has been checked to be a number: only its size can be wrong.
    ("ConversionException", r"Casting value|Failed to cast decimal|to DECIMAL", "numeric-value-out-of-range"),
    ("ConversionException", r"out of range|Could not cast value|[Oo]verflow", "numeric-value-out-of-range"),
    ("ConversionException", "", "invalid-cast-argument"),
    ("InvalidInputException", r"More than one row returned by a subquery", "subquery-multiple-rows"),
    ("OutOfMemoryException", "", "exceeded-local-memory-limit"),
)
_NAMES = {
    "INT8": "tinyint",
    "INT16": "smallint",
    "INT32": "integer",
    "INT64": "bigint",
    "INT128": "decimal(38,0)",
    "FLOAT": "real",
    "DOUBLE": "double",
    "BOOL": "boolean",
}
_WORDS: tuple[tuple[str, str], ...] = (
    # pattern of DuckDB's text, Trino's words for it; {n}: the name of a type
    (r"[Dd]ivision by zero", "Division by zero"),
    (r"Overflow in subtraction of (\w+) \(0 - (-\d+)\)", "{0} negation overflow: {1}"),
    (r"Overflow in (addition|subtraction|multiplication) of (\w+) \((.*)\)!", "{1} {0} overflow: {2}"),
    (r"Overflow on abs\((-?\d+)\)", "Value {0} is out of range for abs"),
    (r"value ('?)(\S+?)\1 can't be cast because .* destination type (\w+)", "Out of range for {2}: {1}"),
    (r"Failed to cast decimal value (\S+) to type (\w+)", "Cannot cast '{0}' to {1}"),
    (
        r"(?:Could not|Couldn't) (?:convert|cast) (?:string|value) (['\"]?)(.*?)\1 to (\w+(?:\(\d+,\d+\))?)",
        "Cannot cast '{1}' to {2}",
    ),
    (r"\w+ field value out of range: \"(.*)\"", "Value cannot be cast: {0}"),
    (r"More than one row returned by a subquery", "Scalar sub-query has returned multiple rows"),
)
_DAMAGED = re.compile(
    r"don't know what type|TProtocolException|TTransportException|No magic bytes|[Pp]arquet file|"
    r"(?i:zstd|snappy|gzip|lz4|brotli)\W.*(?i:fail|error|corrupt|invalid)|corrupted? (file|page|data)|page header"
)
"""What DuckDB says of a Parquet file whose bytes aren't what they were."""
_GONE = re.compile(r"No files found that match the pattern \"(.*?)\"|Cannot open file \"(.*?)\": No such file")
_DAMAGED_HINT = "An older snapshot may still be whole: SELECT … FOR VERSION AS OF …"
_TRANSLATION = frozenset(
    {"BinderException", "CatalogException", "ParserException", "NotImplementedException", "TypeMismatchException"}
)


def to_query_error(error: Exception) -> QueryError:
    """``error`` of DuckDB as the error that Trino would raise.

    A text of this product's own macros carries Trino's code; the others are told by DuckDB's class and words. What
    DuckDB can't bind or doesn't know is an error of the translation, so it is refused rather than blamed on the user.

    Example:
        >>> class ConversionException(Exception): ...
        >>> to_query_error(ConversionException("… 'olo:division-by-zero:Division by zero' to INT8")).code
        'division-by-zero'
    """
    words, kind = str(error), type(error).__name__
    ours = _OURS.search(words)
    if ours is not None:
        code, message = ours.groups()
        if code == "unsupported":
            return unsupported(message)
        return QueryError(message, code=code)
    if kind == "InterruptException":
        return QueryCancelled("The query was canceled.")
    gone = _GONE.search(words)
    if gone is not None:
        message = f"A data file is gone: {gone.group(1) or gone.group(2)}"
        return QueryError(message, code="iceberg-cannot-open-split", hint=GONE_HINT)
    if _DAMAGED.search(words):
        return QueryError(
            f"A data file can't be read, it is damaged: {one_line(words)}",
            code="iceberg-bad-data",
            hint=_DAMAGED_HINT,
        )
    message = _in_words(words)
    for class_, pattern, code in _RULES:
        if class_ in ("", kind) and re.search(pattern, words):
            return QueryError(message, code=code)
    if kind in _TRANSLATION:
        return Unsupported(f"The embedded engine can't run this statement: {message}", hint=HINT)
    return QueryError(message)


def _in_words(words: str) -> str:
    """The first line of DuckDB's text as Trino would word it, without DuckDB's names of types and its advice.

    Example:
        >>> _in_words("Out of Range Error: Overflow in addition of INT32 (1 + 2147483647)!")
        'integer addition overflow: 1 + 2147483647'
    """
    first = re.sub(r"^[A-Za-z ]+ Error: ", "", words.strip().partition("\n")[0])
    for pattern, wanted in _WORDS:
        found = re.search(pattern, first)
        if found is not None:
            return wanted.format(*(_NAMES.get(group, group) for group in found.groups()))
    return first
