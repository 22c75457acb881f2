"""Trino's function signatures as data, and which overload a call means."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.patterns import (
    UNBOUNDED,
    Pattern,
    closing,
    evaluate,
    has_variables,
    parse_pattern,
    split,
)
from olo_jupyter.lakehouse.sql.types import TrinoType


@dataclass(frozen=True)
class Signature:
    """One overload of a function, and the DuckDB text of a call (``template``), '' where none is proved."""

    text: str
    name: str
    arguments: tuple[Pattern, ...]
    returns: Pattern
    variadic: bool = False
    template: str = ""

    @property
    def generic(self) -> bool:
        """Whether it has type variables or numbers to bind."""
        return any(has_variables(argument) for argument in self.arguments)


@dataclass
class Binding:
    """What the variables of a signature stand for in one call."""

    types: dict[str, TrinoType]
    numbers: dict[str, int]

    def type_of(self, pattern: Pattern) -> TrinoType:
        """``pattern`` with its variables replaced."""
        if pattern.variable:
            return self.types.get(pattern.base, TrinoType("unknown"))
        numbers = tuple(evaluate(number, self.numbers) for number in pattern.numbers)
        if pattern.base == "varchar" and numbers and numbers[0] >= UNBOUNDED:
            numbers = ()
        elements = tuple(self.type_of(element) for element in pattern.elements)
        names = ("",) * len(elements) if pattern.base == "row" else ()
        return TrinoType(pattern.base, numbers, elements, names)


def parse_signature(text: str, template: str = "") -> Signature:
    """Read ``name(argument, …): result``; ``...`` after the last argument: any number of it.

    Example:
        >>> parse_signature("round(decimal(p,s)): decimal(min(38,p-s+1),0)").returns.numbers
        ('min(38,p-s+1)', '0')
    """
    name, rest = text.split("(", 1)
    rest = "(" + rest
    close = closing(rest)
    arguments = [part.strip() for part in split(rest[1:close])]
    variadic = bool(arguments) and arguments[-1].endswith("...")
    patterns = tuple(parse_pattern(argument.removesuffix("...")) for argument in arguments)
    returns = parse_pattern(rest[close + 1 :].removeprefix(":"))
    return Signature(text, name, patterns, returns, variadic, template)


_DATA = resources.files("olo_jupyter.lakehouse.sql.expressions") / "data"


@cache
def catalogue() -> Mapping[str, list[dict[str, Any]]]:
    """All functions of Trino 483 as its SHOW FUNCTIONS lists them (written by ``tests.parity.catalogue``)."""
    found: dict[str, list[dict[str, Any]]] = json.loads((_DATA / "functions.json").read_text(encoding="utf-8"))
    return found


@cache
def _lowerings() -> Mapping[str, Mapping[str, str]]:
    """Proved lowerings: name → signature → template. A signature may say more than Trino's list does."""
    found: dict[str, dict[str, str]] = {}
    for entry in sorted((_DATA / "lowerings").iterdir(), key=lambda entry: entry.name):
        for text, template in json.loads(entry.read_text(encoding="utf-8")).items():
            found.setdefault(text.partition("(")[0], {})[text] = template
    return found


@cache
def names(kind: str) -> frozenset[str]:
    """Names of all functions of ``kind``: scalar, aggregate or window."""
    return frozenset(name for name, overloads in catalogue().items() if any(one["kind"] == kind for one in overloads))


@cache
def overloads(kind: str, name: str) -> tuple[Signature, ...]:
    """The overloads of a function, each with its template where one is proved."""
    found: dict[tuple[Pattern, ...], Signature] = {}
    for one in catalogue().get(name, ()):
        if one["kind"] == kind:
            signature = parse_signature(f"{name}({', '.join(one['arguments'])}): {one['returns']}")
            found[signature.arguments] = signature
    for text, template in _lowerings().get(name, {}).items():
        signature = parse_signature(text, template)
        if signature.arguments in found:
            found[signature.arguments] = signature
    return tuple(found.values())


def bind(
    signature: Signature, actual: Sequence[TrinoType | None], coerce: bool
) -> tuple[Binding, list[Pattern]] | None:
    """Variables and argument patterns of ``signature`` for arguments of types ``actual`` (None: a lambda), or None.

    With ``coerce``, arguments may still have to be coerced to the bound types.
    """
    patterns = _expanded(signature, len(actual))
    if patterns is None:
        return None
    collected: dict[str, list[TrinoType]] = {}
    numbers: dict[str, int] = {}
    for pattern, type_ in zip(patterns, actual, strict=True):
        if (type_ is None) != (pattern.base == "function"):
            return None
        if type_ is not None and not _collect(pattern, type_, collected, numbers, coerce):
            return None
    types: dict[str, TrinoType] = {}
    for variable, candidates in collected.items():
        common = common_type(candidates) if coerce else candidates[0]
        if common is None or (not coerce and any(candidate != common for candidate in candidates)):
            return None
        types[variable] = common
    binding = Binding(types, numbers)
    for pattern, type_ in zip(patterns, actual, strict=True):
        if type_ is not None:
            formal = binding.type_of(pattern)
            if formal != type_ and not (coerce and can_coerce(type_, formal)):
                return None
    return binding, patterns


def _expanded(signature: Signature, count: int) -> list[Pattern] | None:
    patterns = list(signature.arguments)
    if signature.variadic and count >= len(patterns) - 1:
        return patterns[:-1] + [patterns[-1]] * (count - len(patterns) + 1)
    return patterns if len(patterns) == count else None


def _collect(
    pattern: Pattern, type_: TrinoType, types: dict[str, list[TrinoType]], numbers: dict[str, int], coerce: bool
) -> bool:
    if pattern.variable:
        types.setdefault(pattern.base, []).append(type_)
        return True
    if type_.base == "unknown":
        for number in pattern.numbers:
            if not number.isdigit():
                numbers.setdefault(number, 1 if pattern.base == "decimal" and number == pattern.numbers[0] else 0)
        for element in pattern.elements:
            _collect(element, type_, types, numbers, coerce)
        return coerce
    if pattern.base != type_.base:
        widened = _as_base(type_, pattern.base) if coerce else None
        if widened is None:
            return coerce and not pattern.elements and not any(not n.isdigit() for n in pattern.numbers)
        type_ = widened
    parameters = type_.parameters or (UNBOUNDED,) * len(pattern.numbers)
    for number, value in zip(pattern.numbers, parameters, strict=False):
        if not number.isdigit():
            numbers[number] = max(numbers.get(number, 0), value)
    if len(pattern.elements) != len(type_.elements):
        return False
    pairs = zip(pattern.elements, type_.elements, strict=True)
    return all(_collect(element, inner, types, numbers, coerce) for element, inner in pairs)


def _as_base(type_: TrinoType, base: str) -> TrinoType | None:
    digits = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
    if base == "decimal" and type_.base in digits:
        return TrinoType("decimal", (digits[type_.base], 0))
    if base == "varchar" and type_.base == "char":
        return TrinoType("varchar", type_.parameters)
    if base in ("timestamp", "timestamp with time zone") and type_.base == "date":
        return TrinoType(base, (0,))
    if f"{type_.base} with time zone" == base:
        return TrinoType(base, type_.parameters)
    return None


def candidates(
    overloads: Sequence[Signature], actual: Sequence[TrinoType | None]
) -> list[tuple[Signature, Binding, list[Pattern]]]:
    """The overloads that a call with arguments of types ``actual`` means: exact ones, else the most specific."""
    for coerce, generic in ((False, False), (False, True)):
        exact = [
            (overload, *bound)
            for overload in overloads
            if overload.generic == generic and (bound := bind(overload, actual, coerce)) is not None
        ]
        if exact:
            return exact[:1]
    possible = [(overload, *bound) for overload in overloads if (bound := bind(overload, actual, True)) is not None]
    best = [one for one in possible if all(_more_specific(one, other, actual) for other in possible)]
    return best[:1] or possible


def _more_specific(
    one: tuple[Signature, Binding, list[Pattern]],
    other: tuple[Signature, Binding, list[Pattern]],
    actual: Sequence[TrinoType | None],
) -> bool:
    """Whether ``other`` could be called with the arguments that ``one`` takes."""
    taken = [None if type_ is None else one[1].type_of(mine) for mine, type_ in zip(one[2], actual, strict=True)]
    return one[0] is other[0] or bind(other[0], taken, True) is not None
