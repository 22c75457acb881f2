"""Functions that know of time zones."""

from __future__ import annotations

from dataclasses import replace

from olo_jupyter.lakehouse.sql.expressions import datetimes, zones
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.spark.casts import coerce, shadow
from olo_jupyter.lakehouse.sql.spark.instants import instant, local
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.text import unsupported
from olo_jupyter.lakehouse.sql.types import TrinoType


def at_timezone(values: list[Typed], env: Environment) -> Typed:
    """The same instant in another zone: ``at_timezone(value, zone)``, ``value AT TIME ZONE zone``."""
    type_ = datetimes.at_timezone(list(map(shadow, values)), env).type
    if type_.zone:
        need("AT TIME ZONE")
    value = coerce(values[0], replace(type_, zone=values[0].type.zone))
    return Typed(value.sql, type_)


def with_timezone(values: list[Typed], env: Environment) -> Typed:
    """``with_timezone(local time, zone)``: its instant there."""
    type_ = datetimes.FUNCTIONS["with_timezone"](list(map(shadow, values)), env).type
    clock = coerce(values[0], TrinoType("timestamp", type_.parameters))
    return Typed(instant(clock.sql, type_), type_)


def as_local(value: Typed, name: str) -> Typed:
    """``value``, with its local time in place of an instant in a zone other than UTC."""
    if not value.type.zone:
        return value
    need(f"function {name} in a zone")
    return Typed(local(value.sql, value.type), TrinoType("timestamp", value.type.parameters))


def same_zone(name: str, values: list[Typed]) -> list[Typed]:
    """``values`` in local time where they are in one zone.

    Raises:
        Unsupported: They are in several.
    """
    if not any(zones.has_zone(value.type) for value in values):
        return values
    if len({value.type.zone for value in values}) > 1:
        raise unsupported(f"function {name} of timestamps in several time zones")
    return [as_local(value, name) for value in values]
