"""The relations of a translated query in Spark: tables at their snapshots as queries of WITH, rows of ours as views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from olo_jupyter.lakehouse import information_schema, metadata_tables
from olo_jupyter.lakehouse.engines.sources import ResultSource
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.file_sizes import bytes_of
from olo_jupyter.lakehouse.iceberg_types import table_schema
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import HeadPin
from olo_jupyter.lakehouse.reading import PinnedTable, Reading
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.scan import Planner
from olo_jupyter.lakehouse.sql.spark.text import identifier, spark_type
from olo_jupyter.lakehouse.sql.statement import Field, Query, Scan
from olo_jupyter.lakehouse.sql.types import BOOLEAN, UNKNOWN, TrinoType, parse_type

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MOST_BYTES = 64 * 2**20
"""Of an earlier result that goes up to Spark."""


@dataclass
class Sources:
    """What a query reads, in Spark's words.

    Args:
        names: Catalog of olo.yml → its name in Spark.
        planner: Tells the size of the files that are read.
        heads: Tables that are read as they are now, with the snapshot that this must be.
    """

    reading: Reading
    names: Mapping[str, str]
    results: Mapping[str, Result]
    planner: Planner
    heads: list[PinnedTable] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    _views: dict[str, pa.Table] = field(default_factory=dict)

    def text(self, query: Query) -> str:
        """The statement that Spark runs: ``query`` under the WITH of what it reads.

        Raises:
            QueryError: A table, pin or result can't be read.
        """
        with_ = [f"{scan.alias} AS ({self._scan(scan)})" for scan in query.scans]
        for name in query.results:
            self._result(name)
        body = query.sql
        shown = [_visible(each.type) for each in query.fields]
        if any(wanted != each.type for wanted, each in zip(shown, query.fields, strict=True)):
            casts = (
                f"c{at}" if wanted == each.type else f"CAST(c{at} AS {spark_type(wanted)}) AS c{at}"
                for at, (wanted, each) in enumerate(zip(shown, query.fields, strict=True))
            )
            body = f"SELECT {', '.join(casts)} FROM ({body})"
        return f"WITH {', '.join(with_)} SELECT * FROM ({body})" if with_ else body

    def _scan(self, scan: Scan) -> str:
        if scan.located:
            raise Unsupported("Spark doesn't change rows of a Trino statement.", hint="Run it with --engine embedded.")
        if information_schema.answers(scan.table):
            return self._rows(scan.alias, information_schema.rows(self.reading.catalogs, scan), None)
        pinned = self.reading.pinned(scan.table, scan.pin)
        if scan.metadata is not None:
            fields = metadata_tables.schema(scan.metadata, pinned).fields
            return self._rows(scan.alias, metadata_tables.rows(scan.metadata, pinned), fields)
        self.reading.note(pinned, scan.pin)
        return self._table(scan, pinned)

    def _table(self, scan: Scan, pinned: PinnedTable) -> str:
        fields = [field for field in pinned.schema.fields if field.name.lower() in scan.columns]
        self.reading.bytes += bytes_of(self.planner.tasks(pinned, scan.predicates), fields)
        types = {each.name: each.type for each in table_schema(pinned.schema).fields}
        for name in scan.columns:
            spark_type(types[name])  # refused here, by name
        listed = ", ".join(identifier(name) for name in scan.columns) or "1 AS c"
        name = self.table_name(pinned)
        self.tables.add(name)
        if pinned.snapshot is None:
            empty = ", ".join(f"CAST(NULL AS {spark_type(types[name])}) AS {identifier(name)}" for name in scan.columns)
            return f"SELECT {empty or '1 AS c'} WHERE false"
        if pinned.snapshot.schema_id != pinned.schema.schema_id:
            # VERSION AS OF would give the columns of then.
            if (
                isinstance(scan.pin, HeadPin | None)
                and pinned.table.metadata.current_snapshot_id == pinned.snapshot.snapshot_id
            ):
                self.heads.append(pinned)
                return f"SELECT {listed} FROM {name}"
            if _names(pinned) != set(types):
                raise Unsupported(
                    f"Spark can't read snapshot {pinned.snapshot.snapshot_id} of {pinned.name} with other columns than "
                    "it had.",
                    hint="Run it with --engine embedded.",
                )
        return f"SELECT {listed} FROM {name} VERSION AS OF {pinned.snapshot.snapshot_id}"

    def table_name(self, pinned: PinnedTable) -> str:
        """The table in Spark."""
        stored = pinned.table.name()  # with its capitals
        catalog = self.names.get(pinned.name.catalog, pinned.name.catalog)
        return ".".join(identifier(part) for part in (catalog, *stored[-len(stored) :]))

    def _rows(self, alias: str, rows: pa.Table, fields: Sequence[Field] | None) -> str:
        view = f"olo_{alias}"
        if fields is not None:
            rows = rows.select([each.name for each in fields if each.name in rows.column_names])
        self._views[view] = rows
        return f"SELECT * FROM {identifier(view)}"

    def _result(self, name: str) -> None:
        result = self.results[name]
        ResultSource(name, result)  # refuses two columns of one name
        if result.truncated:
            raise QueryError(
                f"The result {name} was cut off by its limit: it isn't all of its query.",
                code="truncated-result",
                hint="Run its query again without --limit, or repeat the query here.",
            )
        if result.arrow.nbytes > MOST_BYTES:
            raise QueryError(
                f"The result {name} has {result.arrow.nbytes / 2**20:.0f} MB, too much to be sent to Spark (64 MB).",
                code="result-too-large",
                hint="Put its query into a WITH of this one, or save it as a table first.",
            )
        types = [parse_type(column.type) for column in result.columns]
        for type_ in types:
            spark_type(type_)
        columns = [
            values.cast(pa.int64()) if pa.types.is_duration(values.type) else values for values in result.arrow.columns
        ]
        self._views[f"result_{name}"] = pa.table(columns, names=[column.name for column in result.columns])

    @contextmanager
    def installed(self, session: SparkSession) -> Iterator[None]:
        """The views made, and taken away again."""
        for name, rows in self._views.items():
            session.createDataFrame(rows).createOrReplaceTempView(identifier(name))
        try:
            yield
        finally:
            for name in self._views:
                session.catalog.dropTempView(name)

    def refresh(self, session: SparkSession) -> None:
        """Let Spark forget what it knows of the tables."""
        for name in self.tables:
            session.sql(f"REFRESH TABLE {name}").collect()


def _names(pinned: PinnedTable) -> set[str]:
    assert pinned.snapshot is not None
    schema = next((one for one in pinned.table.metadata.schemas if one.schema_id == pinned.snapshot.schema_id), None)
    return {each.name for each in schema.fields} if schema is not None else set()


def table_name(name: TableName, names: Mapping[str, str]) -> str:
    """``name`` in Spark."""
    parts = (names.get(name.catalog, name.catalog), *name.namespace.split("."), name.table)
    return ".".join(map(identifier, parts))


def _visible(type_: TrinoType) -> TrinoType:
    """``type_`` with boolean for NULLs of no type: the way to Arrow has no room for Spark's VOID."""
    if type_ == UNKNOWN:
        return BOOLEAN
    return replace(type_, elements=tuple(map(_visible, type_.elements))) if type_.elements else type_
