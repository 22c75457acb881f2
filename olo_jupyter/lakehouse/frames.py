"""Data frames of other libraries as Arrow tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from olo_jupyter.lakehouse.errors import QueryError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from olo_jupyter.lakehouse.result import Result

    Frame = pd.DataFrame | pl.DataFrame | pa.Table | pa.RecordBatch | Result


FRAME = "python"
"""The engine of a result that is a frame of the notebook: no query gave it."""


def to_arrow(frame: Any) -> pa.Table:
    """``frame`` as an Arrow table.

    Args:
        frame: A pandas or polars DataFrame, an Arrow table or record batch, a Result, or anything else that exports
            itself as an Arrow stream. A pandas index becomes columns where it has names, and is dropped where not.

    Raises:
        QueryError: Something else, or values that have no one Arrow type.
    """
    from olo_jupyter.lakehouse.result import Result

    if isinstance(frame, Result):
        return frame.arrow
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    try:
        if type(frame).__module__.partition(".")[0] == "pandas" and hasattr(frame, "reset_index"):
            named = [name for name in frame.index.names if name is not None]
            plain = frame.reset_index(named) if named else frame
            return pa.Table.from_pandas(plain, preserve_index=False).replace_schema_metadata(None)
        if hasattr(frame, "__arrow_c_stream__"):
            return pa.RecordBatchReader.from_stream(frame).read_all()
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, ValueError) as error:
        raise QueryError(
            f"The frame can't be written: {error}",
            code="type-mismatch",
            hint="Give each column values of one type.",
        ) from error
    raise QueryError(
        f"A {type(frame).__name__} can't be written.",
        code="type-mismatch",
        hint="Give a pandas or polars DataFrame, an Arrow table or a result.",
    )


_FRAMES = {"pandas": ("DataFrame",), "polars": ("DataFrame",), "pyarrow": ("Table", "RecordBatch")}


def is_frame(value: Any) -> bool:
    """Whether a value is a frame of pandas, polars or Arrow; imports none of them."""
    kind = type(value)
    return kind.__name__ in _FRAMES.get(kind.__module__.partition(".")[0], ())


def of_frame(frame: Any) -> Result:
    """A frame as rows with Trino's types, as a query would have given them; names of columns in lower case.

    Raises:
        QueryError: As ``to_arrow``, or a type that Trino has none for.
    """
    from olo_jupyter.lakehouse.arrow_types import arrow_type
    from olo_jupyter.lakehouse.columns import fields_of
    from olo_jupyter.lakehouse.result import Column, Provenance, Result

    arrow = to_arrow(frame)
    try:
        fields = fields_of(arrow.schema)
        schema = pa.schema([pa.field(field.name.lower(), arrow_type(field.type)) for field in fields])
        rows = arrow.rename_columns(schema.names).cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise QueryError(
            f"The frame has no rows of Trino's types: {error}",
            code="type-mismatch",
            hint="Give each column values of one type.",
        ) from error
    columns = tuple(Column(field.name.lower(), str(field.type)) for field in fields)
    return Result(columns, rows, Provenance(FRAME, "", "", rows.num_rows, 0.0))
