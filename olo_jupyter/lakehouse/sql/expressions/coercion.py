"""Trino's implicit coercions: which type turns into which without a CAST, and the common type of two.

The rules are those of Trino 483 (its type system documents them as "coercion"), checked against a real one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from olo_jupyter.lakehouse.sql.expressions.casts import cast
from olo_jupyter.lakehouse.sql.expressions.duck import unsupported
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.types import UNKNOWN, VARCHAR, TrinoType, decimal, varchar

_INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_WIDER = {
    "tinyint": ("smallint", "integer", "bigint", "real", "double"),
    "smallint": ("integer", "bigint", "real", "double"),
    "integer": ("bigint", "real", "double"),
    "bigint": ("real", "double"),
    "decimal": ("real", "double"),
    "real": ("double",),
}
_SEVERAL = "several"
_ZONED = {"time": "time with time zone", "timestamp": "timestamp with time zone"}


def can_coerce(source: TrinoType, target: TrinoType) -> bool:
    """Whether a value of ``source`` turns into ``target`` without a CAST.

    Example:
        >>> from olo_jupyter.lakehouse.sql.types import parse_type as t
        >>> can_coerce(t("integer"), t("decimal(12,2)")), can_coerce(t("integer"), t("decimal(10,2)"))
        (True, False)
    """
    return _compatibility(source, target)[1]


def common_type(types: Iterable[TrinoType]) -> TrinoType | None:
    """The type that all of ``types`` turn into; None where there is none; ``unknown`` for no types at all.

    Example:
        >>> from olo_jupyter.lakehouse.sql.types import parse_type as t
        >>> str(common_type([t("bigint"), t("decimal(10,2)")])), str(common_type([t("varchar(3)"), t("varchar(5)")]))
        ('decimal(21,2)', 'varchar(5)')
    """
    common: TrinoType | None = UNKNOWN
    for type_ in types:
        if common is None:
            return None
        common = _compatibility(common, type_)[0]
    if common is not None and _has_several(common):
        raise unsupported("values of several time zones in one")
    return common


def _has_several(type_: TrinoType) -> bool:
    return type_.zone == _SEVERAL or any(map(_has_several, type_.elements))


def coerce(value: Typed, target: TrinoType) -> Typed:
    """``value`` as ``target``, to which it must be coercible."""
    if value.type == target:
        return value
    if value.type.base == target.base and target.base == "varchar":
        return replace(value, type=target)
    if target.base in ("codepoints", "joniregexp", "jsonpath"):
        return replace(coerce(value, VARCHAR), type=target)
    return cast(value, target)


def _compatibility(source: TrinoType, target: TrinoType) -> tuple[TrinoType | None, bool]:
    """The common type, and whether ``source`` alone can become ``target``."""
    if source in (target, UNKNOWN):
        return target, True
    if target == UNKNOWN:
        return source, False
    if source.base == target.base:
        return _same_base(source, target)
    widened = _widen(source, target.base)
    if widened is not None:
        return _compatibility(widened, target)
    widened = _widen(target, source.base)
    return (None, False) if widened is None else (_compatibility(source, widened)[0], False)


def _same_base(source: TrinoType, target: TrinoType) -> tuple[TrinoType | None, bool]:
    if source.elements:
        if len(source.elements) != len(target.elements):
            return None, False
        pairs = [_compatibility(a, b) for a, b in zip(source.elements, target.elements, strict=True)]
        elements = tuple(common for common, _ in pairs if common is not None)
        if len(elements) < len(pairs):
            return None, False
        names = tuple(a if a == b else "" for a, b in zip(source.names, target.names, strict=True))
        return TrinoType(source.base, (), elements, names), all(possible for _, possible in pairs)
    common = source
    if source.base == "decimal":
        (p1, s1), (p2, s2) = source.parameters, target.parameters
        scale = max(s1, s2)
        common = decimal(min(38, max(p1 - s1, p2 - s2) + scale), scale)
    elif source.base == "varchar":
        bounded = source.parameters and target.parameters
        common = varchar(max(source.parameters[0], target.parameters[0]) if bounded else None)
    elif source.parameters:
        zone = source.zone if source.zone == target.zone else _SEVERAL
        common = TrinoType(source.base, (max(source.parameters[0], target.parameters[0]),), zone=zone)
    return common, replace(common, zone=target.zone) == target


def _widen(source: TrinoType, base: str) -> TrinoType | None:
    if base in _WIDER.get(source.base, ()):
        return TrinoType(base)
    if base == "decimal" and source.base in _INTEGER_DIGITS:
        return decimal(_INTEGER_DIGITS[source.base], 0)
    if source.base == "date" and base in ("timestamp", "timestamp with time zone"):
        return TrinoType(base, (0,))
    if _ZONED.get(source.base) == base:
        return TrinoType(base, source.parameters)
    if source.base in ("varchar", "char") and base in ("codepoints", "joniregexp", "jsonpath"):
        return TrinoType(base)
    if base == "number" and source.base in (*_INTEGER_DIGITS, "decimal"):
        return TrinoType(base)
    if source.base == "char" and base == "varchar":
        return varchar(source.parameters[0])
    return None
