"""Values and texts as Python source."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any


def literal(value: Any, needs: set[str]) -> str:
    """The source of a value; ``needs`` gets the import lines that it takes.

    Example:
        >>> needs = set()
        >>> literal({"a": Decimal("1.5")}, needs), needs
        ("{'a': Decimal('1.5')}", {'from decimal import Decimal'})
    """
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return repr(value)
    if isinstance(value, Decimal):
        needs.add("from decimal import Decimal")
        return repr(value)
    if isinstance(value, datetime):
        needs.add("from datetime import datetime")
        zone = ""
        if value.tzinfo is not None:
            needs.add("from datetime import UTC")
            from datetime import UTC

            value = value.astimezone(UTC)
            zone = ", tzinfo=UTC"
        parts = [value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond]
        return f"datetime({', '.join(map(str, parts))}{zone})"
    if isinstance(value, date):
        needs.add("from datetime import date")
        return f"date({value.year}, {value.month}, {value.day})"
    if isinstance(value, time):
        needs.add("from datetime import time")
        return f"time({value.hour}, {value.minute}, {value.second}, {value.microsecond})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key, needs)}: {literal(item, needs)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(item, needs) for item in value) + "]"
    return repr(str(value))


def rows_literal(rows: Iterable[Mapping[str, Any]], needs: set[str]) -> str:
    """Rows as a list of dicts, one a line."""
    return "[\n" + "".join(f"    {literal(dict(row), needs)},\n" for row in rows) + "]"


def text_literal(text: str) -> str:
    """A long text as a triple-quoted literal, or a plain one where that can't hold it.

    Example:
        >>> print(text_literal("SELECT 1"))
        \"\"\"
        SELECT 1
        \"\"\"
    """
    if "\\" in text or '"""' in text or text.endswith('"'):
        return repr(text)
    return f'"""\n{text.strip()}\n"""'


def docstring(text: str, indent: str = "") -> str:
    """A docstring; quotes and backslashes in it can't end it."""
    import textwrap

    safe = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').strip()
    if safe.endswith('"'):
        safe += " "
    lines = textwrap.wrap(safe, 110 - len(indent)) if "\n" not in safe else safe.split("\n")
    if len(lines) <= 1:
        return f'{indent}"""{safe}"""\n'
    return f'{indent}"""' + f"\n{indent}".join(lines).replace(f"\n{indent}\n", "\n\n") + f'\n{indent}"""\n'
