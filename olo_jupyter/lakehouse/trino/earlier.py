"""An earlier result as a table of a statement on Trino, where no Arrow can be sent to.

A small one goes up as VALUES, value by value. A larger one is its own query again, at its own snapshots; where that
query could give other rows, it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from olo_jupyter.lakehouse.engines.base import Request
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.frames import FRAME
from olo_jupyter.lakehouse.names import parse_table_name, quoted
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.sql.literal_text import typed_literal
from olo_jupyter.lakehouse.sql.parse import fail, placed
from olo_jupyter.lakehouse.sql.table_places import TablePlace
from olo_jupyter.lakehouse.sql.types import parse_type

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.trino.tables import Tables

VALUES_ROWS = 1_000
VALUES_CHARACTERS = 200_000
"""Up to here a result goes up as VALUES: Trino takes a statement of up to a million characters."""

_DRAWN = frozenset(
    [
        "rand", "random", "shuffle", "uuid", "now", "current_date", "current_time", "current_timestamp",
        "localtime", "localtimestamp", "current_user", "arbitrary", "any_value", "array_agg", "map_agg",
        "multimap_agg", "listagg", "row_number", "rank", "ntile", "first_value", "last_value", "nth_value", "lag",
        "lead", "min_by", "max_by", "reduce_agg", "approx_percentile", "approx_most_frequent", "numeric_histogram",
        "tdigest_agg", "qdigest_agg",
    ]
)  # fmt: skip
"""Functions whose value isn't decided by the rows alone: drawn, the time, or by the order in which rows come."""


def as_subquery(name: str, place: TablePlace, request: Request, tables: Tables) -> str:
    """The text that stands for an earlier result.

    Raises:
        QueryError: Two columns have one name, or a pin is written behind it.
        Unsupported: It is too large, and its query could give other rows.
    """
    result = request.results[name]
    names = [column.name.lower() for column in result.columns]
    double = sorted({column for column in names if names.count(column) > 1})
    if double:
        raise fail(
            f"The result {name} has two columns named {double[0]}: it can't be used as a table.",
            "duplicate-column-name",
            place.node,
            hint="Give them names of their own with AS.",
        )
    if place.period is not None:
        raise fail(f"{name} is an earlier result: it has no snapshots of its own.", "not-supported", place.node)
    text = _values(result)
    if text is None:
        text = _again(name, result, place, request, tables)
    alias = "" if place.node.args.get("alias") else f" AS {quoted(name.lower())}"
    return f"({text}){alias}"


def _values(result: Result) -> str | None:
    """The rows as VALUES; None where there are too many."""
    types = [parse_type(column.type) for column in result.columns]
    names = [quoted(column.name) for column in result.columns]
    if not len(result):
        columns = (f"CAST(NULL AS {type_}) AS {name}" for type_, name in zip(types, names, strict=True))
        return f"SELECT {', '.join(columns)} WHERE false" if all(t.base != "unknown" for t in types) else None
    if len(result) > VALUES_ROWS:
        return None
    rows: list[str] = []
    length = 0
    for row in result.rows():
        rows.append(f"({', '.join(typed_literal(value, type_) for value, type_ in zip(row, types, strict=True))})")
        length += len(rows[-1])
        if length > VALUES_CHARACTERS:
            return None
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS t ({', '.join(names)})"


def _again(name: str, result: Result, place: TablePlace, request: Request, tables: Tables) -> str:
    from olo_jupyter.lakehouse.trino.tables import Tables as TablesOf
    from olo_jupyter.lakehouse.trino.text import prepare

    provenance = result.provenance
    if provenance.engine == FRAME:
        raise _refused(name, result, place, "it is a frame of Python")
    if result.truncated:
        raise _refused(name, result, place, "it was cut off by --limit")
    snapshots = dict(provenance.snapshots)
    pins = {
        parse_table_name(table, request.catalog, request.namespace): snapshot
        for table, snapshot in snapshots.items()
        if not table.endswith(f"@{snapshot}")
    }
    again = replace(
        request, sql=provenance.sql, parameters=provenance.parameters, positional=(), pins=pins, as_of=None, results={}
    )
    names = TablesOf(again, tables.catalogs, tables.names, in_full=True)
    try:
        prepared = prepare(again, names, bound=False)
    except QueryError as error:
        raise _refused(name, result, place, error.message) from error
    if not isinstance(prepared.statement, exp.Expr):
        raise _refused(name, result, place, "it isn't the result of a query that is read here")
    drawn = next(_undecided(prepared.statement), "")
    if drawn:
        raise _refused(name, result, place, f"{drawn} in its query could give other rows")
    if names.reading.snapshots != snapshots:
        raise _refused(name, result, place, "the tables that its query reads can't be fixed at the same snapshots")
    return prepared.text


def _undecided(query: exp.Expr) -> Iterator[str]:
    """What in a query isn't decided by the rows of its tables."""
    for node in query.walk():
        if isinstance(node, exp.Anonymous) and str(node.this).lower() in _DRAWN:
            yield f"{str(node.this).lower()}()"
        elif isinstance(node, exp.GroupConcat):
            yield "LISTAGG"
        elif isinstance(node, exp.Limit | exp.Offset | exp.Fetch):
            yield "LIMIT or OFFSET"
        elif isinstance(node, exp.Window):
            yield f"the window of {node.this.name.lower()}()"
        elif isinstance(node, exp.Parameter):
            yield str(node.this)


def _refused(name: str, result: Result, place: TablePlace, why: str) -> QueryError:
    return placed(
        Unsupported(
            f"The result {name} ({len(result):,} rows) can't be used as a table on Trino: {why}.",
            hint=f"Up to {VALUES_ROWS:,} rows go up as they are. Write it to a table of your sandbox, "
            "or run this with --engine embedded.",
        ),
        place.node,
    )
