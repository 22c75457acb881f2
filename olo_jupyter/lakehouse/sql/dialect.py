"""What differs between the SQL of two engines, once Trino's names and types are known.

The analyzer is one for all engines; a dialect writes the text. DuckDB's is the default, Spark's is in ``sql/spark``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlglot import exp

from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import TrinoType


@dataclass(frozen=True)
class Unnested:
    """A relation of array elements: its text, and of each column its name ('' for none), type and text."""

    text: str
    columns: Sequence[tuple[str, TrinoType, str]]


class Dialect(Protocol):
    """The SQL of one engine."""

    engine: str
    """What a refusal calls the engine: ``The Spark engine``."""
    ties: bool
    """Whether it can keep the rows that tie with the last one (``QUALIFY``)."""
    empty_sets: bool
    """Whether the grouping set () gives a row where there is nothing to group."""
    rows: bool
    """Whether rows and arrays are values like others: put into order, looked up in a query; and WITH RECURSIVE."""

    def lower(self, node: exp.Expr, env: Environment) -> Typed:
        """An expression's text, with Trino's type.

        Raises:
            QueryError: What Trino would say of it.
            Unsupported: No lowering of it is proved.
        """

    def admit(self, form: str) -> None:
        """A statement has the clause ``form``, such as ``FULL JOIN`` or ``GROUP BY of real``.

        Raises:
            Unsupported: Its answers on this engine were never compared with Trino's.
        """

    def coerce(self, value: Typed, target: TrinoType) -> Typed:
        """``value`` as ``target``, to which it must be coercible."""

    def field(self, value: Typed, at: int) -> Typed:
        """The field of a row at a place, from 0."""

    def identifier(self, name: str) -> str:
        """``name`` quoted."""

    def literal(self, value: str) -> str:
        """A text as a literal."""

    def parameter(self, name: str, type_: TrinoType) -> str:
        """A bound value."""

    def grouping(self, keys: Sequence[str], type_: TrinoType) -> str:
        """``GROUPING(keys)``: a bit for each key, 1 where it isn't in the row's grouping set."""

    def values(self, rows: Sequence[Sequence[str]]) -> str:
        """A query of these rows."""

    def unnest(self, alias: str, values: Sequence[Typed], *, ordinality: bool) -> Unnested:
        """Arrays and maps as rows, side by side; ``ordinality`` adds the number of the row, from 1."""
