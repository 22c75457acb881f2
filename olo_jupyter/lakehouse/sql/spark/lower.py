"""The door of this room: a node of the parsed tree becomes Spark's text with Trino's type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import comparisons, datetimes, literals, special, zones
from olo_jupyter.lakehouse.sql.expressions import conditionals as shapes
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.datatypes import read_type
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.spark import aggregates, functions, operators, windows
from olo_jupyter.lakehouse.sql.spark.casts import cast, coerce, shadow
from olo_jupyter.lakehouse.sql.spark.text import (
    bound,
    constant,
    fail,
    identifier,
    literal,
    row_fields,
    unsupported,
)
from olo_jupyter.lakehouse.sql.types import BIGINT, BOOLEAN, JSON, UNKNOWN, VARCHAR, TrinoType


def lower(node: exp.Expr, env: Environment) -> Typed:
    """Lower an expression to Spark's text whose value and type are Trino's; see ``Dialect.lower``."""
    build = _NODES.get(type(node))
    if build is not None:
        return build(node, env)
    if isinstance(node, exp.Query):
        return env.scalar_subquery(node)
    raise unsupported(f"expression {type(node).__name__.upper()}")


_Build = Callable[[Any, Environment], Typed]
_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip


def _known(value: Typed) -> Typed:
    """A literal that the shared rules have read, in Spark's words."""
    return Typed(constant(value.constant, value.type), value.type, value.constant)


def _arithmetic(node: exp.Binary, env: Environment) -> Typed:
    return operators.arithmetic(_ARITHMETIC[type(node)], lower(node.this, env), lower(node.expression, env))


def _comparison(node: exp.Binary, env: Environment) -> Typed:
    symbol, right = _COMPARISONS[type(node)], node.expression
    if isinstance(right, exp.Any | exp.All):
        kind = (symbol, isinstance(right, exp.Any))
        if kind not in (("=", True), ("<>", False)):
            raise unsupported(f"comparison {symbol} {'ANY' if kind[1] else 'ALL'} of a subquery")
        found = _in_query(node.this, right.this, env, plain=_filters(node) and symbol == "=")
        return found if symbol == "=" else Typed(f"(NOT {found.sql})", BOOLEAN)
    if isinstance(node.this, exp.Tuple) and isinstance(right, exp.Tuple):
        return _rows(symbol, _items(node.this, env), _items(right, env))
    return operators.comparison(symbol, lower(node.this, env), lower(right, env))


def _rows(symbol: str, left: list[Typed], right: list[Typed]) -> Typed:
    comparisons.row_comparison(symbol, list(map(shadow, left)), list(map(shadow, right)))
    if symbol not in ("=", "<>"):
        raise unsupported(f"operator {symbol} on rows")
    tests = (operators.comparison("=", a, b).sql for a, b in zip(left, right, strict=True))
    joined = f"({' AND '.join(tests)})"
    return Typed(joined if symbol == "=" else f"(NOT {joined})", BOOLEAN)


def _items(node: exp.Tuple, env: Environment) -> list[Typed]:
    return [lower(item, env) for item in node.expressions]


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


def _in_query(node: exp.Expr, query: exp.Expr, env: Environment, *, plain: bool) -> Typed:
    """``node IN (query)``. But for conjuncts of WHERE, Spark takes an unknown answer for false."""
    inner = query.unnest() if isinstance(query, exp.Subquery) else query
    assert isinstance(inner, exp.Query)
    if isinstance(node, exp.Tuple):
        raise unsupported("IN of a row and a subquery")
    value, column = lower(node, env), env.subquery_column(inner)
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


def _negate(node: exp.Neg, env: Environment) -> Typed:
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.is_string:
        return _known(literals.literal(inner, negative=True))
    return operators.negate(lower(inner, env))


def _connector(op: str) -> _Build:
    def build(node: exp.Connector, env: Environment) -> Typed:
        terms = list(node.flatten(unnest=False))
        texts = [operators.condition(lower(term, env), f"Logical expression term of {op}") for term in terms]
        return Typed(f"({f' {op} '.join(texts)})", BOOLEAN)

    return build


def _not(node: exp.Not, env: Environment) -> Typed:
    inner = node.this
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
        return Typed(f"({lower(inner.this, env).sql} IS NOT NULL)", BOOLEAN)
    return Typed(f"(NOT {operators.condition(lower(inner, env), 'Value of logical NOT expression')})", BOOLEAN)


def _is(node: exp.Is, env: Environment) -> Typed:
    if not isinstance(node.expression, exp.Null):
        raise QueryError("Trino has only IS [NOT] NULL and IS [NOT] DISTINCT FROM", code="syntax-error")
    return Typed(f"({lower(node.this, env).sql} IS NULL)", BOOLEAN)


def _distinct(negated: bool) -> _Build:
    def build(node: exp.Binary, env: Environment) -> Typed:
        return operators.distinct(lower(node.this, env), lower(node.expression, env), negated)

    return build


def _between(node: exp.Between, env: Environment) -> Typed:
    if node.args.get("symmetric"):
        raise unsupported("BETWEEN SYMMETRIC")
    low, high = lower(node.args["low"], env), lower(node.args["high"], env)
    return operators.between(lower(node.this, env), low, high)


def _in(node: exp.In, env: Environment) -> Typed:
    query = node.args.get("query")
    if query is not None:
        return _in_query(node.this, query, env, plain=_filters(node))
    if isinstance(node.this, exp.Tuple):
        left = _items(node.this, env)
        if not all(isinstance(item, exp.Tuple) for item in node.expressions):
            raise unsupported("IN of a row and a value that isn't written as a row")
        tests = (_rows("=", left, _items(item, env)).sql for item in node.expressions)
        return Typed(f"({' OR '.join(tests)})", BOOLEAN)
    return operators.is_in(lower(node.this, env), [lower(item, env) for item in node.expressions])


_OWN_ESCAPE = "\x01"


def _like(node: exp.Like | exp.Escape, env: Environment) -> Typed:
    escape = None
    if isinstance(node, exp.Escape):
        escape, node = lower(node.expression, env), node.this
        if not isinstance(node, exp.Like):
            raise unsupported("ESCAPE without LIKE")
    value, pattern = lower(node.this, env), lower(node.expression, env)
    shapes.like(shadow(value), shadow(pattern), shadow(escape) if escape is not None else None)
    a, b = (one.sql if one.type.base == "char" else coerce(one, VARCHAR).sql for one in (value, pattern))
    if escape is not None:
        text = f"({a} LIKE {b} ESCAPE {literal(str(escape.constant))})"
    elif isinstance(pattern.constant, str) and "\\" not in pattern.constant:
        text = f"({a} LIKE {b})"
    else:
        # Without ESCAPE Trino has no escape character, Spark the backslash.
        own = literal(_OWN_ESCAPE)
        text = f"({a} LIKE replace({b}, {own}, {literal(_OWN_ESCAPE * 2)}) ESCAPE {own})"
    return Typed(f"(NOT {text})" if node.args.get("negate") else text, BOOLEAN)


def case(operand: Typed | None, branches: list[tuple[Typed, Typed]], default: Typed) -> Typed:
    """``CASE [operand] WHEN … END``."""
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


def _null() -> Typed:
    return Typed("NULL", UNKNOWN, None)


def _case(node: exp.Case, env: Environment) -> Typed:
    operand = lower(node.this, env) if node.this is not None else None
    branches = [(lower(branch.this, env), lower(branch.args["true"], env)) for branch in node.args["ifs"]]
    default = node.args.get("default")
    return case(operand, branches, lower(default, env) if default is not None else _null())


def _if(node: exp.If, env: Environment) -> Typed:
    otherwise = node.args.get("false")
    last = lower(otherwise, env) if otherwise is not None else _null()
    return case(None, [(lower(node.this, env), lower(node.args["true"], env))], last)


def _cast(node: exp.Cast, env: Environment) -> Typed:
    return _cast_to(node, env, attempt=False)


def _cast_to(node: exp.Cast | exp.TryCast, env: Environment, *, attempt: bool) -> Typed:
    target = read_type(node.to)
    if target == JSON:
        raise unsupported("type json")
    value = lower(node.this, env)
    if target.base == zones.ZONED and isinstance(value.constant, str):
        parts = zones.split_literal(value.constant)
        if parts is not None:
            if zones.zone(parts[1]):
                raise unsupported(f"time zone {parts[1]}")
            return cast(_known(literals.string(parts[0])), target, attempt=attempt)
    made = cast(value, target, attempt=attempt)
    if node.meta.get("literal") and isinstance(value.constant, str):
        made = Typed(made.sql, made.type, made.constant)
    return made


def _array(node: exp.Array, env: Environment) -> Typed:
    items = [lower(item, env) for item in node.expressions]
    type_ = shapes.array_of(list(map(shadow, items))).type
    return Typed(f"array({', '.join(coerce(item, type_.elements[0]).sql for item in items)})", type_)


def row(items: list[Typed]) -> Typed:
    """``ROW(a, b)``."""
    type_ = TrinoType("row", (), tuple(item.type for item in items), ("",) * len(items))
    listed = (f"{literal(name)}, {item.sql}" for name, item in zip(row_fields(type_), items, strict=True))
    return Typed(f"named_struct({', '.join(listed)})", type_)


def field(value: Typed, at: int) -> Typed:
    """The field of a row at a place, from 0."""
    return Typed(f"{value.sql}.{identifier(row_fields(value.type)[at])}", value.type.elements[at])


def _bracket(node: exp.Bracket, env: Environment) -> Typed:
    if len(node.expressions) != 1:
        raise unsupported("subscript with several values")
    base, index = lower(node.this, env), lower(node.expressions[0], env)
    type_ = special.subscript(shadow(base), shadow(index)).type
    if base.type.base == "unknown":
        return _null()
    if base.type.base == "row":
        assert isinstance(index.constant, int)
        return field(base, index.constant - 1)
    if base.type.base == "map":
        key = coerce(index, base.type.elements[0]).sql
        missing = fail("invalid-function-argument", f"'Key not present in map: ', CAST({key} AS STRING)")
        return Typed(
            bound(
                base.sql,
                lambda m: (
                    f"(CASE WHEN {m} IS NULL OR {key} IS NULL OR map_contains_key({m}, {key}) THEN element_at({m}, {key}) ELSE {missing} END)"
                ),
            ),
            type_,
        )
    assert can_coerce(index.type, BIGINT)

    def at(a: str) -> str:
        return bound(coerce(index, BIGINT).sql, lambda i: _at(a, i))

    return Typed(bound(base.sql, at), type_)


def _at(a: str, i: str) -> str:
    bad = fail("invalid-function-argument", f"'Array subscript out of bounds: ', CAST({i} AS STRING)")
    return f"(CASE WHEN {a} IS NULL OR {i} IS NULL THEN NULL WHEN {i} < 1 OR {i} > size({a}) THEN {bad} ELSE element_at({a}, CAST({i} AS INT)) END)"


def _dot(node: exp.Dot, env: Environment) -> Typed:
    if isinstance(node.this, exp.Column):
        return env.column(node)
    base = lower(node.this, env)
    special.field(shadow(base), node.expression.name)
    names = [name.lower() for name in base.type.names]
    return field(base, names.index(node.expression.name.lower()))


def _column(node: exp.Column, env: Environment) -> Typed:
    if isinstance(node.this, exp.Star):
        raise unsupported("* here")
    return env.column(node)


def _extract(node: exp.Extract, env: Environment) -> Typed:
    value = lower(node.expression, env)
    special.check_extract(node.name.lower(), value.type)
    return functions.scalar(node.name.lower(), [value], env, _lambda)


def _trim(node: exp.Trim, env: Environment) -> Typed:
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get((node.args.get("position") or "").upper(), "trim")
    arguments = [node.this] + ([node.expression] if node.expression is not None else [])
    return _scalar(name, arguments, env)


def _substring(node: exp.Substring, env: Environment) -> Typed:
    if lower(node.this, env).type.base == "unknown":
        raise QueryError("Could not choose a best candidate operator: substring", code="ambiguous-function-call")
    arguments = [node.this, node.args["start"], node.args.get("length")]
    return _scalar("substring", [argument for argument in arguments if argument is not None], env)


def _at_time_zone(node: exp.AtTimeZone, env: Environment) -> Typed:
    value, zone = lower(node.this, env), lower(node.args["zone"], env)
    type_ = datetimes.at_timezone([shadow(value), shadow(zone)], env).type
    if zones.has_zone(type_):
        raise unsupported(f"time zone {type_.zone}")
    return coerce(value, type_)


def _current(name: str) -> _Build:
    def build(node: exp.Expr, env: Environment) -> Typed:
        return functions.scalar(name, [], env, _lambda)

    return build


def _bare_word(node: exp.Parameter, env: Environment) -> Typed:
    if not isinstance(node.this, exp.Var):
        return env.parameter(node)
    return functions.scalar(node.name.lower(), [], env, _lambda)


def _call(node: exp.Anonymous, env: Environment) -> Typed:
    name = str(node.this).lower()
    if name in aggregates.NAMES:
        return aggregates.aggregate(node, env, lower)
    if name in windows.NAMES:
        raise QueryError(f"Window function {name} requires an OVER clause", code="missing-over")
    if name == "try":
        return _try(node, env)
    return _scalar(name, node.expressions, env)


def _try(node: exp.Anonymous, env: Environment) -> Typed:
    if len(node.expressions) != 1:
        raise QueryError("The 'try' function must have exactly one argument", code="invalid-function-argument")
    inner = node.expressions[0].unnest()
    if isinstance(inner, exp.Cast):
        value = lower(inner.this, env)
        if (
            value.constant is not None
            and "raise_error" not in value.sql
            and "CAST(" not in value.sql.replace("CAST(NULL", "")
        ):
            return _cast_to(inner, env, attempt=True)
    if isinstance(inner, exp.Column | exp.Literal | exp.Null):
        return lower(inner, env)
    raise unsupported("TRY around this expression")


def _scalar(name: str, nodes: list[exp.Expr], env: Environment) -> Typed:
    arguments = [node if isinstance(node, exp.Lambda) else lower(node, env) for node in nodes]
    return functions.scalar(name, arguments, env, _lambda)


@dataclass
class _LambdaScope:
    """The names that a lambda adds to its surroundings."""

    outer: Environment
    names: dict[str, Typed]
    now: datetime

    def column(self, node: exp.Column | exp.Dot) -> Typed:
        parts = [part.name for part in node.parts]
        value = self.names.get(parts[0].lower())
        if value is None:
            return self.outer.column(node)
        for part in parts[1:]:
            special.field(shadow(value), part)
            value = field(value, [name.lower() for name in value.type.names].index(part.lower()))
        return value

    def parameter(self, node: exp.Placeholder | exp.Parameter) -> Typed:
        return self.outer.parameter(node)

    def scalar_subquery(self, node: exp.Query) -> Typed:
        raise unsupported("subquery in a lambda")

    def subquery_column(self, node: exp.Query, *, as_row: bool = False) -> Typed:
        raise unsupported("subquery in a lambda")

    def exists(self, node: exp.Query) -> str:
        raise unsupported("subquery in a lambda")


def _lambda(node: exp.Lambda, types: list[TrinoType], env: Environment) -> Typed:
    """``x -> …``: its parameters under names that no column has."""
    depth = 0
    around: Any = env
    while isinstance(around, _LambdaScope):
        depth, around = depth + 1, around.outer
    names = {parameter.name.lower(): f"l{depth}_{at}" for at, parameter in enumerate(node.expressions)}
    values = {name: Typed(text, type_) for (name, text), type_ in zip(names.items(), types, strict=True)}
    body = lower(node.this, _LambdaScope(env, values, env.now))
    listed = ", ".join(names.values())
    return Typed(f"{listed if len(names) == 1 else f'({listed})'} -> {body.sql}", body.type)


_NODES: dict[type[exp.Expr], _Build] = {
    exp.Literal: lambda node, env: _known(literals.literal(node)),
    exp.HexString: lambda node, env: _known(literals.binary(node.name)),
    exp.Boolean: lambda node, env: _known(literals.boolean(bool(node.this))),
    exp.Null: lambda node, env: _null(),
    exp.Interval: lambda node, env: _known(literals.interval(node)),
    exp.Paren: lambda node, env: lower(node.this, env),
    exp.Column: _column,
    exp.Identifier: lambda node, env: env.column(exp.column(node.copy())),
    exp.Dot: _dot,
    exp.Placeholder: lambda node, env: env.parameter(node),
    exp.Parameter: _bare_word,
    **dict.fromkeys(_ARITHMETIC, _arithmetic),
    **dict.fromkeys(_COMPARISONS, _comparison),
    exp.Neg: _negate,
    exp.And: _connector("AND"),
    exp.Or: _connector("OR"),
    exp.Not: _not,
    exp.Is: _is,
    exp.NullSafeEQ: _distinct(negated=True),
    exp.NullSafeNEQ: _distinct(negated=False),
    exp.Between: _between,
    exp.In: _in,
    exp.Like: _like,
    exp.Escape: _like,
    exp.Exists: lambda node, env: Typed(f"(EXISTS {env.exists(node.this)})", BOOLEAN),
    exp.Subquery: lambda node, env: env.scalar_subquery(node.unnest()),
    exp.Case: _case,
    exp.If: _if,
    exp.Cast: _cast,
    exp.TryCast: lambda node, env: _cast_to(node, env, attempt=True),
    exp.Array: _array,
    exp.Bracket: _bracket,
    exp.Tuple: lambda node, env: row(_items(node, env)),
    exp.Extract: _extract,
    exp.Trim: _trim,
    exp.StrPosition: lambda node, env: _scalar("strpos", [node.this, node.args["substr"]], env),
    exp.Substring: _substring,
    exp.DPipe: lambda node, env: functions.scalar(
        "concat", [lower(node.this, env), lower(node.expression, env)], env, _lambda
    ),
    exp.AtTimeZone: _at_time_zone,
    exp.CurrentDate: _current("current_date"),
    exp.CurrentTimestamp: _current("current_timestamp"),
    exp.Localtimestamp: _current("localtimestamp"),
    exp.Anonymous: _call,
    exp.GroupConcat: lambda node, env: aggregates.listagg(node, env, lower),
    exp.Filter: lambda node, env: aggregates.aggregate(node, env, lower),
    exp.Window: lambda node, env: windows.window(node, env, lower),
}
