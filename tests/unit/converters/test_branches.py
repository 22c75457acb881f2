"""What decides in a query: each branch by its name, and the query without it; rows near the ones that are there."""

from __future__ import annotations

from datetime import date

import pytest

from olo_converters.capture import ColumnFact
from olo_converters.dbt.branches import branches
from olo_converters.dbt.variations import variations

QUERIES = {
    "SELECT a FROM t WHERE a > 5 AND b = 'x'": {
        "filter a > 5": "SELECT a FROM t WHERE TRUE AND b = 'x'",
        "bound of a > 5": "SELECT a FROM t WHERE a >= 5 AND b = 'x'",
        "NULL in a > 5": "SELECT a FROM t WHERE COALESCE(a > 5, TRUE) AND b = 'x'",
        "filter b = 'x'": "SELECT a FROM t WHERE a > 5 AND TRUE",
        "NULL in b = 'x'": "SELECT a FROM t WHERE a > 5 AND COALESCE(b = 'x', TRUE)",
    },
    "SELECT CASE WHEN a IS NULL THEN 0 WHEN a > 1 THEN 2 ELSE 3 END AS k FROM t": {
        "when a IS NULL": "SELECT CASE WHEN a > 1 THEN 2 ELSE 3 END AS k FROM t",
        "when a > 1": "SELECT CASE WHEN a IS NULL THEN 0 ELSE 3 END AS k FROM t",
        "bound of a > 1": "SELECT CASE WHEN a IS NULL THEN 0 WHEN a >= 1 THEN 2 ELSE 3 END AS k FROM t",
        "else 3": "SELECT CASE WHEN a IS NULL THEN 0 WHEN a > 1 THEN 2 END AS k FROM t",
    },
    "SELECT t.a FROM t LEFT JOIN u ON t.a = u.a": {"rows without u": "SELECT t.a FROM t JOIN u ON t.a = u.a"},
    "SELECT t.a FROM t JOIN u USING (a)": {"rows that u lacks": "SELECT t.a FROM t LEFT JOIN u USING (a)"},
    "SELECT DISTINCT a FROM t UNION SELECT a FROM u": {
        "UNION": "SELECT DISTINCT a FROM t UNION ALL SELECT a FROM u",
        "DISTINCT": "SELECT a FROM t UNION SELECT a FROM u",
    },
    "SELECT coalesce(a, 0) AS a, if(b, 1, 2) AS c, count(DISTINCT b) AS n FROM t": {
        "COALESCE(a, 0)": "SELECT a AS a, IF(b, 1, 2) AS c, COUNT(DISTINCT b) AS n FROM t",
        "DISTINCT b": "SELECT COALESCE(a, 0) AS a, IF(b, 1, 2) AS c, COUNT(b) AS n FROM t",
    },
    "SELECT a FROM t": {},
    "DELETE FROM t": {},
    "SELECT a FROM": {},
}


@pytest.mark.parametrize("query", QUERIES)
def test_each_branch_and_the_query_without_it(query: str) -> None:
    found = {branch.name: branch.without for branch in branches(query)}
    wanted = QUERIES[query]
    for name, without in wanted.items():
        assert without in found.values(), (name, found)
    assert bool(found) == bool(wanted)


def test_rows_near_those_that_are_there() -> None:
    columns = [ColumnFact("a", "integer"), ColumnFact("day", "date"), ColumnFact("who", "varchar", "", ("pii",))]
    row = {"a": 1, "day": date(2026, 1, 1), "who": "synthetic_1"}
    query = "SELECT a FROM t JOIN u ON t.a = u.a WHERE a > :n AND day = DATE '2026-02-01' AND who = 'Ana'"
    found = variations(query, columns, [row], {"n": 7})
    assert {one["a"] for one in found} >= {None, 6, 7, 8, 987654}
    assert {one["day"] for one in found} >= {None, date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 2)}
    assert {one["who"] for one in found} == {None, "synthetic_1"}, "a sensitive column gets no value of the query"
