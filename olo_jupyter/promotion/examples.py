"""Small inputs for a model's unit test, taken from the data at the pin, and what the query gives on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from olo_converters.capture import Capture, ColumnFact, Row
from olo_converters.conversion import Conversion, Example, example_name
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.arrow_types import arrow_type
from olo_jupyter.lakehouse.result import Column, Provenance, Result
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.lakehouse.sql.types import parse_type
from olo_jupyter.promotion.profile import sample

ROWS = 5
MOST_EXPECTED = 20


@dataclass(frozen=True)
class _Input:
    columns: tuple[ColumnFact, ...]
    rows: tuple[Row, ...]


def chosen_sample(conversion: Conversion, capture: Capture, session: Session) -> Capture:
    """``capture`` with just the rows that make the query give something: at most five of each input.

    Halves of each input are left out as long as rows come out, so that the test is small and not empty.
    """
    inputs = _inputs(conversion, capture)
    rows = {key: given.rows for key, given in inputs.items()}
    if not conversion.query or not rows or not _gives(conversion, inputs, rows, session):
        return _with_samples(capture, {key: given[:ROWS] for key, given in rows.items()})
    for key in rows:
        while len(rows[key]) > ROWS:
            half = max(len(rows[key]) // 2, ROWS)
            parts = (rows[key][:half], rows[key][-half:])
            part = next((part for part in parts if _gives(conversion, inputs, {**rows, key: part}, session)), None)
            if part is None:
                break
            rows[key] = part
    return _with_samples(capture, {key: given[:ROWS] for key, given in rows.items()})


def example(conversion: Conversion, capture: Capture, session: Session) -> Example | None:
    """The inputs of ``conversion`` and what its query gives on them; None where it gives nothing, or can't be run."""
    inputs = _inputs(conversion, capture)
    rows = {given.key: tuple(given.rows) for given in conversion.inputs}
    if not conversion.query or set(rows) != set(inputs):
        return None
    expected = _run(conversion, inputs, rows, session)
    if not expected or len(expected) > MOST_EXPECTED:
        return None
    return Example(rows, expected)


def _inputs(conversion: Conversion, capture: Capture) -> dict[str, _Input]:
    tables = {table.full_name: _Input(table.columns, table.sample) for table in capture.tables}
    results = {result.name: _Input(result.columns, result.sample) for result in capture.results if result.name}
    known = {**results, **tables}
    return {given.key: known[given.key] for given in conversion.inputs if given.key in known}


def _gives(
    conversion: Conversion, inputs: Mapping[str, _Input], rows: Mapping[str, tuple[Row, ...]], session: Session
) -> bool:
    return bool(_run(conversion, inputs, rows, session))


def _run(
    conversion: Conversion, inputs: Mapping[str, _Input], rows: Mapping[str, Sequence[Row]], session: Session
) -> tuple[Row, ...] | None:
    try:
        results = {example_name(key): _result(inputs[key].columns, given) for key, given in rows.items()}
        done = session.execute(conversion.query, parameters=conversion.vars, results=results)
        return sample(done.arrow, MOST_EXPECTED + 1)  # in an order: the same promotion gives the same files
    except (OloError, pa.ArrowInvalid, pa.ArrowTypeError, ValueError):
        return None  # the values don't fit, or the query can't run on results: no example then, and the test says so


def _result(columns: Sequence[ColumnFact], rows: Sequence[Row]) -> Result:
    present = [column for column in columns if not rows or column.name in rows[0]]
    types = [parse_type(column.type) for column in present]
    schema = pa.schema([pa.field(c.name, arrow_type(type_)) for c, type_ in zip(present, types, strict=True)])
    arrow = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    named = tuple(Column(column.name, column.type) for column in present)
    return Result(named, arrow, Provenance("embedded", "", "", len(rows), 0.0))


def _with_samples(capture: Capture, samples: Mapping[str, tuple[Row, ...]]) -> Capture:
    tables = tuple(replace(t, sample=samples.get(t.full_name, t.sample[:ROWS])) for t in capture.tables)
    results = tuple(replace(r, sample=samples.get(r.name, r.sample[:ROWS])) for r in capture.results)
    return replace(capture, tables=tables, results=results)
