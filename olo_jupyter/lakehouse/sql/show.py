"""SHOW and DESCRIBE, as queries.

SHOW CATALOGS, SCHEMAS and TABLES read ``system.metadata.catalogs``, ``information_schema.schemata`` and
``information_schema.tables``, which the engine answers; the others are answered from schemas that the analyzer knows.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzed, Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.relations import resolve
from olo_jupyter.lakehouse.sql.ddl import schema_name
from olo_jupyter.lakehouse.sql.grammar.syntax import ShowText
from olo_jupyter.lakehouse.sql.parse import fail, parse_query, placed, refuse
from olo_jupyter.lakehouse.sql.show_create import create_schema_text, create_table_text, create_view_text
from olo_jupyter.lakehouse.sql.statement import ViewSchema
from olo_jupyter.lakehouse.sql.types import shown

_COLUMNS = ("Column", "Type", "Extra", "Comment")
_FUNCTIONS = ("Function", "Return Type", "Argument Types", "Function Type", "Deterministic", "Description")


def show(analyzer: Analyzer, text: ShowText, around: Surroundings) -> Analyzed:
    """The query that answers ``text``."""
    return analyzer.query(parse_query(_query(analyzer, text, around)), Surroundings(around.catalog, around.namespace))


def _query(analyzer: Analyzer, text: ShowText, around: Surroundings) -> str:
    match text.kind:
        case "catalogs":
            return _names("catalog_name", "Catalog", "system.metadata.catalogs", "", text)
        case "schemas":
            catalog = _catalog(text.name, around)
            return _names("schema_name", "Schema", f"{_quoted(catalog)}.information_schema.schemata", "", text)
        case "tables":
            catalog, namespace = _namespace(text.name, around)
            where = f"table_schema = {_text(namespace)}"
            return _names("table_name", "Table", f"{_quoted(catalog)}.information_schema.tables", where, text)
        case "functions":
            if text.name is None:
                raise refuse(
                    "SHOW FUNCTIONS", None, hint="SHOW FUNCTIONS FROM a schema lists the functions made there."
                )
            return f"{_rows(_FUNCTIONS, [])}"
        case "columns":
            return _columns(analyzer, text, around)
        case "create table" | "create view" | "create schema":
            return _create(analyzer, text, around)


def _names(column: str, title: str, relation: str, where: str, text: ShowText) -> str:
    conditions = [each for each in (where, _like(column, text)) if each]
    filtered = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {column} AS {_quoted(title)} FROM {relation}{filtered} ORDER BY 1"


def _like(column: str, text: ShowText) -> str:
    if text.like is None:
        return ""
    escape = f" ESCAPE {_text(text.escape)}" if text.escape is not None else ""
    return f"{column} LIKE {_text(text.like)}{escape}"


def _catalog(name: exp.Table | None, around: Surroundings) -> str:
    if name is None:
        if not around.catalog:
            raise fail("Catalog must be specified when session catalog is not set", "missing-catalog-name", name)
        return around.catalog
    if len(name.parts) > 1:
        raise fail("Too many parts in catalog name", "syntax-error", name)
    return str(name.name).lower()


def _namespace(name: exp.Table | None, around: Surroundings) -> tuple[str, str]:
    parts = [part.name.lower() for part in name.parts] if name is not None else []
    if len(parts) > 2:
        raise fail("Too many parts in schema name", "syntax-error", name)
    catalog, namespace = [*(around.catalog, around.namespace)[: 2 - len(parts)], *parts]
    if not catalog:
        raise fail("Catalog must be specified when session catalog is not set", "missing-catalog-name", name)
    if not namespace:
        hint = "Write SHOW TABLES FROM a schema; SHOW SCHEMAS lists them."
        raise fail("Schema must be specified when session schema is not set", "missing-schema-name", name, hint=hint)
    return catalog, namespace


def _columns(analyzer: Analyzer, text: ShowText, around: Surroundings) -> str:
    assert text.name is not None
    table, metadata = resolve(text.name, around)
    try:
        schema = analyzer.schemas.relation(table, None, metadata)
    except QueryError as error:
        raise placed(error, text.name) from error
    fields = schema.fields
    if isinstance(schema, ViewSchema) and not fields:
        inside = Surroundings(schema.catalog, schema.namespace, view=str(table))
        fields = tuple(analyzer.query(parse_query(schema.sql), inside).fields)
    rows = [(field.name, shown(field.type), "", field.comment) for field in fields]
    like = _like(_quoted("Column"), text)
    return _rows(_COLUMNS, rows) + (f" WHERE {like}" if like else "")


def _create(analyzer: Analyzer, text: ShowText, around: Surroundings) -> str:
    assert text.name is not None
    if text.kind == "create schema":
        catalog, namespace = schema_name(text.name, around)
        try:
            location = analyzer.schemas.schema_location(catalog, namespace)
        except QueryError as error:
            raise placed(error, text.name) from error
        return _rows(("Create Schema",), [(create_schema_text(catalog, namespace, location),)])
    table, metadata = resolve(text.name, around)
    try:
        found = analyzer.schemas.definition(table)
    except QueryError as error:
        raise placed(error, text.name) from error
    if metadata is not None:
        raise fail(f"'{table}${metadata}' is made by the engine, not by a statement", "not-supported", text.name)
    if text.kind == "create view":
        if not isinstance(found, ViewSchema):
            raise fail(f"Relation '{table}' is a table, not a view", "not-supported", text.name)
        return _rows(("Create View",), [(create_view_text(table, found),)])
    if isinstance(found, ViewSchema):
        raise fail(f"Relation '{table}' is a view, not a table", "not-supported", text.name)
    return _rows(("Create Table",), [(create_table_text(table, found),)])


def _rows(names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A query of text columns that gives ``rows`` in their order."""
    listed = ", ".join(f"CAST({_quoted(name)} AS varchar) AS {_quoted(name)}" for name in names)
    columns = ", ".join(map(_quoted, names))
    cells = ", ".join("(" + ", ".join(map(_text, row)) + ")" for row in rows)
    if not rows:
        empty = ", ".join(f"CAST('' AS varchar) AS {_quoted(name)}" for name in names)
        return f"SELECT {empty} WHERE false"
    return f"SELECT {listed} FROM (VALUES {cells}) AS t ({columns})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
