"""The dependency graph's values: what each statement of each cell reads and writes."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from olo_converters.findings import Finding
from olo_converters.magic_line import PromoteLine, SqlLine
from olo_converters.notebook import Notebook
from olo_converters.options import PromoteOptions

StatementKind = Literal["python", "sql", "magic"]
ResourceKind = Literal[
    "name", "table", "file", "random", "clock", "environment", "network", "figure", "shell", "connection", "setting"
]

MODULE_PATH = "modules"
"""The setting that says where Python looks for modules."""


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


CLOCK = Resource("clock", "os")
ENTROPY = Resource("random", "entropy")
"""What seeds a generator that isn't given a seed: no two runs get the same."""


def may_be(one: Resource, other: Resource) -> bool:
    """Whether two resources may be the same: ``*`` is any, and a bare table's namespace isn't known."""
    if one.kind != other.kind:
        return False
    if one.name == other.name or "*" in (one.name, other.name):
        return not (one.kind == "file" and (_is_far(one.name) or _is_far(other.name)) and one.name != other.name)
    if one.kind == "file":  # a folder with what lies in it
        return one.name.startswith(other.name.rstrip("/") + "/") or other.name.startswith(one.name.rstrip("/") + "/")
    if one.kind != "table" or ("." in one.name and "." in other.name):
        return False
    return one.name.rpartition(".")[2] == other.name.rpartition(".")[2]


_FAR = re.compile(r"https?://(?!localhost\b|127\.|0\.0\.0\.0|\[)\w", re.IGNORECASE)


def _is_far(path: str) -> bool:
    """Whether a path is a page of the web, which no command or file operation of this machine writes."""
    return _FAR.match(path) is not None


_LIBRARY = "library "


def library_setting(module: str) -> Resource:
    """The settings of a library: all that imports it works by them."""
    return Resource("setting", _LIBRARY + module)


def library_of(resource: Resource) -> str:
    """The library whose settings a resource is, '' for any other one.

    Example:
        >>> library_of(library_setting("decimal")), library_of(Resource("setting", "printing"))
        ('decimal', '')
    """
    is_one = resource.kind == "setting" and resource.name.startswith(_LIBRARY)
    return resource.name.removeprefix(_LIBRARY) if is_one else ""


@dataclass(frozen=True)
class SqlSource:
    """The SQL of a cell: text, the variable its result is bound to, the tables it reads and writes, its parameters.

    ``results`` are the earlier results that it reads as tables; ``line`` is where the text starts in the cell;
    ``identifiers`` are the names in ``{{ name | ident }}``.
    """

    text: str
    result: str
    line: int
    tables: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    options: SqlLine = field(default_factory=SqlLine)


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
        node: The parsed statement, None for SQL and magics.
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
    node: ast.stmt | None = field(default=None, compare=False, repr=False)

    @property
    def names_read(self) -> frozenset[str]:
        """Python names that it reads."""
        return frozenset(resource.name for resource in self.reads if resource.kind == "name")

    @property
    def names_written(self) -> frozenset[str]:
        """Python names that it binds."""
        return frozenset(resource.name for resource in self.writes if resource.kind == "name")


@dataclass(frozen=True)
class Held:
    """An abstract object: made by a statement, changed by others, holding objects (each since a statement).

    ``source`` is what it reads again whenever it is looked at.
    """

    made: int
    changed: tuple[int, ...]
    inner: tuple[tuple[int, int], ...]
    class_of: int | None = None
    source: Resource | None = None


@dataclass(frozen=True)
class Patch:
    """A library that a statement changes."""

    index: int
    module: str
    line: int


@dataclass(frozen=True)
class Promote:
    """A ``%olo promote`` in the notebook: its cell, and the statements above it (``at``: the next one's index)."""

    cell: str
    at: int
    line: PromoteLine
    options: PromoteOptions


@dataclass(frozen=True)
class Graph:
    """What depends on what in a notebook, in its order from top to bottom.

    Args:
        statements: All of them, in order.
        history: Per name, in order: (statement that bound it, the statements that give it its value from there on, the
            objects that it may be).
        held: The objects; ``wild``: statements that may change anything; ``patches``: changes of libraries.
        settings: Per library, the statements that set how it works.
        broken: Cells that couldn't be read: (index of the next statement, cell id).
        findings: What holds for the whole notebook.
        types: Per name that has a value at the end, its type in the knowledge base ('' unknown); modules left out.
    """

    notebook: Notebook
    statements: tuple[Statement, ...]
    history: Mapping[str, tuple[tuple[int, frozenset[int], frozenset[int]], ...]] = field(default_factory=dict)
    held: tuple[Held, ...] = ()
    wild: tuple[int, ...] = ()
    patches: tuple[Patch, ...] = ()
    settings: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    promotions: tuple[Promote, ...] = ()
    broken: tuple[tuple[int, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    catalog: str = "dev"
    namespace: str = ""
    types: Mapping[str, str] = field(default_factory=dict)

    def of_cell(self, cell: str) -> tuple[Statement, ...]:
        """The statements of a cell, in order."""
        return tuple(statement for statement in self.statements if statement.cell == cell)

    def position(self, cell: str | None) -> int:
        """Index of the first statement after everything above ``cell``; the end for None or an unknown cell."""
        if cell is None:
            return len(self.statements)
        wanted = self.notebook.cell(cell).index
        order = {one.id: one.index for one in self.notebook.cells}
        return next((one.index for one in self.statements if order[one.cell] >= wanted), len(self.statements))

    def givers_of(self, name: str, before: int) -> frozenset[int] | None:
        """The statements that give ``name`` the value it has just before a statement; None where it has none.

        These are its bindings and every change of an object that can be reached from it.
        """
        entries = self.history.get(name, ())
        at = bisect_left([entry[0] for entry in entries], before)
        if at == 0:
            return None
        _, givers, own = entries[at - 1]
        found = set(givers)
        seen: set[int] = set()
        queue = list(own)
        while queue:
            identifier = queue.pop()
            if identifier in seen:
                continue
            seen.add(identifier)
            one = self.held[identifier]
            found.update(index for index in one.changed if index < before)
            found.update(index for index in self.wild if one.made < index < before)
            queue.extend(inner for inner, since in one.inner if since < before)
            if one.class_of is not None:
                queue.append(one.class_of)
            if one.source is not None:
                found.update(self._writers(one.source, before))
        return frozenset(found)

    def _writers(self, source: Resource, before: int) -> list[int]:
        return [one.index for one in self.statements[:before] if any(may_be(made, source) for made in one.writes)]

    def literal_of(self, name: str, before: int) -> tuple[Any] | None:
        """The value of a name that just one ``name = literal`` gives, in a tuple; None where it isn't so simple."""
        givers = self.givers_of(name, before)
        if givers is None or len(givers) != 1:
            return None
        node = self.statements[next(iter(givers))].node
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            return None
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if len(targets) != 1 or not isinstance(targets[0], ast.Name):
            return None
        try:
            value = ast.literal_eval(node.value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return None
        return (value,) if value is None or isinstance(value, bool | int | float | str) else None

    def bindings_of(self, name: str, before: int) -> frozenset[int]:
        """The statements that may have bound ``name`` last, just before a statement; changes in place are left out."""
        entries = self.history.get(name, ())
        at = bisect_left([entry[0] for entry in entries], before)
        return entries[at - 1][1] if at else frozenset()
