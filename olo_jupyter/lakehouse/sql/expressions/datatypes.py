"""The type written in a CAST, as Trino reads it."""

from __future__ import annotations

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions.duck import unsupported
from olo_jupyter.lakehouse.sql.types import TrinoType

_D = exp.DType
_NAMES = {
    _D.BOOLEAN: "boolean",
    _D.TINYINT: "tinyint",
    _D.SMALLINT: "smallint",
    _D.INT: "integer",
    _D.BIGINT: "bigint",
    _D.FLOAT: "real",
    _D.DOUBLE: "double",
    _D.VARBINARY: "varbinary",
    _D.DATE: "date",
    _D.UUID: "uuid",
    _D.JSON: "json",
    _D.IPADDRESS: "ipaddress",
}
_TIMES = {
    _D.TIME: "time",
    _D.TIMETZ: "time with time zone",
    _D.TIMESTAMP: "timestamp",
    _D.TIMESTAMPTZ: "timestamp with time zone",
}


def read_type(node: exp.DataType) -> TrinoType:
    """The type of ``CAST(… AS node)``; ``timestamp`` alone is timestamp(3), ``decimal`` alone decimal(38,0).

    Raises:
        QueryError: Parameters out of their range.
        Unsupported: A type that this engine doesn't know.
    """
    kind = node.this
    if isinstance(kind, exp.Interval):
        start = kind.args["unit"].this.name.lower()
        return TrinoType("interval year to month" if start == "year" else "interval day to second")
    if kind in _NAMES:
        return TrinoType(_NAMES[kind])
    if kind in _TIMES:
        precision = _numbers(node)
        if precision and precision[0] > 12:
            raise QueryError(
                f"{_TIMES[kind].upper()} precision must be in range [0, 12]: {precision[0]}", code="type-not-found"
            )
        return TrinoType(_TIMES[kind], precision or (3,))
    if kind == _D.DECIMAL:
        numbers = (*_numbers(node), 0)[:2] if _numbers(node) else (38, 0)
        if not 1 <= numbers[0] <= 38 or numbers[1] > numbers[0]:
            raise QueryError(f"Invalid decimal type: decimal({numbers[0]},{numbers[1]})", code="type-not-found")
        return TrinoType("decimal", numbers)
    if kind in (_D.VARCHAR, _D.TEXT):
        return TrinoType("varchar", _numbers(node))
    if kind == _D.CHAR:
        return TrinoType("char", _numbers(node) or (1,))
    if kind == _D.ARRAY:
        return TrinoType("array", (), (_inner(node.expressions[0]),))
    if kind == _D.MAP:
        return TrinoType("map", (), tuple(_inner(item) for item in node.expressions))
    if kind == _D.STRUCT:
        names = tuple(item.name if isinstance(item, exp.ColumnDef) else "" for item in node.expressions)
        return TrinoType("row", (), tuple(_inner(item) for item in node.expressions), names)
    raise unsupported(f"type {node.sql(dialect='trino').lower()}")


def _inner(node: exp.Expression) -> TrinoType:
    kind = node.args.get("kind") if isinstance(node, exp.ColumnDef) else node
    if not isinstance(kind, exp.DataType):
        raise unsupported(f"type {node.sql(dialect='trino').lower()}")
    return read_type(kind)


def _numbers(node: exp.DataType) -> tuple[int, ...]:
    texts = [parameter.name for parameter in node.expressions]
    if not all(text.isdigit() for text in texts):
        raise unsupported(f"type {node.sql(dialect='trino').lower()}")
    return tuple(map(int, texts))
