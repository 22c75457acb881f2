"""A query's result at two pins."""

from __future__ import annotations

import time
from collections.abc import Sequence

from olo_jupyter.lakehouse.catalog import nearest
from olo_jupyter.lakehouse.diff.canonical import canonical
from olo_jupyter.lakehouse.diff.compare import Comparison
from olo_jupyter.lakehouse.diff.report import Diff, Side
from olo_jupyter.lakehouse.diff.schema import column_changes
from olo_jupyter.lakehouse.diff.table import key_notes, rows_of
from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine
from olo_jupyter.lakehouse.engines.sources import ResultSource
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.sql.expressions.coercion import common_type
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type, identifier
from olo_jupyter.lakehouse.sql.statement import Field
from olo_jupyter.lakehouse.sql.types import parse_type


def diff_results(
    engine: EmbeddedEngine,
    what: str,
    results: tuple[Result, Result],
    written: tuple[str, str],
    key: Sequence[str] = (),
    *,
    limit: int = 1_000,
    masked: Sequence[str] = (),
) -> Diff:
    """What changed from one result to another, wherever they were computed.

    Args:
        what: The query's text.
        written: The two pins as the user wrote them.
        key: Names of columns that tell which row is which.
        limit: Keep at most this many rows of each kind.
        masked: Columns that a notebook must not store.

    Raises:
        QueryError: No such column; two columns of one name; no column in common.
    """
    started = time.perf_counter()
    before, after = results
    fields, notes = _fields(before, after)
    names = [field.name for field in fields]
    keys = [_position(name, names) for name in key]
    sources = [ResultSource("olo_before", before), ResultSource("olo_after", after)]
    queries = [_select(source, result, fields) for source, result in zip(_SOURCES, results, strict=True)]
    with engine.prepared(sources) as worker:
        compared = Comparison(worker, fields, keys, queries[0], queries[1], values=(queries[0], queries[1])).run(limit)
    how = f"rows matched by ({', '.join(names[at] for at in keys)})" if keys else "rows compared as multisets"
    return Diff(
        what=what,
        before=Side(written[0], rows=len(before)),
        after=Side(written[1], rows=len(after)),
        added=compared.added,
        removed=compared.removed,
        changed=compared.changed,
        rows=rows_of(compared, fields, limit, "a query", masked),
        key=tuple(names[at] for at in keys),
        schema=column_changes(before.columns, after.columns),
        drift=compared.drift,
        drift_rows="all rows of both results",
        repeated=compared.repeated,
        null_keys=compared.null_keys,
        method=(
            f"The query ran at both pins on {before.provenance.engine}, {how}; values are the same where Trino's "
            "IS DISTINCT FROM says so (NaN is NaN, 0.0 is -0.0)."
        ),
        notes=(*notes, *key_notes(compared)),
        seconds=before.provenance.seconds + after.provenance.seconds + time.perf_counter() - started,
        snapshots={**_pinned(before), **_pinned(after)},
    )


_SOURCES = ("result_olo_before", "result_olo_after")


def _pinned(result: Result) -> dict[str, int]:
    return {f"{name.partition('@')[0]}@{id_}": id_ for name, id_ in result.provenance.snapshots.items()}


def _fields(before: Result, after: Result) -> tuple[list[Field], list[str]]:
    old = {column.name.lower(): parse_type(column.type) for column in before.columns}
    fields, notes = [], []
    for column in after.columns:
        name, type_ = column.name.lower(), parse_type(column.type)
        if name not in old:
            notes.append(f"Column {name} is only at the second pin: it isn't compared.")
            continue
        shared = type_ if old[name] == type_ else common_type([old[name], type_])
        if shared is None:
            notes.append(f"Column {name} is {old[name]} and {type_}, which have no common type: it isn't compared.")
        else:
            fields.append(Field(name, shared))
    new = {column.name.lower() for column in after.columns}
    notes += [f"Column {name} is only at the first pin: it isn't compared." for name in old if name not in new]
    if not fields:
        raise QueryError("The two results have no column to compare.", code="not-supported")
    return fields, notes


def _position(text: str, names: Sequence[str]) -> int:
    name = text.strip().strip('"').lower()
    if name not in names:
        raise QueryError(f"There is no column {name} to be a key.", code="column-not-found", hint=nearest(name, names))
    return names.index(name)


def _select(source: str, result: Result, fields: Sequence[Field]) -> str:
    written = {column.name.lower(): column.name for column in result.columns}
    columns = [
        canonical(f"CAST(t.{identifier(written[field.name])} AS {duck_type(field.type)})", field.type)
        for field in fields
    ]
    named = ", ".join(f"{value} AS c{position}" for position, value in enumerate(columns))
    return f"SELECT {named} FROM {identifier(source)} t"
