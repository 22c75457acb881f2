"""``python -m tests.parity.generate``: queries made up at random, asked of Trino and of the embedded engine at once.

Expressions over the columns of a table of nasty values, so that neither side can fold them to constants. Prints each
difference as small as it found it; what is worth keeping goes into ``cases/queries/``.
"""

# ruff: noqa: E501  (the templates read best a line each)

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.parity import judge
from tests.parity.record import ask_query
from tests.parity.server import server
from tests.parity.tables import open_session, prepare

TABLE = """(VALUES
 (1, 0, BIGINT '5', 1.10, DECIMAL '12345678901234567.891', 0.5e0, REAL '0.5', 'abc', DATE '2024-02-29', TIMESTAMP '2024-02-29 12:34:56.789', true, ARRAY[1, 2]),
 (2, -7, BIGINT '-9007199254740993', -0.05, DECIMAL '-0.001', -1.5e0, REAL '-2.25', '', DATE '1969-12-31', TIMESTAMP '1969-12-31 23:59:59.999', false, ARRAY[]),
 (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 (4, 13, BIGINT '1000000', 99.99, DECIMAL '0.000', 1e10, REAL '3', ' ß😀 x', DATE '2023-12-31', TIMESTAMP '2023-12-31 00:00:00.001', NULL, ARRAY[NULL, 3]),
 (5, 2, BIGINT '3', 2.50, DECIMAL '2.500', 2.5e0, REAL '1e-3', '12', DATE '2024-12-30', TIMESTAMP '2024-03-31 02:30:00.500', true, ARRAY[3, 1, 3])
) AS t(id, i, b, d, e, f, r, s, day, ts, p, a)"""

LEAVES: dict[str, list[str]] = {
    "integer": ["i", "i", "1", "-3", "2", "length(s)", "day_of_week(day)"],
    "bigint": ["b", "b", "BIGINT '7'", "length(s)", "year(ts)", "cardinality(a)"],
    "decimal": ["d", "e", "d", "1.5", "-0.25", "100.00"],
    "double": ["f", "f", "0.1e0", "-2e0"],
    "real": ["r", "REAL '1.5'"],
    "varchar": ["s", "s", "'a'", "'1x'", "'ß'"],
    "date": ["day", "day", "DATE '2024-01-31'"],
    "timestamp": ["ts", "ts", "TIMESTAMP '2024-10-27 01:30:00.250'"],
    "boolean": ["p", "p", "true", "NULL"],
    "array": ["a", "a", "ARRAY[5, NULL]"],
}
RULES: dict[str, list[str]] = {
    "integer": [
        "{integer} + {integer}",
        "{integer} * {integer}",
        "{integer} - {integer}",
        "abs({integer})",
        "-({integer})",
        "CASE WHEN {boolean} THEN {integer} ELSE {integer} END",
        "coalesce({integer}, {integer})",
        "a[1]",
        "nullif({integer}, {integer})",
        "if({boolean}, {integer})",
        "CAST({double} AS integer)",
        "CAST({decimal} AS integer)",
        "try({integer} / {integer})",
        "{integer} % 5",
        "element_at({array}, {integer})",
        "greatest({integer}, {integer})",
        "sign({integer})",
        "TRY_CAST({varchar} AS integer)",
        "array_max({array})",
        "round({integer}, -1)",
    ],
    "bigint": [
        "{bigint} + {integer}",
        "{bigint} * {bigint}",
        "{bigint} / 3",
        "{bigint} % -4",
        "CAST({decimal} AS bigint)",
        "length({varchar})",
        "date_diff('{unit}', {date}, {date})",
        "date_diff('{unit}', {timestamp}, {timestamp})",
        "strpos({varchar}, {varchar})",
        "year({date})",
        "month({date})",
        "day({date})",
        "week({date})",
        "quarter({date})",
        "day_of_year({timestamp})",
        "hour({timestamp})",
        "minute({timestamp})",
        "second({timestamp})",
        "millisecond({timestamp})",
        "bitwise_and({bigint}, {bigint})",
        "cardinality({array})",
        "year_of_week({date})",
        "CAST({double} AS bigint)",
        "mod({bigint}, 7)",
        "CAST({boolean} AS bigint)",
    ],
    "decimal": [
        "{decimal} + {decimal}",
        "{decimal} - {decimal}",
        "{decimal} * {decimal}",
        "try({decimal} / {decimal})",
        "{decimal} + {integer}",
        "{decimal} * {bigint}",
        "CAST({double} AS decimal(18,3))",
        "CAST({integer} AS decimal(12,2))",
        "round({decimal}, 1)",
        "abs({decimal})",
        "CAST({decimal} AS decimal(20,1))",
        "coalesce({decimal}, {integer})",
        "{decimal} % 0.3",
        "truncate({decimal}, 1)",
        "floor({decimal})",
        "ceil({decimal})",
        "-({decimal})",
        "TRY_CAST({varchar} AS decimal(10,2))",
        "nullif({decimal}, 0)",
        "greatest({decimal}, {decimal})",
        "if({boolean}, {decimal}, {integer})",
        "{decimal} / 7",
        "1 / 3.00 * {decimal}",
    ],
    "double": [
        "{double} + {double}",
        "{double} * {decimal}",
        "{double} / {double}",
        "{integer} / {double}",
        "sqrt(abs({double}))",
        "round({double}, 2)",
        "floor({double})",
        "CAST({decimal} AS double)",
        "CAST({bigint} AS double)",
        "{real} + {double}",
        "power({double}, 2)",
        "ceil({double})",
        "truncate({double})",
        "{double} % 0.7e0",
        "TRY_CAST({varchar} AS double)",
        "coalesce({double}, {decimal})",
        "abs({double})",
        "sign({double})",
        "greatest({double}, {double})",
        "least({double}, {integer})",
        "exp(least({double}, 5e0))",
        "to_unixtime({timestamp})",
    ],
    "real": [
        "{real} * {real}",
        "{real} + {integer}",
        "CAST({double} AS real)",
        "CAST({decimal} AS real)",
        "abs({real})",
        "round({real})",
        "-({real})",
    ],
    "varchar": [
        "{varchar} || {varchar}",
        "upper({varchar})",
        "lower({varchar})",
        "trim({varchar})",
        "substr({varchar}, {small})",
        "substr({varchar}, {small}, 2)",
        "reverse({varchar})",
        "replace({varchar}, 'a', 'bc')",
        "CAST({integer} AS varchar)",
        "CAST({decimal} AS varchar)",
        "CAST({double} AS varchar)",
        "CAST({date} AS varchar)",
        "CAST({timestamp} AS varchar)",
        "lpad({varchar}, 4, '*')",
        "split_part({varchar}, 'a', 1)",
        "CAST({varchar} AS varchar(2))",
        "CAST({varchar} AS char(4))",
        "coalesce({varchar}, 'none')",
        "CAST({real} AS varchar)",
        "CAST({boolean} AS varchar)",
        "date_format({timestamp}, '%Y-%m-%d %H:%i')",
        "array_join({array}, '-')",
        "CASE {integer} WHEN {integer} THEN {varchar} ELSE 'other' END",
        "concat({varchar}, {varchar}, 'z')",
        "if({boolean}, {varchar}, 'no')",
    ],
    "date": [
        "{date} + INTERVAL '{small}' DAY",
        "{date} - INTERVAL '1' MONTH",
        "{date} + INTERVAL '1' YEAR",
        "date_trunc('{dateunit}', {date})",
        "CAST({timestamp} AS date)",
        "date_add('{dateunit}', {small}, {date})",
        "last_day_of_month({date})",
        "coalesce({date}, day)",
        "greatest({date}, {date})",
        "date({timestamp})",
    ],
    "timestamp": [
        "{timestamp} + INTERVAL '36' HOUR",
        "{timestamp} - INTERVAL '0.001' SECOND",
        "date_trunc('{unit}', {timestamp})",
        "CAST({date} AS timestamp)",
        "date_add('{unit}', {small}, {timestamp})",
        "{timestamp} + INTERVAL '1' MONTH",
        "CAST({timestamp} AS timestamp(0))",
        "CAST({timestamp} AS timestamp(6))",
        "coalesce({timestamp}, {date})",
    ],
    "boolean": [
        "{integer} = {decimal}",
        "{decimal} < {double}",
        "{varchar} LIKE '%a%'",
        "{varchar} < {varchar}",
        "{boolean} AND {boolean}",
        "{boolean} OR {boolean}",
        "NOT ({boolean})",
        "{integer} BETWEEN {integer} AND {bigint}",
        "{integer} IN (1, {integer}, NULL)",
        "{date} <= {timestamp}",
        "{varchar} IS NULL",
        "{double} IS DISTINCT FROM {double}",
        "contains({array}, {integer})",
        "{bigint} = {real}",
        "{array} = {array}",
        "starts_with({varchar}, {varchar})",
        "CAST({integer} AS boolean)",
        "{decimal} >= {bigint}",
        "{varchar} = CAST({varchar} AS char(3))",
        "regexp_like({varchar}, '[0-9]')",
        "any_match({array}, x -> x > {integer})",
        "{varchar} NOT IN ('a', {varchar})",
    ],
    "array": [
        "array_distinct({array})",
        "{array} || {array}",
        "array_sort({array})",
        "transform({array}, x -> x + i)",
        "filter({array}, x -> x > 1)",
        "slice({array}, 1, 2)",
        "reverse({array})",
        "array_remove({array}, 3)",
        "ARRAY[{integer}, {integer}]",
        "{array} || {integer}",
        "sequence(1, 3)",
    ],
}
AGGREGATES = [
    "count({any})",
    "count(DISTINCT {any})",
    "sum({integer})",
    "sum({decimal})",
    "avg({integer})",
    "avg({decimal})",
    "min({any})",
    "max({any})",
    "count_if({boolean})",
    "bool_and({boolean})",
    "array_agg({any} ORDER BY id)",
    "max_by({any}, id)",
    "min_by({any}, {bigint})",
    "sum({double})",
    "avg({double})",
    "sum({real})",
    "stddev({integer})",
    "sum({integer}) FILTER (WHERE {boolean})",
    "var_pop({double})",
    "arbitrary(7)",
    "bool_or({boolean})",
    "approx_distinct({integer})",
    "sum(DISTINCT {integer})",
]
WINDOWS = [
    "sum({integer}) OVER (ORDER BY id)",
    "row_number() OVER (ORDER BY {any}, id)",
    "rank() OVER (ORDER BY {any} DESC)",
    "lag({any}) OVER (ORDER BY id)",
    "first_value({any}) OVER (PARTITION BY {boolean} ORDER BY id)",
    "avg({decimal}) OVER (ORDER BY id ROWS 1 PRECEDING)",
    "max({any}) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)",
    "count(*) OVER (PARTITION BY {any})",
    "ntile(2) OVER (ORDER BY id)",
    "last_value({any}) IGNORE NULLS OVER (ORDER BY id)",
    "dense_rank() OVER (ORDER BY {any} NULLS FIRST)",
    "cume_dist() OVER (ORDER BY {any})",
    "sum({decimal}) OVER (ORDER BY {integer} RANGE UNBOUNDED PRECEDING)",
]
_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")


class Maker:
    """Makes up expressions of a given type."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def expression(self, type_: str, depth: int) -> str:
        """An expression of (about) ``type_``, nested at most ``depth`` deep."""
        if type_ == "any":
            type_ = self.random.choice(list(RULES))
        if depth == 0 or self.random.random() < 0.15:
            return self.random.choice(LEAVES[type_])
        return self.fill(self.random.choice(RULES[type_]), depth - 1)

    def fill(self, template: str, depth: int) -> str:
        """``template`` with its holes filled."""
        while (start := template.find("{")) >= 0:
            end = template.index("}", start)
            hole = template[start + 1 : end]
            match hole:
                case "unit":
                    value = self.random.choice(_UNITS)
                case "dateunit":
                    value = self.random.choice(_UNITS[3:])
                case "small":
                    value = str(self.random.randint(-3, 4))
                case _:
                    inner = self.expression(hole, depth)
                    value = f"({inner})" if " " in inner else inner
            template = template[:start] + value + template[end + 1 :]
        return template

    def query(self) -> str:
        """A query over the nasty table."""
        kind = self.random.random()
        if kind < 0.6:
            columns = ", ".join(self.expression("any", 3) for _ in range(1))
            return f"SELECT id, {columns} FROM {TABLE} ORDER BY id"
        if kind < 0.7:
            return f"SELECT id FROM {TABLE} WHERE {self.expression('boolean', 3)} ORDER BY id"
        if kind < 0.8:
            key = self.expression(self.random.choice(["varchar", "boolean", "date", "integer", "decimal"]), 2)
            return f"SELECT {key} AS k, {self.fill(self.random.choice(AGGREGATES), 1)} FROM {TABLE} GROUP BY 1"
        if kind < 0.9:
            return f"SELECT {self.fill(self.random.choice(AGGREGATES), 2)} FROM {TABLE}"
        return f"SELECT id, {self.fill(self.random.choice(WINDOWS), 2)} FROM {TABLE} ORDER BY id"


def main(arguments: list[str] | None = None) -> int:
    """Make up queries; 0 nothing different, 1 something is."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.generate", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--trino", help="a running Trino (default: one is started)")
    options = parser.parse_args(arguments)
    maker = Maker(options.seed)
    totals = dict.fromkeys(judge.VERDICTS, 0)
    with (
        server(options.trino) as uri,
        tempfile.TemporaryDirectory(prefix="olo-parity-") as folder,
        open_session(Path(folder)) as session,
    ):
        prepare(uri)
        for _ in range(options.count):
            sql = maker.query()
            verdict = judge.judge_query(session, sql, ask_query(uri, sql))
            totals[verdict.verdict] += 1
            if verdict.verdict == judge.DIFFERENT:
                print(f"{sql.replace(TABLE, 'TABLE')}\n    {verdict.why}", flush=True)
    print(totals)
    return int(totals[judge.DIFFERENT] > 0)


if __name__ == "__main__":
    sys.exit(main())
