"""Decimals that provably fit into 64 bits, where their Trino type has more digits.

Trino's product of two decimal(15,2) is a decimal(30,4), for which DuckDB computes in 128 bits, several times slower.
From the least and the greatest value of each stored column follows by interval arithmetic between which values a sum,
difference or product lies. Where all of them, and all on the way, have at most 18 digits, DuckDB computes in 64 bits.
Nothing rests on the proof alone: DuckDB checks 64-bit decimals for overflow and would raise an error.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache

from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Short, Typed

DIGITS = 18
"""Digits of a decimal that DuckDB holds in 64 bits."""
_LIMIT = 10**DIGITS


def short(value: Typed) -> Short | None:
    """``value``, a decimal, in 64 bits; None where that isn't proved."""
    precision, scale = value.type.parameters
    found = value.short() if value.short is not None else None
    if found is not None or precision > DIGITS:
        return found
    if value.constant is not NOT_CONSTANT and isinstance(value.constant, int | Decimal):
        units = Decimal(value.constant).scaleb(scale)
        if units == units.to_integral_value():
            return Short(value.sql, int(units), int(units))
    most = 10**precision - 1
    return Short(value.sql, -most, most)


def lazily(find: Callable[[], Short | None]) -> Callable[[], Short | None]:
    """``find``, called once and only when somebody asks: finding the bounds of columns takes time."""
    return cache(find)


def combined(op: str, a: Typed, b: Typed) -> Short | None:
    """``a op b`` of two decimals in 64 bits, for ``+``, ``-`` and ``*``; None where that isn't proved.

    Example:
        >>> from olo_jupyter.lakehouse.sql.types import decimal
        >>> price = Typed("price", decimal(15, 2), short=lambda: Short("price", 0, 10_494_950))
        >>> rate = Typed("rate", decimal(16, 2), short=lambda: Short("rate", 90, 100))
        >>> combined("*", price, rate)
        Short(sql='(price * rate)', low=0, high=1049495000)
        >>> combined("*", Typed("x", decimal(18, 2)), rate) is None
        True
    """
    x, y = short(a), short(b)
    if x is None or y is None:
        return None
    scales = a.type.parameters[1], b.type.parameters[1]
    if op == "*":
        scale = sum(scales)
        corners = [p * q for p in (x.low, x.high) for q in (y.low, y.high)]
        on_the_way: list[int] = []
    else:
        # DuckDB brings both sides to the scale of the result first.
        scale = max(scales)
        (low_x, high_x), (low_y, high_y) = (
            (side.low * 10 ** (scale - own), side.high * 10 ** (scale - own))
            for side, own in zip((x, y), scales, strict=True)
        )
        corners = [low_x + low_y, high_x + high_y] if op == "+" else [low_x - high_y, high_x - low_y]
        on_the_way = [low_x, high_x, low_y, high_y]
    if scale > DIGITS or any(abs(each) >= _LIMIT for each in (*corners, *on_the_way)):
        return None
    return Short(f"({x.sql} {op} {y.sql})", min(corners), max(corners))
