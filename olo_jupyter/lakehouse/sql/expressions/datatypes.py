"""The type written in a CAST, checked as Trino checks it."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.types import TrinoType

_PRECISION = ("time", "time with time zone", "timestamp", "timestamp with time zone")


def read_type(node: exp.DataType) -> TrinoType:
    """The type of ``CAST(… AS node)``, as the grammar read it.

    Raises:
        QueryError: Parameters out of their range.
    """
    type_: TrinoType = node.meta["trino"]
    _check(type_)
    return _unbounded(type_)


def _unbounded(type_: TrinoType) -> TrinoType:
    """varchar of the greatest length is varchar."""
    if type_.base == "varchar" and type_.parameters and type_.parameters[0] >= 2_147_483_647:
        return TrinoType("varchar")
    return replace(type_, elements=tuple(map(_unbounded, type_.elements)))


def _check(type_: TrinoType) -> None:
    if type_.base == "decimal":
        precision, scale = type_.parameters
        if not 1 <= precision <= 38:
            raise _invalid(f"DECIMAL precision must be in range [1, 38]: {precision}")
        if scale > precision:
            raise _invalid(f"DECIMAL scale must be in range [0, precision ({precision})]: {scale}")
    if type_.base in _PRECISION and type_.parameters[0] > 12:
        raise _invalid(f"{type_.base.upper()} precision must be in range [0, 12]: {type_.parameters[0]}")
    if type_.base == "char" and type_.parameters[0] > 65_536:
        raise _invalid(f"CHAR length must be in range [0, 65536], got {type_.parameters[0]}")
    for element in type_.elements:
        _check(element)


def _invalid(message: str) -> QueryError:
    return QueryError(message, code="invalid-function-argument")
