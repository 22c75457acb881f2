"""Arithmetic, comparison and logic, by Trino's operator rules."""

from __future__ import annotations

from dataclasses import replace

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import decimals, intervals, zones
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, INTEGERS
from olo_jupyter.lakehouse.sql.expressions.coercion import coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.duck import drawn_once, duck_type, unsupported
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Typed
from olo_jupyter.lakehouse.sql.types import BOOLEAN, JSON, TINYINT, TrinoType

_NUMERIC = (*INTEGERS, "decimal", *FLOATS)
_ORDERABLE = (
    *_NUMERIC,
    "varchar",
    "char",
    "boolean",
    "date",
    "time",
    "timestamp",
    "timestamp with time zone",
    "interval year to month",
    "interval day to second",
    "varbinary",
    "uuid",
    "unknown",
)
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def mismatch(op: str, left: TrinoType, right: TrinoType) -> QueryError:
    """Trino's words for an operator that its arguments don't have."""
    return QueryError(f"Cannot apply operator: {left} {op} {right}", code="type-mismatch")


def arithmetic(op: str, left: Typed, right: Typed) -> Typed:
    """``left op right`` for ``+ - * / %``.

    Raises:
        QueryError: type-mismatch.
    """
    bases = {left.type.base, right.type.base}
    if bases == {"unknown"} and op != "%":
        raise QueryError(f"Could not choose a best candidate operator for {op}", code="ambiguous-function-call")
    times = op == "*" or (op == "/" and left.type.base == "unknown")
    if times and bases in ({"unknown", "bigint"}, {"unknown", "double"}) and not (op == "/" and "bigint" in bases):
        raise QueryError(f"Could not choose a best candidate operator for {op}", code="ambiguous-function-call")
    if bases == {"unknown"}:
        return coerce(left, TINYINT)
    if bases <= {*_NUMERIC, "unknown"}:
        if "decimal" in bases and not bases & {*FLOATS}:
            return decimals.arithmetic(op, left, right)
        common = common_type((left.type, right.type))
        assert common is not None
        return _numbers(op, coerce(left, common), coerce(right, common))
    result = intervals.arithmetic(op, left, right)
    if result is None:
        raise mismatch(op, left.type, right.type)
    return result


def _numbers(op: str, left: Typed, right: Typed) -> Typed:
    type_ = left.type
    if type_.base in INTEGERS and op == "/":
        return Typed(f"({left.sql} // {right.sql})", type_)
    if type_.base in INTEGERS and op == "%" and right.constant in (NOT_CONSTANT, -1):
        return Typed(f"olo_modulo({left.sql}, {right.sql})", type_)  # the least integer % -1 overflows in DuckDB
    if type_.base == "real":
        return Typed(f"CAST({left.sql} {op} {right.sql} AS FLOAT)", type_)
    return Typed(f"({left.sql} {op} {right.sql})", type_)


def negate(value: Typed) -> Typed:
    """``-value``."""
    if value.type.base in INTEGERS or value.type.base.startswith("interval"):
        return Typed(f"(CAST(0 AS {duck_type(value.type)}) - {value.sql})", value.type)
    if value.type.base in _NUMERIC:
        return Typed(f"(-{value.sql})", value.type)
    raise QueryError(f"Cannot negate {value.type}", code="type-mismatch")


def comparison(op: str, left: Typed, right: Typed) -> Typed:
    """``left op right`` for ``= <> < <= > >=``: NaN is neither equal to, nor less, nor greater than anything.

    Raises:
        QueryError: type-mismatch.
        Unsupported: Arrays, maps and rows, whose NULLs inside compare differently.
    """
    left, right = zones.instants(left), zones.instants(right)
    common = common_type((left.type, right.type))
    if common is None:
        raise mismatch(op, left.type, right.type)
    if common == JSON and op not in ("=", "<>"):
        raise mismatch(op, left.type, right.type)
    if common.base not in _ORDERABLE and common != JSON:
        raise unsupported(f"operator {op} on {common}")
    a, b = _comparable(left, common), _comparable(right, common)
    if common.base not in FLOATS:
        return Typed(f"({a.sql} {op} {b.sql})", BOOLEAN)
    return Typed(
        drawn_once(
            a.sql,
            "drawn_left",
            lambda x: drawn_once(
                b.sql, "drawn_right", lambda y: _float_comparison(op, replace(a, sql=x), replace(b, sql=y))
            ),
        ),
        BOOLEAN,
    )


def _comparable(value: Typed, common: TrinoType) -> Typed:
    """``value`` as ``common``; refused at run time where the decimals' common type has no room for it.

    Trino compares some of those without turning them into it, which ones depends on its plan.
    """
    plain = coerce(value, common)
    if common.base != "decimal" or value.type.base != "decimal":
        return plain
    (p, s), (p2, s2) = value.type.parameters, common.parameters
    if p - s <= p2 - s2:
        return plain
    limit = f"CAST('1{'0' * (p2 - s2)}' AS DECIMAL({p2 - s2 + 1},0))"
    refused = f"CAST(olo_refuse_narrowing() AS {duck_type(value.type)})"
    fits = f"(CASE WHEN abs({value.sql}) >= {limit} THEN {refused} ELSE {value.sql} END)"
    return coerce(Typed(fits, value.type), common)


def _float_comparison(op: str, a: Typed, b: Typed) -> str:
    if op in _FLIPPED and op[0] == ">":
        return _float_comparison(_FLIPPED[op], b, a)
    if op == "<>":
        return f"(NOT {_float_comparison('=', a, b)})"
    if op == "=":
        plain = _never_nan(a) or _never_nan(b)
        return f"({a.sql} = {b.sql})" if plain else f"olo_nan_eq({a.sql}, {b.sql})"
    if _never_nan(b):
        return f"({a.sql} {op} {b.sql})"
    if _never_nan(a):
        return f"(({a.sql} {op} {b.sql}) AND NOT isnan({b.sql}))"
    return f"olo_nan_{'lt' if op == '<' else 'le'}({a.sql}, {b.sql})"


def _never_nan(value: Typed) -> bool:
    return value.constant not in (NOT_CONSTANT, None) and value.constant == value.constant


def distinct(left: Typed, right: Typed, negated: bool) -> Typed:
    """``left IS [NOT] DISTINCT FROM right``: NaN is not distinct from NaN, in both engines."""
    left, right = zones.instants(left), zones.instants(right)
    common = common_type((left.type, right.type))
    if common is None:
        raise mismatch("IS DISTINCT FROM", left.type, right.type)
    a, b = _comparable(left, common), _comparable(right, common)
    return Typed(f"({a.sql} IS {'NOT ' if negated else ''}DISTINCT FROM {b.sql})", BOOLEAN)


def between(value: Typed, low: Typed, high: Typed) -> Typed:
    """``value BETWEEN low AND high``."""
    value, low, high = map(zones.instants, (value, low, high))
    if value.type == low.type == high.type and value.type.base in _ORDERABLE and value.type.base not in FLOATS:
        return Typed(f"({value.sql} BETWEEN {low.sql} AND {high.sql})", BOOLEAN)
    common = common_type((value.type, low.type, high.type))
    if common is None:
        raise QueryError(
            f"Cannot check if {value.type} is BETWEEN {low.type} and {high.type}",
            code="type-mismatch",
        )
    least = comparison(">=", value, low)
    return Typed(f"({least.sql} AND {comparison('<=', value, high).sql})", BOOLEAN)


def is_in(value: Typed, items: list[Typed]) -> Typed:
    """``value IN (items)``."""
    value, items = zones.instants(value), list(map(zones.instants, items))
    common = common_type([value.type, *(item.type for item in items)])
    if common is None:
        raise QueryError(
            "IN value and list items must be the same type or coercible to a common type. Cannot find common type "
            f"between {value.type} and {', '.join(sorted({str(item.type) for item in items}))}",
            code="type-mismatch",
        )
    if common.base in FLOATS and not all(_never_nan(item) for item in items):
        tests = (comparison("=", value, item).sql for item in items)
        return Typed(f"({' OR '.join(tests)})", BOOLEAN)
    if common.base not in _ORDERABLE and common != JSON:
        raise unsupported(f"IN on {common}")
    texts = ", ".join(_comparable(item, common).sql for item in items)
    return Typed(f"({_comparable(value, common).sql} IN ({texts}))", BOOLEAN)


def condition(value: Typed, what: str) -> str:
    """The text of a boolean.

    Raises:
        QueryError: type-mismatch.
    """
    if value.type not in (BOOLEAN, TrinoType("unknown")):
        raise QueryError(f"{what} must evaluate to a boolean (actual: {value.type})", code="type-mismatch")
    return coerce(value, BOOLEAN).sql


def logic(op: str, left: Typed, right: Typed) -> Typed:
    """``left AND right``, ``left OR right``."""
    a, b = (condition(side, f"Logical expression term of {op}") for side in (left, right))
    return Typed(f"({a} {op} {b})", BOOLEAN)
