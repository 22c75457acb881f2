"""What a notebook ends with: the values that are worth promoting."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from olo_converters.graph.model import Graph, Statement
from olo_converters.graph.sql_effects import read_sql
from olo_converters.names import suggested_name
from olo_converters.options import PromoteOptions
from olo_converters.slice import Slice, slice_for

DATA = frozenset({"pandas", "polars", "spark", "arrow", "result", "numpy", "sklearn", ""})
"""Types whose values are data; '' is a value whose type can't be told by reading."""


@dataclass(frozen=True)
class Target:
    """A value to promote.

    Args:
        name: Of the artefact.
        source: The variable, or the id of the cell.
        at: The promoting cell where the notebook has one.
    """

    name: str
    source: str | None
    at: str | None = None
    options: PromoteOptions = field(default_factory=PromoteOptions)


def targets_of(graph: Graph) -> tuple[Target, ...]:
    """The notebook's own ``%olo promote`` cells; where it has none, what it ends with.

    That is every SQL result and every variable of data (frame, array, fitted model) at the end of the notebook which
    no other one of them is made from: intermediate values are in the slices of the last ones.
    """
    if graph.promotions:
        return tuple(Target(one.line.name, one.line.source, one.cell, one.options) for one in graph.promotions)
    names = _Names()
    found: list[tuple[int, Target]] = []
    covered: set[int] = set()
    for last, source, wanted in sorted(_candidates(graph), reverse=True):
        if last in covered:
            continue
        cut = slice_for(graph, source)
        covered.update(one.index for one in cut.statements if one.index != last or _binds_one(one))
        found.append((last, Target(wanted, source)))
    return tuple(Target(names.free(one.name), one.source) for _, one in sorted(found, key=lambda item: item[0]))


def size_of(cut: Slice, graph: Graph) -> float:
    """The slice's lines of all the notebook's lines of code, 0 to 1."""
    whole = sum(_lines(one) for one in graph.statements)
    return sum(_lines(one) for one in cut.statements) / whole if whole else 0.0


def _lines(statement: Statement) -> int:
    return len([line for line in statement.source.split("\n") if line.strip()])


class _Names:
    """Artefact names, each given once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, wanted: str) -> str:
        name, number = wanted, 2
        while name in self._taken:
            name, number = f"{wanted[:58]}_{number}", number + 1
        self._taken.add(name)
        return name


def _candidates(graph: Graph) -> Iterator[tuple[int, str, str]]:
    """(statement that gives it last, variable or cell, artefact name)."""
    for name, type_ in graph.types.items():
        if name.startswith("_") or type_ not in DATA:
            continue
        binder = graph.statements[graph.history[name][-1][0]]
        if not _is_computed(binder, name):
            continue
        givers = graph.givers_of(name, len(graph.statements)) or frozenset({binder.index})
        yield max(givers), name, suggested_name(name)
    stem = suggested_name(PurePath(graph.notebook.path).stem)
    number = 0
    for statement in graph.statements:
        if statement.sql is not None and not statement.sql.result and is_query(statement):
            number += 1
            yield statement.index, statement.cell, suggested_name(f"{stem[:54]}_{number}")


def is_query(statement: Statement) -> bool:
    """Whether a SQL cell is one that gives rows."""
    assert statement.sql is not None
    if statement.sql.written:
        return False
    words = statement.sql.text.lstrip(" \t\n(").split(None, 1)
    kinds = [one.key for one in read_sql(statement.sql.text).statements]
    return kinds in (["select"], ["union"], ["values"], ["except"], ["intersect"]) or (
        not kinds and bool(words) and words[0].lower() in ("select", "with")
    )


def _is_computed(statement: Statement, name: str) -> bool:
    """Whether a name is a result: bound by an assignment or a query, and not to a literal or a loop's item."""
    node = statement.node
    if statement.sql is not None:
        return statement.sql.result == name
    if isinstance(node, ast.Assign | ast.AnnAssign):
        try:
            ast.literal_eval(node.value)  # type: ignore[arg-type]
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return not isinstance(node.value, ast.Lambda)
        return False
    if isinstance(node, ast.For | ast.While | ast.If | ast.Try | ast.With):
        return any(
            isinstance(child, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in child.targets)
            for child in ast.walk(node)
        ) and not (
            isinstance(node, ast.For) and name in {one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)}
        )
    return isinstance(node, ast.AugAssign)


def _binds_one(statement: Statement) -> bool:
    return len(statement.names_written) < 2
