"""Decimals computed in 64 bits: exact against Python's own decimals, at the very edges of what is proved."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from olo_jupyter.lakehouse.sql.expressions import decimals
from olo_jupyter.lakehouse.sql.expressions.shorts import short
from olo_jupyter.lakehouse.sql.expressions.typed import Short, Typed
from olo_jupyter.lakehouse.sql.types import decimal

MOST = 10**18 - 1
DATABASE = duckdb.connect()


def column(name: str, precision: int, scale: int, low: int, high: int) -> Typed:
    """A stored column whose values are known to lie in ``low``..``high`` units."""
    return Typed(name, decimal(precision, scale), short=lambda: Short(name, low, high))


def value_of(expression: str, **columns: tuple[Typed, int]) -> Decimal | None:
    """What DuckDB makes of ``expression``, each column being the given number of units of its type."""
    listed = ", ".join(
        f"CAST('{Decimal(units).scaleb(-typed.type.parameters[1]):f}' AS DECIMAL"
        f"({typed.type.parameters[0]},{typed.type.parameters[1]})) AS {name}"
        for name, (typed, units) in columns.items()
    )
    [[value]] = DATABASE.sql(f"SELECT {expression} FROM (SELECT {listed} FROM range(1))").fetchall()
    return value


@pytest.mark.parametrize(
    ("op", "low", "high", "fits"),
    [
        ("*", 0, MOST // 10**6, True),
        ("*", 0, MOST // 10**6 + 1, False),
        ("*", -(MOST // 10**6), 0, True),
        ("*", -(MOST // 10**6) - 1, 0, False),
        ("+", 0, MOST - 10**6, True),
        ("+", 0, MOST - 10**6 + 1, False),
        ("-", 0, MOST, True),
        ("-", -1, MOST, True),
        ("-", -(MOST - 10**6) - 1, 0, False),
    ],
)
def test_the_edges_of_64_bits(op: str, low: int, high: int, fits: bool) -> None:
    a, b = column("a", 18, 2, low, high), column("b", 18, 2, 0, 10**6)
    result = decimals.arithmetic(op, a, b)
    found = short(result)
    assert (found is not None) is fits
    for units in (low, high):
        with localcontext(prec=60):
            scale = Decimal(1).scaleb(-2)
            x, y = units * scale, 10**6 * scale
            exact = {"*": x * y, "+": x + y, "-": x - y}[op]
        assert value_of(result.sql, a=(a, units), b=(b, 10**6)) == exact


def test_bounds_are_asked_for_only_where_the_type_has_no_room() -> None:
    def never() -> Short | None:
        raise AssertionError("asked")

    small = Typed("a", decimal(9, 2), short=never)
    assert decimals.arithmetic("*", small, small).type == decimal(18, 4)


def test_a_scale_beyond_18_digits_is_left_to_128_bits() -> None:
    rate = column("a", 18, 10, 0, 5)
    assert short(decimals.arithmetic("*", rate, rate)) is None


def test_known_numbers_have_the_tightest_bounds() -> None:
    one = Typed("CAST(1 AS INTEGER)", decimals.result_type("+", decimal(1, 0), decimal(1, 0)), 1)
    assert short(one) == Short("CAST(1 AS INTEGER)", 1, 1)


def test_wrong_bounds_raise_and_never_give_a_wrong_value() -> None:
    liar = column("a", 18, 2, 0, 10)
    result = decimals.arithmetic("*", liar, liar)
    with pytest.raises(duckdb.OutOfRangeException):
        value_of(result.sql, a=(liar, MOST))


sides = st.tuples(st.integers(1, 18), st.integers(0, 18)).filter(lambda side: side[1] <= side[0])


@st.composite
def operands(draw: st.DrawFn) -> tuple[Typed, list[int]]:
    """A column with bounds (or none, or a literal's), and values of it, the bounds themselves among them."""
    precision, scale = draw(sides)
    most = 10**precision - 1
    low, high = sorted(draw(st.tuples(st.integers(-most, most), st.integers(-most, most))))
    values = [low, high, draw(st.integers(low, high))]
    known = draw(st.booleans())
    bound = (lambda name: lambda: Short(name, low, high)) if known else (lambda name: None)
    return Typed("?", decimal(precision, scale), short=bound("?")), values


@settings(max_examples=150, deadline=None)
@given(operands(), operands(), operands(), st.sampled_from("+-*"), st.sampled_from("+-*"))
def test_exact_against_python(
    first: tuple[Typed, list[int]],
    second: tuple[Typed, list[int]],
    third: tuple[Typed, list[int]],
    inner: str,
    outer: str,
) -> None:
    typed = {}
    for name, (each, values) in zip("abc", (first, second, third), strict=True):
        precision, scale = each.type.parameters
        known = each.short is not None
        typed[name] = column(name, precision, scale, min(values), max(values)) if known else Typed(name, each.type)
    result = decimals.arithmetic(outer, decimals.arithmetic(inner, typed["a"], typed["b"]), typed["c"])
    assume("olo_" not in result.sql)  # rounded, and tested by the answers of Trino
    for units in zip(first[1], second[1], third[1], strict=True):
        with localcontext(prec=80):
            a, b, c = (
                Decimal(unit).scaleb(-typed[name].type.parameters[1]) for name, unit in zip("abc", units, strict=True)
            )
            operations = {"+": Decimal.__add__, "-": Decimal.__sub__, "*": Decimal.__mul__}
            exact = operations[outer](operations[inner](a, b), c)
            exact = exact.quantize(Decimal(1).scaleb(-result.type.parameters[1]), ROUND_HALF_UP)
        if abs(exact.scaleb(result.type.parameters[1])) >= 10**38:
            continue
        columns = {name: (typed[name], unit) for name, unit in zip("abc", units, strict=True)}
        assert value_of(result.sql, **columns) == exact
