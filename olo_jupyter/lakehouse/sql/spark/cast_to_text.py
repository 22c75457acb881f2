"""CAST to varchar: numbers, dates and timestamps as Trino writes them."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, INTEGERS
from olo_jupyter.lakehouse.sql.spark.cast_pairs import INVALID, error, pair
from olo_jupyter.lakehouse.sql.spark.text import bound, refuse, spark_type
from olo_jupyter.lakehouse.sql.types import TrinoType


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


@pair(
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
        bad = error(INVALID, f"'Value ', {t}, ' of type {source} cannot be represented as varchar({length})'", how)
        return f"(CASE WHEN length({t}) > {length} THEN {bad} ELSE {t} END)"

    return bound(text, fit)
