"""Saved queries and history as the panel shows them: searched, and with the cell that runs each again."""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import Path
from typing import Any

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.history import Entry, History
from olo_jupyter.project.queries import SavedQuery, saved_queries
from olo_jupyter.server.models.queries import (
    HistoryEntry,
    QueryFault,
    QueryHistory,
    QueryHistoryQuery,
    SavedQueries,
    SavedQueryDetail,
)


def list_saved(settings: Settings, match: str, server_root: Path) -> SavedQueries:
    """The saved queries that have all words of ``match`` in name, description or text."""
    words = match.lower().split()
    found, faults = saved_queries(settings)
    return SavedQueries(
        queries=[
            _saved(query, settings.root, server_root)
            for query in found
            if all(word in f"{query.name} {query.description} {query.sql}".lower() for word in words)
        ],
        faults=[QueryFault(message=fault.message, hint=fault.hint) for fault in faults],
    )


def list_history(settings: Settings, query: QueryHistoryQuery) -> QueryHistory:
    """The newest statements.

    Raises:
        OloError: ``history-not-read``.
    """
    history = History(settings)
    try:
        entries = history.entries(query.match, query.limit + 1, query.state)
    finally:
        history.close()
    return QueryHistory(
        entries=[_entry(entry, settings) for entry in entries[: query.limit]], more=len(entries) > query.limit
    )


def _saved(query: SavedQuery, root: Path, server_root: Path) -> SavedQueryDetail:
    path = root / query.path
    return SavedQueryDetail(
        name=query.name,
        description=query.description,
        sql=query.sql,
        engine=query.engine,
        as_of=query.as_of,
        parameters=dict(query.parameters),
        path=path.relative_to(server_root).as_posix() if path.is_relative_to(server_root) else "",
        cell=cell_text(query.sql, query.engine, query.as_of, query.parameters),
    )


def _entry(entry: Entry, settings: Settings) -> HistoryEntry:
    engine = "" if entry.engine == settings.default_engine else entry.engine
    return HistoryEntry.model_validate(
        {
            "id": entry.id,
            "started": datetime.fromisoformat(entry.started),
            "user": entry.user,
            "engine": entry.engine,
            "sql": entry.sql,
            "as_of": entry.as_of,
            "tables": sorted({*entry.snapshots, *entry.written}),
            "rows": entry.rows,
            "bytes": entry.bytes,
            "seconds": entry.seconds,
            "state": entry.state,
            "error": entry.error,
            "query_id": entry.query_id,
            "notebook": entry.notebook,
            "cell": cell_text(entry.sql, engine, entry.as_of, entry.parameters),
        }
    )


def cell_text(sql: str, engine: str = "", as_of: str = "", parameters: Any = None) -> str:
    """The cell that runs a statement.

    Example:
        >>> print(cell_text("SELECT 1", "trino", "2026-01-31 00:00:00 UTC"))
        %%olo sql --engine trino --as-of '2026-01-31 00:00:00 UTC'
        SELECT 1
    """
    line = "%%olo sql"
    if engine:
        line += f" --engine {engine}"
    if as_of:
        line += f" --as-of {shlex.quote(as_of)}"
    bound = "".join(f"-- :{name} was {value!r}\n" for name, value in (parameters or {}).items())
    return f"{line}\n{bound}{sql.strip()}"
