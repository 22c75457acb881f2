"""A result to a file: CSV or Parquet, whole or not at all."""

from __future__ import annotations

import base64
import gzip
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.json_rows import json_rows
from olo_jupyter.lakehouse.result import Column, Provenance, Result

FORMATS = (".csv", ".csv.gz", ".parquet")
_BATCH_ROWS = 65_536
_INTERVALS = ("interval day to second", "interval year to month")
_PLAIN_TEXT = frozenset(
    {"array", "map", "row", "time", "timestamp", "timestamp with time zone", "varbinary", *_INTERVALS}
)
"""Types whose text is Trino's own, not Arrow's."""


def export(
    result: Result, path: Path, *, overwrite: bool = False, on_rows: Callable[[int, int], None] | None = None
) -> int:
    """Write the rows of a result; gives the bytes of the file.

    CSV has a header, ``NULL`` as an empty field and an empty text as ``""``; nested values are JSON, times as Trino
    prints them. Parquet keeps the types.

    Args:
        path: Its ending says the format.
        overwrite: It may be there already.
        on_rows: Called with the rows written so far and all rows.

    Raises:
        OloError: ``export``: another ending; the file is there; it can't be written. Nothing is left behind.
    """
    name = path.name.lower()
    ending = next((each for each in FORMATS if name.endswith(each)), None)
    if ending is None:
        raise OloError(f"{path.name} has no known ending.", code="export", hint=f"Endings: {', '.join(FORMATS)}.")
    if path.exists() and not overwrite:
        raise OloError(f"{path} is there already.", code="export", hint="Choose another name, or add --overwrite.")
    if not path.parent.is_dir():
        raise OloError(f"There is no folder {path.parent}.", code="export", hint="Make it first.")
    if len({column.name for column in result.columns}) < len(result.columns):
        raise OloError("Two columns have the same name.", code="export", hint="Name them apart with AS.")
    try:
        with _atomic(path) as file:
            if ending == ".parquet":
                _parquet(result, file, on_rows)
            elif ending == ".csv.gz":
                with gzip.open(file, "wb", 6) as packed:
                    _csv(result, packed, on_rows)  # type: ignore[arg-type]
            else:
                _csv(result, file, on_rows)
    except (OSError, pa.ArrowException) as error:
        raise OloError(
            f"{path} can't be written: {error}.", code="export", hint="Check the folder and the disk."
        ) from error
    return path.stat().st_size


@contextmanager
def _atomic(path: Path) -> Iterator[IO[bytes]]:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _batches(result: Result, on_rows: Callable[[int, int], None] | None) -> Iterator[pa.Table]:
    total = len(result)
    for start in range(0, total, _BATCH_ROWS):
        yield result.arrow.slice(start, _BATCH_ROWS)
        if on_rows is not None:
            on_rows(min(start + _BATCH_ROWS, total), total)


def _parquet(result: Result, file: IO[bytes], on_rows: Callable[[int, int], None] | None) -> None:
    import pyarrow.parquet as pq

    schema = result.arrow.schema
    months = [at for at, field in enumerate(schema) if pa.types.is_duration(field.type)]
    for at in months:  # Parquet has no intervals: milliseconds, as the result counts them
        schema = schema.set(at, schema.field(at).with_type(pa.int64()))
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in _batches(result, on_rows):
            writer.write_table(batch.cast(schema))


def _csv(result: Result, file: IO[bytes], on_rows: Callable[[int, int], None] | None) -> None:
    import pyarrow.csv as pc

    shown = [column.type.partition("(")[0] in _PLAIN_TEXT or "(" in column.type for column in result.columns]
    types = [
        pa.string() if text and not pa.types.is_decimal(field.type) else _flat(field.type)
        for text, field in zip(shown, result.arrow.schema, strict=True)
    ]
    schema = pa.schema(list(zip((column.name for column in result.columns), types, strict=True)))
    with pc.CSVWriter(file, schema) as writer:
        for batch in _batches(result, on_rows):
            columns = [
                values
                if values.type == type_
                else _text(column, values)
                if type_ == pa.string()
                else values.cast(type_)
                for column, values, type_ in zip(result.columns, batch.columns, types, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _flat(type_: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_duration(type_) else pa.string() if pa.types.is_null(type_) else type_


def _text(column: Column, values: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_binary(values.type):
        return pa.array([None if v is None else base64.b64encode(v).decode() for v in values.to_pylist()], pa.string())
    one = Result((column,), pa.table({"v": values}), Provenance("", "", "", len(values), 0.0))
    return pa.array(
        [
            None if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for (value,) in json_rows(one)
        ],
        pa.string(),
    )
