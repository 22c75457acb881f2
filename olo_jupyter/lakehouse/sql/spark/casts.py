"""CAST by pairs of types: Spark's text whose value is Trino's, or a refusal. Types and errors are the shared rules'."""

from __future__ import annotations

from dataclasses import replace

from olo_jupyter.lakehouse.sql.expressions import casts as rules
from olo_jupyter.lakehouse.sql.expressions import zones
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, INTEGERS, STRINGS
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Typed
from olo_jupyter.lakehouse.sql.spark import cast_from_text, cast_to_text  # noqa: F401  (they add their pairs)
from olo_jupyter.lakehouse.sql.spark.cast_pairs import INVALID, PAIRS, error, pair
from olo_jupyter.lakehouse.sql.spark.instants import local, rounded
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.text import (
    bound,
    constant,
    fail,
    identifier,
    literal,
    row_fields,
    spark_type,
    unsupported,
)
from olo_jupyter.lakehouse.sql.types import VARCHAR, TrinoType

_LENGTHLESS = 2_147_483_647
_BYTES = {"tinyint": 1, "smallint": 2, "integer": 4, "bigint": 8}


def shadow(value: Typed) -> Typed:
    """``value`` as the shared rules see it: its type and constant, any text."""
    whole = isinstance(value.constant, int) and not isinstance(value.constant, bool)
    return Typed(f"CAST({value.constant} AS INTEGER)" if whole else "x", value.type, value.constant)


def coerce(value: Typed, target: TrinoType) -> Typed:
    """``value`` as ``target``, to which it must be coercible."""
    if value.type == target:
        return value
    if value.type.base == target.base == "varchar":
        return replace(value, type=target)
    if target.base in ("codepoints", "joniregexp", "jsonpath"):
        return replace(coerce(value, VARCHAR), type=target)
    return cast(value, target)


def cast(value: Typed, target: TrinoType, *, attempt: bool = False) -> Typed:
    """``CAST(value AS target)``; with ``attempt`` TRY_CAST.

    Raises:
        QueryError: type-mismatch, Trino has no such cast.
        Unsupported: Trino has it, Spark's isn't proved.
    """
    source = value.type
    target = zones.kept(source, target)
    if source == target:
        return value
    if source.base == "unknown":
        return Typed(f"CAST(NULL AS {spark_type(target)})", target, None)
    rules.cast(shadow(value), target)
    if zones.has_zone(source) or zones.has_zone(target):
        return _zoned(value, target, attempt=attempt)
    need(f"{'TRY_CAST' if attempt else 'CAST'} from {source.base} to {target.base}")
    whole = source.base in INTEGERS and target.base in INTEGERS and is_constant(value)
    if whole and abs(value.constant) < 2 ** (8 * _BYTES[target.base] - 1):
        return Typed(constant(value.constant, target), target, value.constant)
    if attempt and target.elements:
        raise unsupported(f"TRY_CAST from {source} to {target}")  # NULL in whole, where one element doesn't fit
    build = PAIRS.get((source.base, target.base))
    if build is None:
        raise unsupported(f"cast from {source} to {target}")
    spark_type(target)
    return Typed(build(value.sql, source, target, "TRY_CAST" if attempt else "CAST"), target)


def _zoned(value: Typed, target: TrinoType, *, attempt: bool) -> Typed:
    """A timestamp in a zone other than UTC: rounded where it is, else its local time."""
    source = value.type
    if not source.zone or attempt:
        raise unsupported(f"cast from {source} to {target} in a time zone other than UTC")
    need(f"CAST from {source.base} in a zone to {target.base}")
    if target.base == source.base:
        return replace(cast(zones.instants(value), zones.bare(target)), type=target)
    clock = Typed(local(value.sql, source), TrinoType("timestamp", source.parameters))
    if target.base in ("date", "timestamp"):
        return cast(clock, target)
    if target == VARCHAR:
        written = cast(clock, VARCHAR)
        return Typed(f"concat({written.sql}, {literal(' ' + source.zone)})", VARCHAR)
    raise unsupported(f"cast from {source} to {target} in a time zone other than UTC")


@pair((*INTEGERS, "boolean"), (*INTEGERS, *FLOATS))
@pair(INTEGERS, ("decimal", "boolean"))
@pair(("decimal",), ("decimal", *FLOATS))
@pair(("boolean",), ("decimal",))
@pair(FLOATS, FLOATS)
def _plain(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return f"{how}({sql} AS {spark_type(target)})"


@pair(("decimal",), INTEGERS)
def _decimal_to_integer(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    whole = sql if source.parameters[1] == 0 else f"round({sql}, 0)"
    return f"{how}({whole} AS {spark_type(target)})"


@pair(("decimal", *FLOATS), ("boolean",))
def _number_to_boolean(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return f"({sql} <> 0)"


@pair(FLOATS, INTEGERS)
def _float_to_integer(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    if target.base != "bigint":
        return f"{how}(round({sql}, 0) AS {spark_type(target)})"

    def fits(x: str) -> str:  # from 2^63 on Spark gives the greatest bigint
        bad = error("numeric-value-out-of-range", "'Out of range for bigint'", how)
        return f"(CASE WHEN {x} >= CAST('9223372036854775808' AS DOUBLE) THEN {bad} ELSE {how}(round({x}, 0) AS BIGINT) END)"

    return bound(sql, fits)


@pair(FLOATS, ("decimal",))
def _float_to_decimal(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    exact = f"CAST({sql} AS STRING)" if source.base == "real" else sql  # not by way of a double
    if how == "TRY_CAST":
        return f"TRY_CAST({exact} AS {spark_type(target)})"
    # Spark turns NaN and the infinities into NULL.
    bad = fail(INVALID, f"'Cannot cast ', CAST({sql} AS STRING), {literal(' to ' + str(target))}")
    return f"(CASE WHEN isnan({sql}) OR abs({sql}) = CAST('Infinity' AS DOUBLE) THEN {bad} ELSE CAST({exact} AS {spark_type(target)}) END)"


@pair(STRINGS, STRINGS)
def _string_to_string(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    if target.base == "char":
        return f"rpad({sql}, {target.parameters[0]}, ' ')"
    if source.base == "char":
        sql = f"rtrim({sql})"
    bounded = target.parameters[0] if target.parameters else _LENGTHLESS
    length = source.parameters[0] if source.parameters else _LENGTHLESS
    return sql if length <= bounded else f"substring({sql}, 1, {bounded})"


@pair(("date",), ("timestamp", "timestamp with time zone"))
@pair(("timestamp", "timestamp with time zone"), ("date",))
def _moment(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return f"CAST({sql} AS {spark_type(target)})"


@pair(("timestamp", "timestamp with time zone"), ("timestamp", "timestamp with time zone"))
def _timestamp_to_timestamp(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    made = sql if source.base == target.base else f"CAST({sql} AS {spark_type(target)})"
    return rounded(made, source.parameters[0], target.parameters[0], target)


@pair(("array",), ("array",))
def _array_to_array(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    a, b = source.elements[0], target.elements[0]
    if a.base == "unknown":
        return f"CAST({sql} AS {spark_type(target)})"
    name = _variable(source, target)
    element = coerce_or_cast(name, a, b, how)
    return sql if element == name else f"transform({sql}, {name} -> {element})"


def _variable(source: TrinoType, target: TrinoType) -> str:
    depth = str(source).count("(")
    return f"e{depth}"


@pair(("map",), ("map",))
def _map_to_map(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    if source.elements[0].base == "unknown":
        return f"CAST({sql} AS {spark_type(target)})"
    if source.elements[0] != target.elements[0] and not (
        source.elements[0].base == target.elements[0].base == "varchar"
        and coerce(Typed("k", source.elements[0]), target.elements[0]).sql == "k"
    ):
        raise unsupported(f"cast from {source} to {target}")  # two keys may fall together
    name = _variable(source, target)
    item = coerce_or_cast(name, source.elements[1], target.elements[1], how)
    return sql if item == name else f"transform_values({sql}, (k, {name}) -> {item})"


@pair(("row",), ("row",))
def _row_to_row(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    def build(r: str) -> str:
        pairs = zip(row_fields(source), row_fields(target), source.elements, target.elements, strict=True)
        listed = ", ".join(
            f"{literal(new)}, {coerce_or_cast(f'{r}.{identifier(old)}', a, b, how)}" for old, new, a, b in pairs
        )
        return f"(CASE WHEN {r} IS NOT NULL THEN named_struct({listed}) END)"

    return bound(sql, build)


def coerce_or_cast(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    """An element of a value that is cast."""
    return cast(Typed(sql, source), target, attempt=how == "TRY_CAST").sql


def null(type_: TrinoType) -> str:
    """NULL of a type."""
    return constant(None, type_)


def is_constant(value: Typed) -> bool:
    """Whether the value is known and not NULL."""
    return value.constant is not NOT_CONSTANT and value.constant is not None
