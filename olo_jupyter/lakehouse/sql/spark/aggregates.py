"""Aggregate calls in Spark's SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import aggregates as rules
from olo_jupyter.lakehouse.sql.expressions.calls import guarded, resolve
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.sorting import sort_key
from olo_jupyter.lakehouse.sql.spark.casts import coerce
from olo_jupyter.lakehouse.sql.spark.functions import expand, template
from olo_jupyter.lakehouse.sql.spark.operators import condition
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.text import refuse, spark_type, unsupported
from olo_jupyter.lakehouse.sql.types import BIGINT, VARCHAR, decimal

Lower = Callable[[exp.Expr, Environment], Typed]
NAMES = rules.NAMES


def order_by(items: list[exp.Ordered], env: Environment, lower: Lower) -> str:
    """``ORDER BY`` with every direction and place of NULLs written out."""
    return f"ORDER BY {', '.join(_ordered(item, env, lower) for item in items)}"


def _ordered(item: exp.Ordered, env: Environment, lower: Lower) -> str:
    value = lower(item.this, env)
    if value.type.base in ("map", "array", "row", "json"):
        raise unsupported(f"ORDER BY of {value.type}")
    descending, nulls_first = bool(item.args.get("desc")), bool(item.args.get("nulls_first"))
    need(f"ORDER BY of {value.type.base}{' DESC' if descending else ''}{' NULLS FIRST' if nulls_first else ''}")
    return sort_key(value.sql, value.type, descending=descending, nulls_first=nulls_first)


def aggregate(node: exp.Expr, env: Environment, lower: Lower, over: str = "") -> Typed:
    """An aggregate call; ``over`` is the text of its window, '' for none."""
    called = node.this if isinstance(node, exp.Filter) else node
    if isinstance(called, exp.GroupConcat):
        if over:
            raise unsupported("LISTAGG … OVER")
        return listagg(called, env, lower, node.expression.this if isinstance(node, exp.Filter) else None)
    call = rules.parts(node)
    if call.name not in NAMES:
        raise QueryError(f"FILTER is only valid for aggregation functions: {call.name}", code="function-not-aggregate")
    if over and call.filter is not None:
        raise QueryError("FILTER is not yet supported for window functions", code="not-supported")
    tail = f" FILTER (WHERE {condition(lower(call.filter, env), 'FILTER')})" if call.filter is not None else ""
    tail += f" OVER {over}" if over else ""
    if call.name == "count" and (not call.arguments or isinstance(call.arguments[0], exp.Star)):
        return Typed(f"count(*){tail}", BIGINT)
    if call.name == "reduce_agg":
        raise unsupported("aggregate function reduce_agg")
    arguments = [lower(argument, env) for argument in call.arguments]
    signature, binding, patterns = resolve("aggregate", call.name, arguments)
    words = {"DISTINCT": call.distinct, "ORDER BY": call.order, "FILTER": call.filter, "OVER": over}
    around = " ".join(word for word, there in words.items() if there)
    text = guarded(replace(signature, template=template("aggregate", signature, binding, around)), binding)
    typed = [coerce(argument, binding.type_of(p)) for argument, p in zip(arguments, patterns, strict=True)]
    texts = [one.sql for one in typed]
    if (
        call.distinct
        and (len(texts) > 1 or "{distinct}" not in text)
        and call.name not in ("min", "max", "bool_and", "bool_or", "every")
    ):
        raise unsupported(f"DISTINCT in {call.name} with these arguments")
    if call.distinct and over:
        raise unsupported(f"DISTINCT in {call.name} over a window")
    if (
        call.order
        and "{ordered}" not in text
        and call.name not in ("min", "max", "count", "sum", "bool_and", "bool_or", "avg")
    ):
        raise unsupported(f"ORDER BY in {call.name}")
    if any(one.type.base in ("array", "map", "row") for one in typed) and call.name not in (
        "count",
        "array_agg",
        "arbitrary",
        "any_value",
    ):
        raise unsupported(f"aggregate function {call.name} of {', '.join(str(one.type) for one in typed)}")
    more = {"distinct": "DISTINCT " if call.distinct else "", "tail": tail}
    if call.distinct and any(one.type.base in ("map", "array", "row") for one in typed):
        raise unsupported(f"DISTINCT in {call.name} of {typed[0].type}")
    if text == "@average":
        return _average(typed[0], more)
    if over and call.name == "sum" and signature.arguments[0].base == "bigint":
        raise unsupported("sum of whole numbers over a window, which wraps around in Trino")
    floats = typed[0].type.base in ("real", "double") if typed else False
    if text == "@max":
        value = texts[0]
        if not floats:
            return Typed(f"max({value}){tail}", typed[0].type)
        return Typed(
            f"coalesce(max(CASE WHEN NOT isnan({value}) THEN {value} END){tail}, max({value}){tail})", typed[0].type
        )
    return expand(text, signature, binding, texts, **more)


_COUNTED = 12
"""More digits of a quotient than its type keeps: so many rows can't bring it nearer to a tie than it can show."""


def _average(argument: Typed, more: dict[str, str]) -> Typed:
    """avg of decimals: the exact sum over the count, half away from zero, in the argument's own type."""
    precision, scale = argument.type.parameters
    if precision > 28 - _COUNTED + 2:
        raise unsupported(f"aggregate function avg of {argument.type}")
    distinct, tail = more["distinct"], more["tail"]
    total = f"CAST(sum({distinct}{argument.sql}){tail} AS DECIMAL({precision + 10},{scale}))"
    count = f"CAST(nullif(count({distinct}{argument.sql}){tail}, 0) AS DECIMAL(12,0))"
    # DECIMAL(p+10, s) / DECIMAL(12, 0) has s + 13 digits behind the point, as far as 38 allow.
    result = decimal(precision, scale)
    return Typed(f"CAST({total} / {count} AS {spark_type(result)})", result)


def listagg(node: exp.GroupConcat, env: Environment, lower: Lower, where: exp.Expr | None = None) -> Typed:
    """``LISTAGG(value, separator) WITHIN GROUP (ORDER BY …)``."""

    def typed(each: exp.Expr, around: Environment) -> Typed:
        from olo_jupyter.lakehouse.sql.spark.casts import shadow

        return shadow(lower(each, around))

    rules.listagg(node, env, typed, where)
    inner = node.this
    value_node, distinct = inner.this, ""
    if isinstance(value_node, exp.Distinct):
        raise unsupported("LISTAGG(DISTINCT …)")
    value = lower(value_node, env)
    separator = node.args.get("separator")
    between = lower(separator, env).sql if separator is not None else "''"
    tail = f" FILTER (WHERE {condition(lower(where, env), 'FILTER')})" if where is not None else ""
    order = order_by(inner.expressions, env, lower)
    joined = f"listagg({distinct}{coerce(value, VARCHAR).sql}, {between}) WITHIN GROUP ({order}){tail}"
    # What ON OVERFLOW counts is refused.
    return Typed(
        f"(CASE WHEN octet_length({joined}) > 1048576 THEN {refuse('LISTAGG of more than 1048576 bytes')} ELSE {joined} END)",
        VARCHAR,
    )
