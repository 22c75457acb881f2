"""Timestamps in Spark: counted in microseconds, rounded, and in time zones.

A zone belongs to the type of an expression, its values are instants (see ``expressions/zones.py``).
"""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions import zones
from olo_jupyter.lakehouse.sql.spark.text import bound, literal, refuse
from olo_jupyter.lakehouse.sql.types import TrinoType


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


def rounded(sql: str, precision: int, target: int, type_: TrinoType | None = None) -> str:
    """A timestamp with fewer digits of a second, rounded half up."""
    if target >= precision:
        return sql
    kind = type_ or TrinoType("timestamp", (6,))
    unit = 10 ** (6 - target)

    def build(t: str) -> str:
        us = f"({micros(t, kind)} + {unit // 2})"
        return moment(f"{us} - pmod({us}, {unit}L)", kind)

    return bound(sql, build)


def local(sql: str, type_: TrinoType) -> str:
    """The local time of an instant in the zone of its type."""
    if not type_.zone:
        return f"CAST({sql} AS TIMESTAMP_NTZ)"
    return bound(_checked(sql, type_), lambda moment: _clock(moment, type_.zone))


def instant(sql: str, type_: TrinoType) -> str:
    """The instant of a local time; refused while it runs where the zone has it twice, or not at all."""
    if not type_.zone:
        return f"CAST({sql} AS TIMESTAMP)"
    refused = refuse("local time that its zone has twice, or not at all")

    def build(clock: str, made: str) -> str:
        # A zone that goes back has a local time again after an hour, or half of one.
        near = (f"timestamp_micros(unix_micros({made}) + {minutes * 60_000_000}L)" for minutes in (-60, -30, 30, 60))
        twice = " OR ".join(f"{_clock(moment, type_.zone)} = {clock}" for moment in near)
        missing = f"{_clock(made, type_.zone)} <> {clock}"
        return f"(CASE WHEN {missing} OR {twice} THEN {refused} ELSE {made} END)"

    def of_clock(clock: str) -> str:
        made = f"to_utc_timestamp(CAST({clock} AS TIMESTAMP), {literal(type_.zone)})"
        return bound(made, lambda moment: build(clock, moment))

    return _checked(bound(sql, of_clock), type_)


def _clock(moment: str, zone: str) -> str:
    return f"CAST(from_utc_timestamp({moment}, {literal(zone)}) AS TIMESTAMP_NTZ)"


def _checked(sql: str, type_: TrinoType) -> str:
    """``sql``, an instant; refused while it runs where the zone's offset isn't proved."""
    since = zones.known_since(type_.zone)
    if since is None:
        return sql
    refused = refuse(f"moment before {type_.zone} had its first offset that is proved")
    return bound(sql, lambda moment: f"(CASE WHEN unix_micros({moment}) < {since}L THEN {refused} ELSE {moment} END)")
