"""Which macros a statement calls: defining all of them would take longer than most statements."""

from __future__ import annotations

import re
from functools import cache

from olo_jupyter.lakehouse.sql.expressions.macros import MACROS

_NAME = re.compile(r"MACRO (olo_\w+)\(")
_CALL = re.compile(r"\b(olo_\w+)\(")


@cache
def _definitions() -> dict[str, tuple[str, frozenset[str]]]:
    """Each macro by name, with the names that it calls."""
    named = {found.group(1): macro for macro in MACROS if (found := _NAME.search(macro))}
    return {name: (macro, frozenset(_CALL.findall(macro)) - {name}) for name, macro in named.items()}


def macros_for(sql: str) -> dict[str, str]:
    """The macros that ``sql`` calls and those that they build on, by name, in the order in which they do.

    Example:
        >>> list(macros_for("SELECT olo_radix(2)"))
        ['olo_radix']
    """
    known = _definitions()
    wanted: set[str] = set()
    new = set(_CALL.findall(sql)) & known.keys()
    while new:
        wanted |= new
        new = {name for one in new for name in known[one][1] if name in known} - wanted
    return {name: macro for name, (macro, _) in known.items() if name in wanted}
