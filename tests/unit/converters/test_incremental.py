"""Incremental models: which queries can go on from what their table has, and what each run says it does."""

from __future__ import annotations

import pytest

from olo_converters.capture import ColumnFact, ColumnProfile
from olo_converters.dbt.incremental import Incremental, incremental
from olo_converters.graph.sql_effects import read_sql
from olo_converters.options import parse_options
from tests.unit.converters.notebooks import captured

KEYED, APPENDED = "unique_key: id\ntime_column: day", "time_column: day"
COLUMNS = (ColumnFact("id"), ColumnFact("day"), ColumnFact("n"))


def asked(sql: str, options: str = KEYED, profile: tuple[ColumnProfile, ...] = ()) -> Incremental | str:
    result = captured("c0", "report", sql, profile=profile) if profile else None
    return incremental(parse_options(options), read_sql(sql).statements[0], COLUMNS, result)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id, day, n FROM s.t",
        "SELECT id, day, n FROM s.t UNION ALL SELECT id, day, n FROM s.u",
        "SELECT id, day, sum(n) OVER (PARTITION BY id ORDER BY day) AS n FROM s.t",
        "SELECT id, day, rank() OVER (PARTITION BY day ORDER BY n DESC) AS n FROM s.t",
        "SELECT id, day, lag(n) OVER (ORDER BY day) AS n FROM s.t",
        "SELECT id, max(day) AS day, count(*) AS n FROM s.t GROUP BY id",
    ],
)
def test_a_query_whose_old_rows_stay_goes_on(sql: str) -> None:
    assert isinstance(asked(sql), Incremental)


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELECT id, day, n FROM s.t ORDER BY day LIMIT 10", "LIMIT"),
        ("SELECT id, day, sum(n) OVER () AS n FROM s.t", "sum over all rows"),
        ("SELECT id, day, lead(n) OVER (ORDER BY day) AS n FROM s.t", "lead of rows in the table"),
        ("SELECT id, day, rank() OVER (ORDER BY n DESC) AS n FROM s.t", "rank of rows in the table"),
        ("SELECT id, day, row_number() OVER (PARTITION BY id ORDER BY day DESC) AS n FROM s.t", "row_number of rows"),
        ("SELECT id, day, sum(n) OVER (ORDER BY day ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS n FROM s.t", "sum of"),
        ("SELECT id, day, n FROM s.t UNION ALL SELECT id, day, lead(n) OVER (ORDER BY day) FROM s.u", "lead of"),
    ],
)
def test_a_query_whose_old_rows_change_does_not(sql: str, why: str) -> None:
    found = asked(sql)
    assert isinstance(found, str)
    assert why in found


def test_rows_are_appended_only_where_each_time_is_whole() -> None:
    assert isinstance(asked("SELECT day, count(*) AS n FROM s.t GROUP BY 1", APPENDED), Incremental)
    found = asked("SELECT id, max(day) AS day, count(*) AS n FROM s.t GROUP BY id", APPENDED)
    assert "no unique_key says which" in str(found)


def test_what_the_data_says_counts() -> None:
    sql = "SELECT id, day, n FROM s.t"
    good = (ColumnProfile("id", 30, 0, 30), ColumnProfile("day", 30, 0, 9, "2026-01-01", "2026-01-09"))
    reason = asked(sql, profile=good)
    assert isinstance(reason, Incremental)
    assert "id is unique and never NULL in 30 rows; day goes from 2026-01-01 to 2026-01-09" in reason.reason
    assert "no key: 29 values in 30 rows" in str(asked(sql, profile=(ColumnProfile("id", 30, 0, 29),)))
    assert "NULL in 2 rows" in str(asked(sql, profile=(ColumnProfile("id", 30, 2, 28),)))
    assert "NULL in 1 rows" in str(asked(sql, APPENDED, (ColumnProfile("day", 30, 1, 9),)))
