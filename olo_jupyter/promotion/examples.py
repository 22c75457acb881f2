"""Small inputs for a model's unit tests, taken from the data at the pin, and what the query gives on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from olo_converters.capture import Capture, ColumnFact, Row, TableFact
from olo_converters.conversion import Conversion, Example, example_name
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.arrow_types import arrow_type
from olo_jupyter.lakehouse.names import parse_table_name
from olo_jupyter.lakehouse.result import Column, Provenance, Result
from olo_jupyter.lakehouse.sensitivity import inherited
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.lakehouse.sql.types import parse_type
from olo_jupyter.promotion.branches import tested
from olo_jupyter.promotion.profile import SAMPLE_ROWS, sample

ROWS = 5
MOST_EXPECTED = 20


@dataclass(frozen=True)
class _Input:
    columns: tuple[ColumnFact, ...]
    rows: tuple[Row, ...]


def with_staging(conversion: Conversion, capture: Capture, session: Session) -> Capture:
    """``capture`` with a sample of each query that became a staging model: its rows at the captured pins."""
    pins = {name: pin for result in capture.results for name, pin in result.snapshots.items() if "@" not in name}
    sensitive = {column.name for table in capture.tables for column in table.columns if column.is_sensitive}
    known = {table.full_name for table in capture.tables}
    found: list[TableFact] = []
    for given in conversion.inputs:
        if not given.sql or given.key in known:
            continue
        name = parse_table_name(given.key, session.catalog, session.namespace)
        pinned = {parse_table_name(each, session.catalog, session.namespace): pin for each, pin in pins.items()}
        with Session(session.settings, catalog=session.catalog, namespace=session.namespace, pins=pinned) as at_pins:
            try:
                done = at_pins.execute(given.sql, parameters=given.parameters, limit=SAMPLE_ROWS)
            except OloError:
                continue  # no rows: no unit test then
        hidden = inherited(given.sql, [column.name for column in done.columns], sensitive)
        columns = tuple(
            ColumnFact(column.name, column.type, sensitivity=("restricted",) if column.name in hidden else ())
            for column in done.columns
        )
        found.append(TableFact(name.catalog, name.namespace, name.table, columns, sample=sample(done.arrow)))
    return replace(capture, tables=(*capture.tables, *found))


def chosen_sample(conversion: Conversion, capture: Capture, session: Session) -> Capture:
    """``capture`` with just the rows that make the query give something: at most five of each input.

    Halves of each input are left out as long as rows come out, so that the test is small and not empty.
    """
    inputs = _inputs(conversion, capture)
    rows = {key: given.rows for key, given in inputs.items()}
    if conversion.query and rows and _gives(conversion, inputs, rows, session):
        for key in rows:
            while len(rows[key]) > ROWS:
                half = max(len(rows[key]) // 2, ROWS)
                parts = (rows[key][:half], rows[key][-half:])
                part = next((part for part in parts if _gives(conversion, inputs, {**rows, key: part}, session)), None)
                if part is None:
                    break
                rows[key] = part
    return _with_samples(capture, {key: given[:ROWS] for key, given in rows.items()})


def examples(conversion: Conversion, capture: Capture, session: Session) -> dict[str, tuple[Example, ...]]:
    """The unit tests of a model and of those that stand before it, by model: rows of the notebook's tables, and rows
    that make each branch of the SQL count. None where nothing comes out, or the query can't be run on rows.
    """
    found: dict[str, tuple[Example, ...]] = {}
    for one in (*conversion.models, conversion):
        given = tuple(each for each in (example(one, capture, session), _branches(one, capture, session)) if each)
        if given:
            found[one.name] = given
    return found


def _branches(conversion: Conversion, capture: Capture, session: Session) -> Example | None:
    inputs = _inputs(conversion, capture)
    rows = {given.key: tuple(given.rows) for given in conversion.inputs}
    if not conversion.query or not rows or set(rows) != set(inputs) or conversion.uses_random:
        return None
    columns = {
        key: [column for column in given.columns if rows[key] and column.name in rows[key][0]]
        for key, given in inputs.items()
    }

    def run(query: str, of: Mapping[str, tuple[Row, ...]]) -> tuple[Row, ...] | None:
        return _run(replace(conversion, query=query), inputs, of, session)

    found = tested(conversion.query, columns, rows, conversion.vars, run)
    if found is None or not found.covered:
        return None
    expected = run(conversion.query, found.rows)
    if not expected or len(expected) > MOST_EXPECTED:
        return None
    names = {example_name(key): ".".join(key.split(".")[1:]) or key for key in inputs}
    covered, missed = ([_named(branch, names) for branch in listed] for listed in (found.covered, found.missed))
    return Example(found.rows, expected, tuple(covered), tuple(missed))


def _named(branch: str, names: Mapping[str, str]) -> str:
    """A branch with the tables' own names in it."""
    for example_table, table in sorted(names.items(), reverse=True):  # a longer name before one that it begins with
        branch = branch.replace(example_table, table)
    return branch


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
    tables = tuple(replace(t, sample=samples.get(t.full_name, t.sample)) for t in capture.tables)
    results = tuple(replace(r, sample=samples.get(r.name, r.sample)) for r in capture.results)
    return replace(capture, tables=tables, results=results)
