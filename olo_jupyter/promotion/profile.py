"""What the data of a result looks like: the evidence behind proposed tests. One pass over Arrow."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from olo_converters.capture import ColumnProfile, Row

FEW = 20
SAMPLE_ROWS = 200


def profile(table: pa.Table, sensitive: Collection[str]) -> tuple[ColumnProfile, ...]:
    """The profile of every column whose values can be compared; nested ones are left out.

    Args:
        table: The rows at the pin.
        sensitive: Columns whose values stay where they are: no minimum, maximum or list of values.
    """
    return tuple(
        _column(field.name, table.column(index), field.name in sensitive)
        for index, field in enumerate(table.schema)
        if not pa.types.is_nested(field.type) and not pa.types.is_interval(field.type)
    )


def sample(table: pa.Table, rows: int = SAMPLE_ROWS) -> tuple[Row, ...]:
    """The least rows by the columns in their order, as values by column: a query's rows come in any order, and the same
    promotion must give the same files.
    """
    keys = [(str(at), "ascending") for at, field in enumerate(table.schema) if not pa.types.is_nested(field.type)]
    if keys and table.num_rows > 1:
        numbered = pa.table(table.columns, names=[str(at) for at in range(table.num_columns)])  # names may be double
        options = pc.SelectKOptions(k=rows, sort_keys=keys)
        table = table.take(pc.select_k_unstable(numbered.select([name for name, _ in keys]), options=options))
    return tuple(table.slice(0, rows).to_pylist())


def _column(name: str, column: pa.ChunkedArray, is_sensitive: bool) -> ColumnProfile:
    if pa.types.is_null(column.type):
        return ColumnProfile(name, len(column), len(column), 0)
    unique = pc.unique(column).drop_null()
    low = high = None
    values: tuple[Any, ...] = ()
    if len(unique) and not is_sensitive:
        plain = not pa.types.is_boolean(column.type) and not pa.types.is_binary(column.type)
        if plain:
            extremes = pc.min_max(unique)
            low, high = extremes["min"].as_py(), extremes["max"].as_py()
        # A list of floats is no domain: NaN, and values that were rounded, aren't equal to themselves.
        if len(unique) <= FEW and not pa.types.is_floating(column.type):
            values = tuple(sorted(unique.to_pylist()))
    return ColumnProfile(name, len(column), column.null_count, len(unique), low, high, values)
