"""Time zones of timestamps with time zone.

Trino keeps a zone with each value. Here a value is its instant, and the zone belongs to the type of the expression: all
values of one expression have it. Where values of several zones would come together in one, the statement is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions.duck import text, unsupported
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.types import TrinoType

ZONED = "timestamp with time zone"
_DATA = resources.files("olo_jupyter.lakehouse.sql.expressions") / "data"
_UTC = ("UTC", "GMT", "Etc/UTC", "Z", "+00:00", "-00:00")
LOCAL = frozenset([
    "year", "quarter", "month", "week", "week_of_year", "day", "day_of_month", "day_of_week", "dow",
    "day_of_year", "doy", "year_of_week", "yow", "hour", "minute", "second", "millisecond",
    "last_day_of_month",
])  # fmt: skip
"""Functions that see the local time only."""
_AWARE = frozenset([
    "date", "date_trunc", "date_add", "date_diff", "at_timezone", "with_timezone", "timezone",
    "timezone_hour", "timezone_minute", "to_iso8601", "format_datetime", "date_format",
    "coalesce", "nullif", "typeof", "greatest", "least", "row", "map", "try", "if", "cardinality",
    "element_at",
    "from_unixtime", "transform", "filter", "any_match", "all_match", "none_match", "slice",
])  # fmt: skip
"""Functions that take care of the zone themselves."""
_INSTANTS = frozenset({"to_unixtime"})
"""Functions that see the instant only."""


@cache
def _known() -> frozenset[str]:
    return frozenset((_DATA / "zones.txt").read_text(encoding="utf-8").split())


@cache
def _since() -> Mapping[str, int]:
    """From which instant on (microseconds since 1970) DuckDB knows a zone's offsets as Trino does."""
    found: dict[str, int] = json.loads((_DATA / "zones.json").read_text(encoding="utf-8"))
    return found


def known_since(name: str) -> int | None:
    """From which instant on (microseconds since 1970) a region's offsets are proved; None for ``+05:30``: always."""
    return None if name[0] in "+-" else _since()[name]


def zone(name: str) -> str:
    """The zone that Trino means by ``name``: '' for UTC, ``+05:30``, or a region whose offsets are proved.

    Raises:
        QueryError: invalid-function-argument, there is none of the name.
        Unsupported: DuckDB knows other offsets of it, or Trino another name.

    Example:
        >>> zone("UTC"), zone("+05:30"), zone("Europe/Berlin")
        ('', '+05:30', 'Europe/Berlin')
    """
    if name in _UTC:
        return ""
    if re.fullmatch(r"[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00", name):
        return name
    if name in _since():
        return name
    if name in _known() or re.fullmatch(r"[+-]?\d.*|(UTC|GMT|UT)[+-].*", name):
        raise unsupported(f"time zone {name}")
    raise QueryError(f"'{name}' is not a valid time zone", code="invalid-function-argument")


def bare(type_: TrinoType) -> TrinoType:
    """``type_`` with UTC for every zone: for comparisons, which see instants only."""
    if not has_zone(type_):
        return type_
    return replace(type_, zone="", elements=tuple(map(bare, type_.elements)))


def has_zone(type_: TrinoType) -> bool:
    """Whether a zone other than UTC is anywhere in a type."""
    return bool(type_.zone) or any(map(has_zone, type_.elements))


def kept(source: TrinoType, target: TrinoType) -> TrinoType:
    """``target`` with the zones that the values had as ``source``."""
    if source.base == target.base == ZONED:
        return replace(target, zone=source.zone)
    if source.base == target.base and len(source.elements) == len(target.elements) and has_zone(source):
        pairs = zip(source.elements, target.elements, strict=True)
        return replace(target, elements=tuple(kept(a, b) for a, b in pairs))
    return target


def instants(value: Typed) -> Typed:
    """``value`` without its zone."""
    sql = value.written.instant if value.written is not None else value.sql
    return replace(value, sql=sql, type=bare(value.type), written=None)


def name_of(type_: TrinoType) -> str:
    """The zone as Trino writes it."""
    return type_.zone or "UTC"


def local(sql: str, type_: TrinoType) -> str:
    """The local time of an instant."""
    if not type_.zone:
        return f"CAST({sql} AS TIMESTAMP)"
    if type_.zone[0] in "+-":
        return f"(CAST({sql} AS TIMESTAMP) + to_minutes({_minutes(type_.zone)}))"
    return f"olo_local_or_refuse({sql}, {text(type_.zone)}, {_since()[type_.zone]})"


def instant(sql: str, type_: TrinoType) -> str:
    """The instant of a local time, by Joda's rules where the zone has it twice, or not at all."""
    if not type_.zone or type_.zone[0] in "+-":
        return _fixed(sql, type_)
    return f"olo_instant({sql}, {text(type_.zone)}, {_since()[type_.zone]})"


def instant_near(sql: str, origin: str, type_: TrinoType) -> str:
    """The instant of a local time that was reached from the instant ``origin``, whose offset it keeps where it can."""
    if not type_.zone or type_.zone[0] in "+-":
        return _fixed(sql, type_)
    return f"olo_instant_near({sql}, {origin}, {text(type_.zone)}, {_since()[type_.zone]})"


def shifted(sql: str, interval: str, type_: TrinoType) -> str:
    """An instant moved by an interval of days or months on the clocks of its zone."""
    if not type_.zone or type_.zone[0] in "+-":
        return _fixed(f"({local(sql, type_)} + {interval})", type_)
    return f"olo_shifted({sql}, {interval}, {text(type_.zone)}, {_since()[type_.zone]})"


def instant_of_text(sql: str, type_: TrinoType) -> str:
    """The instant of a local time that was written as text: the earlier of two, NULL where the zone doesn't have it."""
    if not type_.zone or type_.zone[0] in "+-":
        return _fixed(sql, type_)
    return f"olo_instant_of_text({sql}, {text(type_.zone)}, {_since()[type_.zone]})"


def _fixed(sql: str, type_: TrinoType) -> str:
    ahead = f" - to_minutes({_minutes(type_.zone)})" if type_.zone else ""
    return f"CAST({sql}{ahead} AS TIMESTAMPTZ)"


def offset(sql: str, type_: TrinoType) -> str:
    """Minutes that the local time of an instant is ahead of UTC."""
    if not type_.zone or type_.zone[0] in "+-":
        return f"(CASE WHEN {sql} IS NOT NULL THEN {_minutes(type_.zone) if type_.zone else 0} END)"
    return f"((epoch_us({local(sql, type_)}) - epoch_us({sql})) // 60000000)"


def _minutes(zone: str) -> int:
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return -minutes if zone[0] == "-" else minutes


def prepared(name: str, arguments: list[Typed | exp.Lambda]) -> list[Typed | exp.Lambda]:
    """The arguments of a function as it may see them where one has a zone: local times, or the value as it is.

    Raises:
        Unsupported: The function isn't known to take care of zones.
    """
    return [_prepared(name, argument) if isinstance(argument, Typed) else argument for argument in arguments]


def _prepared(name: str, value: Typed) -> Typed:
    if value.written is not None and name in LOCAL:
        return Typed(value.written.local, TrinoType("timestamp", value.type.parameters))
    if name in _INSTANTS:
        return instants(value)
    if not has_zone(value.type) or name in _AWARE:
        return value
    if name in LOCAL and value.type.zone:
        return Typed(local(value.sql, value.type), TrinoType("timestamp", value.type.parameters))
    raise unsupported(f"function {name} of a timestamp with a time zone other than UTC")


def split_literal(value: str) -> tuple[str, str] | None:
    """The local time and the zone's name of the text of a timestamp; None where it has none, or another form.

    Example:
        >>> split_literal("2024-01-31 12:00 Europe/Berlin")
        ('2024-01-31 12:00', 'Europe/Berlin')
    """
    match = re.fullmatch(rf"\s*({_DAY}( {_CLOCK})?) ?([A-Z][\w/+-]*|[+-]\d\d:\d\d)\s*", value)
    return (match[1], match[5]) if match else None


_DAY = r"\d{4}-\d\d?-\d\d?"
_CLOCK = r"\d\d?:\d\d?(:\d\d?(\.\d{1,6})?)?"
