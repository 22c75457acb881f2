"""What a query gives: Arrow inside, pandas and polars at the edge, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


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
        frame: pd.DataFrame = self.arrow.to_pandas()
        return frame

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
