"""information_schema and system.metadata: what Trino's own tables say about catalogs, and dbt's macros ask for.

Predicates on the names keep the work small: a question about one table loads one table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import pyarrow as pa

from olo_jupyter.lakehouse.arrow_types import arrow_type
from olo_jupyter.lakehouse.catalog import Catalogs, nearest
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.iceberg_types import table_schema
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.statement import Field, Predicate, Scan, TableSchema
from olo_jupyter.lakehouse.sql.types import parse_type, shown
from olo_jupyter.lakehouse.views import find_view, list_views, view_comment

INFORMATION_SCHEMA = "information_schema"
SYSTEM = "system"

Row = dict[str, Any]


def answers(table: TableName) -> bool:
    """Whether ``table`` is one that this module answers: any catalog's information_schema, and the catalog system."""
    return table.namespace == INFORMATION_SCHEMA or table.catalog == SYSTEM


def schema(catalogs: Catalogs, table: TableName) -> TableSchema:
    """The columns of such a table.

    Raises:
        QueryError: No such catalog, schema or table.
    """
    if table.catalog != SYSTEM:
        catalogs.check_access(table.catalog)
    known = _COLUMNS.get((table.catalog == SYSTEM, table.namespace), {})
    if not known:
        raise QueryError(f"Schema {SYSTEM}.{table.namespace} does not exist.", code="schema-not-found")
    if table.table not in known:
        hint = nearest(table.table, known)
        raise QueryError(f"Table {table} does not exist.", code="table-not-found", hint=hint)
    return TableSchema(known[table.table])


def rows(catalogs: Catalogs, scan: Scan) -> pa.Table:
    """The rows of such a table, all its columns; ``scan.predicates`` may leave out rows that they exclude anyway."""
    fields = schema(catalogs, scan.table).fields
    asked = _Asked(catalogs, scan.table.catalog, scan.predicates)
    found = _ROWS.get(scan.table.table, _none)(asked)
    arrow = pa.schema([pa.field(field.name, arrow_type(field.type)) for field in fields])
    return pa.Table.from_pylist(list(found), schema=arrow)


class _Asked:
    """What a question is about: the names that can matter to its answer."""

    def __init__(self, catalogs: Catalogs, catalog: str, predicates: Iterable[Predicate]) -> None:
        self.catalogs = catalogs
        self._only: dict[str, set[Any]] = {}
        for predicate in predicates:
            if predicate.op in ("=", "in"):
                values = {predicate.value} if predicate.op == "=" else set(predicate.value)
                column = predicate.column.replace("table_schema", "schema_name").replace(
                    "table_catalog", "catalog_name"
                )
                self._only[column] = self._only.get(column, values) & values
        self.catalog_names = [catalog] if catalog != SYSTEM else self._kept("catalog_name", catalogs.names())

    def namespaces(self) -> Iterator[tuple[str, str]]:
        """Catalog and namespace of each that was asked for."""
        for catalog in self.catalog_names:
            for namespace in self._kept("schema_name", self.catalogs.namespaces(catalog)):
                yield catalog, namespace

    def tables(self) -> Iterator[TableName]:
        for catalog, namespace in self.namespaces():
            for name in self._kept("table_name", map(str.lower, self.catalogs.tables(catalog, namespace))):
                yield TableName(catalog, namespace, name)

    def views(self) -> Iterator[TableName]:
        for catalog, namespace in self.namespaces():
            for name in self._kept("table_name", list_views(self.catalogs, catalog, namespace)):
                yield TableName(catalog, namespace, name)

    def own(self) -> Iterator[tuple[TableName, tuple[Field, ...]]]:
        """The tables of information_schema itself."""
        for catalog in self.catalog_names:
            for _ in self._kept("schema_name", [INFORMATION_SCHEMA]):
                known = _COLUMNS[False, INFORMATION_SCHEMA]
                for name in self._kept("table_name", known):
                    yield TableName(catalog, INFORMATION_SCHEMA, name), known[name]

    def _kept(self, column: str, names: Iterable[str]) -> list[str]:
        only = self._only.get(column)
        return sorted(name for name in names if only is None or name in only)


def _of(name: TableName) -> Row:
    return {"table_catalog": name.catalog, "table_schema": name.namespace, "table_name": name.table}


def _tables(asked: _Asked) -> Iterator[Row]:
    for name in asked.tables():
        yield {**_of(name), "table_type": "BASE TABLE"}
    for name in asked.views():
        yield {**_of(name), "table_type": "VIEW"}
    for name, _ in asked.own():
        yield {**_of(name), "table_type": "BASE TABLE"}


def _columns(asked: _Asked) -> Iterator[Row]:
    for name, fields in _relations(asked):
        for position, field in enumerate(fields, start=1):
            yield {
                **_of(name),
                "column_name": field.name,
                "ordinal_position": position,
                "is_nullable": "YES" if field.nullable else "NO",
                "data_type": shown(field.type),
                "comment": field.comment or None,
            }


def _relations(asked: _Asked) -> Iterator[tuple[TableName, tuple[Field, ...]]]:
    """Everything with columns. As in Trino, what can't be read (or went away meanwhile) isn't in the list."""
    for name in asked.tables():
        try:
            table = asked.catalogs.find(name)
            if table is not None:
                yield name, table_schema(table.schema()).fields
        except QueryError:
            continue
    for name in asked.views():
        try:
            view = find_view(asked.catalogs, name)
        except QueryError:
            continue
        if view is not None:
            yield name, view.fields
    yield from asked.own()


def _views(asked: _Asked) -> Iterator[Row]:
    for name in asked.views():
        view = find_view(asked.catalogs, name)
        if view is not None:
            yield {**_of(name), "view_definition": view.sql}


def _schemata(asked: _Asked) -> Iterator[Row]:
    for catalog, namespace in asked.namespaces():
        yield {"catalog_name": catalog, "schema_name": namespace}
    for catalog in asked.catalog_names:
        yield {"catalog_name": catalog, "schema_name": INFORMATION_SCHEMA}


def _catalogs(asked: _Asked) -> Iterator[Row]:
    for catalog in asked.catalog_names:
        yield {"catalog_name": catalog, "connector_id": catalog, "connector_name": "iceberg"}


def _table_comments(asked: _Asked) -> Iterator[Row]:
    for name in asked.tables():
        with suppress(QueryError):  # as in Trino, a table that can't be read isn't in the list
            table = asked.catalogs.find(name)
            if table is not None:
                yield _comment(name, table.properties.get("comment"))
    for name in asked.views():
        yield _comment(name, view_comment(asked.catalogs, name) or None)


def _comment(name: TableName, comment: str | None) -> Row:
    return {
        "catalog_name": name.catalog,
        "schema_name": name.namespace,
        "table_name": name.table,
        "comment": comment,
    }


def _none(_: _Asked) -> Iterator[Row]:
    yield from ()


_ROWS: dict[str, Callable[[_Asked], Iterator[Row]]] = {
    "tables": _tables,
    "columns": _columns,
    "views": _views,
    "schemata": _schemata,
    "catalogs": _catalogs,
    "table_comments": _table_comments,
}


def _fields(names: str, **types: str) -> tuple[Field, ...]:
    return tuple(Field(name, parse_type(types.get(name, "varchar"))) for name in names.split())


_COLUMNS: dict[tuple[bool, str], dict[str, tuple[Field, ...]]] = {
    (False, INFORMATION_SCHEMA): {
        "tables": _fields("table_catalog table_schema table_name table_type"),
        "columns": _fields(
            "table_catalog table_schema table_name column_name ordinal_position column_default is_nullable data_type "
            "comment",
            ordinal_position="bigint",
        ),
        "views": _fields("table_catalog table_schema table_name view_definition"),
        "schemata": _fields("catalog_name schema_name"),
        "table_privileges": _fields(
            "grantor grantor_type grantee grantee_type table_catalog table_schema table_name privilege_type "
            "is_grantable with_hierarchy"
        ),
    },
    (True, "metadata"): {
        "catalogs": _fields("catalog_name connector_id connector_name"),
        "table_comments": _fields("catalog_name schema_name table_name comment"),
        "materialized_views": _fields(
            "catalog_name schema_name name storage_catalog storage_schema storage_table freshness comment definition"
        ),
    },
}
