"""Literals: Trino's type and DuckDB's text of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions.duck import text, unsupported
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.types import (
    BIGINT,
    BOOLEAN,
    DAY_TO_SECOND,
    DOUBLE,
    INTEGER,
    UNKNOWN,
    VARBINARY,
    YEAR_TO_MONTH,
    TrinoType,
    decimal,
    varchar,
)

_MILLISECONDS = {"DAY": 86_400_000, "HOUR": 3_600_000, "MINUTE": 60_000, "SECOND": 1_000}
_FIELDS = ("DAY", "HOUR", "MINUTE", "SECOND")


def literal(node: exp.Literal, negative: bool = False) -> Typed:
    """A string or a number; ``negative`` for a number with a minus before it (``-2147483648`` is an integer)."""
    if node.is_string:
        return string(node.name)
    sign = "-" if negative else ""
    digits = sign + node.name.replace("_", "")
    if "e" in digits.lower():
        value = float(digits)
        if value in (float("inf"), float("-inf")):
            digits = f"{sign}Infinity"
        return Typed(f"CAST('{digits}' AS DOUBLE)", DOUBLE, value)
    return _decimal(digits) if "." in digits else whole(int(digits))


def string(value: str) -> Typed:
    """``'value'``, a varchar of its own length."""
    return Typed(text(value), varchar(len(value)), value)


def whole(value: int) -> Typed:
    """A whole number: integer where it fits, else bigint."""
    if -(2**31) <= value < 2**31:
        return Typed(f"CAST({value} AS INTEGER)", INTEGER, value)
    if -(2**63) <= value < 2**63:
        return Typed(f"CAST({value} AS BIGINT)", BIGINT, value)
    raise QueryError(f"Invalid numeric literal: {value}", code="invalid-literal")


def _decimal(digits: str) -> Typed:
    integral, _, fraction = digits.lstrip("-").partition(".")
    precision = max(len(integral.lstrip("0")) + len(fraction), 1)
    if precision > 38:
        raise QueryError(f"Invalid decimal literal: {digits}", code="invalid-literal")
    type_ = decimal(precision, len(fraction))
    return Typed(f"CAST('{digits}' AS DECIMAL({precision},{len(fraction)}))", type_, Decimal(digits))


def binary(digits: str) -> Typed:
    """``X'00ff'``, a varbinary."""
    return Typed(f"from_hex('{digits}')", VARBINARY, bytes.fromhex(digits))


def boolean(value: bool) -> Typed:
    """``true`` or ``false``."""
    return Typed("true" if value else "false", BOOLEAN, value)


def null() -> Typed:
    """A bare NULL, whose type is unknown until its place gives it one."""
    return Typed("NULL", UNKNOWN, None)


def interval(node: exp.Interval) -> Typed:
    """``INTERVAL '1-2' YEAR TO MONTH`` as months, ``INTERVAL '1 02:03' DAY TO MINUTE`` as milliseconds."""
    value, sign = node.this, 1
    while isinstance(value, exp.Neg):
        value, sign = value.this, -sign
    if not isinstance(value, exp.Literal):
        raise unsupported("interval of an expression")
    unit = node.args.get("unit")
    first, last = (unit.this, unit.expression) if isinstance(unit, exp.IntervalSpan) else (unit, None)
    start = first.name.upper() if first is not None else "SECOND"
    end = last.name.upper() if last is not None else start
    number, type_ = _interval_value(value.name, start, end)
    return Typed(f"CAST({sign * number} AS BIGINT)", type_, sign * number)


def _interval_value(value: str, start: str, end: str) -> tuple[int, TrinoType]:
    """What is written, in months or milliseconds; a number that is missing is 0, and none goes beyond 32 bits.

    Example:
        >>> _interval_value("-1 2:3:4.5", "DAY", "SECOND")
        (-93784500, TrinoType(base='interval day to second', parameters=(), elements=(), names=(), zone=''))
    """
    invalid = QueryError(f"'{value}' is not a valid INTERVAL literal", code="invalid-literal")
    sign, body = (-1 if value.startswith("-") else 1), value[value[:1] in ("-", "+") :]
    if start in ("YEAR", "MONTH"):
        parts = re.fullmatch(r"(\d*)(?:-(\d*))?" if (start, end) == ("YEAR", "MONTH") else r"(\d*)", body)
        numbers = [int(part or 0) for part in parts.groups()] if parts else [_BEYOND]
        months = sign * (numbers[0] * (12 if start == "YEAR" else 1) + sum(numbers[1:]))
        if max(numbers) >= _BEYOND or not -_BEYOND <= months < _BEYOND:
            raise invalid
        return months, YEAR_TO_MONTH
    if start not in _FIELDS or end not in _FIELDS:
        raise unsupported(f"interval of {start.lower()}s")
    fields = _FIELDS[_FIELDS.index(start) : _FIELDS.index(end) + 1]
    written = re.fullmatch(_shape(fields), body)
    if written is None or body == ".":
        raise invalid
    found = written.groupdict()
    numbers = [int(found[field] or 0) for field in fields]
    if max(numbers) >= _BEYOND:
        raise invalid
    total = sum(number * _MILLISECONDS[field] for number, field in zip(numbers, fields, strict=True))
    return sign * (total + int(((found.get("fraction") or "") + "000")[:3])), DAY_TO_SECOND


_BEYOND = 2**31


def _shape(fields: Sequence[str]) -> str:
    """The expression that a text of these fields matches; the last ones may be left out."""
    first, *more = fields
    digits = r"\d*" if not more or first == "SECOND" else r"\d+"
    number = f"(?P<{first}>{digits})" + (r"(?:\.(?P<fraction>\d*))?" if first == "SECOND" else "")
    if not more:
        return number
    return f"(?:{number}(?:{' ' if first == 'DAY' else ':'}{_shape(more)})?)?"
