"""The statistics of a data file as the metadata tables show them: bounds by field id, figures by column name."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from olo_jupyter.lakehouse.iceberg_types import trino_type
from olo_jupyter.lakehouse.sql.types import TrinoType

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.schema import Schema
    from pyiceberg.types import IcebergType, PrimitiveType

COUNTS = ("column_sizes", "value_counts", "null_value_counts", "nan_value_counts")


def reserved_fields() -> dict[int, PrimitiveType]:
    """Fields that every table may have in its files, by their reserved ids: deletes and row lineage."""
    from pyiceberg.types import LongType, StringType

    return {2147483546: StringType(), 2147483545: LongType(), 2147483540: LongType(), 2147483539: LongType()}


def leaves(schema: Schema) -> dict[int, PrimitiveType]:
    """The plain fields of a schema, nested ones included, by id in the order of the columns."""
    found: dict[int, PrimitiveType] = {}
    for field in schema.fields:
        found.update(_leaves(field.field_id, field.field_type))
    return found


def _leaves(id_: int, type_: IcebergType) -> Iterator[tuple[int, PrimitiveType]]:
    from pyiceberg.types import ListType, MapType, PrimitiveType, StructType

    match type_:
        case StructType():
            for field in type_.fields:
                yield from _leaves(field.field_id, field.field_type)
        case ListType():
            yield from _leaves(type_.element_id, type_.element_type)
        case MapType():
            yield from _leaves(type_.key_id, type_.key_type)
            yield from _leaves(type_.value_id, type_.value_type)
        case PrimitiveType():
            yield id_, type_


def bounds_type(schema: Schema) -> TrinoType:
    """The row that a file's bounds are in ``"t$files"``: a field for each plain column, named by its id."""
    fields = leaves(schema)
    return TrinoType("row", (), tuple(map(trino_type, fields.values())), tuple(map(str, fields)))


def bounds_row(schema: Schema, bounds: Mapping[int, bytes] | None) -> dict[str, Any] | None:
    """A file's bounds as values of :func:`bounds_type`, None where it has none."""
    if bounds is None:
        return None
    return {str(id_): value_of(type_, bounds.get(id_)) for id_, type_ in leaves(schema).items()}


def bounds_text(schema: Schema, bounds: Mapping[int, bytes] | None) -> list[tuple[int, str]] | None:
    """A file's bounds as text, by field id."""
    if bounds is None:
        return None
    types = {**leaves(schema), **reserved_fields()}
    return [(id_, human(types[id_], bound)) for id_, bound in bounds.items() if id_ in types]


def value_of(type_: PrimitiveType, bound: bytes | None) -> Any:
    """A bound as pyarrow takes it."""
    from pyiceberg.conversions import from_bytes

    return None if bound is None else arrow_value(type_, from_bytes(type_, bound))


def arrow_value(type_: PrimitiveType, value: Any) -> Any:
    """A value of a partition or bound as pyarrow takes it."""
    from pyiceberg.types import UUIDType

    if isinstance(type_, UUIDType) and value is not None:
        return str(value if isinstance(value, uuid.UUID) else uuid.UUID(bytes=bytes(value)))
    return value


def human(type_: PrimitiveType, bound: bytes) -> str:
    """A bound as Iceberg prints it."""
    from pyiceberg.conversions import from_bytes
    from pyiceberg.types import BinaryType, DecimalType, FixedType, TimeType

    match type_:
        case BinaryType() | FixedType():
            return base64.b64encode(bound).decode()
        case DecimalType():
            return str(from_bytes(type_, bound))
        case TimeType():
            micros: Any = from_bytes(type_, bound)
            return _short_clock(micros)
    value = _json_value(type_, bound)
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(value)


def readable_metrics(schema: Schema, file: DataFile) -> str:
    """All figures of a file as JSON: an object for each plain column by its full name, names sorted."""
    names = {id_: schema.find_column_name(id_) or str(id_) for id_ in leaves(schema)}
    figures = {}
    for id_, type_ in leaves(schema).items():
        sizes, values, nulls, nans = ((getattr(file, name) or {}).get(id_) for name in COUNTS)
        lower, upper = ((bounds or {}).get(id_) for bounds in (file.lower_bounds, file.upper_bounds))
        figures[names[id_]] = {
            "column_size": sizes,
            "value_count": values,
            "null_value_count": nulls,
            "nan_value_count": nans,
            "lower_bound": None if lower is None else _json_value(type_, lower),
            "upper_bound": None if upper is None else _json_value(type_, upper),
        }
    ordered = {name: figures[name] for name in sorted(figures)}
    return _JSON.encode(ordered)


class _Number(float):
    """A float that JSON shows in Java's notation."""

    def __new__(cls, value: float, text: str) -> _Number:
        made = super().__new__(cls, value)
        made.text = text
        return made

    text: str

    def __repr__(self) -> str:
        return self.text

    __str__ = __repr__


class _Encoder(json.JSONEncoder):
    """JSON with :class:`_Number` as it says itself."""

    def encode(self, o: Any) -> str:
        if isinstance(o, dict):
            return "{" + ",".join(f"{super(_Encoder, self).encode(key)}:{self.encode(o[key])}" for key in o) + "}"
        if isinstance(o, _Number):
            return o.text if np.isfinite(o) else f'"{o.text}"'
        return super().encode(o)


_JSON = _Encoder(ensure_ascii=False)


def _json_value(type_: PrimitiveType, bound: bytes) -> Any:
    """A bound in JSON: numbers and booleans as such, everything else as Iceberg prints it."""
    from pyiceberg import types as iceberg
    from pyiceberg.conversions import from_bytes

    value: Any = from_bytes(type_, bound)
    match type_:
        case iceberg.BooleanType() | iceberg.IntegerType() | iceberg.LongType() | iceberg.StringType():
            return value
        case iceberg.FloatType():
            return _Number(value, java_text(np.float32(value)))
        case iceberg.DoubleType():
            return _Number(value, java_text(np.float64(value)))
        case iceberg.DecimalType():
            return f"{value:f}"
        case iceberg.BinaryType() | iceberg.FixedType():
            return bytes(value).hex().upper()
        case iceberg.TimeType():
            return _clock(value)
        case iceberg.TimestampType() | iceberg.TimestamptzType():
            days, micros = divmod(value, 86_400_000_000)
            zone = "+00:00" if isinstance(type_, iceberg.TimestamptzType) else ""
            return f"{_day(days)}T{_clock(micros)}{zone}"
        case iceberg.DateType():
            return _day(value)
    return str(arrow_value(type_, value))


def _day(days: int) -> str:
    return str(np.datetime64(days, "D"))


def _clock(micros: int) -> str:
    seconds, fraction = divmod(micros, 1_000_000)
    digits = f".{fraction:06d}".rstrip("0") if fraction else ""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{digits}"


def _short_clock(micros: int) -> str:
    """As Java's ``LocalTime.toString``: no seconds where they are zero, digits in threes."""
    text = _clock(micros)
    clock, _, digits = text.partition(".")
    if digits:
        return f"{clock}.{digits.ljust(3 if len(digits) <= 3 else 6, '0')}"
    return clock.removesuffix(":00") if micros % 60_000_000 == 0 else clock


def java_text(value: np.floating[Any]) -> str:
    """A float or double as Java's ``toString`` writes it.

    Example:
        >>> java_text(np.float64(1.5e300)), java_text(np.float32(0.1)), java_text(np.float64(1e7))
        ('1.5E300', '0.1', '1.0E7')
    """
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return np.format_float_positional(value, unique=True, trim="0")
    mantissa, _, exponent = np.format_float_scientific(value, unique=True, trim="0").partition("e")
    return f"{mantissa}E{int(exponent)}"
