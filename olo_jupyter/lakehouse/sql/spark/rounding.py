"""round and truncate to a number of digits, which must be a literal where the type isn't floating."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions import calls
from olo_jupyter.lakehouse.sql.expressions.casts import INTEGERS
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.spark.casts import coerce, is_constant
from olo_jupyter.lakehouse.sql.spark.functions import plain
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.text import spark_type, unsupported
from olo_jupyter.lakehouse.sql.types import TrinoType

_MOST = 38
"""Digits that a decimal has at most."""


def rounded(values: list[Typed], env: Environment) -> Typed:
    """``round(x)``, ``round(x, digits)``: half away from zero."""
    if len(values) != 2 or values[0].type.base not in ("decimal", *INTEGERS):
        return plain("round", values)
    type_ = _type("round", values)
    digits = _digits("round", values)
    if values[0].type.base in INTEGERS:
        sql = values[0].sql if digits >= 0 else f"CAST(round({values[0].sql}, {digits}) AS {spark_type(type_)})"
        return Typed(sql, type_)
    value, scale = values[0].sql, values[0].type.parameters[1]
    sql = value if digits >= scale else f"round({value}, {digits})"
    return Typed(f"CAST({sql} AS {spark_type(type_)})", type_)


def truncated(values: list[Typed], env: Environment) -> Typed:
    """``truncate(x)``, ``truncate(x, digits)``: towards zero."""
    if len(values) != 2 or values[0].type.base != "decimal":
        return plain("truncate", values)
    type_ = _type("truncate", values)
    digits = _digits("truncate", values)
    value, scale = values[0].sql, values[0].type.parameters[1]
    if digits >= scale:
        return Typed(f"CAST({value} AS {spark_type(type_)})", type_)
    sql = f"CASE WHEN {value} < 0 THEN ceil({value}, {digits}) ELSE floor({value}, {digits}) END"
    return Typed(f"CAST({sql} AS {spark_type(type_)})", type_)


def _type(name: str, values: list[Typed]) -> TrinoType:
    signature, binding, _ = calls.resolve("scalar", name, values)
    need(f"{name} of {values[0].type.base} to digits")
    return binding.type_of(signature.returns)


def _digits(name: str, values: list[Typed]) -> int:
    count = coerce(values[1], TrinoType("integer"))
    if not is_constant(count) or abs(count.constant) > _MOST:
        raise unsupported(f"function {name} to a number of digits that isn't a literal")
    return int(count.constant)
