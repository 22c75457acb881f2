"""What is wrong in a file, with its place."""

from __future__ import annotations

from dataclasses import dataclass

Location = tuple[str | int, ...]
"""Where a value stands in a document: keys and indexes from the root."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a file. ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.code}: {self.message}{hint}"


class SpecError(Exception):
    """A file that can't be used; ``problems`` holds everything that is wrong with it, at least one."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
