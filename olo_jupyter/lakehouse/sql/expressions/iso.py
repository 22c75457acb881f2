"""Dates and timestamps that are read from text in the form of ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import zones
from olo_jupyter.lakehouse.sql.expressions.coercion import coerce
from olo_jupyter.lakehouse.sql.expressions.raising import fail_text
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed, Written
from olo_jupyter.lakehouse.sql.types import DATE, VARCHAR, TrinoType

_FORM = (
    "^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Tt]((?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?)(?:[.,]([0-9]{1,3})[0-9]{0,6})?"
    "(?:[Zz]|([+-](?:0[0-9]|1[0-3]))(?::?([0-5][0-9]))?)?)?$"
)
MACROS = (
    # The parts of the text: day, clock, milliseconds, hours and minutes of the offset.
    f"""olo_iso_parts_or_refuse(t) AS CASE WHEN t IS NULL THEN NULL ELSE regexp_extract(CASE
    WHEN regexp_full_match(t, '{_FORM}') THEN t ELSE {
        fail_text("unsupported", "'from_iso8601_timestamp of ' || t")
    } END, '{_FORM}', ['day', 'clock', 'millis', 'hours', 'minutes']) END""",
    """olo_iso_local(p) AS CAST(CASE WHEN p.clock = '' THEN p.day WHEN p.millis = '' THEN p.day || ' ' || p.clock
    ELSE p.day || ' ' || p.clock || '.' || p.millis END AS TIMESTAMP)""",
    """olo_iso_offset(p) AS CASE WHEN p.hours = '' THEN 0 ELSE CAST(p.hours[1] || '1' AS INTEGER)
    * (60 * CAST(p.hours[2:] AS INTEGER) + CASE WHEN p.minutes = '' THEN 0 ELSE CAST(p.minutes AS INTEGER) END) END""",
    "olo_iso_instant_of(p) AS CAST(olo_iso_local(p) - to_minutes(olo_iso_offset(p)) AS TIMESTAMPTZ)",
    *(
        f"olo_iso_{name}_or_refuse(t) AS list_transform([olo_iso_parts_or_refuse(t)], lambda p: {of})[1]"
        for name, of in (("local", "olo_iso_local(p)"), ("instant", "olo_iso_instant_of(p)"))
    ),
    f"""olo_iso_utc_or_refuse(t) AS list_transform([olo_iso_parts_or_refuse(t)], lambda p: CASE
    WHEN olo_iso_offset(p) <> 0 THEN CAST({
        fail_text(
            "unsupported",
            "'from_iso8601_timestamp of ' || t || ' beside other time zones: put AT TIME ZONE right behind it'",
        )
    } AS TIMESTAMPTZ) ELSE olo_iso_instant_of(p) END)[1]""",
    f"""olo_iso_date_or_refuse(t) AS CASE WHEN regexp_full_match(t, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') THEN t ELSE {
        fail_text("unsupported", "'from_iso8601_date of ''' || t || ''''")
    } END""",
)


def _only(name: str, values: list[Typed]) -> Typed:
    if len(values) != 1 or values[0].type.base not in ("varchar", "char", "unknown"):
        shown = ", ".join(str(value.type) for value in values)
        raise QueryError(f"Unexpected parameters ({shown}) for function {name}", code="function-not-found")
    return coerce(values[0], VARCHAR)


def _from_iso8601_date(values: list[Typed], env: Environment) -> Typed:
    return Typed(f"CAST(olo_iso_date_or_refuse({_only('from_iso8601_date', values).sql}) AS DATE)", DATE)


def _from_iso8601_timestamp(values: list[Typed], env: Environment) -> Typed:
    """The moment, in the zone of its offset where the text is a literal.

    Of texts in rows each may have another offset. What sees the instant or the local time only takes them as they are.
    """
    value = _only("from_iso8601_timestamp", values)
    type_ = TrinoType(zones.ZONED, (3,))
    written = Written(f"olo_iso_instant_or_refuse({value.sql})", f"olo_iso_local_or_refuse({value.sql})")
    offset = re.search(r"T.*([+-]\d\d):?(\d\d)?$", value.constant) if isinstance(value.constant, str) else None
    if offset is not None:
        type_ = replace(type_, zone=zones.zone(f"{offset[1]}:{offset[2] or '00'}"))
        return Typed(written.instant, type_)
    return Typed(f"olo_iso_utc_or_refuse({value.sql})", type_, written=written)


FUNCTIONS: dict[str, Callable[[list[Typed], Environment], Typed]] = {
    "from_iso8601_date": _from_iso8601_date,
    "from_iso8601_timestamp": _from_iso8601_timestamp,
}
