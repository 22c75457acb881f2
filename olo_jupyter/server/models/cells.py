"""The SQL of a notebook's cells: laid out, and what it reads."""

from __future__ import annotations

from pydantic import Field

from olo_jupyter.server.models.base import Answer, Body
from olo_jupyter.server.models.catalog import RefDetail, SnapshotDetail


class SqlText(Body):
    """The statement of one cell, without the line of the magic."""

    text: str = Field(max_length=500_000)


class SqlProblem(Answer):
    """Why a statement can't be read or laid out; line and column count from 1 in the statement, None where unknown."""

    code: str
    message: str
    hint: str
    line: int | None
    column: int | None


class FormattedSql(Answer):
    """The statement laid out; with a problem it is as it came."""

    text: str
    problem: SqlProblem | None = None


class TableRead(Answer):
    """A table that a statement reads.

    ``end`` and ``period`` (its FOR … AS OF) are offsets in the statement, in code points.
    ``failure`` says why its snapshots aren't known, '' where they are.
    """

    sql_name: str
    written: str
    end: int
    period: tuple[int, int] | None
    snapshots: list[SnapshotDetail]
    snapshot_count: int
    refs: list[RefDetail]
    failure: str


class TablesRead(Answer):
    """The tables that a statement reads, in the order of the text."""

    tables: list[TableRead]
    problem: SqlProblem | None = None
