"""The dependency graph's values: what each statement of each cell reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from olo_converters.findings import Finding
from olo_converters.notebook import Notebook

StatementKind = Literal["python", "sql", "magic", "promote"]
ResourceKind = Literal["name", "table", "file", "random", "clock", "environment", "network", "figure", "shell"]


@dataclass(frozen=True, order=True)
class Resource:
    """Something that statements read and write: a Python name, a table, a file, a random state …

    Example:
        >>> str(Resource("table", "dev.silver.flights"))
        'table:dev.silver.flights'
    """

    kind: ResourceKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True)
class SqlSource:
    """The SQL of a statement: text, the variable of its result, the tables it reads and writes, its parameters.

    ``results`` are the earlier results that it reads as tables; ``line`` is where the text starts in the cell.
    """

    text: str
    result: str
    line: int
    tables: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    as_of: str = ""


@dataclass(frozen=True)
class Statement:
    """One top-level statement of a cell: the unit that a slice keeps or drops.

    Args:
        index: Position in the whole notebook, from 0.
        source: Its text (Python; a SQL or magic cell is one statement with the cell's whole text).
        line: 1-based first line in the cell.
        reads, writes: Resources. A resource that is changed in place stands in both.
        depends_on: Indexes of the statements that it needs to have run before it, to see the values it saw.
        is_display: Whether it only shows something (a bare expression, print, a plot).
        blockers: Findings that make every slice through this statement undecidable.
    """

    index: int
    cell: str
    kind: StatementKind
    source: str
    line: int
    end_line: int
    reads: frozenset[Resource] = frozenset()
    writes: frozenset[Resource] = frozenset()
    depends_on: frozenset[int] = frozenset()
    is_display: bool = False
    blockers: tuple[Finding, ...] = ()
    sql: SqlSource | None = None


@dataclass(frozen=True)
class Graph:
    """What depends on what in a notebook, in its order from top to bottom.

    Args:
        statements: All of them, in order.
        givers: Per name, in order: (statement index, the statements that give the name its value from there on).
        findings: What holds for the whole notebook.
    """

    notebook: Notebook
    statements: tuple[Statement, ...]
    givers: Mapping[str, tuple[tuple[int, frozenset[int]], ...]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def of_cell(self, cell: str) -> tuple[Statement, ...]:
        """The statements of a cell, in order."""
        return tuple(statement for statement in self.statements if statement.cell == cell)
