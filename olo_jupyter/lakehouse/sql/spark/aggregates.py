"""Aggregate calls in Spark's SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import aggregates as rules
from olo_jupyter.lakehouse.sql.expressions.calls import resolve
from olo_jupyter.lakehouse.sql.expressions.guards import guarded
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.sorting import sort_key
from olo_jupyter.lakehouse.sql.spark import lists
from olo_jupyter.lakehouse.sql.spark.casts import coerce, shadow
from olo_jupyter.lakehouse.sql.spark.functions import expand, template
from olo_jupyter.lakehouse.sql.spark.operators import condition
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.text import bound, refuse, spark_type, unsupported
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
        where = node.expression.this if isinstance(node, exp.Filter) else None
        return listagg(called, env, lower, where, over)
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
        and call.name not in ("min", "max", "count", "sum", "bool_and", "bool_or", "avg", "array_agg")
    ):
        raise unsupported(f"ORDER BY in {call.name}")
    if any(one.type.base in ("array", "map", "row") for one in typed) and call.name not in (
        "count",
        "array_agg",
        "map_agg",
        "arbitrary",
        "any_value",
    ):
        raise unsupported(f"aggregate function {call.name} of {', '.join(str(one.type) for one in typed)}")
    if text.startswith("@list") and call.distinct:
        raise unsupported(f"DISTINCT in {call.name} with these arguments")
    if text == "@list_map":
        return Typed(lists.map_agg(typed[0], typed[1], tail), binding.type_of(signature.returns))
    if text == "@list_extremes":
        return Typed(lists.extremes(call.name, typed[0], arguments[1], tail), binding.type_of(signature.returns))
    if call.order and call.name == "array_agg":
        if call.distinct:
            raise unsupported("DISTINCT and ORDER BY in array_agg")
        return Typed(lists.array_agg(typed[0], call.order, env, lower, tail), binding.type_of(signature.returns))
    more = {"distinct": "DISTINCT " if call.distinct else "", "tail": tail}
    if call.distinct and any(one.type.base in ("map", "array", "row") for one in typed):
        raise unsupported(f"DISTINCT in {call.name} of {typed[0].type}")
    if text == "@average":
        return _average(typed[0], more)
    if over and call.name == "sum" and signature.arguments[0].base == "bigint":
        return _windowed_sum(texts[0], tail)
    floats = typed[0].type.base in ("real", "double") if typed else False
    if text == "@max":
        value = texts[0]
        if not floats:
            return Typed(f"max({value}){tail}", typed[0].type)
        return Typed(
            f"coalesce(max(CASE WHEN NOT isnan({value}) THEN {value} END){tail}, max({value}){tail})", typed[0].type
        )
    return expand(text, signature, binding, texts, **more)


def _windowed_sum(value: str, tail: str) -> Typed:
    """Over a window Trino's sum of whole numbers wraps around where Spark's fails: what is beyond is refused."""
    total = f"sum(CAST({value} AS DECIMAL(19,0))){tail}"
    beyond = f"{total} NOT BETWEEN -9223372036854775808 AND 9223372036854775807"
    refused = refuse("sum over a window beyond bigint, which wraps around in Trino")
    return Typed(f"(CASE WHEN {beyond} THEN {refused} ELSE CAST({total} AS BIGINT) END)", BIGINT)


def _average(argument: Typed, more: dict[str, str]) -> Typed:
    """avg of decimals: the exact sum over the count, half away from zero, in the argument's own type."""
    precision, scale = argument.type.parameters
    digits = min(precision + 10, 25)
    if digits <= scale or precision > 28:  # the sum has ten digits more, and there are 38
        raise unsupported(f"aggregate function avg of {argument.type}")
    distinct, tail = more["distinct"], more["tail"]
    total = f"sum({distinct}{argument.sql}){tail}"
    if digits < precision + 10:
        refused = refuse(f"aggregate function avg of {argument.type} with a sum beyond {digits} digits")
        most = f"CAST('1{'0' * (digits - scale)}' AS DECIMAL(38,{scale}))"
        total = f"CASE WHEN abs({total}) >= {most} THEN {refused} ELSE {total} END"
    total = f"CAST({total} AS DECIMAL({digits},{scale}))"
    count = f"CAST(nullif(count({distinct}{argument.sql}){tail}, 0) AS DECIMAL(12,0))"
    # The quotient has 13 digits more than the result: too many to come near a tie.
    result = decimal(precision, scale)
    return Typed(f"CAST({total} / {count} AS {spark_type(result)})", result)


def listagg(
    node: exp.GroupConcat, env: Environment, lower: Lower, where: exp.Expr | None = None, over: str = ""
) -> Typed:
    """``LISTAGG(value, separator) WITHIN GROUP (ORDER BY …)``."""

    def typed(each: exp.Expr, around: Environment) -> Typed:
        return shadow(lower(each, around))

    rules.listagg(node, env, typed, where, over)
    inner = node.this
    value_node = inner.this
    distinct = isinstance(value_node, exp.Distinct)
    if distinct:
        value_node = value_node.expressions[0]
    need(f"LISTAGG{' DISTINCT' if distinct else ''}{' OVER' if over else ''}")
    value = coerce(lower(value_node, env), VARCHAR).sql
    separator = node.args.get("separator")
    between = lower(separator, env).sql if separator is not None else "''"
    tail = f" FILTER (WHERE {condition(lower(where, env), 'FILTER')})" if where is not None else ""
    if distinct or over:
        tail += f" OVER {over}" if over else ""
        joined = lists.joined(value, between, inner.expressions, env, lower, tail, distinct=distinct)
    else:
        order = order_by(inner.expressions, env, lower)
        joined = f"listagg({value}, {between}) WITHIN GROUP ({order}){tail}"
    # What ON OVERFLOW counts is refused.
    refused = refuse("LISTAGG of more than 1048576 bytes")
    return Typed(
        bound(joined, lambda t: f"(CASE WHEN octet_length({t}) > 1048576 THEN {refused} ELSE {t} END)"), VARCHAR
    )
