"""Window functions and the windows they stand over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import aggregates
from olo_jupyter.lakehouse.sql.expressions.calls import expand, resolve
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, coerce
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type, identifier, unsupported
from olo_jupyter.lakehouse.sql.expressions.signatures import names
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Environment, Typed
from olo_jupyter.lakehouse.sql.types import BIGINT, YEAR_TO_MONTH, TrinoType

Lower = Callable[[exp.Expr, Environment], Typed]

NAMES = names("window")
"""Names of functions that need an OVER clause."""

_NULLS_CHOICE = frozenset({"lag", "lead", "first_value", "last_value", "nth_value"})
_NEED_ORDER = frozenset({"rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead"})


def window(node: exp.Window, env: Environment, lower: Lower) -> Typed:
    """``function(…) [FILTER …] [IGNORE NULLS] OVER (…)``.

    Raises:
        QueryError: What Trino says of the call or its frame.
        Unsupported: No lowering of it is proved.
    """
    inner, nulls = node.this, ""
    if isinstance(inner, exp.IgnoreNulls | exp.RespectNulls):
        nulls = " IGNORE NULLS" if isinstance(inner, exp.IgnoreNulls) else ""
        inner = inner.this
    over = specification(node, env, lower)
    if not isinstance(inner, exp.Anonymous) or str(inner.this).lower() not in NAMES:
        if nulls:
            raise QueryError("Cannot specify null treatment clause for this function", code="not-supported")
        return aggregates.aggregate(inner, env, lower, over)
    name = str(inner.this).lower()
    if nulls and name not in _NULLS_CHOICE:
        raise QueryError(f"Cannot specify null treatment clause for {name} function", code="not-supported")
    if name in ("lag", "lead") and not node.args.get("order"):
        raise QueryError(f"{name} function requires an ORDER BY window clause", code="missing-order-by")
    if name in _NEED_ORDER | {"row_number"} and node.args.get("spec") is not None:
        raise QueryError(f"Cannot specify window frame for {name} function", code="invalid-window-frame")
    arguments = [lower(argument, env) for argument in inner.expressions]
    signature, binding, patterns = resolve("window", name, arguments)
    if not signature.template:
        raise unsupported(f"window function {signature.text}")
    texts = [coerce(argument, binding.type_of(p)).sql for argument, p in zip(arguments, patterns, strict=True)]
    return expand(signature, binding, texts, nulls=nulls, over=f" OVER {over}")


def specification(node: exp.Window, env: Environment, lower: Lower) -> str:
    """The text in OVER: a window's name, or partition, order and frame in parentheses."""
    alias, first = node.args.get("alias"), node.args.get("first")
    partition, order, frame = node.args.get("partition_by"), node.args.get("order"), node.args.get("spec")
    if alias is not None and not (partition or order or frame):
        return identifier(alias.name)
    if first is False or alias is not None:
        raise unsupported("window that extends a named window")
    words = []
    if partition:
        words.append("PARTITION BY " + ", ".join(_key(item, env, lower) for item in partition))
    if order is not None:
        words.append(aggregates.order_by(order.expressions, env, lower))
    if frame is not None:
        words.append(_frame(frame, order, env, lower))
    return f"({' '.join(words)})"


def _key(node: exp.Expr, env: Environment, lower: Lower) -> str:
    value = lower(node, env)
    if any(each.base == "map" for each in _all(value.type)):
        raise unsupported(f"PARTITION BY of {value.type}")
    return value.sql


def _all(type_: TrinoType) -> Iterator[TrinoType]:
    """A type and all that is inside it."""
    yield type_
    for element in type_.elements:
        yield from _all(element)


def _frame(spec: exp.WindowSpec, order: exp.Order | None, env: Environment, lower: Lower) -> str:
    kind = str(spec.args.get("kind") or "").upper()
    if spec.args.get("exclude") is not None:
        raise QueryError("Trino has no EXCLUDE in window frames", code="syntax-error")
    start = _bound(spec.args.get("start"), spec.args.get("start_side"), kind, order, env, lower)
    if spec.args.get("end") is None:
        _check(start, "CURRENT ROW")
        return f"{kind} {start}" if start != "CURRENT ROW" else f"{kind} BETWEEN CURRENT ROW AND CURRENT ROW"
    end = _bound(spec.args.get("end"), spec.args.get("end_side"), kind, order, env, lower)
    _check(start, end)
    return f"{kind} BETWEEN {start} AND {end}"


def _bound(
    value: exp.Expr | str | None,
    side: str | None,
    kind: str,
    order: exp.Order | None,
    env: Environment,
    lower: Lower,
) -> str:
    if isinstance(value, str):
        return value.upper() if value.upper() == "CURRENT ROW" else f"{value.upper()} {str(side).upper()}"
    if value is None:
        raise unsupported("window frame without a bound")
    offset = lower(value, env)
    if kind == "RANGE":
        return f"{_distance(offset, order, env, lower)} {str(side).upper()}"
    if order is None and kind == "GROUPS":
        raise QueryError("Window frame of type GROUPS requires ORDER BY", code="missing-order-by")
    if not can_coerce(offset.type, BIGINT):
        raise QueryError(f"Window frame offset value type must be BIGINT (actual {offset.type})", code="type-mismatch")
    if isinstance(offset.constant, int) and offset.constant < 0:
        raise QueryError("Window frame offset value must not be negative or null", code="invalid-window-frame")
    return f"{coerce(offset, BIGINT).sql} {str(side).upper()}"


_DIGITS = {"tinyint": 2, "smallint": 4, "integer": 9, "bigint": 18}
_EXACT = (*_DIGITS, "decimal")
_NUMBERS = (*_EXACT, *FLOATS)
_MOMENTS = ("date", "timestamp", "timestamp with time zone")
_UNITS = {"interval day to second": "to_milliseconds", "interval year to month": "to_months"}


def _distance(offset: Typed, order: exp.Order | None, env: Environment, lower: Lower) -> str:
    """How far from the current row's sort key a RANGE frame goes: a literal that is added to the key.

    Raises:
        QueryError: missing-order-by, invalid-order-by, type-mismatch, invalid-window-frame.
        Unsupported: A key that isn't exact, a distance that isn't a literal.
    """
    if order is None:
        raise QueryError("Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY", code="missing-order-by")
    if len(order.expressions) != 1:
        message = "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY"
        raise QueryError(f"{message} (actual: {len(order.expressions)})", code="invalid-order-by")
    sort_key = lower(order.expressions[0].this, env)
    key = sort_key.type
    moment = key.base in _MOMENTS and offset.type.base in _UNITS
    if key.zone and offset.type == YEAR_TO_MONTH:
        raise unsupported(f"window frame RANGE with months over {key} in a zone other than UTC")
    if key.base not in (*_EXACT, *FLOATS, *_MOMENTS, "varchar", "char", "boolean", "unknown"):
        raise unsupported(f"window frame RANGE with a value over {key}")
    if key.base in _NUMBERS and offset.type.base in _NUMBERS and not can_coerce(offset.type, key):
        offset = _in_type(offset, key)
    if not moment and not (key.base in _NUMBERS and can_coerce(offset.type, key)):
        message = f"Window frame RANGE value type ({offset.type}) not compatible with sort item type ({key})"
        raise QueryError(message, code="type-mismatch")
    if offset.constant is NOT_CONSTANT or (key.base == "date" and offset.constant % _DAY and "day" in offset.type.base):
        raise unsupported("window frame RANGE with a value that isn't a literal, or no whole days")
    if offset.constant is None or offset.constant < 0:
        raise QueryError("Window frame offset value must not be negative or null", code="invalid-window-frame")
    if moment:
        return f"{_UNITS[offset.type.base]}({offset.sql})"
    plain = coerce(offset, key).sql
    return f"olo_distance_or_refuse({sort_key.sql}, {plain})" if key.base in FLOATS else plain


def _in_type(offset: Typed, key: TrinoType) -> Typed:
    """A literal in the type of the sort key, of which it must be a value; Trino computes in a type that holds both."""
    value = offset.constant
    if isinstance(value, int | Decimal) and key.base in _EXACT:
        precision, scale = key.parameters if key.base == "decimal" else (_DIGITS[key.base], 0)
        scaled = Decimal(value).scaleb(scale)
        if scaled == scaled.to_integral_value() and abs(scaled) < 10**precision:
            return Typed(f"CAST({offset.sql} AS {duck_type(key)})", key, constant=value)
    raise unsupported(f"window frame RANGE with a value of {offset.type} over {key}: cast it to the key's type")


_DAY = 86_400_000

_RANK = {"UNBOUNDED PRECEDING": 0, "PRECEDING": 1, "CURRENT ROW": 2, "FOLLOWING": 3, "UNBOUNDED FOLLOWING": 4}


def _check(start: str, end: str) -> None:
    ranks = [_RANK.get(bound, _RANK.get(bound.rpartition(" ")[2], 2)) for bound in (start, end)]
    if start == "UNBOUNDED FOLLOWING" or end == "UNBOUNDED PRECEDING" or ranks[0] > ranks[1]:
        raise QueryError(f"Window frame starting from {start} cannot end with {end}", code="invalid-window-frame")
