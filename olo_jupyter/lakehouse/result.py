"""What a query gives: Arrow inside, pandas and polars at the edge, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa


@dataclass(frozen=True)
class Column:
    """A column of a result: its name and its Trino type as Trino prints it (``decimal(10,2)``, ``varchar(3)``)."""

    name: str
    type: str


@dataclass(frozen=True)
class Provenance:
    """Where a result came from; stored with the cell's output.

    Args:
        engine: ``embedded``, ``trino`` or ``spark``.
        sql: The statement as the user wrote it.
        parameters: Bound values by name.
        query_id: The engine's id of this execution.
        snapshots: Snapshot id of every table read, by full table name. Where one statement reads a table at several
            snapshots, the plain name has the read without a pin in the text (else the first), the others are
            ``name@snapshot``.
        rows: Rows in the result; for a write, rows written.
        seconds: Wall-clock time of the execution.
        fingerprint: Type-aware multiset fingerprint of the rows, '' where it was not computed.
        written: Snapshot id that each table written has now, by full table name.
        as_of: The pin that held for tables without one of their own, as the user wrote it; '' for none.
        dropped: Full names of the tables and views dropped or renamed away.
        bytes: Read from storage, as the engine counts it (embedded and Spark: the size of the files that are read);
            None where it doesn't tell.
        cpu_seconds: What a server spent on it, on all of its machines together; None where it doesn't tell, and where
            the engine works in this process (embedded), whose own time it is.
    """

    engine: str
    sql: str
    query_id: str
    rows: int
    seconds: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    snapshots: Mapping[str, int] = field(default_factory=dict)
    written: Mapping[str, int] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    as_of: str = ""
    fingerprint: str = ""
    bytes: int | None = None
    cpu_seconds: float | None = None


@dataclass(frozen=True)
class Result:
    """Rows of a query as an Arrow table, the Trino types of its columns, and its provenance.

    ``truncated`` says that ``--limit`` cut rows off. ``masked`` names the columns that a notebook must not store
    (tagged ``pii`` or ``restricted``): the display hides their values, the frames have them.
    """

    columns: tuple[Column, ...]
    arrow: pa.Table
    provenance: Provenance
    truncated: bool = False
    masked: tuple[str, ...] = ()

    def to_arrow(self) -> pa.Table:
        """The rows as a pyarrow Table; no copy."""
        return self.arrow

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a new pandas DataFrame."""
        return as_pandas(self.arrow)

    def to_polars(self) -> pl.DataFrame:
        """The rows as a polars DataFrame (needs polars)."""
        import polars

        frame = polars.from_arrow(self.arrow)
        assert isinstance(frame, polars.DataFrame)
        return frame

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows as tuples of Python values."""
        for batch in self.arrow.to_batches():
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    def __len__(self) -> int:
        return int(self.arrow.num_rows)


_FEW = 0.5
"""Of the values of a column: up to this share of them distinct, each is made once for all its rows."""


def as_pandas(table: pa.Table) -> pd.DataFrame:
    """``table`` as a pandas DataFrame; equal decimals of a column are one object, which saves most of its memory."""
    import pyarrow as pa

    shared = {
        at: made
        for at, column in enumerate(table.columns)
        if pa.types.is_decimal(column.type) and (made := _shared(column)) is not None
    }
    if not shared:
        frame: pd.DataFrame = table.to_pandas()
        return frame
    import pandas as pd

    rest = table.select([at for at in range(table.num_columns) if at not in shared]).to_pandas()
    columns: dict[int, Any] = {}
    left = iter(range(rest.shape[1]))
    for at in range(table.num_columns):
        columns[at] = shared[at] if at in shared else rest.iloc[:, next(left)]
    frame = pd.DataFrame(columns, index=rest.index, copy=False)
    frame.columns = pd.Index(table.column_names)
    return frame


def _shared(column: pa.ChunkedArray) -> Any:
    """A column of decimals as an array of objects, equal ones the same; None where hardly any are equal."""
    import numpy as np
    import pyarrow as pa

    encoded = column.combine_chunks().dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    if len(encoded.dictionary) > _FEW * len(column):
        return None
    objects = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    return objects[encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)]
