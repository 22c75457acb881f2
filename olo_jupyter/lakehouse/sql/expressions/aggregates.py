"""Aggregate calls: DISTINCT, ORDER BY inside, FILTER, and OVER where they stand in a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import decimals, sketches
from olo_jupyter.lakehouse.sql.expressions.calls import expand, resolve
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS
from olo_jupyter.lakehouse.sql.expressions.coercion import coerce
from olo_jupyter.lakehouse.sql.expressions.comparisons import unordered
from olo_jupyter.lakehouse.sql.expressions.duck import bound, duck_type, field_names, text, unsupported
from olo_jupyter.lakehouse.sql.expressions.guards import checked
from olo_jupyter.lakehouse.sql.expressions.operators import condition
from olo_jupyter.lakehouse.sql.expressions.raising import fail_text
from olo_jupyter.lakehouse.sql.expressions.shorts import short
from olo_jupyter.lakehouse.sql.expressions.signatures import names
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.sorting import sort_key
from olo_jupyter.lakehouse.sql.types import BIGINT, VARCHAR, TrinoType, decimal

Lower = Callable[[exp.Expr, Environment], Typed]

NAMES = names("aggregate")
"""Names of Trino's aggregate functions that this engine knows of."""


_SUMMED_WHOLE = 28
"""Digits of a decimal whose sum has room in 128 bits for ten thousand million rows; avg sums others in two halves."""


@dataclass
class Call:
    """An aggregate call taken apart: what stands around the plain call."""

    name: str
    arguments: list[exp.Expr]
    distinct: bool = False
    order: list[exp.Ordered] = field(default_factory=list)
    filter: exp.Expr | None = None


def _filtered(node: exp.Expr) -> tuple[exp.Expr | None, exp.Expr]:
    return (node.expression.this, node.this) if isinstance(node, exp.Filter) else (None, node)


def parts(node: exp.Expr) -> Call:
    """Take FILTER, DISTINCT and ORDER BY off a call."""
    where, node = _filtered(node)
    if not isinstance(node, exp.Anonymous):
        raise unsupported(f"FILTER on {type(node).__name__.upper()}")
    call = Call(str(node.this).lower(), list(node.expressions), filter=where)
    if call.arguments and isinstance(call.arguments[-1], exp.Order):
        ordered = call.arguments[-1]
        call.order = ordered.expressions
        call.arguments[-1] = ordered.this
    if call.arguments and isinstance(call.arguments[0], exp.Distinct):
        call.distinct = True
        call.arguments = [*call.arguments[0].expressions, *call.arguments[1:]]
    return call


_REGARDLESS = frozenset(
    {
        *("min", "max", "bool_and", "every", "bool_or", "bitwise_and_agg", "bitwise_or_agg"),
        *("any_value", "arbitrary", "approx_distinct"),
    }
)
"""Aggregates of one argument to which DISTINCT makes no difference."""


def order_by(items: list[exp.Ordered], env: Environment, lower: Lower) -> str:
    """``ORDER BY`` with every direction and place of NULLs written out; Trino's default is NULLS LAST both ways."""
    return f"ORDER BY {', '.join(_ordered(item, env, lower) for item in items)}"


def _ordered(item: exp.Ordered, env: Environment, lower: Lower) -> str:
    value = lower(item.this, env)
    if unordered(value.type):
        raise unsupported(f"ORDER BY of {value.type}")
    descending, nulls_first = bool(item.args.get("desc")), bool(item.args.get("nulls_first"))
    return sort_key(value.sql, value.type, descending=descending, nulls_first=nulls_first)


def aggregate(node: exp.Expr, env: Environment, lower: Lower, over: str = "") -> Typed:
    """An aggregate call; ``over`` is the text of its window, '' for none.

    Raises:
        QueryError: What Trino says of the call.
        Unsupported: No lowering of it is proved.
    """
    where, inside = _filtered(node)
    if isinstance(inside, exp.GroupConcat):
        return listagg(inside, env, lower, where, over)
    call = parts(node)
    if call.name not in NAMES:
        raise QueryError(f"FILTER is only valid for aggregation functions: {call.name}", code="function-not-aggregate")
    if over and call.filter is not None:
        raise QueryError("FILTER is not yet supported for window functions", code="not-supported")
    tail = f" FILTER (WHERE {condition(lower(call.filter, env), 'FILTER')})" if call.filter is not None else ""
    tail += f" OVER {over}" if over else ""
    if call.name == "count" and (not call.arguments or isinstance(call.arguments[0], exp.Star)):
        return expand_count(tail)
    if call.name == "reduce_agg":
        return sketches.reduce_agg(call.arguments, env, lower, _around(call, env, lower, tail))
    arguments = [lower(argument, env) for argument in call.arguments]
    signature, binding, patterns = resolve("aggregate", call.name, arguments)
    if not signature.template:
        raise unsupported(f"aggregate function {signature.text}")
    typed = [coerce(argument, binding.type_of(p)) for argument, p in zip(arguments, patterns, strict=True)]
    texts = [one.sql for one in typed]
    kept = len(texts) == 1 and ("{distinct}" in signature.template or signature.template == "@average")
    if call.distinct and not kept and not (len(texts) == 1 and call.name in _REGARDLESS):
        raise unsupported(f"DISTINCT in {call.name} with these arguments")
    more = _around(call, env, lower, tail)
    if "{order}" not in signature.template:
        more["order"] = ""  # the order of the input makes no difference to its result
    template, _ = checked(signature, binding, texts)
    if template in sketches.MADE:
        return sketches.MADE[template](typed, more)
    if template == "@max":
        kind = arguments[0].type
        return Typed(_maximum(_whole_or_refused(texts[0], kind), kind.base in FLOATS, tail), kind)
    if template == "@average":
        return _average(arguments[0], binding.numbers["p"], binding.numbers["s"], more)
    if call.name == "sum" and arguments[0].type.base == "decimal":
        known = short(arguments[0])  # the sum itself always has 128 bits
        texts = [known.sql if known is not None else texts[0]]
    if over and call.name == "sum" and signature.arguments[0].base == "bigint":
        return Typed(f"olo_wrapped(sum({texts[0]}){tail})", BIGINT)  # in a window, and only there, Trino's sum wraps
    return expand(signature, binding, texts, **more)


def _around(call: Call, env: Environment, lower: Lower, tail: str) -> dict[str, str]:
    order = f" {order_by(call.order, env, lower)}" if call.order else ""
    return {"distinct": "DISTINCT " if call.distinct else "", "order": order, "tail": tail}


def expand_count(tail: str) -> Typed:
    """``count(*)``."""
    return Typed(f"count(*){tail}", BIGINT)


def _average(argument: Typed, precision: int, scale: int, more: dict[str, str]) -> Typed:
    """avg of decimals: the exact sum over the count, half away from zero, in the argument's own type."""
    result = decimal(precision, scale)
    known = short(argument)
    value = known.sql if known is not None else argument.sql
    if known is None and precision > _SUMMED_WHOLE and not more["distinct"]:
        units = decimals.unscaled(Typed(value, result))
        high, low = (f"sum({units} {op} olo_high_unit()){more['tail']}" for op in ("//", "%"))
        count = f"nullif(count({value}){more['tail']}, 0)"
        return Typed(decimals.scaled(f"olo_average({high}, {low}, {count})", result), result)
    total = Typed(f"sum({more['distinct']}{value}){more['tail']}", decimal(38, scale))
    count = f"nullif(count({more['distinct']}{value}){more['tail']}, 0)"
    return Typed(decimals.scaled(f"olo_half_up({decimals.unscaled(total)}, {count})", result), result)


def _maximum(value: str, floats: bool, tail: str) -> str:
    """max, where NaN loses against every number; DuckDB holds it for the greatest."""
    if not floats:
        return f"max({value}){tail}"
    return f"coalesce(max(CASE WHEN NOT isnan({value}) THEN {value} END){tail}, max({value}){tail})"


def _whole_or_refused(value: str, kind: TrinoType) -> str:
    """An array or row, refused where a NULL is in it: to Trino's max it is the least, to DuckDB's the most."""
    if kind.base not in ("array", "row"):
        return value
    raised = fail_text("unsupported", "'max over arrays or rows with NULL in them'")
    return bound(
        value, "m", lambda m: f"CASE WHEN {_has_null(m, kind, 0)} THEN CAST({raised} AS {duck_type(kind)}) ELSE {m} END"
    )


def _has_null(value: str, kind: TrinoType, depth: int) -> str:
    """Whether a NULL is anywhere in an array or row (NULL itself has none)."""
    if kind.base == "array":
        (element,), each = kind.elements, f"e{depth}"
        inside = f" OR {_has_null(each, element, depth + 1)}" if element.base in ("array", "row") else ""
        return f"len(list_filter({value}, lambda {each}: {each} IS NULL{inside})) > 0"
    tests = []
    for name, element in zip(field_names(kind), kind.elements, strict=True):
        part = f"struct_extract({value}, {text(name)})"
        inside = f" OR {_has_null(part, element, depth + 1)}" if element.base in ("array", "row") else ""
        tests.append(f"{part} IS NULL{inside}")
    return f"({value} IS NOT NULL AND ({' OR '.join(tests)}))"


def listagg(
    node: exp.GroupConcat, env: Environment, lower: Lower, where: exp.Expr | None = None, over: str = ""
) -> Typed:
    """``LISTAGG(value, separator [ON OVERFLOW …]) WITHIN GROUP (ORDER BY …) [FILTER (WHERE …)] [OVER …]``.

    A text so long that ON OVERFLOW counts is refused when it occurs.
    """
    inner = node.this
    if not isinstance(inner, exp.Order):
        raise QueryError("LISTAGG needs WITHIN GROUP (ORDER BY …)", code="syntax-error")
    value_node, distinct = inner.this, ""
    if isinstance(value_node, exp.Distinct):
        value_node, distinct = value_node.expressions[0], "DISTINCT "
    value = lower(value_node, env)
    if value.type.base not in ("varchar", "char", "unknown"):
        raise QueryError(f"Unexpected parameters ({value.type}) for function listagg", code="function-not-found")
    separator = node.args.get("separator")
    between = lower(separator, env) if separator is not None else Typed("''", VARCHAR, "")
    if not isinstance(between.constant, str):
        raise unsupported("LISTAGG with a separator that isn't a literal")
    order = order_by(inner.expressions, env, lower)
    tail = f" FILTER (WHERE {condition(lower(where, env), 'FILTER')})" if where is not None else ""
    tail += f" OVER {over}" if over else ""
    joined = f"string_agg({distinct}{coerce(value, VARCHAR).sql}, {between.sql} {order}){tail}"
    return Typed(f"olo_listagg_or_refuse({joined})", VARCHAR)
