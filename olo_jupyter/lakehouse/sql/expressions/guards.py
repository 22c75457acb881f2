"""What a proved lowering holds for: types that both engines compare alike, and numbers that are numbers.

A template may begin with a guard. ``exact:`` is for types whose equality and order are DuckDB's too, ``ordered:`` for
these and arrays and rows of them, ``keyed:`` for such keys (``K``) with any values, ``comparable:`` for all scalars and
what is ordered. real and double are such types as long as no NaN is among the values, which is looked at as they come.
"""

from __future__ import annotations

from collections.abc import Sequence

from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS
from olo_jupyter.lakehouse.sql.expressions.duck import unsupported
from olo_jupyter.lakehouse.sql.expressions.patterns import Pattern
from olo_jupyter.lakehouse.sql.expressions.raising import fail
from olo_jupyter.lakehouse.sql.expressions.signatures import Binding, Signature
from olo_jupyter.lakehouse.sql.types import TrinoType

_INCOMPARABLE = frozenset({"array", "map", "row", "json"})
_GUARDS = ("exact", "keyed", "comparable", "ordered")
_CHECKS = {"": "olo_number_or_refuse", "array": "olo_numbers_or_refuse", "map": "olo_number_keys_or_refuse"}

_NAN = fail("unsupported", "'look-up, order or equality of values with NaN among them'")
MACROS = (
    f"olo_number_or_refuse(x) AS CASE WHEN isnan(x) THEN {_NAN} ELSE x END",
    f"""olo_numbers_or_refuse(a) AS
    a[:CASE WHEN len(list_filter(a, lambda e: isnan(e))) > 0 THEN {_NAN} ELSE len(a) END]""",
    f"""olo_number_keys_or_refuse(m) AS CASE WHEN len(list_filter(map_keys(m), lambda e: isnan(e))) > 0
    THEN map_from_entries(map_entries(m)[:{_NAN}]) ELSE m END""",
    f"olo_distance_or_refuse(key, distance) AS CASE WHEN isnan(key) THEN {_NAN} ELSE distance END",
)


def number(sql: str, type_: TrinoType) -> str:
    """The text of a value that is looked up or ordered by: a real or double that is NaN is refused as it comes."""
    return f"olo_number_or_refuse({sql})" if type_.base in FLOATS else sql


def number_keys(sql: str, type_: TrinoType) -> str:
    """The text of a map that is looked into, likewise for its keys."""
    return f"olo_number_keys_or_refuse({sql})" if type_.elements[0].base in FLOATS else sql


def checked(signature: Signature, binding: Binding, texts: Sequence[str]) -> tuple[str, list[str]]:
    """The template of ``signature`` without its guard, and the arguments' texts with the looks at NaN that it needs.

    Raises:
        Unsupported: The call has other types.
    """
    guard, template = _parted(signature)
    checks = [""] * len(texts)
    for variable, type_ in _unlike(guard, binding):
        if type_.base not in FLOATS:
            raise unsupported(f"function {signature.name} over {type_}")
        found = [_check(pattern, variable) for pattern in signature.arguments]
        if None in found or len(found) < len(texts):
            raise unsupported(f"function {signature.name} over {type_}")
        checks = [one or known for one, known in zip(found, checks, strict=True)]
    return template, [f"{check}({text})" if check else text for check, text in zip(checks, texts, strict=True)]


def guarded(signature: Signature, binding: Binding) -> str:
    """The template of ``signature`` without its guard, for an engine that can't look at its values.

    Raises:
        Unsupported: The call has other types.
    """
    guard, template = _parted(signature)
    for _, type_ in _unlike(guard, binding):
        raise unsupported(f"function {signature.name} over {type_}")
    return template


def _parted(signature: Signature) -> tuple[str, str]:
    guard, colon, template = signature.template.partition(":")
    return (guard, template) if colon and guard in _GUARDS else ("", signature.template)


def _unlike(guard: str, binding: Binding) -> list[tuple[str, TrinoType]]:
    """The variables, with their types, whose values the guard doesn't let through as they are."""
    if not guard:
        return []
    return [
        (variable, type_)
        for variable, type_ in binding.types.items()
        if not (guard == "keyed" and variable != "K")
        and not (guard in ("comparable", "ordered") and _ordered(type_))
        and type_.base in (_INCOMPARABLE if guard == "comparable" else _INCOMPARABLE.union(FLOATS))
    ]


def _ordered(type_: TrinoType) -> bool:
    """Whether both engines order the values alike: exact scalars, and arrays and rows of such."""
    if type_.base in ("array", "row"):
        return all(_ordered(element) for element in type_.elements)
    return type_.base not in _INCOMPARABLE.union(FLOATS)


def _check(pattern: Pattern, variable: str) -> str | None:
    """The macro that looks for NaN in an argument; '' where none can be, None where none can look."""
    if pattern.variable:
        return _CHECKS[""] if pattern.base == variable else ""
    if pattern.base in _CHECKS and pattern.elements and pattern.elements[0] == Pattern(variable, variable=True):
        return _CHECKS[pattern.base]
    return None if _mentions(pattern, variable) else ""


def _mentions(pattern: Pattern, variable: str) -> bool:
    named = pattern.variable and pattern.base == variable
    return named or any(_mentions(element, variable) for element in pattern.elements)
