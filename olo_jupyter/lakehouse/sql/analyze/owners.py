"""Who gives columns to a query: a scan of a table, a query in FROM, a WITH query used several times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from sqlglot import exp

from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzed, Analyzer
from olo_jupyter.lakehouse.sql.analyze.scope import Column, Owner
from olo_jupyter.lakehouse.sql.expressions.shorts import DIGITS, lazily
from olo_jupyter.lakehouse.sql.expressions.typed import Short
from olo_jupyter.lakehouse.sql.parse import fail
from olo_jupyter.lakehouse.sql.statement import HIDDEN, Field, Predicate, Scan


class ScanOwner(Owner):
    """One occurrence of a table. Its Scan is made when it is rendered, with the columns needed until then."""

    def __init__(
        self,
        analyzer: Analyzer,
        table: TableName,
        fields: Sequence[Field],
        pin: Pin | None,
        metadata: str | None,
        *,
        located: bool = False,
        bounds: Callable[[str], tuple[int, int] | None] | None = None,
    ) -> None:
        own = {each.name.lower() for each in fields}
        rows = metadata is None and table.namespace != "information_schema" and table.catalog != "system"
        hidden = [each for each in HIDDEN if rows and each.name not in own]
        fields = [*fields, *hidden]
        self._analyzer, self._table, self._fields, self._pin, self._metadata = analyzer, table, fields, pin, metadata
        self._located = located
        self.alias = analyzer.name("scan")
        self.columns = [
            Column(
                name=each.name.lower(),
                type=each.type,
                sql=f"{self.alias}.{analyzer.dialect.identifier(each.name)}",
                qualifier=(table.catalog, table.namespace, _written(table, metadata)),
                owner=self,
                nullable=each.nullable,
                plain=each not in hidden,
                hidden=each in hidden,
            )
            for each in fields
        ]
        for column, each in zip(self.columns, fields, strict=True):
            if bounds is not None and each.type.base == "decimal" and each.type.parameters[0] <= DIGITS:
                column.short = lazily(partial(_bounded, column.sql, each.name, bounds))
        self.predicates: list[Predicate] = []
        self._used: set[int] = set()

    def demand(self, column: Column) -> None:
        if column.hidden:
            self._analyzer.admit(f"column {column.name}", None)
        self._used.add(self.columns.index(column))

    def stored_name(self, column: Column) -> str:
        """The name of ``column`` in the table, whatever it is called in the query."""
        return self._fields[self.columns.index(column)].name.lower()

    def render(self) -> str:
        columns = tuple(each.name for at, each in enumerate(self._fields) if at in self._used)
        predicates = tuple(self.predicates)
        scan = Scan(self.alias, self._table, self._metadata, self._pin, columns, predicates, self._located)
        self._analyzer.scans.append(scan)
        return self.alias


def _bounded(sql: str, name: str, bounds: Callable[[str], tuple[int, int] | None]) -> Short | None:
    found = bounds(name)
    return None if found is None else Short(sql, *found)


def _written(table: TableName, metadata: str | None) -> str:
    return f"{table.table}${metadata}" if metadata else table.table


class ResultOwner(Owner):
    """An earlier result as a relation."""

    def __init__(self, analyzer: Analyzer, name: str, fields: Sequence[Field]) -> None:
        self._analyzer, self._name = analyzer, name
        self._alias = analyzer.name("r")
        self.columns = [
            Column(
                name=each.name.lower(),
                type=each.type,
                sql=f"{self._alias}.{analyzer.dialect.identifier(each.name)}",
                qualifier=(name.lower(),),
                owner=self,
                nullable=each.nullable,
            )
            for each in fields
        ]

    def render(self) -> str:
        if self._name not in self._analyzer.results:
            self._analyzer.results.append(self._name)
        return f"{self._analyzer.dialect.identifier('result_' + self._name)} AS {self._alias}"


class QueryOwner(Owner):
    """A query in FROM: a subquery, a view, VALUES."""

    def __init__(self, analyzer: Analyzer, query: Analyzed, *, lateral: bool = False) -> None:
        self._query, self._lateral = query, lateral
        self._alias = analyzer.name("q")
        self._used: set[int] = set()
        self.columns = columns_of(query.fields, self._alias, self)

    def demand(self, column: Column) -> None:
        self._used.add(self.columns.index(column))

    def render(self) -> str:
        return f"{'LATERAL ' if self._lateral else ''}({self._query.render(self._used)}) AS {self._alias}"


@dataclass
class CommonTable:
    """A query of WITH. Columns needed by any of its ``uses`` are needed."""

    name: str
    query: Analyzed
    fields: Sequence[Field]
    used: set[int] = field(default_factory=set)
    rendered: bool = False
    uses: int = 0

    def render(self) -> str:
        return f"{self.name} AS ({self.query.render(self.used)})"


def renamed(fields: Sequence[Field], alias: exp.TableAlias) -> list[Field]:
    """The columns of a WITH query under the names that its alias gives them.

    Raises:
        QueryError: mismatched-column-aliases.
    """
    names = alias.args.get("columns") or []
    if not names:
        return list(fields)
    if len(names) != len(fields):
        message = (
            f"WITH column alias list has {len(names)} entries but WITH query({alias.name}) has {len(fields)} columns"
        )
        raise fail(message, "mismatched-column-aliases", alias)
    return [replace(each, name=name.name) for each, name in zip(fields, names, strict=True)]


class CommonTableOwner(Owner):
    """One use of a WITH query."""

    def __init__(self, analyzer: Analyzer, table: CommonTable, written: str) -> None:
        self._table = table
        table.uses += 1
        self._alias = analyzer.name("q")
        self.columns = columns_of(table.fields, self._alias, self)
        for column in self.columns:
            column.qualifier = (written,)

    def demand(self, column: Column) -> None:
        self._table.used.add(self.columns.index(column))

    def render(self) -> str:
        self._table.rendered = True
        return f"{self._table.name} AS {self._alias}"


def columns_of(fields: Sequence[Field], alias: str, owner: Owner) -> list[Column]:
    """The columns c0, c1 … of a rendered query as columns of ``alias``."""
    return [
        Column(each.name.lower(), each.type, f"{alias}.c{at}", owner=owner, nullable=each.nullable, written=each.name)
        for at, each in enumerate(fields)
    ]
