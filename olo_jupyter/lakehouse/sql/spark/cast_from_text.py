"""CAST from varchar: what Trino reads of a text, its error, or a refusal where Spark may read it otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable

from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, INTEGERS
from olo_jupyter.lakehouse.sql.spark.cast_pairs import INVALID, error, pair
from olo_jupyter.lakehouse.sql.spark.instants import rounded
from olo_jupyter.lakehouse.sql.spark.text import bound, literal, refuse, spark_type
from olo_jupyter.lakehouse.sql.types import TrinoType

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
        bad = error(INVALID, f"'Cannot cast \\'', {t}, {ending}", how)
        refused = refuse(f"cast of this text to {kind}")
        return f"(CASE WHEN {t} RLIKE {literal(f'^({pattern})' + chr(92) + 'z')} THEN {body(t)} WHEN {t} RLIKE {literal(odd)} THEN {refused} WHEN {t} IS NOT NULL THEN {bad} END)"

    return bound(sql, build)


_ODD = r"[^\x21-\x7e]"


@pair(("varchar",), INTEGERS)
def _varchar_to_integer(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return _input(sql, "[+-]?[0-9]+", target.base, how, _ODD, lambda t: f"{how}({t} AS {spark_type(target)})")


@pair(("varchar",), FLOATS)
def _varchar_to_float(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    pattern = f"{_FLOAT}|NaN|[+-]?Infinity"
    return _input(
        sql, pattern, target.base, how, f"{_ODD}|[0-9.][dDfF]$", lambda t: f"{how}({t} AS {spark_type(target)})"
    )


@pair(("varchar",), ("decimal",))
def _varchar_to_decimal(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return _input(sql, _FLOAT, str(target), how, _ODD, lambda t: f"{how}({t} AS {spark_type(target)})")


@pair(("varchar",), ("boolean",))
def _varchar_to_boolean(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    def build(t: str) -> str:
        bad = error(INVALID, f"'Cannot cast \\'', {t}, '\\' to boolean'", how)
        return f"(CASE WHEN lower({t}) IN ('true', 't', '1') THEN true WHEN lower({t}) IN ('false', 'f', '0') THEN false WHEN {t} IS NOT NULL THEN {bad} END)"

    return bound(sql, build)


@pair(("varchar",), ("date",))
def _varchar_to_date(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return _input(
        sql, f" *{_DATE} *", "date", how, r"^ *[+-]?[0-9]{5,}-|^ *-|[^\x20-\x7e]", lambda t: f"{how}(trim({t}) AS DATE)"
    )


@pair(("varchar",), ("timestamp", "timestamp with time zone"))
def _varchar_to_timestamp(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    def build(t: str) -> str:
        return rounded(f"{how}(trim({t}) AS TIMESTAMP_NTZ)", 6, target.parameters[0])

    local = _input(sql, f" *{_DATE}( {_CLOCK})? *", str(target), how, r"^ *[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]", build)
    return local if target.base == "timestamp" else f"CAST({local} AS TIMESTAMP)"


@pair(("varchar",), ("varbinary",))
def _varchar_to_varbinary(sql: str, source: TrinoType, target: TrinoType, how: str) -> str:
    return f"CAST({sql} AS BINARY)"
