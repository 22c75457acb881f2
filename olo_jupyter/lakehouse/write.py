"""CREATE TABLE, INSERT and data frames as one Iceberg commit each.

A statement is all or nothing: until its commit nobody sees anything of it, after it everybody sees everything.
Replacing a table keeps its history: columns, partitioning and rows change in one snapshot, and the old snapshots stay
readable.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from olo_jupyter.lakehouse.columns import iceberg_schema
from olo_jupyter.lakehouse.definition import default_location, location, new_properties, stage_properties
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.faults import writing
from olo_jupyter.lakehouse.layout import partition_spec, sort_order, stage_layout
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.statement import CreateTable
from olo_jupyter.lakehouse.views import find_view

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.table import Table

    from olo_jupyter.lakehouse.catalog import Catalogs

Rows = Callable[[], AbstractContextManager["pa.RecordBatchReader"]]
"""Evaluates the statement's query at the tables' present state; called again when a conflict makes its rows stale.
A plain ``pa.RecordBatchReader`` is such a context."""

T = TypeVar("T")
_ATTEMPTS = 20


@dataclass(frozen=True)
class Written:
    """What a write did: rows written, and the snapshot that the table has now (None: the table has none)."""

    table: TableName
    rows: int
    snapshot_id: int | None


def create_table(catalogs: Catalogs, statement: CreateTable, rows: Rows | None = None) -> Written:
    """Run CREATE TABLE, or CREATE TABLE AS with ``rows``.

    Args:
        catalogs: The project's catalogs.
        rows: The query's rows, columns in the order of ``statement.fields``; None creates an empty table.

    Raises:
        QueryError: ``table-already-exists`` (checked before any row is computed), ``schema-not-found``, a name that is
            missing or double, ``transaction-conflict`` when other writers were always first.
        Unsupported: A type, property or format that can't be written faithfully.
    """
    if statement.query is not None:  # Trino's CTAS makes every column nullable, whatever the query says
        statement = replace(statement, fields=tuple(replace(field, nullable=True) for field in statement.fields))
    schema = iceberg_schema(statement.fields)
    partition_spec(statement.partitioning, schema)
    sort_order(statement.sorted_by, schema)
    with writing(statement.table):
        existing = found(catalogs, statement.table)
        if existing is None:
            return _create(catalogs, statement, rows)
        if statement.exists == "ignore":
            return Written(statement.table, 0, head_of(existing))
        if statement.exists == "error":
            raise QueryError(
                f"Table '{statement.table}' already exists",
                code="table-already-exists",
                hint="CREATE OR REPLACE TABLE replaces its rows and keeps its history.",
            )
        return retried(statement.table, lambda: _replace(loaded(catalogs, statement.table), statement, rows))


def _create(catalogs: Catalogs, statement: CreateTable, rows: Rows | None) -> Written:
    from pyiceberg.catalog import MetastoreCatalog
    from pyiceberg.exceptions import CommitFailedException, TableAlreadyExistsError

    from olo_jupyter.lakehouse.commit import commit
    from olo_jupyter.lakehouse.data_writer import DataFiles

    name, schema, catalog = statement.table, iceberg_schema(statement.fields), catalogs.catalog(statement.table.catalog)
    place = location(statement)
    if isinstance(catalog, MetastoreCatalog):
        place = place or default_location(catalog, name)
    transaction = catalog.create_table_transaction(
        (name.namespace, name.table) if isinstance(catalog, MetastoreCatalog) else name.identifier,
        schema,
        location=place,
        partition_spec=partition_spec(statement.partitioning, schema),
        sort_order=sort_order(statement.sorted_by, schema),
        properties=new_properties(statement),
    )
    files = DataFiles(transaction.table_metadata, transaction._table.io)
    if rows is not None:
        with rows() as reader:
            files.write(reader, [field.name for field in statement.fields])
    with transaction.update_snapshot().fast_append() as producer:
        for file in files.files:
            producer.append_data_file(file)
    try:
        commit(transaction, producer.snapshot_id, files)
    except (CommitFailedException, TableAlreadyExistsError) as error:
        files.discard()
        raise QueryError(f"Table '{name}' already exists", code="table-already-exists") from error
    return Written(name, files.rows, producer.snapshot_id)


def _replace(table: Table, statement: CreateTable, rows: Rows | None) -> Written:
    from pyiceberg.exceptions import CommitFailedException

    from olo_jupyter.lakehouse.commit import Replacement, begin, commit
    from olo_jupyter.lakehouse.data_writer import DataFiles

    transaction = begin(table)
    stage_layout(transaction, statement.fields, statement.partitioning, statement.sorted_by)
    if location(statement) not in (None, table.location()):
        raise Unsupported(
            f"The location of '{statement.table}' can't change while its history is kept.",
            hint="Leave out location, or drop the table first.",
        )
    stage_properties(transaction, statement)
    files = DataFiles(transaction.table_metadata, table.io)
    if rows is not None:
        with rows() as reader:
            files.write(reader, [field.name for field in statement.fields])
    with Replacement(transaction, table.io) as producer:
        for file in files.files:
            producer.append_data_file(file)
    try:
        commit(transaction, producer.snapshot_id, files)
    except CommitFailedException:
        files.discard()
        raise
    return Written(statement.table, files.rows, producer.snapshot_id)


def found(catalogs: Catalogs, name: TableName) -> Table | None:
    """The table, None where the name is free.

    Raises:
        QueryError: ``schema-not-found``; the name is a view's (``table-already-exists``).
    """
    if find_view(catalogs, name) is not None:
        raise QueryError(
            f"'{name}' is a view", code="table-already-exists", hint="Drop the view, or choose another name."
        )
    found = catalogs.find(name)
    if found is None and name.namespace not in catalogs.namespaces(name.catalog):
        raise catalogs.no_namespace(name.catalog, name.namespace)
    return found


def retried(name: TableName, attempt: Callable[[], T]) -> T:
    """Run ``attempt``, which starts from the table as it is now, again after each lost race, ``_ATTEMPTS`` times.

    Raises:
        QueryError: ``transaction-conflict`` when other writers were always first.
    """
    from pyiceberg.exceptions import CommitFailedException

    for turn in range(_ATTEMPTS):
        try:
            return attempt()
        except CommitFailedException as error:
            if turn == _ATTEMPTS - 1:
                raise QueryError(
                    f"Other writers changed '{name}' {_ATTEMPTS} times while this statement tried to commit.",
                    code="transaction-conflict",
                    hint="Nothing was written. Run it again.",
                ) from error
            time.sleep(min(2.0, 0.02 * 2**turn) * random.uniform(0.5, 1.5))  # noqa: S311 - spreads writers, no secret
    raise AssertionError("unreachable")


def loaded(catalogs: Catalogs, name: TableName) -> Table:
    table = catalogs.load(name)
    refuse_version_3(table, name)
    return table


def refuse_version_3(table: Table, name: TableName) -> None:
    """PyIceberg can't write format version 3.

    Raises:
        Unsupported: The table has it.
    """
    if table.metadata.format_version > 2:
        raise Unsupported(
            f"'{name}' has Iceberg format version {table.metadata.format_version}: this engine can't write it.",
            hint="Write it with --engine trino.",
        )


def head_of(table: Table, branch: str = "main") -> int | None:
    """The id of the newest snapshot of a branch, None where there is none."""
    snapshot = table.metadata.snapshot_by_name(branch)
    return snapshot.snapshot_id if snapshot else None
