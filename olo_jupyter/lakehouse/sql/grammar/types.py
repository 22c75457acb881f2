"""Types as they are written in CAST and in column lists."""

from __future__ import annotations

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.grammar.cursor import Cursor
from olo_jupyter.lakehouse.sql.grammar.tokens import error
from olo_jupyter.lakehouse.sql.types import TrinoType, parse_type

_D = exp.DType
_KINDS = {
    "boolean": _D.BOOLEAN,
    "tinyint": _D.TINYINT,
    "smallint": _D.SMALLINT,
    "integer": _D.INT,
    "bigint": _D.BIGINT,
    "real": _D.FLOAT,
    "double": _D.DOUBLE,
    "decimal": _D.DECIMAL,
    "varchar": _D.VARCHAR,
    "char": _D.CHAR,
    "varbinary": _D.VARBINARY,
    "json": _D.JSON,
    "date": _D.DATE,
    "time": _D.TIME,
    "time with time zone": _D.TIMETZ,
    "timestamp": _D.TIMESTAMP,
    "timestamp with time zone": _D.TIMESTAMPTZ,
    "uuid": _D.UUID,
    "ipaddress": _D.IPADDRESS,
    "array": _D.ARRAY,
    "map": _D.MAP,
    "row": _D.STRUCT,
}

_OTHERS = frozenset(
    {"interval year to month", "interval day to second", "bingtile", "color", "geometry", "hyperloglog", "ipprefix"}
    | {
        "jsonpath",
        "number",
        "p4hyperloglog",
        "qdigest",
        "setdigest",
        "sphericalgeography",
        "tdigest",
        "unknown",
        "variant",
    }
)
"""Types of Trino that no expression here has."""


def read_type(cursor: Cursor, *, unknown_code: str = "type-not-found") -> TrinoType:
    """A type, as Trino's value; ``unknown_code`` is the error's where there is no such type.

    Raises:
        QueryError: syntax-error, type-not-found.
    """
    start = cursor.at
    _skip(cursor)
    # A field's name that isn't quoted is in lower case, unlike a column's, which is shown as it was written.
    read = cursor.tokens[start : cursor.at]
    text = " ".join(token.text if token.kind == "quoted" else token.text.lower() for token in read)
    try:
        type_ = parse_type(text)
    except ValueError as failure:
        raise error(cursor.source, cursor.tokens[start].start, f"'{text}' isn't a type") from failure
    unknown = _unknown(type_)
    if unknown:
        line, column = cursor.source.place(cursor.tokens[start].start)
        hint = "Write decimal." if unknown in ("dec", "numeric") else ""
        raise QueryError(f"Unknown type: {unknown}", code=unknown_code, hint=hint, line=line, column=column)
    while cursor.take("ARRAY"):
        type_ = TrinoType("array", (), (type_,))
    return type_


def _unknown(type_: TrinoType) -> str:
    """The first name in a type that is none of Trino's types, '' where there is none."""
    if type_.base not in _KINDS and type_.base not in _OTHERS:
        return type_.base
    return next(filter(None, map(_unknown, type_.elements)), "")


def _skip(cursor: Cursor) -> None:
    if cursor.token.kind not in ("word", "quoted"):
        raise cursor.mismatch("<type>")
    first = cursor.next().upper
    if first == "INTERVAL":
        cursor.identifier()
        cursor.expect("TO")
        cursor.identifier()
        return
    if first == "DOUBLE":
        cursor.take("PRECISION")
    if cursor.take("("):
        depth = 1
        while depth:
            if cursor.token.kind == "end":
                raise cursor.mismatch("')'")
            depth += {"(": 1, ")": -1}.get(cursor.next().text, 0)
    if first in ("TIME", "TIMESTAMP") and cursor.sees_any("WITH", "WITHOUT") and cursor.ahead().upper == "TIME":
        cursor.next()
        cursor.expect("TIME", "ZONE")


def data_type(type_: TrinoType) -> exp.DataType:
    """A type as sqlglot's node, whose ``meta`` has Trino's own under ``trino``."""
    expressions: list[exp.Expr] = [exp.DataTypeParam(this=exp.Literal.number(number)) for number in type_.parameters]
    if type_.base == "row":
        expressions = [
            exp.ColumnDef(this=exp.Identifier(this=name, quoted=False), kind=data_type(element))
            if name
            else data_type(element)
            for name, element in zip(type_.names, type_.elements, strict=True)
        ]
    elif type_.elements:
        expressions = [data_type(element) for element in type_.elements]
    if type_.base.startswith("interval"):
        first, last = ("YEAR", "MONTH") if "year" in type_.base else ("DAY", "SECOND")
        span = exp.IntervalSpan(this=exp.Var(this=first), expression=exp.Var(this=last))
        node = exp.DataType(this=exp.Interval(unit=span))
    elif type_.base in _KINDS:
        node = exp.DataType(this=_KINDS[type_.base], expressions=expressions, nested=bool(type_.elements))
    else:
        node = exp.DataType(this=_D.USERDEFINED, kind=type_.base)
    node.meta["trino"] = type_
    return node
