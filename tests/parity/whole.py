"""``python -m tests.parity.whole``: queries made up at random over small tables with NULLs, asked of both engines.

The tables are Iceberg tables of several files, so that what WHERE says of them leaves files out. Joins of all kinds,
nested and correlated subqueries, groupings, windows, set operations. Prints each difference.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from olo_jupyter.lakehouse.session import Session
from tests.parity import judge, tpcds
from tests.parity.protocol import ask, must
from tests.parity.record import ask_query

SCHEMA = "whole"
TABLES = ("r1", "r2", "r3")
COLUMNS = {"a": "integer", "b": "bigint", "s": "varchar", "d": "date", "n": "decimal(8,2)"}
_VALUES = {
    "a": ["0", "1", "2", "3", "-1", "7"],
    "b": ["BIGINT '0'", "BIGINT '1'", "BIGINT '2'", "BIGINT '5'"],
    "s": ["'a'", "'b'", "''", "'ab'", "'Zß'"],
    "d": ["DATE '2024-01-01'", "DATE '2024-02-29'", "DATE '1969-12-31'"],
    "n": ["DECIMAL '1.50'", "DECIMAL '-0.25'", "DECIMAL '2.00'", "DECIMAL '100.00'"],
}


def prepare(uri: str, seed: int = 7) -> None:
    """Make the tables in a Trino's Iceberg catalog, each of several files, the second partitioned."""
    made = random.Random(seed)
    must(ask(uri, f"CREATE SCHEMA IF NOT EXISTS iceberg.{SCHEMA}"))
    listed = ", ".join(f"{name} {type_}" for name, type_ in COLUMNS.items())
    for number, table in enumerate(TABLES):
        name = f"iceberg.{SCHEMA}.{table}"
        must(ask(uri, f"DROP TABLE IF EXISTS {name}"))
        partitioned = " WITH (partitioning = ARRAY['s'])" if number == 1 else ""
        must(ask(uri, f"CREATE TABLE {name} ({listed}){partitioned}"))
        for some in range(3):
            absent = made.choice(list(COLUMNS)) if some == 2 else ""  # a file in which a column is only NULL
            rows = [", ".join(_cell(made, column, absent) for column in COLUMNS) for _ in range(made.randint(2, 6))]
            must(ask(uri, f"INSERT INTO {name} VALUES {', '.join(f'({row})' for row in rows)}"))


def _cell(made: random.Random, column: str, absent: str) -> str:
    return "NULL" if column == absent or made.random() < 0.2 else made.choice(_VALUES[column])


class Maker:
    """Makes up queries.

    Args:
        made: Where all choices come from.
    """

    def __init__(self, made: random.Random) -> None:
        self._made = made
        self._count = 0

    def query(self) -> str:
        """A query whose rows have no order, or a total one."""
        kind = self._made.random()
        if kind < 0.12:
            operation = self._made.choice(["UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL", "INTERSECT ALL"])
            return f"{self._two_columns()} {operation} {self._two_columns()}"
        if kind < 0.2:
            return self._chain()
        if kind < 0.26:
            return self._derived()
        if kind < 0.32:
            inner = self._two_columns()
            return f"WITH w AS ({inner}) SELECT x.k, y.v FROM w x {self._join()} w y ON x.k = y.k"
        if kind < 0.56:
            return self._grouped()
        if kind < 0.7:
            return self._windowed()
        return self._selected()

    # The kinds of queries

    def _selected(self) -> str:
        source, names = self._from()
        items = [f"{self._value(names)} AS c{at}" for at in range(self._made.randint(1, 3))]
        distinct = "DISTINCT " if self._made.random() < 0.2 else ""
        text = f"SELECT {distinct}{', '.join(items)} FROM {source}{self._where(names)}"
        if self._made.random() < 0.3:
            keys = ", ".join(f"{at + 1}{self._direction()}" for at in range(len(items)))
            limit = f" {self._made.choice(['LIMIT 3', 'OFFSET 2 ROWS', 'FETCH FIRST 2 ROWS WITH TIES'])}"
            text += f" ORDER BY {keys}{limit if self._made.random() < 0.6 else ''}"
        return text

    def _chain(self) -> str:
        """A chain of set operations whose sides have other types: each widens what stands before it."""
        text = self._side()
        for _ in range(self._made.randint(1, 3)):
            operation = self._made.choice(["UNION ALL", "UNION ALL", "UNION", "EXCEPT", "INTERSECT"])
            side = self._side()
            if self._made.random() < 0.25:
                side = f"({side} {self._made.choice(['UNION ALL', 'UNION'])} {self._side()})"
            text = f"{text} {operation} {side}"
        return text

    def _side(self) -> str:
        source, names = self._from(joined=False)
        (name,) = names
        wide = [f"{name}.a", f"{name}.b", f"{name}.n", f"{name}.a + 0.125", f"{name}.a * 25e-2", "NULL", "1", "2.50"]
        texts = [f"{name}.s", "'abc'", "NULL", f"CAST({name}.s AS varchar(2))", f"upper({name}.s)"]
        moments = [f"{name}.d", f"CAST({name}.d AS timestamp(3))", "NULL", "TIMESTAMP '2024-01-01 10:00:00.000001'"]
        nested = [f"ARRAY[{name}.a]", f"ARRAY[{name}.n, NULL]", "ARRAY[]", "NULL", "ARRAY[2.25]"]
        columns = ", ".join(self._made.choice(column) for column in (wide, texts, moments, nested))
        return f"SELECT {columns} FROM {source}{self._where(names)}"

    def _derived(self) -> str:
        """Groups of groups, ranks of sums, or the elements of arrays beside their rows."""
        source, names = self._from()
        name, key = self._made.choice(names), self._column(names)
        inner = f"SELECT {key} AS k, {name}.s AS s, sum({name}.a) AS x, count(*) AS c FROM {source}{self._where(names)}"
        inner += f" GROUP BY {key}, {name}.s"
        return self._made.choice(
            [
                f"SELECT q.s, max(q.x), count(DISTINCT q.k), sum(q.c) FROM ({inner}) q GROUP BY q.s",
                f"SELECT q.s, q.x, rank() OVER (PARTITION BY q.s ORDER BY q.x DESC) FROM ({inner}) q",
                f"SELECT q.s, e, o FROM ({inner}) q CROSS JOIN UNNEST(ARRAY[q.x, q.c, NULL]) WITH ORDINALITY u(e, o)",
                f"SELECT q.k, l.y FROM ({inner}) q LEFT JOIN LATERAL (SELECT max({TABLES[0]}.b) AS y FROM {TABLES[0]} "
                f"WHERE {TABLES[0]}.s = q.s) l ON true",
                f"WITH w AS ({inner}) SELECT a.s, a.x, b.x FROM w a LEFT JOIN w b ON a.x > b.x AND a.s = b.s",
                f"SELECT s, sum(x) OVER (ORDER BY s, x, c, k ROWS 1 PRECEDING) FROM ({inner}) q WHERE c > 0",
            ]
        )

    def _two_columns(self) -> str:
        source, names = self._from()
        name = self._made.choice(names)
        return f"SELECT {name}.a AS k, {self._made.choice(names)}.s AS v FROM {source}{self._where(names)}"

    def _grouped(self) -> str:
        source, names = self._from()
        keys = [self._column(names) for _ in range(self._made.randint(0, 2))]
        keys = list(dict.fromkeys(keys))
        items = [f"{key} AS k{at}" for at, key in enumerate(keys)]
        items += [f"{self._aggregate(names)} AS g{at}" for at in range(self._made.randint(1, 3))]
        text = f"SELECT {', '.join(items)} FROM {source}{self._where(names)}"
        if keys:
            listed = ", ".join(keys)
            form = self._made.choice(["{}", "{}", "ROLLUP ({})", "CUBE ({})", "GROUPING SETS (({}), ())"])
            text += f" GROUP BY {form.format(listed)}"
        if self._made.random() < 0.25:
            text += f" HAVING {self._aggregate(names, number=True)} {self._made.choice(['>', '<', '=', '<>'])} 1"
        return text

    def _windowed(self) -> str:
        source, names = self._from(joined=False)
        (name,) = names
        order = ", ".join(f"{name}.{column}{self._direction()}" for column in self._made.sample(list(COLUMNS), 5))
        partition = f"PARTITION BY {self._column(names)} " if self._made.random() < 0.6 else ""
        frame = self._made.choice(
            [
                "",
                "",
                " ROWS 1 PRECEDING",
                " ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING",
                " RANGE UNBOUNDED PRECEDING",
                " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
                " GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW",
            ]
        )
        column = self._column(names)
        function = self._made.choice(
            [
                f"sum({name}.a)",
                f"count({column})",
                f"min({column})",
                f"max({column})",
                f"avg({name}.n)",
                "count(*)",
                f"first_value({column})",
                f"last_value({column}) IGNORE NULLS",
                f"nth_value({column}, 2)",
            ]
        )
        ranked = self._made.choice(["rank()", "dense_rank()", f"lag({column})", f"lead({column}, 2)", "ntile(3)"])
        first = f"{function} OVER ({partition}ORDER BY {order}{frame})"
        second = f"{ranked} OVER ({partition}ORDER BY {order})"
        return f"SELECT {name}.a, {first} AS x, {second} AS y FROM {source}{self._where(names)}"

    # Their parts

    def _from(self, *, joined: bool = True) -> tuple[str, list[str]]:
        names = [self._name()]
        text = f"{self._relation()} {names[0]}"
        while joined and len(names) < 3 and self._made.random() < 0.5:
            other = self._name()
            key = self._made.choice(["a", "s", "b", "d"])
            more = f" AND {self._predicate([*names, other], depth=0)}" if self._made.random() < 0.3 else ""
            kind = self._join()
            condition = "" if kind == "CROSS JOIN" else f" ON {self._made.choice(names)}.{key} = {other}.{key}{more}"
            text += f" {kind} {self._relation()} {other}{condition}"
            names.append(other)
        return text, names

    def _join(self) -> str:
        return self._made.choice(["JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])

    def _relation(self) -> str:
        table = self._made.choice(TABLES)
        if self._made.random() < 0.2:
            name = self._name()
            return f"(SELECT * FROM {table} {name}{self._where([name])})"
        return table

    def _name(self) -> str:
        self._count += 1
        return f"t{self._count}"

    def _direction(self) -> str:
        return self._made.choice(["", " DESC", " NULLS FIRST", " DESC NULLS FIRST"])

    def _column(self, names: Sequence[str]) -> str:
        return f"{self._made.choice(names)}.{self._made.choice(list(COLUMNS))}"

    def _where(self, names: Sequence[str]) -> str:
        return f" WHERE {self._predicate(names, depth=2)}" if self._made.random() < 0.7 else ""

    def _predicate(self, names: Sequence[str], depth: int) -> str:
        kind, name = self._made.random(), self._made.choice(names)
        column = self._made.choice(list(COLUMNS))
        value = self._made.choice(_VALUES[column])
        if depth and kind < 0.3:
            word = self._made.choice(["AND", "OR"])
            return f"({self._predicate(names, depth - 1)} {word} {self._predicate(names, depth - 1)})"
        if depth and kind < 0.36:
            return f"NOT ({self._predicate(names, depth - 1)})"
        if depth and kind < 0.46:
            inner = self._name()
            exists = self._made.choice(["EXISTS", "NOT EXISTS"])
            more = self._predicate([inner], depth=0)
            return f"{exists} (SELECT 1 FROM {self._relation()} {inner} WHERE {inner}.a = {name}.a AND {more})"
        if depth and kind < 0.56:
            inner, word = self._name(), self._made.choice(["IN", "NOT IN", "> ALL", "= ANY"])
            return f"{name}.a {word} (SELECT {inner}.a FROM {self._relation()} {inner}{self._where([inner])})"
        if kind < 0.64:
            return f"{name}.{column} IS {self._made.choice(['', 'NOT '])}NULL"
        if kind < 0.72:
            return f"{name}.{column} {self._made.choice(['IN', 'NOT IN'])} ({value}, {self._other(column)})"
        if kind < 0.78:
            return f"{name}.{column} BETWEEN {value} AND {self._other(column)}"
        if kind < 0.86:
            return f"{name}.{column} IS {self._made.choice(['', 'NOT '])}DISTINCT FROM {self._other(column)}"
        return f"{name}.{column} {self._made.choice(['=', '<>', '<', '<=', '>', '>='])} {value}"

    def _other(self, column: str) -> str:
        return self._made.choice([*_VALUES[column], "NULL"])

    def _value(self, names: Sequence[str]) -> str:
        name, kind = self._made.choice(names), self._made.random()
        if kind < 0.5:
            return self._column(names)
        if kind < 0.6:
            inner = self._name()
            aggregate = self._made.choice(["max", "min", "count", "sum"])
            return f"(SELECT {aggregate}({inner}.a) FROM {self._relation()} {inner} WHERE {inner}.s = {name}.s)"
        if kind < 0.7:
            return f"CASE WHEN {self._predicate(names, depth=0)} THEN {name}.a ELSE {name}.b END"
        return self._made.choice(
            [
                f"coalesce({name}.s, '?')",
                f"{name}.a + {name}.b",
                f"{name}.n * {name}.a",
                f"nullif({name}.a, 1)",
                f"{name}.s || 'x'",
                f"{name}.d + INTERVAL '1' MONTH",
                f"-{name}.n",
                f"{name}.n / 3",
                f"{name}.a % 2",
            ]
        )

    def _aggregate(self, names: Sequence[str], *, number: bool = False) -> str:
        name, column = self._made.choice(names), self._column(names)
        numbers = [f"count({column})", "count(*)", f"sum({name}.a)", f"count(DISTINCT {column})", f"max({name}.b)"]
        if number:
            return self._made.choice(numbers)
        text = self._made.choice(
            [
                *numbers,
                f"sum({name}.n)",
                f"avg({name}.n)",
                f"avg({name}.b)",
                f"min({column})",
                f"max({column})",
                f"sum(DISTINCT {name}.b)",
                f"bool_or({name}.a > 1)",
                f"count_if({self._predicate(names, depth=0)})",
            ]
        )
        if self._made.random() < 0.2:
            text += f" FILTER (WHERE {self._predicate(names, depth=0)})"
        return text


def compare(uri: str, session: Session, sql: str) -> judge.Verdict:
    """The verdict on one query. Where Trino itself breaks (an internal error) there is nothing to compare with."""
    answer = ask_query(uri, sql, catalog="iceberg", schema=SCHEMA)
    if answer == "GENERIC_INTERNAL_ERROR":
        return judge.Verdict(sql, judge.SAME_ERROR, "Trino's own internal error")
    return judge.judge_query(session, sql, answer)


def main(arguments: list[str] | None = None) -> int:
    """Make up queries; 0 nothing different, 1 something is. Needs the servers of TRINO_URL and POSTGRES_URL."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.whole", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--trino", required=True, help="a running Trino with the catalog iceberg")
    parser.add_argument("--postgres", required=True, help="SQLAlchemy's URI of the database behind that catalog")
    parser.add_argument("--catalog", default="lake", help="the catalog's name in that database")
    options = parser.parse_args(arguments)
    prepare(options.trino)
    maker = Maker(random.Random(options.seed))
    totals = dict.fromkeys(judge.VERDICTS, 0)
    with (
        tempfile.TemporaryDirectory(prefix="olo-whole-") as folder,
        tpcds.open_session(options.postgres, options.catalog, Path(folder), SCHEMA) as session,
    ):
        for _ in range(options.count):
            sql = maker.query()
            verdict = compare(options.trino, session, sql)
            totals[verdict.verdict] += 1
            if verdict.verdict == judge.DIFFERENT:
                print(f"{sql}\n    {verdict.why}", flush=True)
    print(totals)
    return int(totals[judge.DIFFERENT] > 0)


if __name__ == "__main__":
    sys.exit(main())
