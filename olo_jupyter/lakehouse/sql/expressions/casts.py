"""CAST, by pairs of types: DuckDB text whose value is Trino's, or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import zones
from olo_jupyter.lakehouse.sql.expressions.duck import (
    drawn_once,
    duck_type,
    field_names,
    identifier,
    text,
    unsupported,
)
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.types import TrinoType

INTEGERS = ("tinyint", "smallint", "integer", "bigint")
FLOATS = ("real", "double")
STRINGS = ("varchar", "char")
_TIMES = ("date", "time", "timestamp", "timestamp with time zone")
_LENGTHLESS = 2_147_483_647


def cast(value: Typed, target: TrinoType) -> Typed:
    """``CAST(value AS target)``.

    Raises:
        QueryError: type-mismatch, Trino has no such cast.
        Unsupported: Trino has it, this engine doesn't.
    """
    if value.written is not None and target.base in ("date", "time", "timestamp"):
        value = Typed(value.written.local, TrinoType("timestamp", value.type.parameters))
    source = value.type
    target = zones.kept(source, target)
    if source == target:
        return value
    if source.base == "unknown":
        return Typed(f"CAST(NULL AS {duck_type(target)})", target, None)
    duck_type(target)
    build = _CASTS.get((source.base, target.base))
    if build is None:
        raise _no_cast(source, target)
    return Typed(drawn_once(value.sql, "drawn", lambda sql: build(sql, source, target)), target)


def _no_cast(source: TrinoType, target: TrinoType) -> QueryError:
    if any(source.base in sources and target.base in targets for sources, targets in _NONE):
        return QueryError(f"Cannot cast {source} to {target}", code="type-mismatch")
    return unsupported(f"cast from {source} to {target}")


_SIMPLE = (*INTEGERS, *FLOATS, "decimal", "boolean")
_INTERVALS = ("interval year to month", "interval day to second")
_NESTED = ("array", "map", "row")
_NEVER_JSON = ("time", "timestamp with time zone", *_INTERVALS, "varbinary", "char", "uuid")
_NONE: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    ((*_SIMPLE, *_TIMES, *_INTERVALS), ("char", "varbinary")),
    (_SIMPLE, (*_TIMES, *_INTERVALS)),
    ((*_TIMES, *_INTERVALS), _SIMPLE),
    (_INTERVALS, _TIMES),
    ((*_NESTED, "varbinary"), (*_SIMPLE, *_TIMES, *STRINGS)),
    (_NESTED, ("varbinary",)),
    (("char",), ("decimal", "time")),
    (("date",), ("time",)),
    (("time",), ("date",)),
    (("json",), ("date", "timestamp", *_NEVER_JSON)),
    (_NEVER_JSON, ("json",)),
)
"""Casts that Trino doesn't have either, from any of these to any of those."""


_Build = Callable[[str, TrinoType, TrinoType], str]
_CASTS: dict[tuple[str, str], _Build] = {}


def register(sources: tuple[str, ...], targets: tuple[str, ...]) -> Callable[[_Build], _Build]:
    def add(build: _Build) -> _Build:
        _CASTS.update({(source, target): build for source in sources for target in targets})
        return build

    return add


@register((*INTEGERS, "boolean"), (*INTEGERS, *FLOATS))
@register(INTEGERS, ("decimal", "boolean"))
@register(("decimal",), (*INTEGERS, "decimal"))
@register(FLOATS, FLOATS)
def _plain(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"CAST({sql} AS {duck_type(target)})"


@register(("decimal",), FLOATS)
def _decimal_to_float(sql: str, source: TrinoType, target: TrinoType) -> str:
    # DuckDB divides by a power of ten, which rounds twice beyond 15 digits; text is read to the nearest value.
    if source.parameters[0] <= 15 and target.base == "double":
        return f"CAST({sql} AS DOUBLE)"
    return f"CAST(CAST({sql} AS VARCHAR) AS {duck_type(target)})"


@register(("boolean",), ("decimal",))
def _boolean_to_decimal(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"CAST(CAST({sql} AS INTEGER) AS {duck_type(target)})"


@register(("decimal", *FLOATS), ("boolean",))
def _number_to_boolean(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"({sql} <> 0)"


@register(FLOATS, INTEGERS)
def _float_to_integer(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"CAST(round({sql}) AS {duck_type(target)})"


@register(FLOATS, ("decimal",))
def _float_to_decimal(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"CAST(olo_plain({sql}) AS {duck_type(target)})"


@register(STRINGS, STRINGS)
def _string_to_string(sql: str, source: TrinoType, target: TrinoType) -> str:
    if target.base == "char":
        return f"rpad({sql}, {target.parameters[0]}, ' ')"
    if source.base == "char":
        sql = f"rtrim({sql}, ' ')"
    bound = target.parameters[0] if target.parameters else _LENGTHLESS
    length = source.parameters[0] if source.parameters else _LENGTHLESS
    return sql if length <= bound else f"left({sql}, {bound})"


def as_text(sql: str, source: TrinoType) -> str:
    """The text that Trino's CAST to varchar gives."""
    match source.base:
        case "real":
            return f"olo_real_text({sql})"
        case "double":
            return f"olo_double_text({sql})"
        case "decimal" if source.parameters[0] == source.parameters[1]:
            return f"olo_point_text(CAST({sql} AS VARCHAR))"  # DuckDB writes .5
        case "date":
            return f"olo_date_text_or_refuse({sql})"
        case "time":
            return f"olo_time_text({sql}, {source.parameters[0]})"
        case "timestamp":
            return f"olo_timestamp_text_or_refuse({sql}, {source.parameters[0]})"
        case "timestamp with time zone":
            written = f"olo_timestamp_text_or_refuse({zones.local(sql, source)}, {source.parameters[0]})"
            return f"({written} || {text(' ' + zones.name_of(source))})"
        case "interval year to month":
            return f"olo_months_text({sql})"
        case "interval day to second":
            return f"olo_milliseconds_text({sql})"
        case _:
            return f"CAST({sql} AS VARCHAR)"


@register(
    (*INTEGERS, *FLOATS, "boolean", "decimal", *_TIMES, "interval year to month", "interval day to second", "uuid"),
    ("varchar",),
)
def _to_varchar(sql: str, source: TrinoType, target: TrinoType) -> str:
    if not target.parameters:
        return as_text(sql, source)
    return f"olo_fit({as_text(sql, source)}, {target.parameters[0]}, {text(str(source))})"


@register(("varchar",), INTEGERS)
def _varchar_to_integer(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"CAST(olo_integer_text({sql}, {text(target.base)}) AS {duck_type(target)})"


@register(("varchar",), FLOATS)
def _varchar_to_float(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"CAST(olo_float_input({sql}, {text(target.base)}) AS {duck_type(target)})"


@register(("char",), (*INTEGERS, *FLOATS))
def _char_to_number(sql: str, source: TrinoType, target: TrinoType) -> str:
    return _CASTS["varchar", target.base](f"rtrim({sql}, ' ')", source, target)


@register(("varchar",), ("decimal",))
def _varchar_to_decimal(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"CAST(olo_decimal_input({sql}, {text(str(target))}) AS {duck_type(target)})"


@register(("varchar",), ("boolean",))
def _varchar_to_boolean(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"olo_boolean_input({sql})"


@register(("varchar",), ("date",))
def _varchar_to_date(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"CAST(olo_date_input({sql}) AS DATE)"


@register(("varchar",), ("timestamp",))
def _varchar_to_timestamp(sql: str, source: TrinoType, target: TrinoType) -> str:
    return _rounded(f"olo_timestamp_input({sql}, {target.parameters[0]})", 6, target.parameters[0])


@register(("varchar",), ("time",))
def _varchar_to_time(sql: str, source: TrinoType, target: TrinoType) -> str:
    return _rounded_time(f"CAST(olo_time_input({sql}) AS TIME)", 6, target.parameters[0])


@register(("varchar",), ("timestamp with time zone",))
def _varchar_to_instant(sql: str, source: TrinoType, target: TrinoType) -> str:
    local = _rounded(f"olo_timestamp_input(olo_refuse_zones({sql}), {target.parameters[0]})", 6, target.parameters[0])
    return f"CAST({local} AS TIMESTAMPTZ)"


@register(("date",), ("timestamp", "timestamp with time zone"))
def _date_to_timestamp(sql: str, source: TrinoType, target: TrinoType) -> str:
    local = f"CAST({sql} AS TIMESTAMP)"
    return local if target.base == "timestamp" else f"CAST({local} AS TIMESTAMPTZ)"


@register(("timestamp", "timestamp with time zone"), ("date",))
def _timestamp_to_date(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"CAST({_local(sql, source)} AS DATE)"


@register(("timestamp", "timestamp with time zone"), ("time",))
def _timestamp_to_time(sql: str, source: TrinoType, target: TrinoType) -> str:
    time = f"CAST(olo_refuse_early({_local(sql, source)}) AS TIME)"
    return _rounded_time(time, source.parameters[0], target.parameters[0])


@register(("timestamp", "timestamp with time zone"), ("timestamp", "timestamp with time zone"))
def _timestamp_to_timestamp(sql: str, source: TrinoType, target: TrinoType) -> str:
    if target.base == "timestamp":
        return _rounded(_local(sql, source), source.parameters[0], target.parameters[0])
    return f"CAST({_rounded(f'CAST({sql} AS TIMESTAMP)', source.parameters[0], target.parameters[0])} AS TIMESTAMPTZ)"


@register(("time",), ("time",))
def _time_to_time(sql: str, source: TrinoType, target: TrinoType) -> str:
    return _rounded_time(sql, source.parameters[0], target.parameters[0])


@register(STRINGS, ("varbinary",))
def _string_to_bytes(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"encode({sql})"


@register(("varchar",), ("uuid",))
def _varchar_to_uuid(sql: str, source: TrinoType, target: TrinoType) -> str:
    return f"CAST(olo_uuid_input({sql}) AS UUID)"


def _local(sql: str, source: TrinoType) -> str:
    """The local time of an instant."""
    return sql if source.base == "timestamp" else zones.local(sql, source)


def _rounded(sql: str, precision: int, target: int) -> str:
    return sql if target >= precision else f"olo_round_timestamp({sql}, {10 ** (6 - target)})"


def _rounded_time(sql: str, precision: int, target: int) -> str:
    return sql if target >= precision else f"olo_round_time({sql}, {10 ** (6 - target)})"


@register(("array",), ("array",))
def _array_to_array(sql: str, source: TrinoType, target: TrinoType) -> str:
    element = _element("e", source.elements[0], target.elements[0])
    return sql if element == "e" else f"list_transform({sql}, lambda e: {element})"


@register(("map",), ("map",))
def _map_to_map(sql: str, source: TrinoType, target: TrinoType) -> str:
    if source.elements[0].base == "unknown":  # MAP(), as no key is NULL
        return f"CASE WHEN {sql} IS NOT NULL THEN CAST(MAP {{}} AS {duck_type(target)}) END"
    key = _element("e.key", source.elements[0], target.elements[0])
    item = _element("e.value", source.elements[1], target.elements[1])
    if (key, item) == ("e.key", "e.value"):
        return sql
    if key != "e.key":
        raise unsupported(f"cast from {source} to {target}")  # two keys may fall together
    return f"map_from_entries(list_transform(map_entries({sql}), lambda e: struct_pack(k := {key}, v := {item})))"


@register(("row",), ("row",))
def _row_to_row(sql: str, source: TrinoType, target: TrinoType) -> str:
    if len(source.elements) != len(target.elements):
        raise QueryError(f"Cannot cast {source} to {target}", code="type-mismatch")
    names = zip(field_names(source), field_names(target), strict=True)
    types = zip(source.elements, target.elements, strict=True)
    fields = (
        f"{identifier(new)} := {_element(f'struct_extract({sql}, {text(old)})', a, b)}"
        for (old, new), (a, b) in zip(names, types, strict=True)
    )
    return f"CASE WHEN {sql} IS NULL THEN NULL ELSE struct_pack({', '.join(fields)}) END"


def _element(sql: str, source: TrinoType, target: TrinoType) -> str:
    return cast(replace(Typed(sql, source)), target).sql
