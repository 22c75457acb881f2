"""Conjuncts of WHERE that may leave out files of a scan. They only ever leave out rows that WHERE would drop anyway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer
from olo_jupyter.lakehouse.sql.analyze.environment import ScopeEnvironment
from olo_jupyter.lakehouse.sql.analyze.owners import ScanOwner
from olo_jupyter.lakehouse.sql.analyze.pins import read_instant
from olo_jupyter.lakehouse.sql.analyze.scope import Column, name_parts
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT
from olo_jupyter.lakehouse.sql.statement import Predicate
from olo_jupyter.lakehouse.sql.types import TrinoType

_FLIPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPERATORS: dict[type[exp.Expr], str] = {exp.EQ: "=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_INTEGERS = ("tinyint", "smallint", "integer", "bigint")
_KINDS = {
    **dict.fromkeys(_INTEGERS, _INTEGERS),
    **{base: (base,) for base in ("varchar", "boolean", "date", "timestamp", "timestamp with time zone")},
}
"""For a column's type, the types of constants that compare with it as they are."""


def add_predicates(
    analyzer: Analyzer, where: exp.Expr, environment: ScopeEnvironment, *, only: ScanOwner | None = None
) -> None:
    """Tell the scans below (or ``only`` one) what the conjuncts of ``where`` say about single stored columns."""
    for conjunct in _conjuncts(where):
        for column, predicate in _predicates(analyzer, conjunct, environment):
            if column.plain and isinstance(column.owner, ScanOwner) and only in (None, column.owner):
                stored = replace(predicate, column=column.owner.stored_name(column))
                column.owner.predicates.append(stored)


def _conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    node = node.unnest()
    if isinstance(node, exp.And):
        yield from _conjuncts(node.this)
        yield from _conjuncts(node.expression)
    else:
        yield node


def _predicates(
    analyzer: Analyzer, node: exp.Expr, environment: ScopeEnvironment
) -> Iterator[tuple[Column, Predicate]]:
    operator = _OPERATORS.get(type(node))
    if operator is not None:
        for side, other, op in (
            (node.this, node.expression, operator),
            (node.expression, node.this, _FLIPPED[operator]),
        ):
            column = _column(side, environment)
            value = NOT_CONSTANT if column is None else _constant(analyzer, other, environment, column)
            if column is not None and value is not NOT_CONSTANT:
                yield column, Predicate(column.name, op, value)  # type: ignore[arg-type]
    elif isinstance(node, exp.Between):
        column = _column(node.this, environment)
        if column is not None:
            for bound, op in ((node.args["low"], ">="), (node.args["high"], "<=")):
                value = _constant(analyzer, bound, environment, column)
                if value is not NOT_CONSTANT:
                    yield column, Predicate(column.name, op, value)  # type: ignore[arg-type]
    elif isinstance(node, exp.In) and node.expressions and not node.args.get("query"):
        column = _column(node.this, environment)
        if column is not None:
            values = [_constant(analyzer, each, environment, column) for each in node.expressions]
            if NOT_CONSTANT not in values:
                yield column, Predicate(column.name, "in", tuple(values))
    elif isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        column = _column(node.this, environment)
        if column is not None and not column.extended:
            yield column, Predicate(column.name, "is-null")
    elif isinstance(node, exp.Not):
        inner = node.this.unnest()
        if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
            column = _column(inner.this, environment)
            if column is not None:
                yield column, Predicate(column.name, "not-null")


def _column(node: exp.Expr, environment: ScopeEnvironment) -> Column | None:
    node = node.unnest()
    parts = name_parts(node)
    if parts is None or not isinstance(node, exp.Column):
        return None
    try:
        column, rest, outer = environment.scope.find([part.name.lower() for part in parts], node)
    except QueryError:
        return None
    return None if rest or outer or not column.plain else column


def _constant(analyzer: Analyzer, node: exp.Expr, environment: ScopeEnvironment, column: Column) -> Any:
    """The value of ``node`` where it is of the very kind of ``column``, so that no coercion can change what it says."""
    node = node.unnest()
    if isinstance(node, exp.Cast) and node.meta.get("literal") and node.to.is_type("date", "timestamp", "timestamptz"):
        instant = read_instant(node.this.this, node)
        return _temporal(instant, node.to, column)
    if not isinstance(node, exp.Literal | exp.Neg | exp.Boolean | exp.Placeholder):
        return NOT_CONSTANT
    if isinstance(node, exp.Neg) and not isinstance(node.this, exp.Literal):
        return NOT_CONSTANT
    value = analyzer.lower(node, environment)
    kinds = _KINDS.get(column.type.base, ())
    if value.constant is NOT_CONSTANT or value.constant is None or value.type.base not in kinds:
        return NOT_CONSTANT
    return value.constant


def _temporal(instant: datetime, type_: exp.DataType, column: Column) -> Any:
    """A date or timestamp literal for a column of the same kind; not where it is finer than microseconds."""
    written: TrinoType = type_.meta["trino"]
    if written.base != column.type.base or (written.parameters and written.parameters[0] > 6):
        return NOT_CONSTANT
    if written.base == "date":
        return instant.date()
    return instant.replace(tzinfo=None) if written.base == "timestamp" else instant
