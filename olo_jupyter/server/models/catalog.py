"""Catalogs, namespaces, tables."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from olo_jupyter.server.models.base import Answer, Query


class CatalogSummary(Answer):
    """A catalog. ``access: trino`` marks a governed one; ``sandbox`` the person's own."""

    name: str
    access: Literal["direct", "trino"]
    sandbox: bool


class CatalogList(Answer):
    """All catalogs, the default one first."""

    catalogs: list[CatalogSummary]


class NamespaceList(Answer):
    """The namespaces of a catalog, sorted."""

    namespaces: list[str]


class TableSummary(Answer):
    """A table or view; ``sql_name`` is its full name, quoted where SQL needs it."""

    name: str
    sql_name: str
    kind: Literal["table", "view"] = "table"


class TableList(Answer):
    """Tables and views of a namespace, sorted by name. ``next`` is what ``after`` asks the following ones with."""

    tables: list[TableSummary]
    count: int
    next: str | None


class TablesQuery(Query):
    """Names that have all words of ``match`` in them, in any case; those that follow the name ``after``."""

    match: str = Field(default="", max_length=200)
    after: str = ""
    limit: int = Field(default=500, ge=1, le=10_000)


class ColumnDetail(Answer):
    """A column with its Trino type; ``required`` columns hold no NULL. ``sensitivity``: its tag, pii …"""

    name: str
    sql_name: str
    type: str
    required: bool
    comment: str
    sensitivity: str = ""


class SnapshotDetail(Answer):
    """A snapshot; ``rows`` is the table's row count at it, None where the writer didn't say."""

    id: str
    at: datetime
    operation: str
    rows: int | None


class RefDetail(Answer):
    """A branch or tag."""

    name: str
    kind: Literal["branch", "tag"]
    snapshot: str


class TableDetail(Answer):
    """A table or view without its rows. ``snapshots`` are the newest, newest first, of ``snapshot_count``."""

    catalog: str
    namespace: str
    name: str
    sql_name: str
    kind: Literal["table", "view"]
    comment: str
    columns: list[ColumnDetail]
    snapshots: list[SnapshotDetail]
    snapshot_count: int
    refs: list[RefDetail]
