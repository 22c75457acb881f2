"""Rows near those that are there: NULL, the values that a query compares with, their neighbours, keys of nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlglot import exp

from olo_converters.capture import ColumnFact, Row
from olo_converters.graph.sql_effects import read_sql

NOBODY = "nobody"
"""A text that joins nothing."""


def variations(
    query: str, columns: Sequence[ColumnFact], rows: Sequence[Row], values: Mapping[str, Any]
) -> tuple[Row, ...]:
    """Each row with one column changed, and each row once more.

    Args:
        query: The Trino SQL that reads the rows.
        columns: Of the rows; sensitive ones become NULL at most.
        values: Of ``:name`` parameters.
    """
    compared, joined = _compared(query, values)
    found: list[Row] = []
    for row in rows:
        found.append(row)
        for column in columns:
            name = column.name
            if name not in row or (name.lower() not in compared and name.lower() not in joined):
                continue
            news = [None]
            if not column.is_sensitive:
                news += list(_typed(column.type, compared.get(name.lower(), ())))
                if name.lower() in joined:
                    news += list(_unknown(row[name]))
            found += [{**row, name: new} for new in news if new != row[name] or type(new) is not type(row[name])]
    return tuple(found)


def _compared(query: str, values: Mapping[str, Any]) -> tuple[dict[str, list[Any]], set[str]]:
    """By column, the values that it is compared with (every column of the text is there); columns that join."""
    compared: dict[str, list[Any]] = {}
    joined: set[str] = set()
    for tree in read_sql(query).statements:
        for column in tree.find_all(exp.Column):
            compared.setdefault(column.name.lower(), [])
        for predicate in tree.find_all(exp.Predicate, exp.Case):
            names = {one.name.lower() for one in _own(predicate, exp.Column)}
            literals = [one.this if one.is_string else _number(one.this) for one in _own(predicate, exp.Literal)]
            literals += [values[str(one.this)] for one in _own(predicate, exp.Placeholder) if str(one.this) in values]
            for name in names:
                compared.setdefault(name, []).extend(literals)
            if isinstance(predicate, exp.EQ) and isinstance(predicate.left, exp.Column) and len(names) in (1, 2):
                joined |= names if isinstance(predicate.right, exp.Column) else set()
        for join in tree.find_all(exp.Join):
            joined |= {one.name.lower() for one in join.args.get("using") or ()}
    return compared, joined


def _own(node: exp.Expr, kind: type[exp.Expr]) -> Iterator[Any]:
    for one in node.find_all(kind):
        if one.find_ancestor(exp.Query) is node.find_ancestor(exp.Query):
            yield one


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _typed(type_: str, values: Iterable[Any]) -> Iterator[Any]:
    """The values, and those beside them, as a column of a type can have them."""
    kind = type_.partition("(")[0].strip().lower()
    for value in dict.fromkeys(values):
        try:
            if kind in ("tinyint", "smallint", "integer", "bigint"):
                number = int(float(value))
                yield from (number, number + 1, number - 1)
            elif kind in ("double", "real"):
                yield from (float(value), float(value) + 1.0, float(value) - 1.0)
            elif kind == "decimal":
                yield from (Decimal(str(value)), Decimal(str(value)) + 1, Decimal(str(value)) - 1)
            elif kind == "date":
                day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
                yield from (day, day + timedelta(days=1), day - timedelta(days=1))
            elif kind == "timestamp" and "zone" not in type_:
                time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
                yield from (time, time + timedelta(seconds=1), time - timedelta(seconds=1))
            elif kind in ("varchar", "char") and isinstance(value, str):
                yield from (value.replace("%", "").replace("_", "x"), value.replace("%", "") + "x")
        except (ValueError, InvalidOperation, OverflowError):
            continue  # a value of another column in the same comparison


def _unknown(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield 987654
    elif isinstance(value, str):
        yield NOBODY
