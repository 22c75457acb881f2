"""What the routes of one table answer and take, beside its columns. Snapshot ids are decimal strings: a browser reads
JSON numbers as doubles."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from olo_jupyter.server.models.base import Answer, Body, Query


class FoundTable(Answer):
    """A table or view that a search found."""

    catalog: str
    namespace: str
    name: str
    sql_name: str
    kind: Literal["table", "view"]


class FoundTables(Answer):
    """Tables by catalog, namespace and name; ``more`` where only the first are given.

    ``left_out`` names catalogs that couldn't be searched, with the reason.
    """

    tables: list[FoundTable]
    more: bool
    left_out: dict[str, str]


class SearchQuery(Query):
    """Tables whose name, namespace or catalog has all words of ``match`` in it, in any case."""

    match: str = Field(min_length=1, max_length=200)
    limit: int = Field(default=100, ge=1, le=1000)


class TableChange(Answer):
    """A snapshot of a table: what it did. Figures are None where its writer didn't tell."""

    id: str
    parent: str | None
    at: datetime
    operation: str
    rows: int | None = Field(description="Rows of the table then.")
    added_rows: int | None
    removed_rows: int | None
    added_files: int | None
    removed_files: int | None
    size: int | None = Field(description="Bytes of the table's files then.")
    writer: str = Field(description="The engine that wrote it, as it says itself.")
    current: bool = Field(description="The table's snapshot now.")
    ancestor: bool = Field(description="On the line from the first snapshot to the current one: can be rolled back to.")
    refs: list[str] = Field(description="Branches and tags that point to it.")


class TableHistory(Answer):
    """Snapshots, newest first; ``next`` is what ``before`` asks the following ones with, None at the end."""

    snapshots: list[TableChange]
    count: int
    next: str | None


class HistoryQuery(Query):
    """Snapshots older than ``before`` (the ``next`` of an earlier answer)."""

    before: str = ""
    limit: int = Field(default=100, ge=1, le=1000)


class TableFacts(Answer):
    """What a table is besides its columns."""

    format_version: int
    location: str
    partitioning: list[str] = Field(description="As Trino's property says it, e.g. day(sched_dep).")
    sorted_by: list[str]
    rows: int | None
    size: int | None = Field(description="Bytes of the data files.")
    files: int | None
    updated: datetime | None
    retention: str = Field(description="What the table's own properties keep of its history.")
    compaction: str = Field(description="Which files a compaction joins, and up to which size.")
    properties: dict[str, str] = Field(description="Values that look like secrets are hidden.")
    links: dict[str, str] = Field(description="Pages of other programs about the table, by title.")


class ColumnStatistics(Answer):
    """A column over all data files, by Iceberg's metadata; None where the files' writers left it out.

    ``smallest`` and ``largest`` bound the values (long texts are shortened by writers), hidden for tagged columns.
    """

    name: str
    type: str
    nulls: int | None
    null_share: float | None
    nans: int | None
    smallest: str | None
    largest: str | None
    distinct: int | None = Field(description="Estimate that an engine's ANALYZE left, None where none did.")
    size: int | None = Field(description="Bytes in the files.")


class TableStatistics(Answer):
    """Figures of a snapshot. Rows that delete files remove are still counted: ``deletes`` says how many may be."""

    snapshot: str | None
    rows: int | None
    files: int | None
    deletes: int | None = Field(description="Delete files; with any, the counts are upper bounds.")
    columns: list[ColumnStatistics]
    estimated_by: str = Field(default="", description="The engine whose estimates these are; '' for counted ones.")


class SnapshotQuery(Query):
    """At a snapshot; '' is the current one."""

    snapshot: str = Field(default="", pattern=r"^\d{0,20}$")


class RowsQuery(SnapshotQuery):
    """The first rows; ``reveal`` shows columns tagged pii or restricted too, which is audited."""

    limit: int = Field(default=100, ge=1, le=1000)
    reveal: bool = False


class RowColumn(Answer):
    """A column of rows: its Trino type. Values of a ``masked`` one are left out."""

    name: str
    type: str
    masked: bool = False


class Rows(Answer):
    """Rows as Trino's client protocol writes values; ``truncated`` where there are more."""

    columns: list[RowColumn]
    rows: list[list[Any]]
    truncated: bool
    snapshot: str | None = None


class DiffBody(Body):
    """Two pins: snapshot ids, times, branches or tags; ``key`` are columns that tell which row is which."""

    first: str = Field(min_length=1)
    second: str = Field(min_length=1)
    key: list[str] = Field(default_factory=list)
    limit: int = Field(default=200, ge=1, le=1000)


class DiffSide(Answer):
    """One of the two points."""

    pin: str
    snapshot: str | None
    committed: str | None
    rows: int | None


class DiffColumn(Answer):
    """A column that differs between the two points."""

    kind: str
    column: str
    before: str
    after: str


class TableDiff(Answer):
    """What changed. The first of ``rows.columns`` says what happened to a row: added, removed, before, after."""

    before: DiffSide
    after: DiffSide
    same: bool
    added: int
    removed: int
    changed: int
    key: list[str]
    columns: list[DiffColumn]
    rows: Rows
    method: str
    notes: list[str]
    seconds: float


class RefBody(Body):
    """A new tag or branch at a snapshot."""

    name: str = Field(min_length=1, max_length=200)
    kind: Literal["branch", "tag"] = "tag"
    snapshot: str = Field(pattern=r"^\d{1,20}$")


class RollbackBody(Body):
    """Go back to ``snapshot``, provided that the table is still at ``current``."""

    snapshot: str = Field(pattern=r"^\d{1,20}$")
    current: str = Field(pattern=r"^\d{1,20}$")


class Changed(Answer):
    """The snapshot that a ref or the table points to now."""

    snapshot: str
