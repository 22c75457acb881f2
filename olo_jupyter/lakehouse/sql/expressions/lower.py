"""The door of this room: a node of the parsed tree becomes DuckDB text with Trino's type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import (
    aggregates,
    calls,
    comparisons,
    conditionals,
    datetimes,
    lambdas,
    literals,
    operators,
    special,
    sqljson,
    windows,
    zones,
)
from olo_jupyter.lakehouse.sql.expressions.casts import cast
from olo_jupyter.lakehouse.sql.expressions.datatypes import read_type
from olo_jupyter.lakehouse.sql.expressions.duck import unsupported
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import BOOLEAN, JSON, TrinoType


def lower(node: exp.Expr, env: Environment) -> Typed:
    """Lower an expression to DuckDB text whose value and type are Trino's.

    Args:
        node: A node of the tree that ``parse.TrinoText`` reads.
        env: What its names stand for.

    Raises:
        QueryError: What Trino would raise too: type-mismatch, function-not-found, …
        Unsupported: Trino has it, but no lowering of it is proved.
    """
    value = _lower(node, env)
    if value.drawn > _drawing_calls(node):
        raise unsupported("random(), uuid() or shuffle() here, where its value would be drawn more than once")
    return value


def _lower(node: exp.Expr, env: Environment) -> Typed:
    build = _NODES.get(type(node))
    if build is not None:
        return build(node, env)
    for class_, symbol in _COMPARISONS.items():
        if type(node) is class_:
            return _comparison(symbol, node, env)
    if isinstance(node, exp.Query):
        return env.scalar_subquery(node)
    raise unsupported(f"expression {type(node).__name__.upper()}")


_DRAWING = frozenset({"random", "rand", "uuid", "shuffle"})


def _drawing_calls(node: exp.Expr) -> int:
    """How many values the user's text draws in ``node``: its lowering must draw each once."""
    return sum(1 for call in node.find_all(exp.Anonymous) if str(call.this).lower() in _DRAWING)


_Build = Callable[[Any, Environment], Typed]
_ARITHMETIC = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
_COMPARISONS = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}


def _arithmetic(node: exp.Binary, env: Environment) -> Typed:
    return operators.arithmetic(_ARITHMETIC[type(node)], lower(node.this, env), lower(node.expression, env))


def _comparison(symbol: str, node: exp.Binary, env: Environment) -> Typed:
    right = node.expression
    if isinstance(right, exp.Any | exp.All):
        return _quantified(symbol, node.this, right, env)
    if isinstance(node.this, exp.Tuple) and isinstance(right, exp.Tuple):
        return comparisons.row_comparison(symbol, _items(node.this, env), _items(right, env))
    return comparisons.comparison(symbol, lower(node.this, env), lower(right, env))


def _items(node: exp.Tuple, env: Environment) -> list[Typed]:
    return [lower(item, env) for item in node.expressions]


def _query(node: exp.Expr) -> exp.Query:
    inner = node.unnest() if isinstance(node, exp.Subquery) else node
    assert isinstance(inner, exp.Query)
    return inner


def _quantified(symbol: str, value: exp.Expr, node: exp.Any | exp.All, env: Environment) -> Typed:
    left, right = _looked_up(lower(value, env), _query(node.this), env)
    comparisons.comparison(symbol, left, right)  # refuses what can't be compared
    if left.type.base in ("real", "double"):
        raise unsupported("quantified comparison of floating-point numbers")
    quantifier = "ANY" if isinstance(node, exp.Any) else "ALL"
    if left.type.base in ("array", "row") and (symbol, quantifier) not in (("=", "ANY"), ("<>", "ALL")):
        raise unsupported(f"comparison {symbol} {quantifier} over {left.type}")
    return Typed(f"({left.sql} {symbol} {quantifier} {right.sql})", BOOLEAN)


def _looked_up(value: Typed, query: exp.Query, env: Environment) -> tuple[Typed, Typed]:
    """``value`` and the values of a query in their common type.

    In a query's values Trino looks an array or a row up as a whole, NULLs and NaN inside included, as DuckDB does.
    """
    left, right = conditionals.matched(value, env.subquery_column(query, as_row=value.type.base == "row"))
    if left.type.base == "map":
        raise unsupported(f"a look-up of {left.type} in a subquery")
    return left, right


def _negate(node: exp.Neg, env: Environment) -> Typed:
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.is_string:
        return literals.literal(inner, negative=True)
    return operators.negate(lower(inner, env))


def _connector(op: str) -> _Build:
    def build(node: exp.Connector, env: Environment) -> Typed:
        terms = list(node.flatten(unnest=False))  # a chain of a thousand terms mustn't recurse
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
        return comparisons.distinct(lower(node.this, env), lower(node.expression, env), negated)

    return build


def _between(node: exp.Between, env: Environment) -> Typed:
    if node.args.get("symmetric"):
        raise unsupported("BETWEEN SYMMETRIC")
    low, high = lower(node.args["low"], env), lower(node.args["high"], env)
    return comparisons.between(lower(node.this, env), low, high)


def _in(node: exp.In, env: Environment) -> Typed:
    query = node.args.get("query")
    if query is not None:
        left, right = _looked_up(lower(node.this, env), _query(query), env)
        comparisons.comparison("=", left, right)
        return Typed(f"({left.sql} IN {right.sql})", BOOLEAN)
    if isinstance(node.this, exp.Tuple) and all(isinstance(item, exp.Tuple) for item in node.expressions):
        left_items = _items(node.this, env)
        tests = (comparisons.row_comparison("=", left_items, _items(item, env)).sql for item in node.expressions)
        return Typed(f"({' OR '.join(tests)})", BOOLEAN)
    return comparisons.is_in(lower(node.this, env), [lower(item, env) for item in node.expressions])


def _like(node: exp.Like | exp.Escape, env: Environment) -> Typed:
    escape = None
    if isinstance(node, exp.Escape):
        escape, node = lower(node.expression, env), node.this
        if not isinstance(node, exp.Like):
            raise unsupported("ESCAPE without LIKE")
    result = conditionals.like(lower(node.this, env), lower(node.expression, env), escape)
    return Typed(f"(NOT {result.sql})", BOOLEAN) if node.args.get("negate") else result


def _case(node: exp.Case, env: Environment) -> Typed:
    operand = lower(node.this, env) if node.this is not None else None
    branches = [(lower(branch.this, env), lower(branch.args["true"], env)) for branch in node.args["ifs"]]
    default = node.args.get("default")
    return conditionals.case(operand, branches, lower(default, env) if default is not None else literals.null())


def _if(node: exp.If, env: Environment) -> Typed:
    otherwise = node.args.get("false")
    last = lower(otherwise, env) if otherwise is not None else literals.null()
    return conditionals.case(None, [(lower(node.this, env), lower(node.args["true"], env))], last)


def _cast(node: exp.Cast, env: Environment) -> Typed:
    target = read_type(node.to)
    if target == JSON and node.meta.get("literal"):
        return special.SPECIAL["json_parse"]([lower(node.this, env)], env)  # JSON '[1]', unlike CAST('[1]' AS json)
    value = lower(node.this, env)
    if target.base == zones.ZONED and isinstance(value.constant, str):
        return _zoned(value, target)
    return cast(value, target)


def _zoned(value: Typed, target: TrinoType) -> Typed:
    """The literal text of a timestamp with a zone."""
    parts = zones.split_literal(str(value.constant))
    zone = zones.zone(parts[1]) if parts is not None else ""
    if parts is None or not zone:
        return cast(value, target)
    type_ = replace(target, zone=zone)
    moment = cast(literals.string(parts[0]), TrinoType("timestamp", target.parameters))
    return Typed(zones.instant(moment.sql, type_), type_)


def _try_cast(node: exp.TryCast, env: Environment) -> Typed:
    return special.attempt(cast(lower(node.this, env), read_type(node.to)))


def _array(node: exp.Array, env: Environment) -> Typed:
    return conditionals.array_of([lower(item, env) for item in node.expressions])


def _bracket(node: exp.Bracket, env: Environment) -> Typed:
    if len(node.expressions) != 1:
        raise unsupported("subscript with several values")
    return special.subscript(lower(node.this, env), lower(node.expressions[0], env))


def _row(node: exp.Tuple, env: Environment) -> Typed:
    return special.row(_items(node, env))


def _dot(node: exp.Dot, env: Environment) -> Typed:
    if isinstance(node.this, exp.Column):
        return env.column(node)
    base = lower(node.this, env)
    return special.field(base, node.expression.name)


def _column(node: exp.Column, env: Environment) -> Typed:
    if isinstance(node.this, exp.Star):
        raise unsupported("* here")
    return env.column(node)


def _identifier(node: exp.Identifier, env: Environment) -> Typed:
    return env.column(exp.column(node.copy()))


def _extract(node: exp.Extract, env: Environment) -> Typed:
    value = lower(node.expression, env)
    special.check_extract(node.name.lower(), value.type)
    name = node.name.lower()
    if name in special.SPECIAL:
        return special.SPECIAL[name]([value], env)
    return calls.scalar(name, zones.prepared(name, [value]), lambda inner, types: _lambda(inner, types, env))


def _trim(node: exp.Trim, env: Environment) -> Typed:
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get((node.args.get("position") or "").upper(), "trim")
    arguments = [node.this] + ([node.expression] if node.expression is not None else [])
    return _scalar(name, arguments, env)


def _position(node: exp.StrPosition, env: Environment) -> Typed:
    return _scalar("strpos", [node.this, node.args["substr"]], env)


def _substring(node: exp.Substring, env: Environment) -> Typed:
    if lower(node.this, env).type.base == "unknown":  # varchar, as with commas, or char: Trino doesn't choose here
        raise QueryError("Could not choose a best candidate operator: substring", code="ambiguous-function-call")
    arguments = [node.this, node.args["start"], node.args.get("length")]
    return _scalar("substring", [argument for argument in arguments if argument is not None], env)


def _concatenate(node: exp.DPipe, env: Environment) -> Typed:
    return special.concat([lower(node.this, env), lower(node.expression, env)])


def _at_time_zone(node: exp.AtTimeZone, env: Environment) -> Typed:
    return datetimes.at_timezone([lower(node.this, env), lower(node.args["zone"], env)], env)


def _current(name: str) -> _Build:
    def build(node: exp.Expr, env: Environment) -> Typed:
        return special.SPECIAL[name]([], env)

    return build


def _bare_word(node: exp.Parameter, env: Environment) -> Typed:
    """LOCALTIME and its kin; also a bound parameter."""
    if not isinstance(node.this, exp.Var):
        return env.parameter(node)
    build = special.SPECIAL.get(node.name.lower())
    if build is None:
        raise unsupported(node.name.upper())
    return build([], env)


def _call(node: exp.Anonymous, env: Environment) -> Typed:
    name = str(node.this).lower()
    if name in aggregates.NAMES:
        return aggregates.aggregate(node, env, lower)
    if name in windows.NAMES:
        raise QueryError(f"Window function {name} requires an OVER clause", code="missing-over")
    return _scalar(name, node.expressions, env)


def _scalar(name: str, nodes: list[exp.Expr], env: Environment) -> Typed:
    if name in _LAZY:
        return _LAZY[name](nodes, env, lower)
    arguments = zones.prepared(name, [node if isinstance(node, exp.Lambda) else lower(node, env) for node in nodes])
    if name in special.SPECIAL and not any(isinstance(argument, exp.Lambda) for argument in arguments):
        return special.SPECIAL[name]([one for one in arguments if isinstance(one, Typed)], env)
    return calls.scalar(name, arguments, lambda node, types: _lambda(node, types, env))


def _lambda(node: exp.Lambda, types: list[TrinoType], env: Environment) -> Typed:
    return lambdas.plain(node, types, env, lower)


_LAZY = {**special.LAZY, **lambdas.LAZY, **sqljson.LAZY}


_NODES: dict[type[exp.Expr], _Build] = {
    exp.Literal: lambda node, env: literals.literal(node),
    exp.HexString: lambda node, env: literals.binary(node.name),
    exp.Boolean: lambda node, env: literals.boolean(bool(node.this)),
    exp.Null: lambda node, env: literals.null(),
    exp.Interval: lambda node, env: literals.interval(node),
    exp.Paren: lambda node, env: lower(node.this, env),
    exp.Column: _column,
    exp.Identifier: _identifier,
    exp.Dot: _dot,
    exp.Placeholder: lambda node, env: env.parameter(node),
    exp.Parameter: _bare_word,
    **dict.fromkeys(_ARITHMETIC, _arithmetic),
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
    exp.TryCast: _try_cast,
    exp.Array: _array,
    exp.Bracket: _bracket,
    exp.Tuple: _row,
    exp.Extract: _extract,
    exp.Trim: _trim,
    exp.StrPosition: _position,
    exp.Substring: _substring,
    exp.DPipe: _concatenate,
    exp.AtTimeZone: _at_time_zone,
    exp.CurrentDate: _current("current_date"),
    exp.CurrentTimestamp: _current("current_timestamp"),
    exp.Localtimestamp: _current("localtimestamp"),
    exp.Anonymous: _call,
    exp.GroupConcat: lambda node, env: aggregates.listagg(node, env, lower),
    exp.Filter: lambda node, env: aggregates.aggregate(node, env, lower),
    exp.Window: lambda node, env: windows.window(node, env, lower),
}
