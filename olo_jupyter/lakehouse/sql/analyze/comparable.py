"""Which values can be compared for equality and put into order, here with Trino's answer."""

from __future__ import annotations

from sqlglot import exp

from olo_jupyter.lakehouse.sql.parse import fail, refuse
from olo_jupyter.lakehouse.sql.types import TrinoType

_SCALARS = frozenset(
    [
        "boolean",
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double",
        "decimal",
        "varchar",
        "char",
        "varbinary",
        "date",
        "time",
        "timestamp",
        "uuid",
        "json",
        "unknown",
    ]
) | {"timestamp with time zone", "interval year to month", "interval day to second"}
_NOT_COMPARABLE = frozenset(
    [
        "hyperloglog",
        "p4hyperloglog",
        "qdigest",
        "tdigest",
        "setdigest",
        "bingtile",
        "geometry",
        "sphericalgeography",
        "jsonpath",
    ]
)


def require_comparable(type_: TrinoType, node: exp.Expr | None, clause: str) -> None:
    """Values of ``type_`` must have an equality, and DuckDB's must be Trino's.

    Raises:
        QueryError: type-mismatch; ``Unsupported`` where only Trino can.
    """
    if type_.base in _NOT_COMPARABLE:
        raise fail(f"{type_} is not comparable, and therefore cannot be used in {clause}", "type-mismatch", node)
    if type_.base == "map" or type_.base not in _SCALARS | {"array", "row"}:
        raise refuse(f"{clause} over {type_}", node)
    for element in type_.elements:
        require_comparable(element, node, clause)


def require_orderable(type_: TrinoType, node: exp.Expr | None, *, nested: bool) -> None:
    """Values of ``type_`` must have an order, and the engine's must be Trino's.

    Args:
        nested: The engine puts arrays and rows into Trino's order.

    Raises:
        QueryError: type-mismatch; ``Unsupported`` where only Trino can.
    """
    if type_.base in _NOT_COMPARABLE | {"map", "json"}:
        message = f"Type {type_} is not orderable, and therefore cannot be used in ORDER BY"
        raise fail(message, "type-mismatch", node)
    if type_.base in ("array", "row") and nested:
        for element in type_.elements:
            require_orderable(element, node, nested=nested)
    elif type_.base not in _SCALARS or type_.base == "uuid":
        raise refuse(f"ORDER BY over {type_}", node)
