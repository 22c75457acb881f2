"""The tables of queries.sql on both sides, and rows in a form in which Trino's and DuckDB's can be compared.

``python -m tests.unit.sql.asking`` asks the Trino at ``TRINO_URL`` (its catalog ``memory``) all queries again and
writes queries.json.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.unit.sql.world import World

HERE = Path(__file__).parent
_DUCK = (
    "CREATE TABLE t (a bigint, b varchar, d double, n decimal(10,2), x integer, ts timestamp, arr integer[],"
    " r struct(f integer, g varchar))",
    "INSERT INTO t VALUES (1, 'x', 1.5, 2.25, 10, '2026-01-01 00:00:00', [1,2], {'f': 1, 'g': 'q'}),"
    " (2, 'y', 'nan', null, 20, null, [3], {'f': 2, 'g': null}), (2, null, null, 7, 30, null, null, null)",
    "CREATE TABLE u (a integer, k varchar, v double)",
    "INSERT INTO u VALUES (1, 'x', 1), (2, 'z', 2), (null, 'n', 3)",
    "CREATE TABLE f (g double, h real, i bigint)",
    "INSERT INTO f VALUES ('nan', 'nan', 1), ('nan', 0, 2), (0.0, -0.0, 3), (-0.0, 1, 4), (null, null, 5),"
    " (1.5, 1.5, 6)",
)
_TRINO = (
    "DROP TABLE IF EXISTS t",
    "DROP TABLE IF EXISTS u",
    "DROP TABLE IF EXISTS f",
    "CREATE TABLE t AS SELECT * FROM (VALUES (BIGINT '1', CAST('x' AS varchar), 1.5e0, CAST(2.25 AS decimal(10,2)), 10,"
    " CAST('2026-01-01 00:00:00' AS timestamp(6)), ARRAY[1,2], CAST(row(1, 'q') AS row(f integer, g varchar))),"
    " (2, 'y', nan(), null, 20, null, ARRAY[3], CAST(row(2, null) AS row(f integer, g varchar))),"
    " (2, null, null, CAST(7 AS decimal(10,2)), 30, null, null, null)) v(a, b, d, n, x, ts, arr, r)",
    "CREATE TABLE u AS SELECT * FROM (VALUES (1, CAST('x' AS varchar), 1e0), (2, 'z', 2e0), (null, 'n', 3e0))"
    " v(a, k, v)",
    "CREATE TABLE f AS SELECT g, CAST(h AS real) h, i FROM (VALUES (nan(), nan(), BIGINT '1'), (nan(), 0e0, 2),"
    " (0e0, -0e0, 3), (-0e0, 1e0, 4), (null, null, 5), (1.5e0, 1.5e0, 6)) v(g, h, i)",
)


def make_tables(world: World) -> None:
    for statement in _DUCK:
        world.table(statement)


def queries() -> tuple[list[str], list[str]]:
    """The queries of queries.sql, one a line: those that run (or fail as Trino has it), and those that are refused."""
    run, _, refused = (HERE / "queries.sql").read_text(encoding="utf-8").partition("-- refused\n")
    return [line for line in run.splitlines() if line], [line for line in refused.splitlines() if line]


def shown(rows: Iterable[Iterable[Any]], query: str) -> list[str]:
    """Rows as text, sorted where the outermost query has no ORDER BY."""
    texts = [repr(tuple(map(_plain, row))) for row in rows]
    outside = re.sub(r"'[^']*'|\([^()]*\)", "", re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)", "", query)))
    return texts if "order by" in outside.lower() else sorted(texts)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    if isinstance(value, dict):
        return tuple(map(_plain, value.values()))
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    return value if isinstance(value, bool | int | bytes | type(None)) else str(value)


def main() -> None:
    import trino

    endpoint = urlsplit(os.environ["TRINO_URL"])
    connection = trino.dbapi.connect(
        host=endpoint.hostname, port=endpoint.port, user="olo", catalog="memory", schema="default"
    )
    for statement in _TRINO:
        connection.cursor().execute(statement)
    answers: dict[str, Any] = {}
    for query in queries()[0]:
        cursor = connection.cursor()
        try:
            rows = cursor.execute(query).fetchall()
        except trino.exceptions.TrinoQueryError as error:
            answers[query] = str(error.error_name).lower().replace("_", "-")
            continue
        columns = [[name, re.sub(r"(\d), (\d)", r"\1,\2", type_)] for name, type_, *_ in cursor.description or []]
        answers[query] = [columns, shown(rows, query)]
    lines = [f"{json.dumps(query)}: {json.dumps(answer)}" for query, answer in answers.items()]
    (HERE / "queries.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
