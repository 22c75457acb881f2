"""Two relations in DuckDB compared: rows by key or as multisets, and the spread of each column's values.

First the multisets. A file that was written anew mostly has its rows in the order that they had: rows that are alike at
the same position cancel out, which is several times as fast as an aggregate, and right in whichever order they stand.
One aggregate over what is left of both sides gives the rows that one side has more often than the other. With a key
these rows are then matched by it. Those whose key is NULL or occurs more than once on a side can't be told apart by it:
they stay what they are, removed and added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from olo_jupyter.lakehouse.diff.report import Drift
from olo_jupyter.lakehouse.json_rows import json_rows
from olo_jupyter.lakehouse.result import Column, Provenance, Result
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type
from olo_jupyter.lakehouse.sql.statement import Field

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.engines.worker import Worker

_NOWHERE = Provenance("embedded", "", "", 1, 0.0)
_NESTED = frozenset({"array", "map", "row"})
_TABLES = ("unlike", "differing", "ambiguous", "removed", "added", "changed")
_SAMPLE_ROWS = 8_192
"""So many rows at the beginning tell whether the two sides stand in the same order."""


@dataclass(frozen=True)
class Compared:
    """What the comparison counted, and the rows: ``change``, then the columns."""

    added: int
    removed: int
    changed: int
    repeated: int
    null_keys: int
    rows: pa.Table
    drift: tuple[Drift, ...]


class Comparison:
    """Two sides with the same columns, compared on one cursor.

    Args:
        worker: Runs the statements; its cursor holds the relations that the queries name.
        fields: The columns, with their types; the queries give them in this order as ``c0``, ``c1`` ….
        key: Positions of the key's columns; empty for multisets.
        before, after: Queries of the two sides, their values :func:`~.canonical.canonical`.
        elsewhere: Query of the keys (``c<position>``) of rows that both sides share and that the queries leave out.
        values: Where the drift is counted instead of the rows that differ: queries of the two sides.
    """

    def __init__(
        self,
        worker: Worker,
        fields: Sequence[Field],
        key: Sequence[int],
        before: str,
        after: str,
        elsewhere: str = "",
        values: tuple[str, str] | None = None,
    ) -> None:
        self._worker = worker
        self._fields = tuple(fields)
        self._key = tuple(key)
        self._queries = (before, after)
        self._elsewhere = elsewhere
        self._values = values
        self._columns = [f"c{position}" for position in range(len(self._fields))]

    def run(self, limit: int) -> Compared:
        """Compare; at most ``limit`` rows of each kind are kept.

        Raises:
            QueryError: As reading the relations raises it.
            QueryCancelled: The user interrupted it.
        """
        with self._tables():
            repeated = nulls = 0
            if self._key:
                nulls = self._number(f"SELECT coalesce(sum(abs(n)), 0) FROM olo_differing t WHERE {self._null()}")
                repeated = self._number("SELECT count(*) FROM olo_ambiguous")
            removed, added = (self._number(f"SELECT count(*) FROM olo_{kind}") for kind in ("removed", "added"))
            changed, differing = self._changed()
            return Compared(added, removed, changed, repeated, nulls, self._rows(limit), self._drift(differing))

    @contextmanager
    def _tables(self) -> Iterator[None]:
        """The temporary tables ``olo_<name>`` of all steps."""
        try:
            for name, query in self._steps():
                self._make(name, query)
            yield
        finally:
            for name in _TABLES:
                self._do(f"DROP TABLE IF EXISTS temp.olo_{name}")

    def _steps(self) -> Iterator[tuple[str, str]]:
        columns = ", ".join(self._columns)
        one, other = self._queries
        both = f"SELECT {columns}, 1 AS n FROM ({one}) UNION ALL SELECT {columns}, -1 FROM ({other})"
        if self._in_one_order():
            yield "unlike", f"SELECT {self._pairs()}, b.here AS b_here, a.here AS a_here {self._side_by_side()}"
            both = " UNION ALL ".join(
                f"SELECT {', '.join(f'{side}_{c} AS {c}' for c in self._columns)}, {sign} AS n "
                f"FROM olo_unlike WHERE {side}_here"
                for side, sign in (("b", 1), ("a", -1))
            )
        yield "differing", f"SELECT {columns}, sum(n)::BIGINT AS n FROM ({both}) GROUP BY {columns} HAVING sum(n) <> 0"
        if not self._key:
            yield "removed", self._multiset("t.n > 0")
            yield "added", self._multiset("t.n < 0")
            yield "changed", f"SELECT {self._pairs()} FROM olo_differing b, olo_differing a WHERE false"
            return
        yield "ambiguous", self._ambiguous()
        same = self._same("b", "a")
        mixed = f"({self._null()} OR NOT {self._told_apart()})"
        alone = {
            sign: f"SELECT {columns} FROM olo_differing t WHERE t.n {sign} 0 AND NOT {self._null()} "
            f"AND {self._told_apart()}"
            for sign in "><"
        }
        for name, sign, other in (("removed", ">", "<"), ("added", "<", ">")):
            unmatched = f"SELECT {columns} FROM ({alone[sign]}) b ANTI JOIN ({alone[other]}) a ON {same}"
            yield name, f"{unmatched} UNION ALL {self._multiset(f't.n {sign} 0 AND {mixed}')}"
        yield "changed", f"SELECT {self._pairs()} FROM ({alone['>']}) b JOIN ({alone['<']}) a ON {same}"

    def _in_one_order(self) -> bool:
        """Whether most of the first rows are alike at the same position."""
        unlike, rows = (
            self._number(f"SELECT count(*) {text}")
            for text in (self._side_by_side(_SAMPLE_ROWS), f"FROM (FROM ({self._queries[0]}) LIMIT {_SAMPLE_ROWS})")
        )
        return 2 * unlike < rows

    def _side_by_side(self, limit: int | None = None) -> str:
        """Rows of both sides at the same position that aren't alike; past the shorter one's end it isn't ``here``."""
        one, other = (
            f"(SELECT *, true AS here FROM ({query}){'' if limit is None else f' LIMIT {limit}'})"
            for query in self._queries
        )
        unlike = " OR ".join(f"b.{c} IS DISTINCT FROM a.{c}" for c in ("here", *self._columns))
        return f"FROM {one} b POSITIONAL JOIN {other} a WHERE {unlike}"

    def _multiset(self, where: str) -> str:
        """Rows that differ, each as often as it does."""
        columns = ", ".join(f"t.{c}" for c in self._columns)
        return f"SELECT {columns} FROM olo_differing t, range(abs(t.n)) WHERE {where}"

    def _ambiguous(self) -> str:
        """Keys of rows that differ which occur more than once on a side, counting all rows of the table."""
        keys = ", ".join(self._keys())
        wanted = f"(SELECT DISTINCT {keys} FROM olo_differing t WHERE NOT {self._null()})"
        parts = [
            f"SELECT {keys} FROM (SELECT {keys} FROM ({query})) b SEMI JOIN {wanted} a ON {self._same()} "
            "GROUP BY ALL HAVING count(*) > 1"
            for query in self._queries
        ]
        if self._elsewhere:
            parts.append(f"SELECT DISTINCT {keys} FROM ({self._elsewhere}) b SEMI JOIN {wanted} a ON {self._same()}")
        return " UNION ".join(parts)

    def _told_apart(self) -> str:
        matches = " AND ".join(f"m.{c} = t.{c}" for c in self._keys())
        return f"NOT EXISTS (FROM olo_ambiguous m WHERE {matches})"

    def _keys(self) -> list[str]:
        return [self._columns[position] for position in self._key]

    def _null(self) -> str:
        return f"({' OR '.join(f't.{c} IS NULL' for c in self._keys())})"

    def _same(self, one: str = "b", other: str = "a") -> str:
        return " AND ".join(f"{one}.{c} = {other}.{c}" for c in self._keys())

    def _pairs(self) -> str:
        return ", ".join(f"{side}.{c} AS {side}_{c}" for side in ("b", "a") for c in self._columns)

    def _changed(self) -> tuple[int, list[int]]:
        """How many rows changed, and for each column in how many it differs."""
        counts = [f"count(*) FILTER (b_{c} IS DISTINCT FROM a_{c})" for c in self._columns]
        total, *differing = self._row(f"SELECT count(*), {', '.join(counts)} FROM olo_changed")
        return int(total), [int(count) for count in differing]

    def _rows(self, limit: int) -> pa.Table:
        # Values stand in one canonical way, so this order is one, whoever wrote the files.
        columns = ", ".join(self._columns)
        order = ", ".join([*self._keys(), *(c for c in self._columns if c not in self._keys())])
        sides = [
            f"SELECT '{label}' AS change, {rank} AS rank, {', '.join(f'{side}_{c} AS {c}' for c in self._columns)} "
            f"FROM (FROM olo_changed ORDER BY {', '.join(f'b_{c}' for c in order.split(', '))} LIMIT {limit})"
            for label, rank, side in (("before", 2, "b"), ("after", 3, "a"))
        ]
        kinds = [
            f"SELECT '{kind}' AS change, {rank} AS rank, {columns} "
            f"FROM (FROM olo_{kind} ORDER BY {order} LIMIT {limit})"
            for rank, kind in enumerate(("removed", "added"))
        ]
        together = ", ".join(["least(rank, 2)", *(self._keys() or [order]), "rank"])  # a changed row's two versions
        query = f"SELECT change, {columns} FROM ({' UNION ALL '.join([*kinds, *sides])}) ORDER BY {together}"
        return self._worker.run(lambda cursor: cursor.sql(query).to_arrow_table())

    def _drift(self, differing: Sequence[int]) -> tuple[Drift, ...]:
        columns = ", ".join(self._columns)
        sources = self._values or tuple(
            f"SELECT {columns} FROM olo_{kind} UNION ALL "
            f"SELECT {', '.join(f'{side}_{c} AS {c}' for c in self._columns)} FROM olo_changed"
            for kind, side in (("removed", "b"), ("added", "a"))
        )
        figures = ", ".join(
            figure for c, field in zip(self._columns, self._fields, strict=True) for figure in _figures(c, field)
        )
        columns_of = [Column("n", "bigint"), *(column for field in self._fields for column in _figure_columns(field))]
        tables = [self._table(f"SELECT count(*) AS n, {figures} FROM ({source})") for source in sources]
        first, second = (json_rows(Result(tuple(columns_of), table, _NOWHERE))[0] for table in tables)
        found = []
        for position, field in enumerate(self._fields):
            at = 1 + 5 * position
            nulls, nans, smallest, largest, distinct = zip(first[at : at + 5], second[at : at + 5], strict=True)
            rows = (first[0], second[0])
            found.append(
                Drift(field.name, str(field.type), rows, nulls, nans, smallest, largest, distinct, differing[position])
            )
        return tuple(found)

    def _make(self, name: str, query: str) -> None:
        self._do(f"CREATE OR REPLACE TEMP TABLE olo_{name} AS {query}")

    def _do(self, sql: str) -> None:
        self._worker.run(lambda cursor: cursor.execute(sql).fetchall())

    def _row(self, sql: str) -> Sequence[Any]:
        (row,) = self._worker.run(lambda cursor: cursor.execute(sql).fetchall())
        return tuple(row)

    def _number(self, sql: str) -> int:
        return int(self._row(sql)[0])

    def _table(self, sql: str) -> pa.Table:
        return self._worker.run(lambda cursor: cursor.sql(sql).to_arrow_table())


_ENDS = ("min", "max")


def _figures(column: str, field: Field) -> tuple[str, ...]:
    """NULLs, NaNs, smallest, largest and the number of different values of a column."""
    base = field.type.base
    floating = base in ("real", "double")
    nans = f"count(*) FILTER (isnan({column}))" if floating else "0"
    ordered = base not in _NESTED
    where = f" FILTER (NOT isnan({column}))" if floating else ""
    bounds = [f"{name}({column}){where}" if ordered else f"CAST(NULL AS {duck_type(field.type)})" for name in _ENDS]
    return (f"count(*) - count({column})", nans, *bounds, f"count(DISTINCT {column})")


def _figure_columns(field: Field) -> tuple[Column, ...]:
    types = ("bigint", "bigint", str(field.type), str(field.type), "bigint")
    return tuple(Column(name, type_) for name, type_ in zip(("nulls", "nans", *_ENDS, "distinct"), types, strict=True))
