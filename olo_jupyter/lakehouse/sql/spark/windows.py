"""Window functions and their windows in Spark's SQL."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import windows as rules
from olo_jupyter.lakehouse.sql.expressions.calls import resolve
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.spark import aggregates
from olo_jupyter.lakehouse.sql.spark.casts import coerce, is_constant, shadow
from olo_jupyter.lakehouse.sql.spark.functions import expand, template
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.text import unsupported
from olo_jupyter.lakehouse.sql.types import DAY_TO_SECOND, YEAR_TO_MONTH

Lower = Callable[[exp.Expr, Environment], Typed]
NAMES = rules.NAMES
_NEED_ORDER = frozenset({"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead"})


def window(node: exp.Window, env: Environment, lower: Lower) -> Typed:
    """``function(…) [IGNORE NULLS] OVER (…)``."""

    def typed(each: exp.Expr, around: Environment) -> Typed:
        return shadow(lower(each, around))

    inner, nulls = node.this, ""
    if isinstance(inner, exp.IgnoreNulls | exp.RespectNulls):
        nulls = " IGNORE NULLS" if isinstance(inner, exp.IgnoreNulls) else ""
        inner = inner.this
    name = str(inner.this).lower() if isinstance(inner, exp.Anonymous) else ""
    rules.specification(node, env, typed)
    over = _specification(node, env, lower, ordered=name in _NEED_ORDER)
    if name not in NAMES:
        if nulls:
            raise QueryError("Cannot specify null treatment clause for this function", code="not-supported")
        return aggregates.aggregate(inner, env, lower, over)
    rules.window(node, env, typed)
    arguments = [lower(argument, env) for argument in inner.expressions]
    signature, binding, patterns = resolve("window", name, arguments)
    texts = [coerce(argument, binding.type_of(p)).sql for argument, p in zip(arguments, patterns, strict=True)]
    if name in ("lag", "lead", "nth_value", "ntile") and len(arguments) > (name != "ntile"):
        count = arguments[0 if name == "ntile" else 1]
        if (
            not is_constant(count)
            or not 0 <= count.constant < 2**31
            or (name in ("ntile", "nth_value") and count.constant < 1)
        ):
            raise unsupported(f"window function {name} with a number that isn't a literal")
        texts[0 if name == "ntile" else 1] = str(count.constant)
    return expand(
        template("window", signature, binding, nulls.strip()),
        signature,
        binding,
        texts,
        nulls=nulls,
        over=f" OVER {over}",
    )


def _specification(node: exp.Window, env: Environment, lower: Lower, *, ordered: bool) -> str:
    partition, order, frame = node.args.get("partition_by"), node.args.get("order"), node.args.get("spec")
    words = []
    if partition:
        words.append("PARTITION BY " + ", ".join(_key(item, env, lower) for item in partition))
    if order is not None:
        words.append(aggregates.order_by(order.expressions, env, lower))
    elif ordered:
        words.append("ORDER BY NULL")  # Spark wants an order for these functions
    if frame is not None:
        words.append(_frame(frame, order, env, lower))
    return f"({' '.join(words)})"


def _key(node: exp.Expr, env: Environment, lower: Lower) -> str:
    value = lower(node, env)
    if value.type.base in ("map", "array", "row"):
        raise unsupported(f"PARTITION BY of {value.type}")
    need(f"PARTITION BY of {value.type.base}")
    return value.sql


def _frame(spec: exp.WindowSpec, order: exp.Order | None, env: Environment, lower: Lower) -> str:
    kind = str(spec.args.get("kind") or "").upper()
    if kind == "GROUPS":
        raise unsupported("window frame GROUPS")
    if kind == "RANGE" and order is None:
        raise unsupported("window frame RANGE without ORDER BY")
    if spec.args.get("exclude") is not None:
        raise unsupported("EXCLUDE in a window frame")
    sides = (spec.args.get(f"{end}") if isinstance(spec.args.get(end), str) else "n" for end in ("start", "end"))
    need(f"window frame {kind} {' to '.join(map(str, sides))}")
    start = _bound(spec.args.get("start"), spec.args.get("start_side"), kind, order, env, lower)
    if spec.args.get("end") is None:
        return f"{kind} BETWEEN {start} AND CURRENT ROW"
    return (
        f"{kind} BETWEEN {start} AND {_bound(spec.args.get('end'), spec.args.get('end_side'), kind, order, env, lower)}"
    )


def _bound(
    value: exp.Expr | str | None, side: str | None, kind: str, order: exp.Order | None, env: Environment, lower: Lower
) -> str:
    if isinstance(value, str):
        return value.upper() if value.upper() == "CURRENT ROW" else f"{value.upper()} {str(side).upper()}"
    assert value is not None
    offset = lower(value, env)
    if kind == "RANGE":
        return f"{_distance(offset, order, env, lower)} {str(side).upper()}"
    if not is_constant(offset) or offset.constant >= 2**31:
        raise unsupported("window frame whose bound isn't a literal")
    return f"{offset.constant} {str(side).upper()}"


def _distance(offset: Typed, order: exp.Order | None, env: Environment, lower: Lower) -> str:
    """How far from the current row's key a RANGE frame goes: a literal; the shared rules have looked at it."""
    assert order is not None
    item = order.expressions[0]
    key = lower(item.this, env)
    need(f"window frame RANGE of {offset.type.base} over {key.type.base}{' DESC' if item.args.get('desc') else ''}")
    if key.type.zone or not is_constant(offset):
        raise unsupported(f"window frame RANGE with this value over {key.type}")
    if offset.type == YEAR_TO_MONTH:
        return f"INTERVAL '{offset.constant}' MONTH"
    if offset.type == DAY_TO_SECOND:
        if key.type.base == "date":
            return f"INTERVAL '{offset.constant // 86_400_000}' DAY"
        return f"INTERVAL '{offset.constant // 1000}.{offset.constant % 1000:03d}' SECOND"
    return coerce(offset, key.type).sql
