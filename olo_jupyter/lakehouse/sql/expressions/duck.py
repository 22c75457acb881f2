"""How a Trino type is held in DuckDB, and how a value of it is written there.

Intervals are integers (months; milliseconds), a char(n) is padded text, json its own text, a timestamp with time zone
is an instant whose zone is UTC, a hyperloglog the hashes of its values.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from olo_jupyter.lakehouse.errors import Unsupported
from olo_jupyter.lakehouse.sql.expressions.typed import draws
from olo_jupyter.lakehouse.sql.types import TrinoType

HINT = "Run it with --engine trino."
_EXACT = {
    "approx_percentile": "element_at(array_sort(array_agg(x)), greatest(1, CAST(ceil(p * count(x)) AS integer)))",
    "approx_distinct": "count(DISTINCT x)",
}
"""What gives the exact answer of a function of which Trino gives an estimate that is its own."""

_NAMES = {
    "unknown": '"NULL"',
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "varchar": "VARCHAR",
    "char": "VARCHAR",
    "varbinary": "BLOB",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "interval year to month": "BIGINT",
    "interval day to second": "BIGINT",
    "uuid": "UUID",
    "hyperloglog": "UHUGEINT[]",
    "json": "VARCHAR",
}


def unsupported(what: str) -> Unsupported:
    """The refusal of ``what``, a phrase such as ``function soundex(varchar)``."""
    return Unsupported(f"The embedded engine doesn't have Trino's {what}.", hint=hint_of(what))


def hint_of(what: str) -> str:
    """What to do where ``what`` of Trino is refused.

    Example:
        >>> hint_of("approx_distinct of 220 to 320 values")
        'Run it with --engine trino, or take the exact answer: count(DISTINCT x).'
    """
    exact = next((text for name, text in _EXACT.items() if name in what), "")
    return f"{HINT.removesuffix('.')}, or take the exact answer: {exact}." if exact else HINT


def duck_type(type_: TrinoType) -> str:
    """DuckDB's type for values of ``type_``.

    Raises:
        Unsupported: There is no faithful one (precisions beyond microseconds, sketches, …).

    Example:
        >>> from olo_jupyter.lakehouse.sql.types import parse_type
        >>> duck_type(parse_type("map(varchar(3), row(a decimal(10,2)))"))
        'MAP(VARCHAR, STRUCT("a" DECIMAL(10,2)))'
    """
    if type_.base == "decimal":
        precision, scale = type_.parameters
        return f"DECIMAL({precision},{scale})"
    if type_.base == "array":
        return f"{duck_type(type_.elements[0])}[]"
    if type_.base == "map":
        return f"MAP({duck_type(type_.elements[0])}, {duck_type(type_.elements[1])})"
    if type_.base == "row":
        fields = (
            f"{identifier(name)} {duck_type(element)}"
            for name, element in zip(field_names(type_), type_.elements, strict=True)
        )
        return f"STRUCT({', '.join(fields)})"
    if type_.base not in _NAMES or (type_.base.startswith("time") and type_.parameters[0] > 6):
        raise unsupported(f"type {type_}")
    return _NAMES[type_.base]


def field_names(row: TrinoType) -> tuple[str, ...]:
    """Names for a row's fields in DuckDB: anonymous ones, and ones that differ only in case, are called by position."""
    names: list[str] = []
    seen: set[str] = set()
    for index, name in enumerate(row.names):
        key = name.lower()
        unique = name if name and key not in seen else f"field{index}"
        seen.add(unique.lower())
        names.append(unique)
    return tuple(names)


_PLAIN = re.compile(r'(\w+|"[^"]+")([.](\w+|"[^"]+"))*|\'[^\']{0,20}\'')


def plain(sql: str) -> bool:
    """Whether ``sql`` is a name or a short literal: free to be written several times."""
    return _PLAIN.fullmatch(sql) is not None


def bound(sql: str, name: str, body: Callable[[str], str]) -> str:
    """``body`` of ``sql``, computed and planned once however often it occurs there, under ``name``.

    Example:
        >>> bound("x", "v", lambda v: f"{v} + {v}"), bound("x + 1", "v", lambda v: f"{v} + {v}")
        ('x + x', 'list_transform([x + 1], lambda v: v + v)[1]')
    """
    if plain(sql):
        return body(sql)
    return f"list_transform([{sql}], lambda {name}: {body(name)})[1]"


def drawn_once(sql: str, name: str, body: Callable[[str], str]) -> str:
    """``body`` of ``sql``; a value that is drawn (random, uuid) is drawn once, as ``name``, however often it occurs.

    Example:
        >>> drawn_once("random()", "d", lambda v: f"{v} + {v}")
        'list_transform([random()], lambda d: d + d)[1]'
    """
    return bound(sql, name, body) if draws(sql) else body(sql)


def text(value: str) -> str:
    """``value`` as a DuckDB string literal."""
    return "'" + value.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """``name`` as a quoted DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'
