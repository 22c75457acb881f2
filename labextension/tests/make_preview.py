"""Write preview.json: an Arrow stream as pyarrow writes it, and the texts that the grid must show for it.

Run after a change: ``python labextension/tests/make_preview.py``.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

# Trino type, Arrow type, values (None is NULL), texts.
COLUMNS = [
    ("bigint", pa.int64(), [2**63 - 1, -(2**63), None], ["9223372036854775807", "-9223372036854775808", None]),
    ("double", pa.float64(), [0.1, float("nan"), -0.0], ["0.1", "NaN", "-0"]),
    ("real", pa.float32(), [0.1, 16777216.0, 3.4028235e38], ["0.1", "16777216", "3.4028235e+38"]),
    ("boolean", pa.bool_(), [True, False, None], ["true", "false", None]),
    ("varchar", pa.string(), ["", "<b>é</b>", None], ["", "<b>é</b>", None]),
    ("varbinary", pa.binary(), [b"\x00\xff", b"", None], ["00 ff", "", None]),
    (
        "decimal(38,2)",
        pa.decimal128(38, 2),
        [Decimal("-0.05"), Decimal("123456789012345678901234567890123456.78"), None],
        ["-0.05", "123456789012345678901234567890123456.78", None],
    ),
    ("decimal(5,0)", pa.decimal128(5, 0), [Decimal(0), Decimal(-12345), None], ["0", "-12345", None]),
    (
        "date",
        pa.date32(),
        [date(1582, 10, 4), date(9999, 12, 31), date(1, 1, 1)],
        ["1582-10-04", "9999-12-31", "0001-01-01"],
    ),
    (
        "timestamp(6)",
        pa.timestamp("us"),
        [datetime(2026, 1, 31, 23, 59, 59, 999999), datetime(1969, 12, 31, 23, 59, 59, 1), datetime(2026, 1, 1)],
        ["2026-01-31 23:59:59.999999", "1969-12-31 23:59:59.000001", "2026-01-01 00:00:00"],
    ),
    (
        "timestamp(3) with time zone",
        pa.timestamp("ms", "UTC"),
        [datetime(2026, 1, 31, 6, 0, 0, 500000, tzinfo=UTC), datetime(1900, 2, 28, tzinfo=UTC), None],
        ["2026-01-31 06:00:00.500 UTC", "1900-02-28 00:00:00 UTC", None],
    ),
    ("time(6)", pa.time64("us"), [time(0), time(23, 59, 59, 120000), None], ["00:00:00", "23:59:59.120000", None]),
    ("array(integer)", pa.list_(pa.int32()), [[1, None], [], None], ["[1, NULL]", "[]", None]),
    (
        "row(a decimal(3,1), b array(date))",
        pa.struct([("a", pa.decimal128(3, 1)), ("b", pa.list_(pa.date32()))]),
        [{"a": Decimal("1.5"), "b": [date(2026, 1, 1)]}, {"a": None, "b": None}, None],
        ["{a=1.5, b=[2026-01-01]}", "{a=NULL, b=NULL}", None],
    ),
    (
        "map(varchar, bigint)",
        pa.map_(pa.string(), pa.int64()),
        [[("x", 2**60), ("y", None)], [], None],
        ["{x=1152921504606846976, y=NULL}", "{}", None],
    ),
    ("varchar", pa.dictionary(pa.int32(), pa.string()), ["b", "a", None], ["b", "a", None]),
    ("unknown", pa.null(), [None, None, None], [None, None, None]),
]


def main() -> None:
    """Write the file beside this one."""
    names = [f"c{index}" for index in range(len(COLUMNS))]
    table = pa.table([pa.array(values, type_) for _, type_, values, _ in COLUMNS], names=names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        # More than one batch: rows must be found in the batch that holds them.
        for row in range(table.num_rows):
            writer.write_table(table.slice(row, 1))
    found = {
        "types": [type_ for type_, *_ in COLUMNS],
        "preview": base64.b64encode(sink.getvalue()).decode("ascii"),
        "texts": [texts for *_, texts in COLUMNS],
    }
    Path(__file__).with_name("preview.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
