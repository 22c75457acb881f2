"""Which columns of a result have their values among the keys of a table: the evidence behind ``relationships``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from olo_converters.capture import Reference, TableFact
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.names import TableName, quoted
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.session import Session

MOST_KEYS = 100_000
"""Tables with more keys are no dimensions to look things up in."""


def references(
    result: Result, tables: Sequence[TableFact], sensitive: Collection[str], session: Session
) -> tuple[Reference, ...]:
    """What columns of a result have in common with columns of the same name that are keys of a table it reads.

    Args:
        tables: Those that the result reads. One alone gives none: its rows are where the values come from.
        sensitive: Columns of the result whose values stay where they are.
    """
    pins = result.provenance.snapshots
    read = [table for table in tables if table.full_name in pins]
    found: list[Reference] = []
    for table in read if len(read) > 1 else ():
        known = {column.name: column for column in table.columns}
        for index, column in enumerate(result.columns):
            fact = known.get(column.name)
            if fact is None or fact.is_sensitive or column.name in sensitive or fact.type != column.type:
                continue
            keys = _keys(table, column.name, pins[table.full_name], session)
            if keys is not None:
                values = result.arrow.column(index).drop_null()
                hits = pc.sum(pc.is_in(values, value_set=keys.cast(values.type))).as_py() or 0
                found.append(Reference(column.name, table.full_name, column.name, len(values), hits, len(keys)))
    return tuple(one for one in found if one.rows)


def _keys(table: TableFact, name: str, snapshot: int, session: Session) -> pa.Array | None:
    """The values of a column at a snapshot where each is there once; None where it is no key."""
    full = TableName(table.catalog, table.namespace, table.table)
    query = f"SELECT {quoted(name)} FROM {full} FOR VERSION AS OF {snapshot} LIMIT {MOST_KEYS + 1}"
    try:
        done = session.execute(query, recorded=False)
    except OloError:
        return None  # its rows can't be read any more: nothing is proposed then
    values = done.arrow.column(0).combine_chunks()
    if not len(values) or len(values) > MOST_KEYS or values.null_count or len(pc.unique(values)) < len(values):
        return None
    return values
