"""What stands behind ``FOR TIMESTAMP AS OF``: a literal, a parameter, or arithmetic on the moment of the statement."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.errors import Unsupported
from olo_jupyter.lakehouse.sql.expressions.literals import interval
from olo_jupyter.lakehouse.sql.parse import fail, placed
from olo_jupyter.lakehouse.sql.types import YEAR_TO_MONTH

_DAY = 86_400_000
_UNITS = {"millisecond": 1, "second": 1_000, "minute": 60_000, "hour": 3_600_000, "day": _DAY, "week": 7 * _DAY}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_CLOCK = ("millisecond", "second", "minute", "hour", "day")


@dataclass(frozen=True)
class Span:
    """An interval: months, or milliseconds."""

    months: int = 0
    milliseconds: int = 0

    def times(self, factor: int) -> Span:
        """It, ``factor`` times."""
        return Span(self.months * factor, self.milliseconds * factor)


@dataclass(frozen=True)
class Times:
    """Reads such values; the session's zone is UTC.

    Args:
        value_of: The value of a parameter.
        now: The start of the statement, aware, UTC.
        read: A literal's text as a time; the node says where it stands.
    """

    value_of: Callable[[exp.Placeholder], Any]
    now: Callable[[], datetime]
    read: Callable[[str, exp.Expr], datetime]

    def value(self, node: exp.Expr) -> Any:
        """The value: a time (without zone where its type has none), a date, a text, a number, None.

        Raises:
            Unsupported: Another kind of expression.
        """
        match node:
            case exp.Paren():
                return self.value(node.this)
            case exp.Placeholder():
                return self.value_of(node)
            case exp.Null():
                return None
            case exp.Literal():
                return node.this if node.is_string else _number(node)
            case exp.Interval():
                return _span(node)
            case exp.CurrentTimestamp():
                return self.now()
            case exp.CurrentDate():
                return self.now().date()
            case exp.Localtimestamp():
                return self.now().replace(tzinfo=None)
            case exp.Cast():
                return self._cast(node)
            case exp.Add() | exp.Sub():
                return self._sum(node)
            case exp.Anonymous():
                return self._call(node)
        raise _other(node)

    def _cast(self, node: exp.Cast) -> Any:
        value = self.value(node.this)
        kind = str(node.to.this).rpartition(".")[2].upper()
        if isinstance(value, str):
            if kind in ("DATE", "TIMESTAMP", "TIMESTAMPTZ"):
                return self.read(value, node)
            if kind in ("BIGINT", "INT") and value.strip().lstrip("-").isdigit():
                return int(value)
            if kind in ("VARCHAR", "TEXT"):
                return value
        elif isinstance(value, date):
            moment = value if isinstance(value, datetime) else datetime.combine(value, time())
            if kind == "DATE":
                return moment.date()
            if kind == "TIMESTAMPTZ":
                return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            if kind == "TIMESTAMP":
                return moment.replace(tzinfo=None)
        raise _other(node)

    def _sum(self, node: exp.Add | exp.Sub) -> Any:
        left, right = self.value(node.this), self.value(node.expression)
        if isinstance(left, Span) and isinstance(right, date) and isinstance(node, exp.Add):
            left, right = right, left
        if not isinstance(left, date) or not isinstance(right, Span):
            raise _other(node)
        return _moved(left, right.times(-1 if isinstance(node, exp.Sub) else 1), node)

    def _call(self, node: exp.Anonymous) -> Any:
        name = str(node.this).lower()
        if name == "now" and not node.expressions:
            return self.now()
        if name == "date_add" and len(node.expressions) == 3:
            unit, count, moment = map(self._part, node.expressions)
            if isinstance(unit, str) and isinstance(count, int) and isinstance(moment, date):
                span = Span(_MONTHS.get(unit.lower(), 0), _UNITS.get(unit.lower(), 0))
                if span != Span():
                    return _moved(moment, span.times(count), node)
        if name == "date_trunc" and len(node.expressions) == 2:
            unit, moment = map(self._part, node.expressions)
            if isinstance(moment, datetime) and str(unit).lower() in _CLOCK:
                length = timedelta(milliseconds=_UNITS[str(unit).lower()])
                midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
                return midnight + (moment - midnight) // length * length
        raise _other(node)

    def _part(self, node: exp.Expr) -> Any:
        if isinstance(node, exp.Neg):
            value = self.value(node.this)
            return -value if isinstance(value, int) else value
        return self.value(node)


def _moved(moment: date, span: Span, node: exp.Expr) -> date:
    """A date or time, moved; the day is the month's last where that is shorter."""
    try:
        if span.milliseconds:
            if not isinstance(moment, datetime) and span.milliseconds % _DAY:
                raise fail("Cannot add hour, minutes or seconds to a date", "invalid-function-argument", node)
            return moment + timedelta(milliseconds=span.milliseconds)
        year, month = divmod(moment.year * 12 + moment.month - 1 + span.months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
    except (OverflowError, ValueError) as error:
        raise fail("The time is out of range", "invalid-arguments", node) from error


def _span(node: exp.Interval) -> Span:
    typed = interval(node)
    number = int(typed.constant)
    return Span(months=number) if typed.type == YEAR_TO_MONTH else Span(milliseconds=number)


def _number(node: exp.Literal) -> int | Decimal:
    return int(node.this) if node.this.isdigit() else Decimal(node.this)


def _other(node: exp.Expr) -> Unsupported:
    hint = "Write TIMESTAMP '2026-01-31 00:00:00 UTC', :parameter, or current_timestamp - INTERVAL '7' DAY."
    refusal = Unsupported("FOR … AS OF takes no such expression here.", hint=hint)
    placed(refusal, node)
    return refusal
