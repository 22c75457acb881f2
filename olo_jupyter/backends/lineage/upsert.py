"""Writes that say the same thing whatever order they come in: rows merged with those that are there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import JSON, Connection, Table, Text, and_, bindparam, case, cast, column, func, or_, select
from sqlalchemy import text as sql
from sqlalchemy.dialects import postgresql, sqlite

_CHUNK = 500
"""Values of one IN list."""


def upsert(
    connection: Connection, table: Table, keys: Sequence[str], groups: Sequence[Sequence[str]],
    rows: Sequence[dict[str, Any]], *, least: Sequence[str] = (),
) -> None:  # fmt: skip
    """Insert rows; where one is there, replace each group of its values if the new ones are greater.

    Args:
        groups: Columns that are replaced together, compared in their order; NULL is least.
        least: Columns of which the lesser value stays.
    """
    if not rows:
        return
    statement = _insert(connection, table, list(rows[0]))
    new, old = statement.excluded, table.c
    values: dict[str, Any] = {}
    for group in groups:
        greater = _greater(new, old, group, postgres=_is_postgres(connection))
        values |= {name: case((greater, new[name]), else_=old[name]) for name in group}
    values |= {name: case((new[name] < old[name], new[name]), else_=old[name]) for name in least}
    _run(connection, statement.on_conflict_do_update(index_elements=list(keys), set_=values), rows)


def ignore_known(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; those that are there stay as they are."""
    if rows:
        _run(connection, _insert(connection, table, list(rows[0])).on_conflict_do_nothing(), rows)


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Values in parts that fit into an IN list.

    Example:
        >>> [len(part) for part in chunks(range(1200))]
        [500, 500, 200]
    """
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def known(connection: Connection, column: Any, values: Sequence[Any]) -> set[Any]:
    """Those of ``values`` that a column holds."""
    return {found for part in chunks(values) for (found,) in connection.execute(select(column).where(column.in_(part)))}


def _is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _insert(connection: Connection, table: Table, names: Sequence[str]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT for :func:`_run`.

    SQLite prepares it once for all rows. PostgreSQL's driver would send it again for each (and the statement of nodes
    has 10 kB: 3 ms a row): there all rows are one parameter, a JSON text that takes the table's own types.
    """
    if not _is_postgres(connection):
        return sqlite.insert(table)
    rows = cast(bindparam("rows", type_=Text), JSON)
    given = func.json_populate_recordset(sql(f"NULL::{table.name}"), rows).table_valued(*map(column, names))
    return postgresql.insert(table).from_select(list(names), select(*(given.c[name] for name in names)))


def _run(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    if _is_postgres(connection):
        connection.execute(statement, {"rows": json.dumps(rows, ensure_ascii=False, default=_bytes)})
    else:
        connection.execute(statement, list(rows))


def _bytes(value: bytes) -> str:
    return f"\\x{value.hex()}"


def _greater(new: Any, old: Any, group: Sequence[str], *, postgres: bool) -> Any:
    ways: list[Any] = []
    equal: list[Any] = []
    for name in group:
        above, below = new[name], old[name]
        if postgres and isinstance(below.type, Text):
            above, below = above.collate("C"), below.collate("C")  # as Python compares, whatever the locale
        ways.append(and_(*equal, new[name].is_not(None), or_(old[name].is_(None), above > below)))
        equal.append(new[name].is_not_distinct_from(old[name]))
    return or_(*ways)
