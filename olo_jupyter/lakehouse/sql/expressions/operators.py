"""Arithmetic and logic, by Trino's operator rules."""

from __future__ import annotations

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import decimals, intervals
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, INTEGERS
from olo_jupyter.lakehouse.sql.expressions.coercion import coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Typed
from olo_jupyter.lakehouse.sql.types import BOOLEAN, TINYINT, TrinoType

_NUMERIC = (*INTEGERS, "decimal", *FLOATS)


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
    if value.type.base.startswith("interval"):
        return intervals.negated(value)
    if value.type.base in INTEGERS:
        return Typed(f"(CAST(0 AS {duck_type(value.type)}) - {value.sql})", value.type)
    if value.type.base in _NUMERIC:
        return Typed(f"(-{value.sql})", value.type)
    raise QueryError(f"Cannot negate {value.type}", code="type-mismatch")


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
