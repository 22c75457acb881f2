"""A seed as one statement: the file's values as text, cast by Trino's own rules to the columns' types."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import agate

    from olo_jupyter.lakehouse.result import Result

ROWS = "olo_seed_rows"
"""Name that the rows have in the statement."""


def seed_sql(target: str, columns: Sequence[tuple[str, str]]) -> str:
    """The statement that writes the rows called :data:`ROWS` to ``target``.

    Example:
        >>> print(seed_sql('"dev"."gold"."s"', [("id", "INTEGER"), ('"at"', "TIMESTAMP")]))
        create or replace table "dev"."gold"."s" as
        select
            cast(c0 as INTEGER) as id,
            cast(c1 as timestamp(6)) as "at"
        from olo_seed_rows
    """
    casts = ",\n    ".join(
        f"cast(c{position} as {_stored(type_)}) as {name}" for position, (name, type_) in enumerate(columns)
    )
    return f"create or replace table {target} as\nselect\n    {casts}\nfrom {ROWS}"


def seed_result(table: agate.Table) -> Result:
    """The rows of a seed as an earlier result: varchar columns ``c0``, ``c1`` …"""
    import pyarrow as pa

    from olo_jupyter.lakehouse.result import Column, Provenance, Result

    names = [f"c{position}" for position in range(len(table.column_names))]
    values = [[_text(row[position]) for row in table.rows] for position in range(len(names))]
    arrow = pa.table([pa.array(column, pa.string()) for column in values], names=names)
    columns = tuple(Column(name, "varchar") for name in names)
    return Result(columns, arrow, Provenance("dbt", "", "", arrow.num_rows, 0.0))


def _stored(type_: str) -> str:
    """Iceberg keeps microseconds; a bare ``timestamp`` would round them to Trino's default of milliseconds first."""
    return "timestamp(6)" if type_.strip().lower() == "timestamp" else type_


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
