"""``{{ name }}`` in a spec: the values of a run, filled in when it runs. Never into code: see ShellTask, SqlTask."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from olo_jobs.problem import Location

BUILT_IN_VALUES = ("logical_date", "run_id", "target")
"""Values that every template may use beside the job's own parameters."""

REFERENCE = re.compile(r"\{\{\s*([^}]*?)\s*\}\}")


def references(value: Any, place: Location = ()) -> Iterator[tuple[Location, str]]:
    """Every name in ``{{ … }}`` inside ``value``, with its place."""
    if isinstance(value, str):
        for name in REFERENCE.findall(value):
            yield place, name
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from references(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from references(item, (*place, index))


def render(value: Any, values: Mapping[str, Any]) -> Any:
    """Fill ``{{ name }}`` in every string inside ``value``. A string that is one template keeps the value's type.

    Raises:
        KeyError: A name that isn't in ``values``.

    Example:
        >>> render({"day": "{{ day }}", "note": "for {{ day }}"}, {"day": 3})
        {'day': 3, 'note': 'for 3'}
    """
    if isinstance(value, dict):
        return {key: render(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [render(item, values) for item in value]
    if not isinstance(value, str):
        return value
    whole = REFERENCE.fullmatch(value)
    if whole is not None:
        return values[whole.group(1)]
    return REFERENCE.sub(lambda match: str(values[match.group(1)]), value)
