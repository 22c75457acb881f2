"""SHOW CREATE: the statement that would make a table, view or schema again, laid out as Trino does."""

from __future__ import annotations

from typing import Any

from olo_jupyter.lakehouse.names import TableName, quoted
from olo_jupyter.lakehouse.sql.statement import Field, PartitionField, SortField, TableDefinition, ViewSchema
from olo_jupyter.lakehouse.sql.table_properties import size_text
from olo_jupyter.lakehouse.sql.types import TrinoType

_SIZES = ("target_max_file_size", "parquet_writer_row_group_size")


def create_table_text(name: TableName, table: TableDefinition) -> str:
    """``CREATE TABLE …`` of a table.

    Example:
        >>> from olo_jupyter.lakehouse.sql.types import parse_type
        >>> columns = (Field("id", parse_type("bigint"), nullable=False, comment="key"),)
        >>> table = TableDefinition(columns, "", {"format": "PARQUET"}, (PartitionField("id", "bucket[4]"),))
        >>> print(create_table_text(TableName("dev", "s", "t"), table))
        CREATE TABLE dev.s.t (
           id bigint NOT NULL COMMENT 'key'
        )
        WITH (
           format = 'PARQUET',
           partitioning = ARRAY['bucket(id, 4)']
        )
    """
    columns = ",\n".join(f"   {_column(field)}" for field in table.fields)
    comment = f"\nCOMMENT {_literal(table.comment)}" if table.comment else ""
    values: dict[str, Any] = {
        key: size_text(value) if key in _SIZES else value for key, value in table.properties.items()
    }
    if table.partitioning:
        values["partitioning"] = [partition_text(part) for part in table.partitioning]
    if table.sorted_by:
        values["sorted_by"] = [sort_text(part) for part in table.sorted_by]
    return f"CREATE TABLE {name} (\n{columns}\n){comment}{_with(values)}"


def create_view_text(name: TableName, view: ViewSchema) -> str:
    """``CREATE VIEW …`` of a view: its query as it was written."""
    comment = f" COMMENT {_literal(view.comment)}" if view.comment else ""
    properties = _with({"location": view.location} if view.location else {})
    return f"CREATE VIEW {name}{comment} SECURITY {view.security.upper()}{properties} AS\n{view.sql}"


def create_schema_text(catalog: str, namespace: str, location: str) -> str:
    """``CREATE SCHEMA …`` of a namespace."""
    return f"CREATE SCHEMA {quoted(catalog)}.{quoted(namespace)}{_with({'location': location} if location else {})}"


def partition_text(part: PartitionField) -> str:
    """One element of ``partitioning``, as Trino writes it (a quoted name where it isn't a plain word).

    Example:
        >>> partition_text(PartitionField("two words", "truncate[3]")), partition_text(PartitionField("d", "identity"))
        ('truncate("two words", 3)', 'd')
    """
    transform, _, number = part.transform.removesuffix("]").partition("[")
    if transform == "identity":
        return _name(part.column)
    return f"{transform}({_name(part.column)}{', ' + number if number else ''})"


def sort_text(part: SortField) -> str:
    """One element of ``sorted_by``."""
    direction = "DESC" if part.descending else "ASC"
    return f"{_name(part.column)} {direction} NULLS {'FIRST' if part.nulls_first else 'LAST'}"


def _name(column: str) -> str:
    """In a layout's text only the form of a name counts: no word is reserved there."""
    plain = column.isascii() and column.isidentifier() and column == column.lower()
    return column if plain else '"' + column.replace('"', '""') + '"'


def _column(field: Field) -> str:
    required = "" if field.nullable else " NOT NULL"
    comment = f" COMMENT {_literal(field.comment)}" if field.comment else ""
    return f"{quoted(field.name)} {type_text(field.type)}{required}{comment}"


def type_text(type_: TrinoType) -> str:
    """A type as Trino's formatter of statements writes it.

    Example:
        >>> from olo_jupyter.lakehouse.sql.types import parse_type
        >>> type_text(parse_type('array(row(a integer, "b c" decimal(9,2)))'))
        'array(ROW(a integer, "b c" decimal(9, 2)))'
    """
    if type_.base == "row":
        fields = ", ".join(
            f"{quoted(name)} {type_text(element)}" if name else type_text(element)
            for name, element in zip(type_.names, type_.elements, strict=True)
        )
        return f"ROW({fields})"
    if type_.elements:
        return f"{type_.base}({', '.join(map(type_text, type_.elements))})"
    return str(type_).replace(",", ", ")


def _with(values: dict[str, Any]) -> str:
    if not values:
        return ""
    listed = ",\n".join(f"   {key} = {_literal(values[key])}" for key in sorted(values))
    return f"\nWITH (\n{listed}\n)"


def _literal(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return "'" + value.replace("'", "''") + "'"
        case dict():
            return f"MAP({_literal(list(value))}, {_literal(list(value.values()))})"
        case list():
            return f"ARRAY[{','.join(map(_literal, value))}]"
    return str(value)
