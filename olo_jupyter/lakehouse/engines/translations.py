"""Translated statements, kept: a cell that runs again over tables that are the same is not translated again.

What a translation depends on is recorded while it is made: its text, parameters and surroundings, and the state of each
table that it asked for. It is used again only where all of that is the same.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from olo_jupyter.lakehouse.engines.base import Request
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.reading import Reading, State
from olo_jupyter.lakehouse.sql.dialect import Dialect
from olo_jupyter.lakehouse.sql.statement import Field, Schemas, Statement, TableDefinition, TableSchema, ViewSchema
from olo_jupyter.lakehouse.sql.translate import Context, translation
from olo_jupyter.lakehouse.sql.types import parse_type

_REMEMBERED = 256
_NAME = re.compile(r"[:{]\s*([A-Za-z_]\w*)")
_PLAIN = (type(None), bool, int, float, str, bytes, Decimal, date, datetime, time)

_Asked = tuple[TableName, Pin | None, str | None]


@dataclass(frozen=True)
class _Kept:
    """A translation: what it asked for and found, and the parameters that it has in it."""

    statement: Statement
    states: tuple[tuple[_Asked, State], ...]
    parameters: tuple[str, ...]


class Translations:
    """The last translated statements of an engine. Safe to use from several threads.

    Args:
        dialect: What queries are translated to.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def translated(self, request: Request, reading: Reading) -> tuple[Statement, dict[str, Any]]:
        """The statement of ``request`` over the tables of ``reading``, and the parameters that it has in it.

        Raises:
            QueryError: With line and column in the text; ``Unsupported`` for what only Trino can run.
        """
        key = _key(request)
        with self._lock:
            kept = self._kept.get(key) if key is not None else None
        if kept is not None and all(_is_still(reading, asked, state) for asked, state in kept.states):
            with self._lock:
                self._kept[key] = kept
                self._kept.move_to_end(key)
            return kept.statement, {name: request.parameters[name] for name in kept.parameters}
        asking = _Asking(reading)
        parameters = _Used(request.parameters)
        done = translation(request.sql, _context(request, asking, parameters, self._dialect))
        if key is not None and asking.repeatable and not done.timed:
            kept = _Kept(done.statement, tuple(asking.states.items()), tuple(parameters.used))
            with self._lock:
                self._kept[key] = kept
                self._kept.move_to_end(key)
                while len(self._kept) > _REMEMBERED:
                    self._kept.popitem(last=False)
        return done.statement, parameters.used


def _context(request: Request, schemas: Schemas, parameters: Mapping[str, Any], dialect: Dialect) -> Context:
    return Context(
        schemas=schemas,
        catalog=request.catalog,
        namespace=request.namespace,
        sources=request.sources,
        parameters=parameters,
        positional=request.positional,
        results={
            name: tuple(Field(column.name, parse_type(column.type)) for column in result.columns)
            for name, result in request.results.items()
        },
        dialect=dialect,
    )


def _key(request: Request) -> Hashable | None:
    """All that a translation depends on besides tables; None where a value can't be told from others like it."""
    named = [name for name in dict.fromkeys(_NAME.findall(request.sql)) if name in request.parameters]
    values = [(name, request.parameters[name]) for name in named] + [("?", value) for value in request.positional]
    if any(type(value) not in _PLAIN for _, value in values):
        return None
    return (
        request.sql,
        request.catalog,
        request.namespace,
        request.sources,
        tuple((name, type(value), repr(value)) for name, value in values),
        tuple((name, result.columns) for name, result in request.results.items()),
    )


def _is_still(reading: Reading, asked: _Asked, state: State) -> bool:
    try:
        return reading.state(*asked) == state
    except QueryError:  # gone: translating anew tells where in the text
        return False


class _Asking:
    """A reading as the translator sees it (``Schemas``), noting what is asked of it and what that depends on."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.states: dict[_Asked, State] = {}
        self.repeatable = True

    def relation(self, table: TableName, pin: Pin | None, metadata: str | None) -> TableSchema | ViewSchema:
        try:
            found = self._reading.relation(table, pin, metadata)
            state = self._reading.state(table, pin, metadata)
        except QueryError:
            self.repeatable = False
            raise
        if state is None:
            self.repeatable = False
        self.states[table, pin, metadata] = state
        return found

    def definition(self, table: TableName) -> TableDefinition | ViewSchema:
        self.repeatable = False
        return self._reading.definition(table)

    def schema_location(self, catalog: str, namespace: str) -> str:
        self.repeatable = False
        return self._reading.schema_location(catalog, namespace)


class _Used(Mapping[str, Any]):
    """The request's parameters, and which of them the statement asked for: only those belong to its provenance."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.used: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        self.used[name] = self._values[name]
        return self.used[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
