"""Trino's types as values: parsed from and printed in Trino's own notation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from olo_converters.names import sql_reserved

_TOKEN = re.compile(r'\s*("(?:[^"]|"")*"|\w+|[(),])')


@dataclass(frozen=True)
class TrinoType:
    """A Trino type.

    Args:
        base: The type's name without parameters: ``bigint``, ``varchar``, ``timestamp with time zone``, ``row`` …
        parameters: Numbers: precision and scale, length. Empty for an unbounded varchar.
        elements: Types inside an array (1), a map (key, value) or a row (its fields).
        names: A row's field names, '' for an anonymous one.
        zone: The zone of a timestamp with time zone, where all values here have one other than UTC. It isn't written.

    Example:
        >>> parse_type("array(row(a decimal(10,2), b timestamp(3) with time zone))").elements[0].names
        ('a', 'b')
    """

    base: str
    parameters: tuple[int, ...] = ()
    elements: tuple[TrinoType, ...] = ()
    names: tuple[str, ...] = ()
    zone: str = ""

    def __str__(self) -> str:
        if self.base == "row":
            fields = (
                f"{_field_name(name)} {type_}" if name else str(type_)
                for name, type_ in zip(self.names, self.elements, strict=True)
            )
            return f"row({', '.join(fields)})"
        if self.elements:
            return f"{self.base}({', '.join(map(str, self.elements))})"
        if not self.parameters:
            return self.base
        numbers = ",".join(map(str, self.parameters))
        head, _, tail = self.base.partition(" with time zone")
        return f"{head}({numbers}) with time zone" if "with time zone" in self.base else f"{head}({numbers}){tail}"


UNKNOWN = TrinoType("unknown")
BOOLEAN = TrinoType("boolean")
TINYINT = TrinoType("tinyint")
SMALLINT = TrinoType("smallint")
INTEGER = TrinoType("integer")
BIGINT = TrinoType("bigint")
REAL = TrinoType("real")
DOUBLE = TrinoType("double")
VARCHAR = TrinoType("varchar")
VARBINARY = TrinoType("varbinary")
DATE = TrinoType("date")
JSON = TrinoType("json")
YEAR_TO_MONTH = TrinoType("interval year to month")
DAY_TO_SECOND = TrinoType("interval day to second")


def decimal(precision: int, scale: int) -> TrinoType:
    """``decimal(precision,scale)``."""
    return TrinoType("decimal", (precision, scale))


def varchar(length: int | None) -> TrinoType:
    """``varchar(length)``, or the unbounded ``varchar`` for None."""
    return VARCHAR if length is None else TrinoType("varchar", (length,))


def char(length: int) -> TrinoType:
    """``char(length)``."""
    return TrinoType("char", (length,))


def array(element: TrinoType) -> TrinoType:
    """``array(element)``."""
    return TrinoType("array", (), (element,))


def shown(type_: TrinoType) -> str:
    """A type as typeof, DESCRIBE and information_schema print it: fields of rows always in double quotes.

    Example:
        >>> shown(TrinoType("row", (), (BIGINT,), ("a",)))
        'row("a" bigint)'
    """
    if type_.base == "row":
        quoted = (f'"{name.replace(chr(34), chr(34) * 2)}" ' if name else "" for name in type_.names)
        return f"row({', '.join(f'{name}{shown(t)}' for name, t in zip(quoted, type_.elements, strict=True))})"
    if type_.elements:
        return f"{type_.base}({', '.join(map(shown, type_.elements))})"
    return str(type_)


def _field_name(name: str) -> str:
    plain = re.fullmatch(r"[a-zA-Z_]\w*", name) and name.lower() not in sql_reserved()
    return name if plain else '"' + name.replace('"', '""') + '"'


def parse_type(text: str) -> TrinoType:
    """Read a type in Trino's notation, aliases and defaults included (``int``, ``decimal``, ``timestamp``).

    Raises:
        ValueError: ``text`` isn't a type.

    Example:
        >>> str(parse_type("timestamp(6) with time zone")), str(parse_type("DECIMAL(10, 2)")), str(parse_type("int"))
        ('timestamp(6) with time zone', 'decimal(10,2)', 'integer')
    """
    tokens = _tokens(text)
    type_, rest = _type(tokens, text)
    if rest:
        raise ValueError(f"not a Trino type: {text!r}")
    return type_


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    stripped = text.rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None:
            raise ValueError(f"not a Trino type: {text!r}")
        tokens.append(match.group(1))
        at = match.end()
    return tokens


_ALIASES = {"int": "integer"}
_DEFAULTS: dict[str, tuple[int, ...]] = {
    "decimal": (38, 0),
    "char": (1,),
    "timestamp": (3,),
    "time": (3,),
    "timestamp with time zone": (3,),
    "time with time zone": (3,),
}


def _type(tokens: list[str], text: str) -> tuple[TrinoType, list[str]]:
    if not tokens or tokens[0] in "(),":
        raise ValueError(f"not a Trino type: {text!r}")
    base, rest = tokens[0].lower(), tokens[1:]
    base = _ALIASES.get(base, base)
    if base == "double" and rest[:1] and rest[0].lower() == "precision":
        rest = rest[1:]
    if base == "interval":
        words = [word.lower() for word in rest[:3]]
        if words not in (["day", "to", "second"], ["year", "to", "month"]):
            raise ValueError(f"not a Trino type: {text!r}")
        return TrinoType(f"interval {' '.join(words)}"), rest[3:]
    parameters: tuple[int, ...] = ()
    if rest[:1] == ["("]:
        if base in ("array", "map", "row"):
            return _nested(base, rest[1:], text)
        close = rest.index(")") if ")" in rest else -1
        numbers = [token for token in rest[1:close] if token != ","]  # noqa: S105
        if close < 0 or not numbers or not all(number.isdigit() for number in numbers):
            raise ValueError(f"not a Trino type: {text!r}")
        parameters, rest = tuple(map(int, numbers)), rest[close + 1 :]
    zone = [word.lower() for word in rest[:3]]
    if base in ("time", "timestamp") and zone == ["with", "time", "zone"]:
        base, rest = f"{base} with time zone", rest[3:]
    elif base in ("time", "timestamp") and zone == ["without", "time", "zone"]:
        rest = rest[3:]
    if base == "decimal" and len(parameters) == 1:
        parameters = (parameters[0], 0)
    return TrinoType(base, parameters or _DEFAULTS.get(base, ())), rest


def _nested(base: str, tokens: list[str], text: str) -> tuple[TrinoType, list[str]]:
    elements: list[TrinoType] = []
    names: list[str] = []
    while True:
        name = ""
        if base == "row" and len(tokens) > 1 and tokens[1] not in "(),":
            second = tokens[1].lower()
            anonymous = second in ("precision", "with", "without", "to") or tokens[0].lower() == "interval"
            if not anonymous or tokens[0].startswith('"'):
                name = tokens[0][1:-1].replace('""', '"') if tokens[0].startswith('"') else tokens[0]
                tokens = tokens[1:]
        element, tokens = _type(tokens, text)
        elements.append(element)
        names.append(name)
        if tokens[:1] == [","]:
            tokens = tokens[1:]
        elif tokens[:1] == [")"]:
            return TrinoType(base, (), tuple(elements), tuple(names) if base == "row" else ()), tokens[1:]
        else:
            raise ValueError(f"not a Trino type: {text!r}")
