"""The range of a column's values over Parquet files, by the statistics in their footers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from olo_jupyter.lakehouse.parquet_footer import Footer

if TYPE_CHECKING:
    import pyarrow.parquet as pq

Value = int | Decimal | dt.date | dt.datetime


@dataclass(frozen=True)
class Range:
    """What the values of a column are: the least and the greatest (None where all are NULL), and how many are NULL."""

    low: Value | None
    high: Value | None
    nulls: int


def value_range(footers: Iterable[Footer], field_id: int) -> Range | None:
    """The range of a top-level column of whole numbers, decimals, dates or timestamps over all of ``footers``.

    None where a file doesn't tell: it lacks the column, was written without statistics, or is one of so many that its
    footer isn't kept; also for types whose statistics leave values out (NaN) or shorten them (text).
    """
    whole: Range | None = None
    for footer in footers:
        if field_id not in footer.ranges:
            footer.ranges[field_id] = _range(footer, field_id)
        found: Range | None = footer.ranges[field_id]
        if found is None:
            return None
        whole = found if whole is None else _both(whole, found)
    return whole


def _range(footer: Footer, field_id: int) -> Range | None:
    column = footer.columns.get(field_id)
    if column is None or footer.whole is None or not _ordered(column.type):
        return None
    places = [at for at in range(footer.whole.num_columns) if footer.whole.schema.column(at).path == column.name]
    if len(places) != 1:  # a dot in a name looks like the path of a field in a row
        return None
    whole = Range(None, None, 0)
    for number in range(footer.whole.num_row_groups):
        chunk = footer.whole.row_group(number).column(places[0])
        statistics = chunk.statistics if chunk.is_stats_set else None
        found = _of_chunk(statistics, chunk.num_values) if statistics is not None else None
        if found is None:
            return None
        whole = _both(whole, found)
    return whole


def _of_chunk(statistics: pq.Statistics, values: int) -> Range | None:
    if not statistics.has_null_count:
        return None
    if statistics.null_count == values:
        return Range(None, None, values)
    if not statistics.has_min_max:
        return None
    try:
        return Range(statistics.min, statistics.max, statistics.null_count)
    except (ValueError, OverflowError):  # a date that Python doesn't have
        return None


def _both(one: Range, other: Range) -> Range:
    lows = [each.low for each in (one, other) if each.low is not None]
    highs = [each.high for each in (one, other) if each.high is not None]
    return Range(min(lows, default=None), max(highs, default=None), one.nulls + other.nulls)


def _ordered(type_: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_signed_integer(type_) or types.is_decimal(type_) or types.is_date32(type_) or types.is_timestamp(type_)
    )
