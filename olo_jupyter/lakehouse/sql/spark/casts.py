"""CAST by pairs of types: Spark's text whose value is Trino's, or a refusal. Types and errors are the shared rules'."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from olo_jupyter.lakehouse.sql.expressions import casts as rules
from olo_jupyter.lakehouse.sql.expressions import zones
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, INTEGERS, STRINGS
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Typed
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.text import bound, constant, fail, literal, refuse, spark_type, unsupported
from olo_jupyter.lakehouse.sql.types import VARCHAR, TrinoType

_Build = Callable[[str, TrinoType, TrinoType, str], str]
"""(value, from, to, the function: CAST or TRY_CAST) → text."""
_CASTS: dict[tuple[str, str], _Build] = {}
_INVALID = "invalid-cast-argument"
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
        raise unsupported(f"cast from {source} to {target} in a time zone other than UTC")
    need(f"{'TRY_CAST' if attempt else 'CAST'} from {source.base} to {target.base}")
    whole = source.base in INTEGERS and target.base in INTEGERS and is_constant(value)
    if whole and abs(value.constant) < 2 ** (8 * _BYTES[target.base] - 1):
        return Typed(constant(value.constant, target), target, value.constant)
    if attempt and target.elements:
        raise unsupported(f"TRY_CAST from {source} to {target}")  # NULL in whole, where one element doesn't fit
    build = _CASTS.get((source.base, target.base))
    if build is None:
        raise unsupported(f"cast from {source} to {target}")
    spark_type(target)
    return Typed(build(value.sql, source, target, "TRY_CAST" if attempt else "CAST"), target)


def _register(sources: tuple[str, ...], targets: tuple[str, ...]) -> Callable[[_Build], _Build]:
    def add(build: _Build) -> _Build:
        _CASTS.update({(source, target): build for source in sources for target in targets})
        return build

    return add


def _error(code: str, message: str, how: str) -> str:
    return "NULL" if how == "TRY_CAST" else fail(code, message)


@_register((*INTEGERS, "boolean"), (*INTEGERS, *FLOATS))
@_register(INTEGERS, ("decimal", "boolean"))
@_register(("decimal",), ("decimal", *FLOATS))
@_register(("boolean",), ("decimal",))
@_register(FLOATS, FLOATS)
def _plain(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return f"{how}({sql} AS {spark_type(target)})"


@_register(("decimal",), INTEGERS)
def _decimal_to_integer(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    whole = sql if source.parameters[1] == 0 else f"round({sql}, 0)"
    return f"{how}({whole} AS {spark_type(target)})"


@_register(("decimal", *FLOATS), ("boolean",))
def _number_to_boolean(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return f"({sql} <> 0)"


@_register(FLOATS, INTEGERS)
def _float_to_integer(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    if target.base != "bigint":
        return f"{how}(round({sql}, 0) AS {spark_type(target)})"

    def fits(x: str) -> str:  # from 2^63 on Spark gives the greatest bigint
        bad = _error("numeric-value-out-of-range", "'Out of range for bigint'", how)
        return f"(CASE WHEN {x} >= CAST('9223372036854775808' AS DOUBLE) THEN {bad} ELSE {how}(round({x}, 0) AS BIGINT) END)"

    return bound(sql, fits)


@_register(FLOATS, ("decimal",))
def _float_to_decimal(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    exact = f"CAST({sql} AS STRING)" if source.base == "real" else sql  # not by way of a double
    if how == "TRY_CAST":
        return f"TRY_CAST({exact} AS {spark_type(target)})"
    # Spark turns NaN and the infinities into NULL.
    bad = fail(_INVALID, f"'Cannot cast ', CAST({sql} AS STRING), {literal(' to ' + str(target))}")
    return f"(CASE WHEN isnan({sql}) OR abs({sql}) = CAST('Infinity' AS DOUBLE) THEN {bad} ELSE CAST({exact} AS {spark_type(target)}) END)"


@_register(STRINGS, STRINGS)
def _string_to_string(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    if target.base == "char":
        return f"rpad({sql}, {target.parameters[0]}, ' ')"
    if source.base == "char":
        sql = f"rtrim({sql})"
    bounded = target.parameters[0] if target.parameters else _LENGTHLESS
    length = source.parameters[0] if source.parameters else _LENGTHLESS
    return sql if length <= bounded else f"substring({sql}, 1, {bounded})"


def as_text(sql: str, source: TrinoType) -> str:
    """The text that Trino's CAST to varchar gives."""
    match source.base:
        case "double":
            return bound(sql, lambda x: _double_text(x, f"CAST({x} AS STRING)", 14))
        case "real":
            return bound(sql, _real_text)
        case "date":
            outside = f"{sql} < DATE'0001-01-01' OR {sql} > DATE'9999-12-31'"
            return f"(CASE WHEN {outside} THEN {refuse('dates outside the years 1 to 9999 as text')} ELSE CAST({sql} AS STRING) END)"
        case "timestamp" | "timestamp with time zone":
            precision = source.parameters[0]
            pattern = "yyyy-MM-dd HH:mm:ss" + (f".{'S' * precision}" if precision else "")
            zone = "" if source.base == "timestamp" else " UTC"
            made = f"date_format({sql}, '{pattern}')"
            made = f"concat({made}, '{zone}')" if zone else made
            kind = spark_type(source)
            outside = f"{sql} < {kind}'0001-01-01 00:00:00' OR {sql} >= CAST(DATE'9999-12-31' + 1 AS {kind})"
            refused = refuse("timestamps outside the years 1 to 9999 as text")
            return f"(CASE WHEN {outside} THEN {refused} ELSE {made} END)"
        case "interval year to month":
            return f"concat(CASE WHEN {sql} < 0 THEN '-' ELSE '' END, abs({sql}) div 12, '-', abs({sql}) % 12)"
        case "interval day to second":
            parts = (
                f"lpad(CAST(abs({sql}) div {unit} % {size} AS STRING), 2, '0')"
                for unit, size in ((3_600_000, 24), (60_000, 60), (1000, 60))
            )
            clock = ", ':', ".join(parts)
            return f"concat(CASE WHEN {sql} < 0 THEN '-' ELSE '' END, abs({sql}) div 86400000, ' ', {clock}, '.', lpad(CAST(abs({sql}) % 1000 AS STRING), 3, '0'))"
        case _:
            return f"CAST({sql} AS STRING)"


def _scientific(text: str, sign: str) -> str:
    """Java's text of a positive number (``123.45``, ``0.0012``, ``1.2E-7``) as Trino's: ``1.2345E2``."""
    mantissa, exponent = (
        f"split_part({text}, 'E', 1)",
        f"CASE WHEN instr({text}, 'E') > 0 THEN CAST(split_part({text}, 'E', 2) AS INT) ELSE 0 END",
    )
    whole, fraction = f"split_part({mantissa}, '.', 1)", f"split_part({mantissa}, '.', 2)"
    digits = f"trim(TRAILING '0' FROM trim(LEADING '0' FROM concat({whole}, {fraction})))"
    small = f"CASE WHEN {whole} = '0' THEN -(length({fraction}) - length(trim(LEADING '0' FROM {fraction})) + 1) ELSE length({whole}) - 1 END"
    rest = f"CASE WHEN length({digits}) > 1 THEN substring({digits}, 2) ELSE '0' END"
    return f"concat({sign}, substring({digits}, 1, 1), '.', {rest}, 'E', ({small}) + ({exponent}))"


def _double_text(x: str, text: str, digits: int) -> str:
    sign = f"CASE WHEN {x} < 0 THEN '-' ELSE '' END"
    java = f"CAST(abs({x}) AS STRING)"
    # Java before 19 writes a digit too many of some numbers.
    long = f"length(regexp_replace(split_part({java}, 'E', 1), '[.]', '')) > 15"
    shorter = f"CAST(format_string('%.{digits}e', abs({x})) AS DOUBLE) = abs({x}) OR CAST(format_string('%.{digits + 1}e', abs({x})) AS DOUBLE) = abs({x}) AND length(regexp_replace(split_part({java}, 'E', 1), '[.]', '')) > 17"
    return (
        f"(CASE WHEN {x} IS NULL THEN NULL WHEN isnan({x}) THEN 'NaN' WHEN {x} = 0 THEN replace({text}, '.0', 'E0') "
        f"WHEN abs({x}) = CAST('Infinity' AS DOUBLE) THEN {text} "
        f"WHEN {long} AND ({shorter}) THEN {refuse('text of this number')} "
        f"ELSE {_scientific(java, sign)} END)"
    )


def _real_text(x: str) -> str:
    sign = f"CASE WHEN {x} < 0 THEN '-' ELSE '' END"
    seven = f"format_string('%.6e', CAST(abs({x}) AS DOUBLE))"
    digits = f"trim(TRAILING '0' FROM concat(substring({seven}, 1, 1), substring({seven}, 3, 6)))"
    rest = f"CASE WHEN length({digits}) > 1 THEN substring({digits}, 2) ELSE '0' END"
    exponent = f"CAST(split_part({seven}, 'e', 2) AS INT)"
    return (
        f"(CASE WHEN {x} IS NULL THEN NULL WHEN isnan({x}) THEN 'NaN' WHEN {x} = 0 THEN replace(CAST({x} AS STRING), '.0', 'E0') "
        f"WHEN abs({x}) = CAST('Infinity' AS FLOAT) THEN CAST({x} AS STRING) "
        f"WHEN abs({x}) < CAST(1.2E-38 AS FLOAT) THEN {refuse('text of a number this close to zero')} "
        f"ELSE concat({sign}, substring({digits}, 1, 1), '.', {rest}, 'E', {exponent}) END)"
    )


@_register(
    (
        *INTEGERS,
        *FLOATS,
        "boolean",
        "decimal",
        "date",
        "timestamp",
        "timestamp with time zone",
        "interval year to month",
        "interval day to second",
    ),
    ("varchar",),
)
def _to_varchar(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    text = as_text(sql, source)
    if not target.parameters:
        return text
    length = target.parameters[0]

    def fit(t: str) -> str:
        bad = _error(_INVALID, f"'Value ', {t}, ' of type {source} cannot be represented as varchar({length})'", how)
        return f"(CASE WHEN length({t}) > {length} THEN {bad} ELSE {t} END)"

    return bound(text, fit)


_FLOAT = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_DATE = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_CLOCK = r"([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9](\.[0-9]{1,6})?)?"


def _input(sql: str, pattern: str, kind: str, how: str, odd: str, body: Callable[[str], str]) -> str:
    """``body`` of a text that fully matches ``pattern``; what matches ``odd`` may be right for Trino: refused."""
    plain = re.fullmatch(r"'([^'\\\\]*)'", sql)
    if plain and re.fullmatch(pattern, plain[1], re.ASCII):
        return body(sql)

    def build(t: str) -> str:
        ending = literal(f"' to {kind}")
        bad = _error(_INVALID, f"'Cannot cast \\'', {t}, {ending}", how)
        refused = refuse(f"cast of this text to {kind}")
        return f"(CASE WHEN {t} RLIKE {literal(f'^({pattern})' + chr(92) + 'z')} THEN {body(t)} WHEN {t} RLIKE {literal(odd)} THEN {refused} WHEN {t} IS NOT NULL THEN {bad} END)"

    return bound(sql, build)


_ODD = r"[^\x21-\x7e]"


@_register(("varchar",), INTEGERS)
def _varchar_to_integer(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return _input(sql, "[+-]?[0-9]+", target.base, how, _ODD, lambda t: f"{how}({t} AS {spark_type(target)})")


@_register(("varchar",), FLOATS)
def _varchar_to_float(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    pattern = f"{_FLOAT}|NaN|[+-]?Infinity"
    return _input(
        sql, pattern, target.base, how, f"{_ODD}|[0-9.][dDfF]$", lambda t: f"{how}({t} AS {spark_type(target)})"
    )


@_register(("varchar",), ("decimal",))
def _varchar_to_decimal(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return _input(sql, _FLOAT, str(target), how, _ODD, lambda t: f"{how}({t} AS {spark_type(target)})")


@_register(("varchar",), ("boolean",))
def _varchar_to_boolean(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    def build(t: str) -> str:
        bad = _error(_INVALID, f"'Cannot cast \\'', {t}, '\\' to boolean'", how)
        return f"(CASE WHEN lower({t}) IN ('true', 't', '1') THEN true WHEN lower({t}) IN ('false', 'f', '0') THEN false WHEN {t} IS NOT NULL THEN {bad} END)"

    return bound(sql, build)


@_register(("varchar",), ("date",))
def _varchar_to_date(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return _input(
        sql, f" *{_DATE} *", "date", how, r"^ *[+-]?[0-9]{5,}-|^ *-|[^\x20-\x7e]", lambda t: f"{how}(trim({t}) AS DATE)"
    )


@_register(("varchar",), ("timestamp", "timestamp with time zone"))
def _varchar_to_timestamp(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    def build(t: str) -> str:
        return _rounded(f"{how}(trim({t}) AS TIMESTAMP_NTZ)", 6, target.parameters[0])

    local = _input(sql, f" *{_DATE}( {_CLOCK})? *", str(target), how, r"^ *[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]", build)
    return local if target.base == "timestamp" else f"CAST({local} AS TIMESTAMP)"


@_register(("varchar",), ("varbinary",))
def _varchar_to_varbinary(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return f"CAST({sql} AS BINARY)"


@_register(("date",), ("timestamp", "timestamp with time zone"))
@_register(("timestamp", "timestamp with time zone"), ("date",))
def _moment(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return f"CAST({sql} AS {spark_type(target)})"


@_register(("timestamp", "timestamp with time zone"), ("timestamp", "timestamp with time zone"))
def _timestamp_to_timestamp(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    made = sql if source.base == target.base else f"CAST({sql} AS {spark_type(target)})"
    return _rounded(made, source.parameters[0], target.parameters[0], target)


def micros(sql: str, type_: TrinoType) -> str:
    """Microseconds since 1970 of a timestamp."""
    return f"unix_micros({sql})" if type_.base.endswith("zone") else f"unix_micros(CAST({sql} AS TIMESTAMP))"


def moment(micros: str, type_: TrinoType) -> str:
    """The timestamp of so many microseconds since 1970."""
    return (
        f"timestamp_micros({micros})"
        if type_.base.endswith("zone")
        else f"CAST(timestamp_micros({micros}) AS TIMESTAMP_NTZ)"
    )


def _rounded(sql: str, precision: int, target: int, type_: TrinoType | None = None) -> str:
    if target >= precision:
        return sql
    kind = type_ or TrinoType("timestamp", (6,))
    unit = 10 ** (6 - target)

    def build(t: str) -> str:
        us = f"({micros(t, kind)} + {unit // 2})"
        return moment(f"{us} - pmod({us}, {unit}L)", kind)

    return bound(sql, build)


@_register(("array",), ("array",))
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


@_register(("map",), ("map",))
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


@_register(("row",), ("row",))
def _row_to_row(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    from olo_jupyter.lakehouse.sql.spark.text import identifier, row_fields

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
