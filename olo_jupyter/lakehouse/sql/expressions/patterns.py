"""Types with variables, as Trino's signatures have them: ``array(T)``, ``decimal(p,s)``, ``function(T,boolean)``."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

UNBOUNDED = 2_147_483_647
"""The length of a varchar without one, while lengths are computed with."""


@dataclass(frozen=True)
class Pattern:
    """A type with variables: ``array(T)``, ``decimal(p,s)``, ``function(T,boolean)``.

    Args:
        base: Type name, or the variable's name where ``variable``.
        numbers: Texts of the numeric parameters; names stand for what the argument has.
        elements: Patterns inside array, map, function.
    """

    base: str
    numbers: tuple[str, ...] = ()
    elements: tuple[Pattern, ...] = ()
    variable: bool = False


def has_variables(pattern: Pattern) -> bool:
    numbers = any(not number.isdigit() for number in pattern.numbers)
    return pattern.variable or numbers or any(map(has_variables, pattern.elements))


def parse_pattern(text: str) -> Pattern:
    """Read a type of a signature; names in capitals are type variables.

    Example:
        >>> parse_pattern("map(K,array(V))").elements[0]
        Pattern(base='K', numbers=(), elements=(), variable=True)
    """
    pattern, rest = _pattern(text.strip())
    if rest.strip():
        raise ValueError(f"not a type pattern: {text!r}")
    return pattern


def _pattern(text: str) -> tuple[Pattern, str]:
    match = re.match(r"\s*([A-Za-z_]\w*)", text)
    if match is None:
        raise ValueError(f"not a type pattern: {text!r}")
    base, rest = match.group(1), text[match.end() :]
    if base.isupper():
        return Pattern(base, variable=True), rest
    if base == "interval":
        words = re.match(r"\s+(day to second|year to month)", rest)
        if words is None:
            raise ValueError(f"not a type pattern: {text!r}")
        return Pattern(f"interval {words.group(1)}"), rest[words.end() :]
    numbers: tuple[str, ...] = ()
    elements: list[Pattern] = []
    if rest.startswith("("):
        if base in ("array", "map", "function", "row"):
            rest = rest[1:]
            while True:
                element, rest = _pattern(rest)
                elements.append(element)
                rest = rest.lstrip()
                if rest.startswith(")"):
                    rest = rest[1:]
                    break
                rest = rest[1:]
        else:
            close = closing(rest)
            numbers = tuple(part.strip() for part in split(rest[1:close]))
            rest = rest[close + 1 :]
    zone = re.match(r"\s+with time zone", rest)
    if zone is not None and base in ("time", "timestamp"):
        base, rest = f"{base} with time zone", rest[zone.end() :]
    return Pattern(base, numbers, tuple(elements)), rest


def closing(text: str) -> int:
    depth = 0
    for index, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return index
    raise ValueError(f"unbalanced: {text!r}")


def split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for index, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]] if text.strip() else []


def evaluate(text: str, numbers: Mapping[str, int]) -> int:
    """A number, a variable or a small sum such as ``min(38,p+1)``."""
    return _value(ast.parse(text, mode="eval").body, numbers)


def _value(node: ast.expr, numbers: Mapping[str, int]) -> int:
    match node:
        case ast.Constant(value=int() as value):
            return value
        case ast.Name(id=name):
            return numbers[name]
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _value(left, numbers), _value(right, numbers)
            return a + b if isinstance(op, ast.Add) else a - b if isinstance(op, ast.Sub) else a * b
        case ast.Call(func=ast.Name(id="min" | "max" as name), args=args):
            values = [_value(arg, numbers) for arg in args]
            return min(values) if name == "min" else max(values)
    raise ValueError(f"not a number of a signature: {ast.unparse(node)}")
