"""A lowered expression: DuckDB text with the Trino type it stands for. Text, so that nothing rewrites it on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlglot import exp

from olo_jupyter.lakehouse.sql.types import TrinoType


class _NotConstant:
    def __repr__(self) -> str:
        return "NOT_CONSTANT"


NOT_CONSTANT = _NotConstant()


@dataclass(frozen=True)
class Short:
    """A decimal that fits into 64 bits.

    Args:
        sql: DuckDB text of a decimal of at most 18 digits, with the scale of its Trino type.
        low, high: Proved bounds of its values, in units of the last digit.
    """

    sql: str
    low: int
    high: int


DRAWING = frozenset({"random", "rand", "uuid", "shuffle"})
"""Functions that give another value each time."""
_DRAWS = ("random()", "uuid()", "olo_shuffled(", "olo_drawn_")
"""What stands in DuckDB's text where a value is drawn: another one each time that it is computed."""


def draws(sql: str) -> int:
    """How many values are drawn in a text.

    Example:
        >>> draws("random() + random()"), draws("a + 1")
        (2, 0)
    """
    return sum(sql.count(mark) for mark in _DRAWS)


@dataclass(frozen=True)
class Written:
    """A moment that was read from text, at whatever offset it stands there.

    Args:
        instant: DuckDB text of its instant.
        local: DuckDB text of its local time.
    """

    instant: str
    local: str


@dataclass(frozen=True)
class Typed:
    """An expression in DuckDB's SQL, with Trino's type.

    Args:
        sql: DuckDB text, safe to be put into a larger expression (parenthesised where it must be).
        type: Trino's type; ``unknown`` for a bare NULL.
        constant: The Python value of a literal (or folded constant), else NOT_CONSTANT.
        short: Gives the same value in 64 bits where that is proved; see :mod:`.shorts`.
        written: A timestamp with time zone that was read from text, for what needs no common zone of all values;
            ``sql`` refuses other offsets than that of the type.
    """

    sql: str
    type: TrinoType
    constant: Any = NOT_CONSTANT
    short: Callable[[], Short | None] | None = field(default=None, compare=False)
    written: Written | None = field(default=None, compare=False)

    @property
    def drawn(self) -> int:
        """How many values are drawn in it (random, uuid, shuffle)."""
        return draws(self.sql)


class Environment(Protocol):
    """What an expression may refer to at its place in the query. The analyzer gives it, the lowering asks it."""

    @property
    def now(self) -> datetime:
        """Start of the statement, aware, UTC: current_timestamp, current_date, now()."""

    def column(self, node: exp.Column | exp.Dot) -> Typed:
        """A column or a field of a row column, resolved by Trino's rules.

        Raises:
            QueryError: column-not-found (nearest names offered) or ambiguous-name.
        """

    def parameter(self, node: exp.Placeholder | exp.Parameter) -> Typed:
        """``:name``, as the typed literal that its bound value stands for."""

    def scalar_subquery(self, node: exp.Query) -> Typed:
        """``(SELECT …)`` as an expression in parentheses that fails on more than one row; of several columns a row."""

    def subquery_column(self, node: exp.Query, *, as_row: bool = False) -> Typed:
        """``(SELECT …)`` for IN and quantified comparison: the query in parentheses, type of its only column.

        Args:
            as_row: The query's rows are the values, of one column too.
        """

    def exists(self, node: exp.Query) -> str:
        """``(SELECT …)`` for EXISTS: text of the query in parentheses."""
