"""One sort key with Trino's order written out: NULLS LAST both ways unless asked otherwise, NaN where Trino has it."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.duck import unsupported
from olo_jupyter.lakehouse.sql.types import TrinoType


def sort_key(sql: str, type_: TrinoType, *, descending: bool, nulls_first: bool) -> str:
    """The element (or two) of DuckDB's ORDER BY for a key.

    NaN is above all numbers in DuckDB. In Trino it is so only under NULLS LAST; under NULLS FIRST it is below them all
    (seen on Trino 483: ``ORDER BY x NULLS FIRST`` gives NULL, NaN, then the numbers).

    Inside arrays and rows NULL and NaN are above everything in both, under NULLS LAST.

    Args:
        sql: The key: an expression, or the position of an output column.

    Example:
        >>> sort_key("t.a", TrinoType("bigint"), descending=True, nulls_first=False)
        't.a DESC NULLS LAST'
        >>> sort_key("t.a", TrinoType("double"), descending=False, nulls_first=True)
        't.a IS NULL DESC, isnan(t.a) DESC, t.a ASC NULLS FIRST'
    """
    if nulls_first and type_.elements:
        raise unsupported(f"ORDER BY … NULLS FIRST over {type_}")  # it goes for the NULLs inside too
    key = f"{sql} {'DESC' if descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"
    if nulls_first and type_.base in ("real", "double"):
        # NULL isn't a number for DuckDB's isnan, and is one for Spark's.
        return f"{sql} IS NULL DESC, isnan({sql}) {'ASC' if descending else 'DESC'}, {key}"
    return key
