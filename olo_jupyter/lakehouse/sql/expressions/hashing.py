"""Trino's hash of a value (xxHash64 of its 64 bits or of its bytes): what its sketches and checksums are made of."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions import decimals
from olo_jupyter.lakehouse.sql.expressions.duck import unsupported
from olo_jupyter.lakehouse.sql.expressions.typed import Typed

_LONG_DECIMAL = 18
"""Digits of a decimal that is held in 64 bits."""


def hash_of(value: Typed, what: str) -> str:
    """DuckDB text (UHUGEINT below 2^64) of the hash of a value that isn't NULL.

    Args:
        what: Names the function in the refusal.

    Raises:
        Unsupported: The hash of this type isn't known.
    """
    sql, type_ = value.sql, value.type
    match type_.base:
        case "tinyint" | "smallint" | "integer" | "bigint":
            return _number(sql)
        case "boolean":
            return _number(f"CAST({sql} AS INTEGER)")
        case "date":
            return _number(f"CAST({sql} - DATE '1970-01-01' AS BIGINT)")
        case "timestamp":
            return _number(f"epoch_us({sql})")
        case "double":
            return _number(f"olo_from_big_endian_64(olo_to_ieee_64({sql} + CAST(0 AS DOUBLE)))")
        case "real":
            return _number(f"olo_from_big_endian_32(olo_to_ieee_32(CAST({sql} + CAST(0 AS FLOAT) AS FLOAT)))")
        case "varchar":
            return f"olo_xx_bytes(encode({sql}))"
        case "varbinary":
            return f"olo_xx_bytes({sql})"
        case "decimal" if type_.parameters[0] <= _LONG_DECIMAL:
            return _number(decimals.unscaled(value))
        case "decimal":
            return f"olo_long_decimal_hash({decimals.unscaled(value)})"
    raise unsupported(f"{what} of {type_}")


def _number(sql: str) -> str:
    return f"olo_xx_number(olo_unsigned({sql}))"
