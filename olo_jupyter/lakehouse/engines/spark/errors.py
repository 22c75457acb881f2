"""What Spark raises, in Trino's terms, at the user's own line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from olo_jupyter.lakehouse.errors import QueryCancelled, QueryError, Unsupported, one_line
from olo_jupyter.lakehouse.sql.expressions.duck import HINT
from olo_jupyter.lakehouse.sql.spark.text import ENGINE, unsupported

_OURS = re.compile(r"olo:([a-z-]+):([^\n]*)")
_CODES = {
    "DIVIDE_BY_ZERO": "division-by-zero",
    "REMAINDER_BY_ZERO": "division-by-zero",
    "ARITHMETIC_OVERFLOW": "numeric-value-out-of-range",
    "BINARY_ARITHMETIC_OVERFLOW": "numeric-value-out-of-range",
    "CAST_OVERFLOW": "numeric-value-out-of-range",
    "NUMERIC_VALUE_OUT_OF_RANGE": "numeric-value-out-of-range",
    "NUMERIC_OUT_OF_SUPPORTED_RANGE": "numeric-value-out-of-range",
    "DATETIME_OVERFLOW": "numeric-value-out-of-range",
    "INTERVAL_ARITHMETIC_OVERFLOW": "numeric-value-out-of-range",
    "CAST_INVALID_INPUT": "invalid-cast-argument",
    "SCALAR_SUBQUERY_TOO_MANY_ROWS": "subquery-multiple-rows",
    "INVALID_ARRAY_INDEX": "invalid-function-argument",
    "INVALID_ARRAY_INDEX_IN_ELEMENT_AT": "invalid-function-argument",
    "INVALID_INDEX_OF_ZERO": "invalid-function-argument",
    "INVALID_PARAMETER_VALUE": "invalid-function-argument",
    "DUPLICATED_MAP_KEY": "invalid-function-argument",
    "NULL_MAP_KEY": "invalid-function-argument",
    "PARSE_SYNTAX_ERROR": "syntax-error",
    "UNRESOLVED_COLUMN": "column-not-found",
    "TABLE_OR_VIEW_NOT_FOUND": "table-not-found",
    "SCHEMA_NOT_FOUND": "schema-not-found",
    "UNRESOLVED_ROUTINE": "function-not-found",
    "DATATYPE_MISMATCH": "type-mismatch",
    "MISSING_AGGREGATION": "expression-not-aggregate",
}
_UNREACHABLE = re.compile(
    r"UNAVAILABLE|failed to connect|Connection refused|Answer from Java side is empty|Py4JNetworkError"
)
_TRANSLATION = re.compile(
    r"^(UNSUPPORTED|PLAN_VALIDATION|UNRESOLVED|DATATYPE_MISMATCH|PARSE|INVALID_|WRONG_|AMBIGUOUS|INTERNAL_ERROR|NOT_SUPPORTED|_LEGACY_ERROR)"
)


def to_query_error(error: BaseException, *, native: bool = False) -> QueryError:
    """``error`` of Spark (or of the way to it) as the error that Trino would raise.

    What Spark can't resolve in a translated statement is an error of the translation, so it is refused rather than
    blamed on the user; in a ``native`` one it is the user's own.
    """
    words, condition = str(error), _condition(error)
    ours = _OURS.search(words) if condition == "USER_RAISED_EXCEPTION" else None
    if ours is not None:
        code, message = ours[1], ours[2].split(" SQLSTATE:")[0].rstrip()
        if code == "unsupported":
            return unsupported(message)
        return QueryError(message, code=code)
    if "OPERATION_CANCELED" in words or ("cancelled" in words and "Job" in words) or "OPERATION_ABANDONED" in words:
        return QueryCancelled("The query was cancelled.")
    if _UNREACHABLE.search(words) or isinstance(error, ConnectionError) or type(error).__name__ == "Py4JNetworkError":
        return QueryError(
            f"Spark can't be reached: {_reason(words)}",
            code="engine-not-reachable",
            hint="Is the server up? engines.spark.remote in olo.yml says where it is; %olo doctor asks it.",
        )
    if "UNAUTHENTICATED" in words or "PERMISSION_DENIED" in words:
        return QueryError(f"Spark refused: {_reason(words)}", code="access-denied", hint="Look at engines.spark.token.")
    if "does not support time fields" in words or "Spark does not support" in words:
        return Unsupported(f"{ENGINE} can't read this table: {_reason(words)}", hint="Run it with --engine embedded.")
    if (
        "ClassNotFoundException" in words
        or "Cannot find catalog plugin class" in words
        or "No suitable driver" in words
    ):
        return QueryError(
            f"Spark lacks a jar: {_reason(words)}",
            code="engine-not-configured",
            hint="Give it iceberg-spark-runtime-4.1_2.13 and the catalog's JDBC driver: engines.spark.conf "
            "{spark.jars.packages: …}, or on the server's side.",
        )
    code = _CODES.get(condition.partition(".")[0], "")
    line, column = _place(error) if native else (None, None)
    message = _reason(words)
    if (
        code in ("syntax-error", "column-not-found", "function-not-found", "type-mismatch", "expression-not-aggregate")
        and not native
    ):
        code = ""
    if code:
        return QueryError(message, code=code, line=line, column=column)
    if not native and _TRANSLATION.match(condition):
        return Unsupported(f"{ENGINE} can't run this statement: {message}", hint=HINT)
    return QueryError(message, code="query-failed", line=line, column=column)


def _condition(error: BaseException) -> str:
    for name in ("getCondition", "getErrorClass"):
        ask = getattr(error, name, None)
        found = ask() if callable(ask) else None
        if found:
            return str(found)
    match = re.search(r"\[([A-Z][A-Z0-9_.]+)\]", str(error))
    return match[1] if match else ""


def _reason(words: str) -> str:
    """The first line of Spark's text, without its name of the error, its state and its advice on settings."""
    lines = [line for line in words.strip().splitlines() if line.strip()]
    first = lines[0] if lines else ""
    match = re.search(r'details = "(.*?)"', words)
    if match and ("StatusCode" in words):
        first = match[1]
    first = re.sub(r"^\(?[\w.]*(?:Exception|Error)\)?:? ?", "", first)
    first = re.sub(r"^\[[A-Z0-9_.]+\] ", "", first)
    first = re.sub(r" (Use|If necessary set|To return NULL|To tolerate)\b.*?(?=SQLSTATE|$)", "", first)
    return one_line(re.sub(r" ?SQLSTATE: \w+.*$", "", first))


def _place(error: BaseException) -> tuple[int | None, int | None]:
    """Line and column of an error in the statement that Spark parsed."""
    match = re.search(r"\(line (\d+), (?:pos|position) (\d+)\)", str(error))
    if match:
        return int(match[1]), int(match[2]) + 1
    match = re.search(r"; line (\d+) pos (\d+)|== SQL \(line (\d+), position (\d+)\) ==", str(error))
    if match:
        line, column = match[1] or match[3], match[2] or match[4]
        return int(line), int(column) + (1 if match[1] else 0)
    return None, None


def is_spark_error(error: BaseException) -> bool:
    """Whether ``error`` comes from Spark or from the way to it."""
    modules: list[Any] = [each.__module__ for each in type(error).__mro__]
    return any(module.startswith(("pyspark", "py4j", "grpc")) for module in modules) or isinstance(
        error, ConnectionError
    )


@contextmanager
def spark_errors(*, native: bool = False) -> Iterator[None]:
    """Spark's errors as those that Trino would raise."""
    try:
        yield
    except Exception as error:
        if not is_spark_error(error):
            raise
        raise to_query_error(error, native=native) from error
