"""The door of this room: a node of the parsed tree becomes DuckDB text with Trino's type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from olo_jupyter.lakehouse.sql.expressions import (
    aggregates,
    attempts,
    calls,
    comparisons,
    conditionals,
    datetimes,
    guards,
    lambdas,
    literals,
    operators,
    raising,
    replacing,
    special,
    sqljson,
    windows,
    zones,
)
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, cast
from olo_jupyter.lakehouse.sql.expressions.duck import text, unsupported
from olo_jupyter.lakehouse.sql.expressions.typed import DRAWING, Environment, Typed
from olo_jupyter.lakehouse.sql.expressions.walk import Walk
from olo_jupyter.lakehouse.sql.types import BOOLEAN, JSON, TrinoType

_LAZY = {**attempts.LAZY, **lambdas.LAZY, **sqljson.LAZY}


def _drawing_calls(node: exp.Expr) -> int:
    """How many values the user's text draws in ``node``: its lowering must draw each once."""
    return sum(1 for call in node.find_all(exp.Anonymous) if str(call.this).lower() in DRAWING)


class DuckWalk(Walk):
    """DuckDB's words."""

    def lower(self, node: exp.Expr, env: Environment) -> Typed:
        value = super().lower(node, env)
        if value.drawn > _drawing_calls(node):
            raise unsupported("random(), uuid() or shuffle() here, where its value would be drawn more than once")
        return value

    def known(self, value: Typed) -> Typed:
        return value

    def arithmetic(self, op: str, left: Typed, right: Typed) -> Typed:
        return operators.arithmetic(op, left, right)

    def negate(self, value: Typed) -> Typed:
        return operators.negate(value)

    def comparison(self, op: str, left: Typed, right: Typed) -> Typed:
        return comparisons.comparison(op, left, right)

    def rows(self, op: str, left: list[Typed], right: list[Typed]) -> Typed:
        return comparisons.row_comparison(op, left, right)

    def quantified(self, op: str, node: exp.Binary, env: Environment) -> Typed:
        left, right = self._looked_up(self.lower(node.this, env), _query(node.expression.this), env)
        comparisons.comparison(op, left, right)  # refuses what can't be compared
        quantifier = "ANY" if isinstance(node.expression, exp.Any) else "ALL"
        if left.type.base in ("array", "row") and (op, quantifier) not in (("=", "ANY"), ("<>", "ALL")):
            raise unsupported(f"comparison {op} {quantifier} over {left.type}")
        return Typed(f"({left.sql} {op} {quantifier} {right.sql})", BOOLEAN)

    def _looked_up(self, value: Typed, query: exp.Query, env: Environment) -> tuple[Typed, Typed]:
        """``value`` and the values of a query in their common type.

        In a query's values Trino looks an array or a row up as a whole, NULLs and NaN inside included, as DuckDB does.
        """
        left, right = conditionals.matched(value, env.subquery_column(query, as_row=value.type.base == "row"))
        if left.type.base == "map":
            raise unsupported(f"a look-up of {left.type} in a subquery")
        if left.type.base in FLOATS:  # whether a NaN is found depends on Trino's plan
            values = f"(SELECT {guards.number('v', right.type)} FROM {right.sql} AS q(v))"
            return replace(left, sql=guards.number(left.sql, left.type)), Typed(values, right.type)
        return left, right

    def condition(self, value: Typed, what: str) -> str:
        return operators.condition(value, what)

    def distinct(self, left: Typed, right: Typed, negated: bool) -> Typed:
        return comparisons.distinct(left, right, negated)

    def between(self, value: Typed, low: Typed, high: Typed) -> Typed:
        return comparisons.between(value, low, high)

    def is_in(self, value: Typed, items: list[Typed]) -> Typed:
        return comparisons.is_in(value, items)

    def in_query(self, node: exp.In, env: Environment) -> Typed:
        left, right = self._looked_up(self.lower(node.this, env), _query(node.args["query"]), env)
        comparisons.comparison("=", left, right)
        return Typed(f"({left.sql} IN {right.sql})", BOOLEAN)

    def like(self, value: Typed, pattern: Typed, escape: Typed | None) -> Typed:
        return conditionals.like(value, pattern, escape)

    def case(self, operand: Typed | None, branches: list[tuple[Typed, Typed]], default: Typed) -> Typed:
        return conditionals.case(operand, branches, default)

    def cast(self, node: exp.Cast, value: Typed, target: TrinoType, env: Environment) -> Typed:
        if target == JSON and node.meta.get("literal"):
            return special.SPECIAL["json_parse"]([value], env)  # JSON '[1]', unlike CAST('[1]' AS json)
        return _cast(value, target, literal=bool(node.meta.get("literal")))

    def try_cast(self, node: exp.TryCast | exp.Cast, value: Typed, target: TrinoType) -> Typed:
        return attempts.try_cast(value, lambda one: _cast(one, target))

    def array_of(self, items: list[Typed]) -> Typed:
        return conditionals.array_of(items)

    def row(self, items: list[Typed]) -> Typed:
        return special.row(items)

    def field(self, base: Typed, name: str) -> Typed:
        return special.field(base, name)

    def subscript(self, base: Typed, index: Typed) -> Typed:
        return special.subscript(base, index)

    def at_time_zone(self, value: Typed, zone: Typed, env: Environment) -> Typed:
        return datetimes.at_timezone([value, zone], env)

    def call(self, name: str, arguments: Sequence[Typed | exp.Lambda], env: Environment) -> Typed:
        arguments = zones.prepared(name, list(arguments))
        values = [one for one in arguments if isinstance(one, Typed)]
        if name in special.SPECIAL and len(values) == len(arguments):
            return special.SPECIAL[name](values, env)
        return calls.scalar(name, arguments, lambda node, types: lambdas.plain(node, types, env, self.lower))

    def lazy(self, name: str, nodes: list[exp.Expr], env: Environment) -> Typed | None:
        if name in replacing.WITH_LAMBDA and isinstance(nodes[-1], exp.Lambda):
            return replacing.WITH_LAMBDA[name](nodes, env, self.lower)
        return _LAZY[name](nodes, env, self.lower) if name in _LAZY else None

    def aggregate(self, node: exp.Expr, env: Environment) -> Typed:
        return aggregates.aggregate(node, env, self.lower)

    def listagg(self, node: exp.GroupConcat, env: Environment) -> Typed:
        return aggregates.listagg(node, env, self.lower)

    def window(self, node: exp.Window, env: Environment) -> Typed:
        return windows.window(node, env, self.lower)


def _query(node: exp.Expr) -> exp.Query:
    inner = node.unnest() if isinstance(node, exp.Subquery) else node
    assert isinstance(inner, exp.Query)
    return inner


def _cast(value: Typed, target: TrinoType, *, literal: bool = False) -> Typed:
    """A cast; of constant text, which may name a zone, to the type that has it."""
    parts = zones.split_literal(value.constant) if isinstance(value.constant, str) else None
    zone = zones.zone(parts[1]) if parts is not None and target.base == zones.ZONED else ""
    if parts is None or not zone:
        return cast(value, target)
    type_ = TrinoType(zones.ZONED, (6,), zone=zone)
    local = cast(literals.string(parts[0]), TrinoType("timestamp", (6,))).sql
    missing = zones.instant(local, type_)  # java.time goes on from before the gap, too
    if literal:
        message = text(f"'{value.constant}' is not a valid TIMESTAMP literal")
        error = raising.fail("invalid-literal", message, beyond_try=True)  # Trino says it before it runs
        missing = f"CAST({error} AS TIMESTAMPTZ)"
    found = Typed(f"coalesce({zones.instant_of_text(local, type_)}, {missing})", zones.bare(type_))
    return replace(cast(found, target), type=replace(target, zone=zone))


lower = DuckWalk().lower
