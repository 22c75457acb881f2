"""``${target}``, ``${user.short_name}``, ``${git.branch}``, ``${var.x}``: filled in when a file is read.

Only in values; ``$${`` stands for ``${``. A bash script keeps its own ``${…}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from olo_jobs.problem import Location

_VARIABLE = re.compile(r"\$?\$\{([^}]*)\}")
_FORM = re.compile(r"[A-Za-z_][\w.]*")
FIXED = ("target", "user.short_name", "git.branch")

Scalar = str | int | float | bool


@dataclass(frozen=True)
class Variables:
    """The values of variables where a file is read.

    Args:
        values: By full name, e.g. ``target``, ``var.region``. None stands for one that is known but not set here.
        hints: What to do for those not set, by full name.
    """

    values: Mapping[str, Scalar | None]
    hints: Mapping[str, str] = field(default_factory=dict)

    def fill(self, value: Any, at: Location = ()) -> tuple[Any, list[tuple[Location, str, str]]]:
        """``value`` with its variables filled in, and what was wrong: place, message, hint.

        A text that is one variable takes the variable's type.

        Example:
            >>> Variables({"target": "dev", "var.n": 3}).fill({"a": "x-${target}", "b": "${var.n}", "c": "$${HOME}"})
            ({'a': 'x-dev', 'b': 3, 'c': '${HOME}'}, [])
        """
        wrong: list[tuple[Location, str, str]] = []
        return self._fill(value, at, wrong), wrong

    def _fill(self, value: Any, at: Location, wrong: list[tuple[Location, str, str]]) -> Any:
        if isinstance(value, dict):
            return {
                key: item if is_own_text(at, key, item) else self._fill(item, (*at, key), wrong)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._fill(item, (*at, index), wrong) for index, item in enumerate(value)]
        if not isinstance(value, str) or "${" not in value:
            return value
        whole = _VARIABLE.fullmatch(value)
        if whole is not None and not value.startswith("$$"):
            return self._value(whole.group(1), at, wrong)
        return _VARIABLE.sub(
            lambda match: (
                match.group()[1:] if match.group().startswith("$$") else self._text(match.group(1), at, wrong)
            ),
            value,
        )

    def _text(self, name: str, at: Location, wrong: list[tuple[Location, str, str]]) -> str:
        value = self._value(name, at, wrong)
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _value(self, name: str, at: Location, wrong: list[tuple[Location, str, str]]) -> Scalar:
        value = self.values.get(name)
        if value is not None:
            return value
        if name in self.values:
            wrong.append((at, f"the variable ${{{name}}} is not set", self.hints.get(name, f"Set it: --var {name}=…")))
        else:
            near = get_close_matches(name, self.values, n=1)
            known = ", ".join(sorted(self.values))
            hint = f"Did you mean ${{{near[0]}}}?" if near else f"Known: {known}. Write $${{…}} for the text itself."
            wrong.append((at, f"there is no variable ${{{name}}}", hint))
        return f"${{{name}}}"


def is_own_text(at: Location, key: str, value: Any) -> bool:
    """Whether a text's ``${…}`` are its own: a bash script, or SQL (which refuses them)."""
    return isinstance(value, str) and at[-1:] in (("shell",), ("sql",)) and key in ("command", "text")


def names_in(value: Any) -> Iterator[str]:
    """The names of all variables inside ``value``."""
    if isinstance(value, dict):
        for item in value.values():
            yield from names_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from names_in(item)
    elif isinstance(value, str) and "${" in value:
        for match in _VARIABLE.finditer(value):
            if not match.group().startswith("$$"):
                yield match.group(1)
