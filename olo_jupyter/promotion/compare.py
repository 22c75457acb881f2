"""Whether two results hold the same rows: columns with Trino's types, row count, multiset fingerprint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import count
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from olo_jupyter.lakehouse.arrow_types import conform
from olo_jupyter.lakehouse.columns import iceberg_type
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.fingerprint import fingerprint
from olo_jupyter.lakehouse.iceberg_types import trino_type
from olo_jupyter.lakehouse.result import Column
from olo_jupyter.lakehouse.sql.statement import Field
from olo_jupyter.lakehouse.sql.types import parse_type

RTOL = 1e-9
"""Relative tolerance of floats, used only where the fingerprints differ and said so then."""
SAMPLED = 5
MASK = "(hidden)"
_MOST_ROWS = 2_000_000
"""Rows up to which differing ones are looked up: a row costs about a kilobyte."""


@dataclass(frozen=True)
class Rows:
    """Rows with the Trino types of their columns.

    Args:
        fingerprint: Set where ``arrow`` doesn't hold all rows: of all of them, with ``count`` their number.
    """

    columns: tuple[Column, ...]
    arrow: pa.Table
    fingerprint: str = ""
    count: int = 0


@dataclass(frozen=True)
class Comparison:
    """The outcome.

    Args:
        same: Whether the artefact's rows are the notebook's.
        schema: Differences of columns, in words.
        rows: Row counts: notebook, artefact.
        fingerprints: Likewise.
        within_tolerance: The fingerprints differ, but only by floats within RTOL.
        only_notebook, only_artefact: A few rows that only one side has, as text; sensitive values hidden.
    """

    same: bool
    schema: tuple[str, ...]
    rows: tuple[int, int]
    fingerprints: tuple[str, str]
    within_tolerance: bool = False
    only_notebook: tuple[dict[str, str], ...] = ()
    only_artefact: tuple[dict[str, str], ...] = ()


def compare(notebook: Rows, artefact: Rows, sensitive: Collection[str] = ()) -> Comparison:
    """Compare the notebook's rows with those that the artefact wrote; their order doesn't count.

    A type that Iceberg can't hold is compared as the one that Trino stores it as: varchar(3) as varchar.

    Args:
        sensitive: Columns whose values no difference may show.
    """
    sizes = (notebook.count if notebook.fingerprint else notebook.arrow.num_rows, artefact.arrow.num_rows)
    stored = tuple(Column(column.name.lower(), stored_type(column.type)) for column in notebook.columns)
    schema = _schema_differences(stored if artefact.columns != notebook.columns else notebook.columns, artefact.columns)
    if schema:
        return Comparison(False, schema, sizes, (notebook.fingerprint, ""))
    if notebook.fingerprint:
        found = fingerprint(artefact.arrow)
        return Comparison(notebook.fingerprint == found, (), sizes, (notebook.fingerprint, found))
    fields = [Field(column.name, parse_type(column.type)) for column in artefact.columns]
    try:
        ours, theirs = conform(notebook.arrow, fields), conform(artefact.arrow, fields)
    except QueryError as error:
        return Comparison(False, (error.message,), sizes, ("", ""))
    prints = (fingerprint(ours), fingerprint(theirs))
    if prints[0] == prints[1]:
        return Comparison(True, (), sizes, prints)
    if sizes[0] == sizes[1] and _same_but_for_floats(ours, theirs):
        return Comparison(True, (), sizes, prints, within_tolerance=True)
    only_ours, only_theirs = _differences(ours, theirs, sensitive)
    return Comparison(False, (), sizes, prints, False, only_ours, only_theirs)


def stored_type(text: str) -> str:
    """The Trino type that a column has once it is stored in Iceberg; the type itself where it can't be stored.

    Example:
        >>> stored_type("varchar(3)"), stored_type("smallint"), stored_type("timestamp(3)"), stored_type("json")
        ('varchar', 'integer', 'timestamp(6)', 'json')
    """
    counter = count(1)
    try:
        return str(trino_type(iceberg_type(parse_type(text), lambda: next(counter))))
    except (Unsupported, ValueError):
        return text


def _schema_differences(notebook: Sequence[Column], artefact: Sequence[Column]) -> tuple[str, ...]:
    ours = [column.name.lower() for column in notebook]
    theirs = [column.name.lower() for column in artefact]
    if ours != theirs:
        missing = [f"column {name} is missing in the artefact" for name in ours if name not in theirs]
        added = [f"column {name} is in the artefact only" for name in theirs if name not in ours]
        return tuple(missing + added) or (f"the columns stand in another order: {', '.join(theirs)}",)
    return tuple(
        f"column {a.name} is {a.type} in the notebook and {b.type} in the artefact"
        for a, b in zip(notebook, artefact, strict=True)
        if a.type != b.type
    )


def _same_but_for_floats(ours: pa.Table, theirs: pa.Table) -> bool:
    """Whether sorting pairs the rows so that all other values are equal and floats are within the tolerance.

    Rows are sorted by the other columns first: where those are a key, each row meets its own.
    """
    floats = [field.name for field in ours.schema if pa.types.is_floating(field.type)]
    others = [field.name for field in ours.schema if not pa.types.is_floating(field.type)]
    unsortable = any(pa.types.is_nested(t) or pa.types.is_interval(t) or pa.types.is_null(t) for t in ours.schema.types)
    if not floats or unsortable or len(set(ours.column_names)) != ours.num_columns:
        return False
    keys = [(name, "ascending") for name in (*others, *floats)]
    ours, theirs = ours.sort_by(keys).combine_chunks(), theirs.sort_by(keys).combine_chunks()
    if not ours.select(others).equals(theirs.select(others)):
        return False
    return all(_close(ours[name], theirs[name]) for name in floats)


def _close(ours: pa.ChunkedArray, theirs: pa.ChunkedArray) -> bool:
    if not pc.is_null(ours).equals(pc.is_null(theirs)):
        return False
    a, b = (np.asarray(side.drop_null().to_numpy(), dtype=np.float64) for side in (ours, theirs))
    return bool(np.isclose(a, b, rtol=RTOL, atol=0.0, equal_nan=True).all())


def _differences(
    ours: pa.Table, theirs: pa.Table, sensitive: Collection[str]
) -> tuple[tuple[dict[str, str], ...], tuple[dict[str, str], ...]]:
    """A few rows of each side that the other one lacks."""
    if ours.num_rows + theirs.num_rows > _MOST_ROWS:
        return (), ()
    first, second = Counter(_keys(ours)), Counter(_keys(theirs))
    names = ours.column_names
    return _sampled(first - second, names, sensitive), _sampled(second - first, names, sensitive)


def _keys(table: pa.Table) -> list[tuple[str, ...]]:
    columns = [[_text(value) for value in column.to_pylist()] for column in table.columns]
    return list(zip(*columns, strict=True))


def _text(value: Any) -> str:
    return (
        "NULL"
        if value is None
        else value
        if isinstance(value, str)
        else repr(value)
        if isinstance(value, float)
        else str(value)
    )


def _sampled(
    rows: Counter[tuple[str, ...]], names: list[str], sensitive: Collection[str]
) -> tuple[dict[str, str], ...]:
    return tuple(
        {name: MASK if name in sensitive else value for name, value in zip(names, row, strict=True)}
        for row in nsmallest(SAMPLED, rows)
    )
