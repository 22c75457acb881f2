"""The state of one statement's analysis, and the door from a query's tree to its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.analyze.scope import Column, Scope
from olo_jupyter.lakehouse.sql.dialect import Dialect
from olo_jupyter.lakehouse.sql.expressions.dialect import DUCKDB
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.parameters import Parameters
from olo_jupyter.lakehouse.sql.parse import fail, placed
from olo_jupyter.lakehouse.sql.statement import Field, Scan, Schemas
from olo_jupyter.lakehouse.sql.types import TrinoType

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.sql.analyze.owners import CommonTable


class Analyzed(Protocol):
    """A query whose names and types are known. Its text is made later, when it is known which columns are needed."""

    @property
    def fields(self) -> Sequence[Field]:
        """The output columns; '' is the name of one that has none."""

    def render(self, used: set[int] | None) -> str:
        """The dialect's text of the query; of its columns c0, c1 … only ``used`` are there (all where None)."""


@dataclass(frozen=True)
class Surroundings:
    """What a query stands in: the scope around it, the WITH names it sees, and where unqualified names count from."""

    catalog: str
    namespace: str
    sources: str = ""
    outer: Scope | None = None
    tables: Mapping[str, CommonTable] = field(default_factory=dict)
    view: str = ""

    def inside(self, scope: Scope) -> Surroundings:
        """The surroundings of a subquery that stands in an expression over ``scope``."""
        return replace(self, outer=scope)


@dataclass
class Analyzer:
    """One statement. Everything in it is named apart: scan_1, q_2, cte_3 …

    Args:
        moment: Start of the statement.
        earlier: Results that are relations by name.
        catalog, namespace: The session's.
        scans, results: What is read, filled in on the way.
        views: The views being expanded, from the outside.
        dialect: The SQL that is written.
        timed: Whether anything asked for the moment.
    """

    schemas: Schemas
    parameters: Parameters
    moment: datetime
    earlier: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    catalog: str = ""
    namespace: str = ""
    scans: list[Scan] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    views: tuple[str, ...] = ()
    dialect: Dialect = DUCKDB
    timed: bool = False
    _recorders: list[list[Column]] = field(default_factory=list)
    _count: int = 0

    @property
    def now(self) -> datetime:
        """The start of the statement."""
        self.timed = True
        return self.moment

    def name(self, prefix: str) -> str:
        """A relation name that occurs nowhere else in the statement."""
        self._count += 1
        return f"{prefix}_{self._count}"

    def note(self, column: Column) -> None:
        """``column`` of this query occurs in what is being lowered (one of an outer query is demanded at once)."""
        if self._recorders:
            self._recorders[-1].append(column)

    @contextmanager
    def record(self) -> Iterator[list[Column]]:
        """Collect the columns that occur in what is lowered inside."""
        columns: list[Column] = []
        self._recorders.append(columns)
        try:
            yield columns
        finally:
            self._recorders.pop()

    def lower(self, node: exp.Expr, environment: Environment) -> Typed:
        """The dialect's ``lower`` with every error at its place."""
        try:
            return self.dialect.lower(node, environment)
        except QueryError as error:
            raise placed(error, node) from error

    def admit(self, form: str, node: exp.Expr | None) -> None:
        """The clause ``form`` stands at ``node``; see ``Dialect.admit``."""
        try:
            self.dialect.admit(form)
        except QueryError as error:
            raise placed(error, node) from error

    def condition(self, node: exp.Expr, environment: Environment, what: str) -> Typed:
        """A boolean expression: of WHERE, HAVING, ON."""
        value = self.lower(node, environment)
        if value.type.base == "unknown":
            return Typed("CAST(NULL AS BOOLEAN)", TrinoType("boolean"))
        if value.type.base != "boolean":
            message = f"{what} must evaluate to a boolean: actual type {value.type}"
            raise fail(message, "type-mismatch", node)
        return value

    def parameter(self, node: exp.Placeholder, around: Surroundings) -> Typed:
        if around.view:
            raise fail("A view can't have parameters", "invalid-view", node)
        return self.parameters.typed(node, self.dialect)

    def session_value(self, node: exp.Parameter) -> Typed:
        """CURRENT_CATALOG and CURRENT_SCHEMA."""
        value = self.catalog if node.name.upper() == "CURRENT_CATALOG" else self.namespace
        varchar = TrinoType("varchar")
        if not value:
            return self.dialect.coerce(Typed("NULL", TrinoType("unknown"), None), varchar)
        return Typed(self.dialect.literal(value), varchar, value)

    def query(self, node: exp.Expr, around: Surroundings) -> Analyzed:
        """Analyze any query: SELECT, set operation, VALUES, TABLE, in parentheses, with WITH.

        Raises:
            QueryError: What Trino would say of it; ``Unsupported`` for what only Trino can run.
        """
        from olo_jupyter.lakehouse.sql.analyze.queries import analyze_query

        return analyze_query(self, node, around)

    def used_scans(self, sql: str) -> tuple[Scan, ...]:
        """The scans that stand in ``sql``, by their number."""
        present = set(re.findall(r"\bscan_\d+\b", sql))
        listed = (scan for scan in self.scans if scan.alias in present)
        return tuple(sorted(listed, key=lambda scan: int(scan.alias.removeprefix("scan_"))))
