"""CREATE, ALTER, DROP and COMMENT: names resolved, properties read, queries in them analyzed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzed, Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.relations import resolve
from olo_jupyter.lakehouse.sql.analyze.scope import nearest
from olo_jupyter.lakehouse.sql.dml import changed_name, unique_names
from olo_jupyter.lakehouse.sql.grammar import syntax
from olo_jupyter.lakehouse.sql.parse import fail, placed, refuse
from olo_jupyter.lakehouse.sql.procedures import read_arguments
from olo_jupyter.lakehouse.sql.query import as_query
from olo_jupyter.lakehouse.sql.statement import (
    AlterColumns,
    Comment,
    CreateSchema,
    CreateTable,
    CreateView,
    Drop,
    Field,
    Procedure,
    Rename,
    SetProperties,
    Statement,
    TableDefinition,
)
from olo_jupyter.lakehouse.sql.table_properties import INVALID, Layout, read_properties
from olo_jupyter.lakehouse.sql.types import VARCHAR, TrinoType

_MICROS = 6


def translate_ddl(analyzer: Analyzer, text: syntax.Text, around: Surroundings) -> Statement:
    """The statement for ``text``.

    Raises:
        QueryError: What Trino would say of it.
    """
    match text:
        case syntax.CreateTableText():
            return _create_table(analyzer, text, around)
        case syntax.CreateViewText():
            return _create_view(analyzer, text, around)
        case syntax.DropText(kind="schema"):
            catalog, namespace = schema_name(text.name, around)
            return Drop("schema", TableName(catalog, namespace, ""), text.if_exists, text.cascade)
        case syntax.DropText():
            return Drop(text.kind, changed_name(text.name, around), text.if_exists)
        case syntax.CreateSchemaText():
            return _create_schema(text, around)
        case syntax.RenameText():
            source = changed_name(text.name, around)
            target = changed_name(text.to, Surroundings(source.catalog, source.namespace))
            return Rename(text.kind, source, target, text.table_if_exists)
        case syntax.AlterColumnText():
            return _alter_column(text, around)
        case syntax.SetPropertiesText():
            table = changed_name(text.name, around)
            layout = read_properties(text.properties, table)
            return SetProperties(table, layout.values, layout.partitioning, layout.sorted_by)
        case syntax.ExecuteText():
            name, arguments = read_arguments(text)
            return Procedure(changed_name(text.name, around), name, arguments)
        case syntax.CommentText():
            column = text.column.name.lower() if text.column is not None else ""
            return Comment(text.kind, changed_name(text.name, around), column, text.text)
    raise AssertionError(f"no DDL: {text}")


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


def _create_schema(text: syntax.CreateSchemaText, around: Surroundings) -> CreateSchema:
    catalog, namespace = schema_name(text.name, around)
    location = ""
    for given in text.properties:
        name = given.name.name.lower()
        if name != "location":
            message = f"Catalog '{catalog}' schema property '{name}' does not exist"
            raise fail(message, "invalid-schema-property", given.name, hint="There is one: location.")
        if not isinstance(given.value, str) or not given.value.strip():
            message = f"Invalid value for catalog '{catalog}' schema property 'location': a text is needed"
            raise fail(message, "invalid-schema-property", given.name)
        location = given.value.rstrip("/")
    return CreateSchema(catalog, namespace, text.if_not_exists, location)


def _create_table(analyzer: Analyzer, text: syntax.CreateTableText, around: Surroundings) -> CreateTable:
    table = changed_name(text.name, around)
    layout = read_properties(text.properties, table)
    query = None
    if text.query is None:
        fields, layout = _columns(analyzer, text, around, layout)
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
    _check_layout(layout, fields, text)
    return CreateTable(
        table,
        fields,
        query,
        text.exists,
        layout.partitioning or (),
        {name: value for name, value in layout.values.items() if value is not None},
        text.comment,
        layout.sorted_by or (),
    )


def _check_layout(layout: Layout, fields: Sequence[Field], text: syntax.CreateTableText) -> None:
    """The columns that a new table is laid out by must be there."""
    nodes = {each.name.name.lower(): each.name for each in text.properties}
    names = [field.name for field in fields]
    for part in layout.partitioning or ():
        if part.column not in names and not any(_inside(part.column, field) for field in fields):
            message = f"Unable to parse partitioning value: Cannot find source column: {part.column}"
            raise fail(message, INVALID, nodes.get("partitioning", text.name), hint=nearest(part.column, names))
    for order in layout.sorted_by or ():
        if order.column not in names:
            message = f"Column not found: {order.column}"
            raise fail(
                message, "column-not-found", nodes.get("sorted_by", text.name), hint=nearest(order.column, names)
            )


def _inside(path: str, field: Field) -> bool:
    """Whether ``path`` (``r.x``) is a field inside the column."""
    if not path.startswith(f"{field.name}.") or field.type.base != "row":
        return False
    rest = path.removeprefix(f"{field.name}.")
    parts = [
        Field(name.lower(), type_) for name, type_ in zip(field.type.names, field.type.elements, strict=True) if name
    ]
    return any(part.name == rest or _inside(rest, part) for part in parts)


def _columns(
    analyzer: Analyzer, text: syntax.CreateTableText, around: Surroundings, layout: Layout
) -> tuple[tuple[Field, ...], Layout]:
    """The columns that are written, and those of tables after LIKE; with the properties that come with them."""
    fields: list[Field] = []
    inherited = Layout()
    seen: set[str] = set()
    for element in text.columns:
        node: exp.Expr = element.name
        if isinstance(element, syntax.LikeClause):
            like = _like(analyzer, element, around)
            found = like.fields
            if element.properties:
                if inherited != Layout():
                    raise fail("Only one LIKE clause can specify INCLUDING PROPERTIES", "not-supported", text.name)
                inherited = Layout(like.properties, like.partitioning, like.sorted_by)
        else:
            name = element.name.name.lower()
            found = (Field(name, stored(element.type), element.nullable, element.comment),)
        for field in found:
            if field.name in seen:
                written = field.name if isinstance(element, syntax.LikeClause) else node.name
                raise fail(f"Column name '{written}' specified more than once", "duplicate-column-name", node)
            seen.add(field.name)
        fields.extend(found)
    merged = Layout(
        {**inherited.values, **layout.values},
        inherited.partitioning if layout.partitioning is None else layout.partitioning,
        inherited.sorted_by if layout.sorted_by is None else layout.sorted_by,
    )
    return tuple(fields), merged


def stored(type_: TrinoType) -> TrinoType:
    """The type in which Trino's Iceberg connector keeps a column that is declared as ``type_``.

    Example:
        >>> from olo_jupyter.lakehouse.sql.types import parse_type
        >>> str(stored(parse_type("array(char(3))"))), str(stored(parse_type("timestamp(9)")))
        ('array(varchar)', 'timestamp(6)')
    """
    if type_.elements:
        return replace(type_, elements=tuple(map(stored, type_.elements)))
    if type_.base == "char":
        return VARCHAR
    timed = type_.base in ("time", "timestamp", "timestamp with time zone")
    return replace(type_, parameters=(_MICROS,)) if timed and type_.parameters[0] > _MICROS else type_


def _like(analyzer: Analyzer, element: syntax.LikeClause, around: Surroundings) -> TableDefinition:
    name, _ = resolve(element.name, around)
    try:
        found = analyzer.schemas.definition(name)
    except QueryError as error:
        if error.code == "table-not-found":
            error.message = f"LIKE table '{name}' does not exist"
        raise placed(error, element.name) from error
    if not isinstance(found, TableDefinition):
        raise refuse("LIKE of a view", element.name, hint="Write CREATE TABLE … AS SELECT … WITH NO DATA.")
    # A new table has a place of its own: with the other's, each would see the other's files.
    own = {key: value for key, value in found.properties.items() if key not in ("location", "data_location")}
    return replace(found, properties=own)


def _stored_names(analyzed: Analyzed, text: syntax.CreateTableText) -> list[str]:
    if text.aliases:
        if len(text.aliases) != len(analyzed.fields):
            message = (
                f"Column alias list has {len(text.aliases)} entries but relation has {len(analyzed.fields)} columns"
            )
            raise fail(message, "mismatched-column-aliases", text.aliases[0])
        unique_names(text.aliases)
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


def _create_view(analyzer: Analyzer, text: syntax.CreateViewText, around: Surroundings) -> CreateView:
    name = changed_name(text.name, around)
    analyzer.views = (*analyzer.views, str(name)) if text.replace else analyzer.views
    analyzed = analyzer.query(text.query, replace(around, view=str(name)))
    _named(analyzed.fields, text.query)
    for field in analyzed.fields:
        if field.type.base == "unknown":
            raise fail(f"Column type is unknown: {field.name}", "column-type-unknown", text.query)
    fields = tuple(Field(each.name.lower(), each.type) for each in analyzed.fields)
    return CreateView(name, text.sql, fields, text.replace, text.comment, text.security)


def _alter_column(text: syntax.AlterColumnText, around: Surroundings) -> AlterColumns:
    table = changed_name(text.name, around)
    path = tuple(part.name.lower() for part in text.column)
    field = None
    if text.definition is not None:
        definition = text.definition
        field = Field(path[-1], stored(definition.type), definition.nullable, definition.comment)
    after = text.place.name.lower() if isinstance(text.place, exp.Identifier) else ""
    return AlterColumns(
        table,
        text.action,
        path,
        field,
        text.to.name.lower() if text.to is not None else "",
        text.if_exists,
        first=text.place == "first",
        after=after,
        table_if_exists=text.table_if_exists,
    )
