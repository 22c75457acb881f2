"""Saved queries and the history of statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from olo_jupyter.server.models.base import Answer, Query


class SavedQueryDetail(Answer):
    """A query in the project's queries/; ``cell`` is the text of a notebook's cell that runs it."""

    name: str
    description: str
    sql: str
    engine: str
    as_of: str
    parameters: dict[str, Any]
    path: str = Field(description="The file, from the folder that the file browser shows; '' outside of it.")
    cell: str


class QueryFault(Answer):
    """A file in queries/ that can't be read."""

    message: str
    hint: str


class SavedQueries(Answer):
    """The saved queries by name, and the files that hold none."""

    queries: list[SavedQueryDetail]
    faults: list[QueryFault]


class HistoryEntry(Answer):
    """A statement that ran; secrets are masked in it."""

    id: int
    started: datetime
    user: str
    engine: str
    sql: str
    as_of: str
    tables: list[str]
    rows: int | None
    bytes: int | None
    seconds: float | None
    state: Literal["running", "finished", "failed", "cancelled", "lost"]
    error: str
    query_id: str
    notebook: str
    cell: str = Field(description="The text of a notebook's cell that runs it again.")


class QueryHistory(Answer):
    """Statements, newest first; ``more`` where only the first are given."""

    entries: list[HistoryEntry]
    more: bool


class QueryHistoryQuery(Query):
    """Statements that have all words of ``match`` in their text, error, engine, notebook or tables."""

    match: str = Field(default="", max_length=500)
    state: Literal["", "running", "finished", "failed", "cancelled", "lost"] = ""
    limit: int = Field(default=200, ge=1, le=1000)


class SavedMatch(Query):
    """Queries that have all words of ``match`` in name, description or text."""

    match: str = Field(default="", max_length=500)
