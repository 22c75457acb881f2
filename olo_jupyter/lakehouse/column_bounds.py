"""Between which values a decimal column lies in some data files, by the bounds that Iceberg's manifests keep.

A bound in a manifest is never inside the values (a file whose rows were deleted has wider ones than it needs), so what
follows from the bounds holds for every row.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.types import NestedField


def unit_bounds(files: Iterable[DataFile], field: NestedField) -> tuple[int, int] | None:
    """The least and the greatest value of a decimal column in units of its last digit, or wider bounds.

    None where a file doesn't tell (it lacks the column, or was written without statistics) or there are no values.
    """
    from pyiceberg.types import DecimalType

    if not isinstance(field.field_type, DecimalType):
        return None
    found: list[int] = []
    for file in files:
        lower, upper = ((bounds or {}).get(field.field_id) for bounds in (file.lower_bounds, file.upper_bounds))
        if lower is None or upper is None:
            if (file.null_value_counts or {}).get(field.field_id) == file.record_count:
                continue
            return None
        # Iceberg writes a decimal's bound as its units, big-endian two's complement.
        found += (int.from_bytes(each, "big", signed=True) for each in (lower, upper))
    return (min(found), max(found)) if found else None
