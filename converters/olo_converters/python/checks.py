"""The analyst's asserts about the target, as tests of the module."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass

from olo_converters.conversion import Request
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph, Statement
from olo_converters.graph.scopes import free_names
from olo_converters.python.literals import literal
from olo_converters.python.source import moved
from olo_converters.slice import Slice

_WHOLE = frozenset(
    {
        *("shape", "size", "sum", "mean", "median", "std", "var", "count", "nunique", "unique", "value_counts"),
        *("quantile", "describe", "corr", "equals", "iloc", "loc", "head", "tail", "sample", "height"),
    }
)
"""What a few rows of the inputs don't give as all of them did."""


@dataclass(frozen=True)
class Check:
    """An assert on the target's value.

    Args:
        text: The assert as the notebook has it.
        names: Lines that give names of the notebook their literal values.
        imports: Import lines that it takes.
    """

    cell: str
    text: str
    names: tuple[str, ...]
    imports: tuple[str, ...]


def checks_of(request: Request, graph: Graph, cut: Slice) -> tuple[list[Check], list[Finding]]:
    """The asserts above the promotion that are about the target, and why others can't be tested.

    An assert is taken over only where it saw the very value that is promoted, and needs nothing else of the notebook.
    """
    before = graph.position(request.at)
    found: list[Check] = []
    problems: list[Finding] = []
    for statement in graph.statements[:before]:
        if not isinstance(statement.node, ast.Assert) or cut.target not in statement.names_read:
            continue
        made = _check(request, graph, cut, statement, before)
        if isinstance(made, Check):
            found.append(made)
        else:
            problems.append(not_tested(statement.cell, made, statement.line))
    return found, problems


def not_tested(cell: str, why: str, line: int | None = None) -> Finding:
    """The note that an assert isn't among the tests."""
    hint = "Add it to the tests yourself, if it holds for every run."
    return finding("check-not-tested", f"the assert is not in the tests: {why}", cell=cell, line=line, hint=hint)


def _check(request: Request, graph: Graph, cut: Slice, statement: Statement, before: int) -> Check | str:
    """The check, or why there is none."""
    node = statement.node
    assert isinstance(node, ast.Assert)
    target, at = cut.target, statement.index
    if statement.blockers or any(isinstance(one, ast.NamedExpr | ast.Await | ast.Yield) for one in ast.walk(node)):
        return "it does more than compare"
    if graph.givers_of(target, at) != graph.givers_of(target, before):
        return f"{target} has another value there than where it is promoted"
    if _of_all_rows(node.test):
        return "it is about all rows of the data, and the tests run on a few"
    if _may_show_values(request, target, node):
        return "it may hold a value of a restricted column"
    names: list[str] = []
    imports: list[str] = []
    for name in sorted(free_names(node) - {target}):
        known = graph.literal_of(name, at)
        line = _import_of(graph, name, at)
        if known is not None:
            names.append(f"{name} = {literal(known[0], set())}")
        elif line:
            imports.append(line)
        elif name not in dir(builtins) or graph.bindings_of(name, at):
            return f"it uses {name}, which the module doesn't give"
    return Check(statement.cell, moved(graph, statement, {}, "    "), tuple(names), tuple(imports))


def _of_all_rows(test: ast.expr) -> bool:
    """Whether an assert speaks of sizes or sums: ``len(x) > 0`` and ``len(x)`` hold for a few rows too."""
    plain = {
        id(compared.left)
        for compared in ast.walk(test)
        if isinstance(compared, ast.Compare)
        and len(compared.ops) == 1
        and isinstance(compared.comparators[0], ast.Constant)
        and (type(compared.ops[0]), compared.comparators[0].value) in ((ast.Gt, 0), (ast.GtE, 1), (ast.NotEq, 0))
    }
    for child in ast.walk(test):
        if isinstance(child, ast.Attribute) and child.attr in _WHOLE:
            return True
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in ("len", "sum"):
            is_truth = child is test or id(child) in plain
            if child.func.id == "sum" or not is_truth:
                return True
    return False


def _may_show_values(request: Request, target: str, node: ast.Assert) -> bool:
    seen = request.capture.values.get(target)
    capture = request.capture
    columns = [column for table in capture.tables for column in table.columns]
    columns += [column for result in capture.results for column in result.columns]
    columns += seen.columns if seen is not None else ()
    if not any(column.is_sensitive for column in columns):
        return False
    names = {column.name for column in columns}
    harmless = {*names, None, 0, 1}
    return any(isinstance(one, ast.Constant) and one.value not in harmless for one in ast.walk(node))


def _import_of(graph: Graph, name: str, before: int) -> str:
    """The import that binds a name, '' where it isn't one import alone."""
    bindings = graph.bindings_of(name, before)
    node = graph.statements[next(iter(bindings))].node if len(bindings) == 1 else None
    if isinstance(node, ast.Import):
        for alias in node.names:
            if (alias.asname or alias.name.split(".")[0]) == name:
                return f"import {alias.name} as {alias.asname}" if alias.asname else f"import {alias.name}"
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for alias in node.names:
            if (alias.asname or alias.name) == name:
                renamed = f" as {alias.asname}" if alias.asname else ""
                return f"from {node.module} import {alias.name}{renamed}"
    return ""
