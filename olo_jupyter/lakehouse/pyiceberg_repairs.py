"""Where PyIceberg 0.12 loses values without a word, until it doesn't: repaired when the first catalog is opened.

Reading and writing bring Arrow arrays to a schema by one visitor. For lists and maps whose elements are rows it
rebuilds the array from its offsets alone, and so turns NULL into an empty list or map. It also warns at each ORC file
that nanoseconds are lost, where Iceberg never kept any.

The fast Avro decoder rounds doubles to floats: the partition 0.1 in a manifest reads as 0.10000000149, and a filter
leaves its files out.

Expiring snapshots takes their entries out of the table's history and leaves the older ones: a read as of a time between
would then give the snapshot before, as if it had been the table. Iceberg cuts the history there.
"""

from __future__ import annotations

import logging
import struct
from functools import cache, wraps
from typing import Any

import pyarrow as pa

from olo_jupyter.lakehouse.arrow_types import offsets_with_nulls

_DOUBLE = struct.Struct("<d")


@cache
def repair() -> None:
    """Make the visitor keep NULL lists and maps, the decoder doubles, and history end at a gap. Safe to call again."""
    from pyiceberg.avro.reader import DoubleReader
    from pyiceberg.io.pyarrow import ArrowProjectionVisitor
    from pyiceberg.table import update as updates

    def read_double(_: DoubleReader, decoder: Any) -> float:
        value: float = _DOUBLE.unpack(decoder.read(8))[0]
        return value

    setattr(DoubleReader, "read", read_double)  # noqa: B010 - mypy takes no assignment to a method

    for name in ("list", "map"):
        setattr(ArrowProjectionVisitor, name, _keeping_nulls(getattr(ArrowProjectionVisitor, name)))
    logging.getLogger("pyiceberg.io.pyarrow").addFilter(lambda record: "'ns' timestamp" not in record.getMessage())
    apply: Any = updates._apply_table_update
    apply.register(updates.RemoveSnapshotsUpdate, _cutting_history(apply.dispatch(updates.RemoveSnapshotsUpdate)))


def _cutting_history(method: Any) -> Any:
    @wraps(method)
    def apply(update: Any, base_metadata: Any, context: Any) -> Any:
        made = method(update, base_metadata, context)
        gone = set(update.snapshot_ids)
        log: list[Any] = []
        for entry in base_metadata.snapshot_log:
            log = [] if entry.snapshot_id in gone else [*log, entry]
        return made.model_copy(update={"snapshot_log": log})

    return apply


def _keeping_nulls(method: Any) -> Any:
    @wraps(method)
    def visit(self: Any, type_: Any, array: pa.Array | None, *parts: pa.Array | None) -> pa.Array | None:
        made = method(self, type_, array, *parts)
        if made is None or array is None or made.null_count == array.null_count:
            return made
        offsets = offsets_with_nulls(made, array.is_null())
        if isinstance(made, pa.MapArray):
            return pa.MapArray.from_arrays(offsets, made.keys, made.items, type=made.type)
        return type(made).from_arrays(offsets, made.values, type=made.type)

    return visit
