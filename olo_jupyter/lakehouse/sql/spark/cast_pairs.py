"""The pairs of types that CAST goes between: each has a function that writes Spark's text of the value."""

from __future__ import annotations

from collections.abc import Callable

from olo_jupyter.lakehouse.sql.spark.text import fail
from olo_jupyter.lakehouse.sql.types import TrinoType

Build = Callable[[str, TrinoType, TrinoType, str], str]
"""(value, from, to, the function: CAST or TRY_CAST) → text."""
PAIRS: dict[tuple[str, str], Build] = {}
INVALID = "invalid-cast-argument"


def pair(sources: tuple[str, ...], targets: tuple[str, ...]) -> Callable[[Build], Build]:
    """What follows casts from any of ``sources`` to any of ``targets``."""

    def add(build: Build) -> Build:
        PAIRS.update({(source, target): build for source in sources for target in targets})
        return build

    return add


def error(code: str, message: str, how: str) -> str:
    """What CAST raises and TRY_CAST takes for NULL; ``message`` is the text of an expression."""
    return "NULL" if how == "TRY_CAST" else fail(code, message)
