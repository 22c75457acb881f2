"""One way to write each value in DuckDB, so that values are equal there exactly where Trino holds them not distinct.

Trino (and IS DISTINCT FROM): NULL is NULL, NaN is NaN, 0.0 is -0.0, a map has no order, and all that inside arrays and
rows too.
"""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.duck import field_names, identifier
from olo_jupyter.lakehouse.sql.types import TrinoType


def canonical(value: str, type_: TrinoType, depth: int = 0) -> str:
    """DuckDB SQL that writes ``value`` (SQL) of a Trino type in the one way.

    Example:
        >>> from olo_jupyter.lakehouse.sql.types import parse_type
        >>> canonical("n", parse_type("decimal(10,2)")), canonical("x", parse_type("double"))
        ('n', "CASE WHEN isnan(x) THEN 'NaN'::DOUBLE WHEN x = 0 THEN 0::DOUBLE ELSE x END")
        >>> canonical("v", parse_type("array(real)"))
        "list_transform(v, lambda x0: CASE WHEN isnan(x0) THEN 'NaN'::FLOAT WHEN x0 = 0 THEN 0::FLOAT ELSE x0 END)"
    """
    match type_.base:
        case "double" | "real":
            name = "DOUBLE" if type_.base == "double" else "FLOAT"
            return f"CASE WHEN isnan({value}) THEN 'NaN'::{name} WHEN {value} = 0 THEN 0::{name} ELSE {value} END"
        case "array":
            inner = canonical(f"x{depth}", type_.elements[0], depth + 1)
            return value if inner == f"x{depth}" else f"list_transform({value}, lambda x{depth}: {inner})"
        case "row":
            return _row(value, type_, depth)
        case "map":
            return _map(value, type_, depth)
    return value


def _row(value: str, type_: TrinoType, depth: int) -> str:
    names = field_names(type_)
    parts = [f"{value}.{identifier(name)}" for name in names]
    written = [canonical(part, element, depth) for part, element in zip(parts, type_.elements, strict=True)]
    if written == parts:
        return value
    fields = ", ".join(f"{identifier(name)} := {part}" for name, part in zip(names, written, strict=True))
    return f"CASE WHEN {value} IS NOT NULL THEN struct_pack({fields}) END"


def _map(value: str, type_: TrinoType, depth: int) -> str:
    entry = f"x{depth}"
    key, item = (
        canonical(f"{entry}.{part}", element, depth + 1)
        for part, element in zip(("key", "value"), type_.elements, strict=True)
    )
    entries = f"list_transform(map_entries({value}), lambda {entry}: struct_pack(key := {key}, value := {item}))"
    return f"CASE WHEN {value} IS NOT NULL THEN map_from_entries(list_sort({entries})) END"
