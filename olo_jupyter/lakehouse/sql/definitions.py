"""Statements that aren't queries: names resolved, queries in them analyzed, types checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzed, Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.relations import resolve
from olo_jupyter.lakehouse.sql.analyze.scope import nearest
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, coerce
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.grammar import syntax
from olo_jupyter.lakehouse.sql.parse import fail, placed, refuse
from olo_jupyter.lakehouse.sql.show import show
from olo_jupyter.lakehouse.sql.statement import (
    AlterColumns,
    Comment,
    CreateSchema,
    CreateTable,
    CreateView,
    Drop,
    Explain,
    Field,
    Insert,
    PartitionField,
    Query,
    Rename,
    Statement,
    TableSchema,
    ViewSchema,
)
from olo_jupyter.lakehouse.sql.types import TrinoType

_TRANSFORM = re.compile(
    r'\s*(?:(?P<transform>\w+)\s*\(\s*)?(?P<column>"(?:[^"]|"")+"|\w+)\s*(?:,\s*(?P<number>\d+)\s*)?(?P<close>\))?\s*'
)


def translate_definition(analyzer: Analyzer, text: syntax.Text, around: Surroundings) -> Statement:
    """The statement for ``text``.

    Raises:
        QueryError: What Trino would say of it.
    """
    match text:
        case syntax.CreateTableText():
            return _create_table(analyzer, text, around)
        case syntax.InsertText():
            return _insert(analyzer, text, around)
        case syntax.CreateViewText():
            return _create_view(analyzer, text, around)
        case syntax.DropText(kind="schema"):
            catalog, namespace = schema_name(text.name, around)
            return Drop("schema", TableName(catalog, namespace, ""), text.if_exists, text.cascade)
        case syntax.DropText():
            return Drop(text.kind, _target(text.name, around), text.if_exists)
        case syntax.CreateSchemaText():
            if text.properties:
                raise refuse("properties of a schema", text.name)
            return CreateSchema(*schema_name(text.name, around), text.if_not_exists)
        case syntax.RenameText():
            source = _target(text.name, around)
            target = resolve(text.to, Surroundings(source.catalog, source.namespace))[0]
            return Rename(text.kind, source, target)
        case syntax.AlterColumnText():
            return _alter_column(text, around)
        case syntax.CommentText():
            column = text.column.name.lower() if text.column is not None else ""
            return Comment(text.kind, _target(text.name, around), column, text.text)
        case syntax.ExplainText():
            analyzed = analyzer.query(text.query, around)
            return Explain(as_query(analyzer, analyzed, _shown_names(analyzed)))
        case syntax.ShowText():
            analyzed = show(analyzer, text, around)
            return as_query(analyzer, analyzed, _shown_names(analyzed))


def as_query(analyzer: Analyzer, analyzed: Analyzed, names: Sequence[str]) -> Query:
    """``analyzed`` as a statement, all its columns, under ``names``."""
    sql = analyzed.render(None)
    fields = tuple(replace(each, name=name) for each, name in zip(analyzed.fields, names, strict=True))
    return Query(sql, fields, analyzer.used_scans(sql), tuple(analyzer.results), dict(analyzer.parameters.used))


def _shown_names(analyzed: Analyzed) -> list[str]:
    return [each.name or f"_col{at}" for at, each in enumerate(analyzed.fields)]


def schema_name(node: exp.Table, around: Surroundings) -> tuple[str, str]:
    """Catalog and namespace of ``[catalog.]namespace``.

    Raises:
        QueryError: syntax-error, missing-catalog-name.
    """
    parts = [part.name.lower() for part in node.parts]
    if len(parts) > 2:
        raise fail(f"Too many parts in schema name: {'.'.join(parts)}", "syntax-error", node)
    if len(parts) == 1 and not around.catalog:
        raise fail("Catalog must be specified when session catalog is not set", "missing-catalog-name", node)
    return (parts[0], parts[1]) if len(parts) == 2 else (around.catalog, parts[0])


def _target(node: exp.Table, around: Surroundings) -> TableName:
    table, metadata = resolve(node, around)
    if metadata is not None:
        raise fail(f"'{table}${metadata}' can't be changed", "not-supported", node)
    return table


def _create_table(analyzer: Analyzer, text: syntax.CreateTableText, around: Surroundings) -> CreateTable:
    table = _target(text.name, around)
    partitioning = _partitioning(text.properties.get("partitioning"), text.name)
    properties = {key: value for key, value in text.properties.items() if key != "partitioning"}
    query = None
    if text.query is None:
        _unique([column.name for column in text.columns])
        fields = tuple(Field(each.name.name.lower(), each.type, each.nullable, each.comment) for each in text.columns)
    else:
        analyzed = analyzer.query(text.query, around)
        names = _stored_names(analyzed, text)
        for name, field in zip(names, analyzed.fields, strict=True):
            if field.type.base == "unknown":
                message = f"Column type is unknown: {name}"
                raise fail(
                    message, "column-type-unknown", text.query, hint=f"Give it one: CAST(… AS varchar) AS {name}."
                )
        query = as_query(analyzer, analyzed, names)
        fields = tuple(Field(each.name, each.type) for each in query.fields)
        query = replace(query, fields=fields) if text.with_data else None
    known = {field.name for field in fields}
    for part in partitioning:
        if part.column not in known:
            hint = nearest(part.column, known)
            raise fail(
                f"Partition column {part.column} is not in the table", "invalid-table-property", text.name, hint=hint
            )
    return CreateTable(table, fields, query, text.exists, partitioning, properties, text.comment)


def _stored_names(analyzed: Analyzed, text: syntax.CreateTableText) -> list[str]:
    if text.aliases:
        if len(text.aliases) != len(analyzed.fields):
            message = (
                f"Column alias list has {len(text.aliases)} entries but relation has {len(analyzed.fields)} columns"
            )
            raise fail(message, "mismatched-column-aliases", text.aliases[0])
        _unique(text.aliases)
        return [alias.name.lower() for alias in text.aliases]
    _named(analyzed.fields, text.query)
    return [field.name.lower() for field in analyzed.fields]


def _named(fields: Sequence[Field], node: exp.Expr | None) -> None:
    """Each column that is stored must have a name of its own."""
    seen: set[str] = set()
    for at, field in enumerate(fields, start=1):
        if not field.name:
            hint = "Name it with AS."
            raise fail(f"Column name not specified at position {at}", "missing-column-name", node, hint=hint)
        if field.name.lower() in seen:
            raise fail(f"Column name '{field.name}' specified more than once", "duplicate-column-name", node)
        seen.add(field.name.lower())


def _unique(names: Iterable[exp.Identifier]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.name.lower() in seen:
            raise fail(f"Column name '{name.name}' specified more than once", "duplicate-column-name", name)
        seen.add(name.name.lower())


def _partitioning(value: object, node: exp.Expr) -> tuple[PartitionField, ...]:
    """``ARRAY['month(day)', 'bucket(id, 16)', 'carrier']`` in PyIceberg's spelling."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise fail(
            "Invalid value for table property 'partitioning': an array of text is needed",
            "invalid-table-property",
            node,
        )
    return tuple(_partition_field(each, node) for each in value)


def _partition_field(text: str, node: exp.Expr) -> PartitionField:
    match = _TRANSFORM.fullmatch(text)
    transform = (match.group("transform") or "identity").lower() if match else ""
    number = match.group("number") if match else None
    balanced = match is not None and (match.group("transform") is None) == (match.group("close") is None)
    counted = transform in ("bucket", "truncate")
    if match is None or not balanced or counted != (number is not None):
        raise fail(f"Unable to parse partitioning value: {text}", "invalid-table-property", node)
    if transform not in ("identity", "year", "month", "day", "hour", "bucket", "truncate", "void"):
        raise fail(f"Unable to parse partitioning value: {text}", "invalid-table-property", node)
    written = match.group("column")
    column = written[1:-1].replace('""', '"') if written.startswith('"') else written
    return PartitionField(column.lower(), f"{transform}[{number}]" if counted else transform)


def _insert(analyzer: Analyzer, text: syntax.InsertText, around: Surroundings) -> Insert:
    table = _target(text.name, around)
    try:
        schema = analyzer.schemas.relation(table, None, None)
    except QueryError as error:
        raise placed(error, text.name) from error
    if isinstance(schema, ViewSchema):
        raise fail("Inserting into views is not supported", "not-supported", text.name)
    fields = _insert_columns(text, schema, table)
    analyzed = analyzer.query(text.query, around)
    given = [field.type for field in analyzed.fields]
    wanted = [field.type for field in fields]
    if len(given) != len(wanted) or not all(map(_fits, given, wanted)):
        message = f"Insert query has mismatched column types: Table: [{_types(wanted)}], Query: [{_types(given)}]"
        raise fail(message, "type-mismatch", text.query, hint="CAST the columns of the query to the table's types.")
    inner = analyzed.render(None)
    cells = ", ".join(
        f"{coerce(Typed(f'i.c{at}', source), target).sql} AS c{at}"
        for at, (source, target) in enumerate(zip(given, wanted, strict=True))
    )
    sql = f"SELECT {cells} FROM ({inner}) AS i"
    query = Query(sql, tuple(fields), analyzer.used_scans(sql), tuple(analyzer.results), dict(analyzer.parameters.used))
    return Insert(table, tuple(field.name for field in fields), query)


def _insert_columns(text: syntax.InsertText, schema: TableSchema, table: TableName) -> list[Field]:
    if not text.columns:
        return list(schema.fields)
    _unique(text.columns)
    by_name = {field.name.lower(): field for field in schema.fields}
    for column in text.columns:
        if column.name.lower() not in by_name:
            hint = nearest(column.name.lower(), by_name)
            raise fail(
                f"Insert column name does not exist in target table: {column.name}",
                "column-not-found",
                column,
                hint=hint,
            )
    missing = [
        field.name
        for name, field in by_name.items()
        if not field.nullable and name not in {column.name.lower() for column in text.columns}
    ]
    if missing:
        message = f"NULL value not allowed for NOT NULL column: {missing[0]}"
        raise fail(
            message,
            "constraint-violation",
            text.name,
            hint=f"Columns of {table} that need a value: {', '.join(missing)}.",
        )
    return [by_name[column.name.lower()] for column in text.columns]


def _fits(given: TrinoType, wanted: TrinoType) -> bool:
    return can_coerce(given, wanted)


def _types(types: Iterable[TrinoType]) -> str:
    return ", ".join(map(str, types))


def _create_view(analyzer: Analyzer, text: syntax.CreateViewText, around: Surroundings) -> CreateView:
    name = _target(text.name, around)
    analyzer.views = (*analyzer.views, str(name)) if text.replace else analyzer.views
    analyzed = analyzer.query(text.query, replace(around, view=str(name)))
    _named(analyzed.fields, text.query)
    for field in analyzed.fields:
        if field.type.base == "unknown":
            raise fail(f"Column type is unknown: {field.name}", "column-type-unknown", text.query)
    fields = tuple(Field(each.name.lower(), each.type) for each in analyzed.fields)
    return CreateView(name, text.sql, fields, text.replace, text.comment)


def _alter_column(text: syntax.AlterColumnText, around: Surroundings) -> AlterColumns:
    table = _target(text.name, around)
    field = None
    if text.definition is not None:
        definition = text.definition
        field = Field(definition.name.name.lower(), definition.type, definition.nullable, definition.comment)
    to = text.to.name.lower() if text.to is not None else ""
    return AlterColumns(table, text.action, text.column.name.lower(), field, to, text.if_exists)
