"""The door of this room: a node of the parsed tree becomes Spark's text with Trino's type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import comparisons, literals, special, zones
from olo_jupyter.lakehouse.sql.expressions import conditionals as shapes
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, INTEGERS
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.datatypes import read_type
from olo_jupyter.lakehouse.sql.expressions.lambdas import LambdaScope
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.expressions.walk import Walk
from olo_jupyter.lakehouse.sql.spark import aggregates, functions, lambdas, operators, windows, zoned
from olo_jupyter.lakehouse.sql.spark.casts import cast, coerce, shadow
from olo_jupyter.lakehouse.sql.spark.instants import instant
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.text import (
    bound,
    constant,
    fail,
    identifier,
    literal,
    row_fields,
    unsupported,
)
from olo_jupyter.lakehouse.sql.types import BIGINT, BOOLEAN, JSON, VARCHAR, TrinoType

_OWN_ESCAPE = "\x01"


class SparkWalk(Walk):
    """Spark's words, of which only those are used that were compared with Trino's answers."""

    def lower(self, node: exp.Expr, env: Environment) -> Typed:
        if not isinstance(node, exp.Placeholder | exp.Parameter):  # a bound value: tests/services/test_spark_engine.py
            need(f"expression {type(node).__name__}")
        return super().lower(node, env)

    def known(self, value: Typed) -> Typed:
        return Typed(constant(value.constant, value.type), value.type, value.constant)

    def arithmetic(self, op: str, left: Typed, right: Typed) -> Typed:
        return operators.arithmetic(op, left, right)

    def negate(self, value: Typed) -> Typed:
        return operators.negate(value)

    def comparison(self, op: str, left: Typed, right: Typed) -> Typed:
        return operators.comparison(op, left, right)

    def rows(self, op: str, left: list[Typed], right: list[Typed]) -> Typed:
        comparisons.row_comparison(op, list(map(shadow, left)), list(map(shadow, right)))
        if op not in ("=", "<>"):
            raise unsupported(f"operator {op} on rows")
        tests = (operators.comparison("=", a, b).sql for a, b in zip(left, right, strict=True))
        joined = f"({' AND '.join(tests)})"
        return Typed(joined if op == "=" else f"(NOT {joined})", BOOLEAN)

    def quantified(self, op: str, node: exp.Binary, env: Environment) -> Typed:
        kind = (op, isinstance(node.expression, exp.Any))
        if kind not in (("=", True), ("<>", False)):
            raise unsupported(f"comparison {op} {'ANY' if kind[1] else 'ALL'} of a subquery")
        found = self._looked_up(node.this, node.expression.this, env, plain=_filters(node) and op == "=")
        return found if op == "=" else Typed(f"(NOT {found.sql})", BOOLEAN)

    def in_query(self, node: exp.In, env: Environment) -> Typed:
        return self._looked_up(node.this, node.args["query"], env, plain=_filters(node))

    def _looked_up(self, node: exp.Expr, query: exp.Expr, env: Environment, *, plain: bool) -> Typed:
        """``node IN (query)``. But for conjuncts of WHERE, Spark takes an unknown answer for false."""
        inner = query.unnest() if isinstance(query, exp.Subquery) else query
        assert isinstance(inner, exp.Query)
        if isinstance(node, exp.Tuple):
            raise unsupported("IN of a row and a subquery")
        need(f"IN of a subquery{' in WHERE' if plain else ''}")
        value, column = self.lower(node, env), env.subquery_column(inner)
        if column.type.base in FLOATS:
            raise unsupported(f"a look-up in the {column.type} values of a subquery")
        left, right = zones.instants(value), zones.instants(column)
        shapes.matched(shadow(left), Typed("(x)", right.type))
        common = common_type((left.type, right.type))
        assert common is not None
        operators.comparable(left, Typed("x", right.type))
        rows = right.sql
        if right.type != common:
            rows = f"(SELECT {coerce(Typed('v', right.type), common).sql} FROM {right.sql} AS q(v))"
        sought = coerce(left, common).sql
        found = f"({sought} IN {rows})"
        if plain:
            return Typed(found, BOOLEAN)
        unknown = f"({sought} IS NULL AND EXISTS {rows}) OR EXISTS (SELECT 1 FROM {rows} AS q(v) WHERE v IS NULL)"
        return Typed(f"(CASE WHEN {found} THEN true WHEN {unknown} THEN NULL ELSE false END)", BOOLEAN)

    def condition(self, value: Typed, what: str) -> str:
        return operators.condition(value, what)

    def distinct(self, left: Typed, right: Typed, negated: bool) -> Typed:
        return operators.distinct(left, right, negated)

    def between(self, value: Typed, low: Typed, high: Typed) -> Typed:
        return operators.between(value, low, high)

    def is_in(self, value: Typed, items: list[Typed]) -> Typed:
        return operators.is_in(value, items)

    def like(self, value: Typed, pattern: Typed, escape: Typed | None) -> Typed:
        shapes.like(shadow(value), shadow(pattern), shadow(escape) if escape is not None else None)
        a, b = (one.sql if one.type.base == "char" else coerce(one, VARCHAR).sql for one in (value, pattern))
        if escape is not None:
            return Typed(f"({a} LIKE {b} ESCAPE {literal(str(escape.constant))})", BOOLEAN)
        if isinstance(pattern.constant, str) and "\\" not in pattern.constant:
            return Typed(f"({a} LIKE {b})", BOOLEAN)
        # Without ESCAPE Trino has no escape character, Spark the backslash.
        own = literal(_OWN_ESCAPE)
        return Typed(f"({a} LIKE replace({b}, {own}, {literal(_OWN_ESCAPE * 2)}) ESCAPE {own})", BOOLEAN)

    def case(self, operand: Typed | None, branches: list[tuple[Typed, Typed]], default: Typed) -> Typed:
        shadows = [(shadow(a), shadow(b)) for a, b in branches]
        common = shapes.case(shadow(operand) if operand is not None else None, shadows, shadow(default)).type
        parts = []
        for test, value in branches:
            holds = (
                operators.comparison("=", operand, test).sql
                if operand is not None
                else operators.condition(test, "CASE WHEN clause")
            )
            parts.append(f"WHEN {holds} THEN {coerce(value, common).sql}")
        return Typed(f"(CASE {' '.join(parts)} ELSE {coerce(default, common).sql} END)", common)

    def cast(self, node: exp.Cast, value: Typed, target: TrinoType, env: Environment) -> Typed:
        return self._cast_to(node, value, target, attempt=False)

    def try_cast(self, node: exp.TryCast | exp.Cast, value: Typed, target: TrinoType) -> Typed:
        return self._cast_to(node, value, target, attempt=True)

    def _cast_to(self, node: exp.Cast | exp.TryCast, value: Typed, target: TrinoType, *, attempt: bool) -> Typed:
        if target == JSON:
            raise unsupported("type json")
        if target.base == zones.ZONED and isinstance(value.constant, str):
            parts = zones.split_literal(value.constant)
            if parts is not None:
                name = zones.zone(parts[1])
                plain = self.known(literals.string(parts[0]))
                if not name:
                    return cast(plain, target, attempt=attempt)
                if attempt:
                    raise unsupported(f"TRY_CAST to a timestamp in the time zone {name}")
                need("literal in a zone")
                type_ = replace(target, zone=name)
                return Typed(instant(cast(plain, TrinoType("timestamp", target.parameters)).sql, type_), type_)
        made = cast(value, target, attempt=attempt)
        if node.meta.get("literal") and isinstance(value.constant, str):
            made = Typed(made.sql, made.type, made.constant)
        return made

    def array_of(self, items: list[Typed]) -> Typed:
        type_ = shapes.array_of(list(map(shadow, items))).type
        return Typed(f"array({', '.join(coerce(item, type_.elements[0]).sql for item in items)})", type_)

    def row(self, items: list[Typed]) -> Typed:
        return row(items)

    def field(self, base: Typed, name: str) -> Typed:
        special.field(shadow(base), name)
        return field(base, [known.lower() for known in base.type.names].index(name.lower()))

    def subscript(self, base: Typed, index: Typed) -> Typed:
        type_ = special.subscript(shadow(base), shadow(index)).type
        need(f"subscript of {base.type.base}")
        if base.type.base == "unknown":
            return literals.null()
        if base.type.base == "row":
            assert isinstance(index.constant, int)
            return field(base, index.constant - 1)
        if base.type.base == "map":
            key = coerce(index, base.type.elements[0]).sql
            return Typed(bound(base.sql, lambda m: _of_key(m, key)), type_)
        assert can_coerce(index.type, BIGINT)

        def at(a: str) -> str:
            return bound(coerce(index, BIGINT).sql, lambda i: _at(a, i))

        return Typed(bound(base.sql, at), type_)

    def at_time_zone(self, value: Typed, zone: Typed, env: Environment) -> Typed:
        return zoned.at_timezone([value, zone], env)

    def call(self, name: str, arguments: Sequence[Typed | exp.Lambda], env: Environment) -> Typed:
        return functions.scalar(name, arguments, env, self._lambda)

    def lazy(self, name: str, nodes: list[exp.Expr], env: Environment) -> Typed | None:
        if name == "try":
            return self._try(nodes, env)
        return lambdas.call(name, nodes, env, self.lower, self._lambda)

    def _try(self, nodes: list[exp.Expr], env: Environment) -> Typed:
        if len(nodes) != 1:
            raise QueryError("The 'try' function must have exactly one argument", code="invalid-function-argument")
        inner = nodes[0].unnest()
        if isinstance(inner, exp.Cast):
            value = self.lower(inner.this, env)
            if (
                value.constant is not None
                and "raise_error" not in value.sql
                and "CAST(" not in value.sql.replace("CAST(NULL", "")
            ):
                return self.try_cast(inner, value, read_type(inner.to))
        if isinstance(inner, exp.Column | exp.Literal | exp.Null):
            return self.lower(inner, env)
        if isinstance(inner, exp.Div | exp.Mod):
            return self._try_divide(inner, env)
        raise unsupported("TRY around this expression")

    def _try_divide(self, node: exp.Div | exp.Mod, env: Environment) -> Typed:
        """``TRY(a / b)`` of integers that can fail in no other way than by a zero."""
        left, right = self.lower(node.this, env), self.lower(node.expression, env)
        plain = all(isinstance(each.unnest(), exp.Column | exp.Literal) for each in (node.this, node.expression))
        if not plain or left.type.base not in INTEGERS or right.type.base not in INTEGERS:
            raise unsupported("TRY around this expression")
        need("TRY of a division")
        symbol = "/" if isinstance(node, exp.Div) else "%"
        nonzero = replace(right, sql=f"nullif({right.sql}, {constant(0, right.type)})")
        return operators.arithmetic(symbol, left, nonzero)

    def aggregate(self, node: exp.Expr, env: Environment) -> Typed:
        return aggregates.aggregate(node, env, self.lower)

    def listagg(self, node: exp.GroupConcat, env: Environment) -> Typed:
        return aggregates.listagg(node, env, self.lower)

    def window(self, node: exp.Window, env: Environment) -> Typed:
        return windows.window(node, env, self.lower)

    def _lambda(self, node: exp.Lambda, types: list[TrinoType], env: Environment) -> Typed:
        """``x -> …``: its parameters under names that no column has."""
        depth, around = 0, env
        while isinstance(around, LambdaScope):
            depth, around = depth + 1, around.outer
        names = {parameter.name.lower(): f"l{depth}_{at}" for at, parameter in enumerate(node.expressions)}
        values = {name: Typed(text, type_) for (name, text), type_ in zip(names.items(), types, strict=True)}
        body = self.lower(node.this, LambdaScope(env, values, self.field))
        listed = ", ".join(names.values())
        return Typed(f"{listed if len(names) == 1 else f'({listed})'} -> {body.sql}", body.type)


lower = SparkWalk().lower


def _filters(node: exp.Expr) -> bool:
    """Whether ``node`` is a conjunct of WHERE, where it makes no difference whether it is false or NULL."""
    above = node.parent
    if isinstance(above, exp.Paren | exp.Not):
        while isinstance(above, exp.Paren):
            above = above.parent
        above = above.parent if isinstance(above, exp.Not) else above
    while isinstance(above, exp.Paren | exp.And):
        above = above.parent
    return isinstance(above, exp.Where)


def row(items: list[Typed]) -> Typed:
    """``ROW(a, b)``."""
    type_ = TrinoType("row", (), tuple(item.type for item in items), ("",) * len(items))
    listed = (f"{literal(name)}, {item.sql}" for name, item in zip(row_fields(type_), items, strict=True))
    return Typed(f"named_struct({', '.join(listed)})", type_)


def field(value: Typed, at: int) -> Typed:
    """The field of a row at a place, from 0."""
    return Typed(f"{value.sql}.{identifier(row_fields(value.type)[at])}", value.type.elements[at])


def _of_key(m: str, key: str) -> str:
    missing = fail("invalid-function-argument", f"'Key not present in map: ', CAST({key} AS STRING)")
    there = f"{m} IS NULL OR {key} IS NULL OR map_contains_key({m}, {key})"
    return f"(CASE WHEN {there} THEN element_at({m}, {key}) ELSE {missing} END)"


def _at(a: str, i: str) -> str:
    bad = fail("invalid-function-argument", f"'Array subscript out of bounds: ', CAST({i} AS STRING)")
    return f"(CASE WHEN {a} IS NULL OR {i} IS NULL THEN NULL WHEN {i} < 1 OR {i} > size({a}) THEN {bad} ELSE element_at({a}, CAST({i} AS INT)) END)"
