"""How Trino's types and values are written in Spark's SQL.

Texts are STRING (a char(n) padded), zone-less timestamps TIMESTAMP_NTZ, instants TIMESTAMP in a session whose zone is
UTC; intervals are whole months or milliseconds as BIGINT.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from olo_jupyter.lakehouse.errors import Unsupported
from olo_jupyter.lakehouse.sql.expressions.duck import field_names, hint_of
from olo_jupyter.lakehouse.sql.types import TrinoType

ENGINE = "The Spark engine"

_NAMES = {
    "unknown": "VOID",
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INT",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "varchar": "STRING",
    "char": "STRING",
    "varbinary": "BINARY",
    "date": "DATE",
    "timestamp": "TIMESTAMP_NTZ",
    "timestamp with time zone": "TIMESTAMP",
    "interval year to month": "BIGINT",
    "interval day to second": "BIGINT",
    "uuid": "STRING",
}


def unsupported(what: str) -> Unsupported:
    """The refusal of ``what``, a phrase such as ``function soundex(varchar)``."""
    return Unsupported(f"{ENGINE} doesn't have Trino's {what}.", hint=hint_of(what))


def spark_type(type_: TrinoType) -> str:
    """Spark's type for values of ``type_``.

    Raises:
        Unsupported: There is no faithful one.

    Example:
        >>> from olo_jupyter.lakehouse.sql.types import parse_type
        >>> spark_type(parse_type("map(varchar(3), row(a decimal(10,2)))"))
        'MAP<STRING, STRUCT<`a`: DECIMAL(10,2)>>'
    """
    if type_.base == "decimal":
        precision, scale = type_.parameters
        return f"DECIMAL({precision},{scale})"
    if type_.base == "array":
        return f"ARRAY<{spark_type(type_.elements[0])}>"
    if type_.base == "map":
        return f"MAP<{spark_type(type_.elements[0])}, {spark_type(type_.elements[1])}>"
    if type_.base == "row":
        named = zip(row_fields(type_), type_.elements, strict=True)
        return f"STRUCT<{', '.join(f'{identifier(name)}: {spark_type(element)}' for name, element in named)}>"
    if type_.base not in _NAMES or (type_.base.startswith("timestamp") and type_.parameters[0] > 6):
        raise unsupported(f"type {type_}")
    return _NAMES[type_.base]


def row_fields(type_: TrinoType) -> tuple[str, ...]:
    """Names of a row's fields in Spark.

    Raises:
        Unsupported: Two names differ only in case: Spark takes one for the other.
    """
    lower = [name.lower() for name in type_.names if name]
    if len(set(lower)) < len(lower):
        raise unsupported(f"type {type_}")
    return field_names(type_)


def literal(value: str) -> str:
    """A text as Spark's literal, in which a backslash escapes.

    Example:
        >>> literal("it's a \\\\")
        "'it\\\\'s a \\\\\\\\'"
    """
    plain = value.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + "".join(f"\\u{ord(letter):04x}" if letter < " " else letter for letter in plain) + "'"


def identifier(name: str) -> str:
    """``name`` in backquotes."""
    return "`" + name.replace("`", "``") + "`"


def constant(value: Any, type_: TrinoType) -> str:
    """A Python value as a literal of ``type_``."""
    if value is None:
        return "NULL" if type_.base == "unknown" else f"CAST(NULL AS {spark_type(type_)})"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if isinstance(value, float):
        return f"CAST('{'Infinity' if value == float('inf') else '-Infinity' if value == float('-inf') else value!r}' AS DOUBLE)"
    if isinstance(value, Decimal):
        return f"CAST('{value:f}' AS {spark_type(type_)})"
    return f"CAST({value} AS {spark_type(type_)})"


def fail(code: str, message: str) -> str:
    """What raises an error of Trino's: ``message`` is the text of an expression."""
    return f"raise_error(concat('olo:{code}:', {message}))"


def refuse(what: str) -> str:
    """What refuses a value while it runs."""
    return f"raise_error({literal('olo:unsupported:' + what)})"


_DRAWN = re.compile(r"\b(rand|uuid)\(")
_SIMPLE = re.compile(r"[\w.`]+|'[^']{0,40}'|CAST\([\w.' -]{1,40} AS [\w(), ]+\)")


def bound(sql: str, body: Callable[[str], str]) -> str:
    """``body`` of ``sql``, which is computed once where it is long or drawn.

    But for a subquery, which Spark has in no lambda.

    Example:
        >>> bound("x", lambda v: f"{v} + {v}")
        'x + x'
        >>> bound("rand()", lambda v: f"{v} + {v}")
        'transform(array(rand()), b3635578526 -> b3635578526 + b3635578526)[0]'
    """
    if _SIMPLE.fullmatch(sql) or "SELECT " in sql or (len(sql) < 200 and not _DRAWN.search(sql)):
        return body(sql)
    name = f"b{zlib.crc32(sql.encode())}"
    return f"transform(array({sql}), {name} -> {body(name)})[0]"
