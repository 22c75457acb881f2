"""A slice taken apart: imports, definitions, parameters, queries, and the steps that become functions."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from olo_converters.artefact import Artefact
from olo_converters.connections import connections, is_setup
from olo_converters.dbt.staged import select_in
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph, Statement
from olo_converters.graph.scopes import free_names, own_nodes
from olo_converters.line_magics import PLACEHOLDER
from olo_converters.script import needs_script
from olo_converters.slice import Slice

_LATER = ast.Lambda | ast.GeneratorExp | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Parameter:
    """A scalar that the notebook sets once: a keyword argument with that default."""

    name: str
    value: Any
    cell: str


@dataclass(frozen=True)
class Step:
    """Statements that become one function.

    Args:
        takes: Names that it reads from outside of it, in order of first use.
        gives: Names that later steps or the target need.
    """

    statements: tuple[Statement, ...]
    takes: tuple[str, ...]
    gives: tuple[str, ...]


@dataclass
class Parts:
    """What a slice consists of."""

    imports: list[Statement] = field(default_factory=list)
    definitions: list[Statement] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    queries: list[Statement] = field(default_factory=list)
    made: list[Statement] = field(default_factory=list)
    scripted: list[Statement] = field(default_factory=list)
    files: list[Artefact] = field(default_factory=list)
    setup: list[Statement] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def take_apart(graph: Graph, cut: Slice) -> Parts:
    """Sort the statements of a slice by what becomes of them."""
    parts = Parts()
    rest: list[Statement] = []
    bound_once = _bound_once(cut.statements)
    for statement in cut.statements:
        node = statement.node
        if statement.sql is not None:
            _query(statement, parts)
        elif isinstance(node, ast.Expr) and is_setup(statement):
            parts.setup.append(statement)
        elif (written := written_module(statement)) is not None:
            parts.files.append(written)
        elif statement.kind == "magic" or node is None:
            parts.findings.append(
                finding(
                    "unsupported-construct",
                    "a cell magic can't be moved into a function",
                    cell=statement.cell,
                    line=1,
                    hint="Write it in Python.",
                )
            )
        elif isinstance(node, ast.Import | ast.ImportFrom):
            parts.imports.append(statement)
            if any(one.index in statement.depends_on and _writes_python(one) for one in rest):
                parts.findings.append(
                    finding(
                        "unsupported-construct",
                        "it imports a module that the notebook writes while it runs",
                        cell=statement.cell,
                        line=statement.line,
                        hint="Write the module with %%writefile, or keep it in the project.",
                    )
                )
        elif (parameter := _parameter(statement, bound_once)) is not None:
            parts.parameters.append(parameter)
        else:
            _check(statement, parts)
            rest.append(statement)
    if len(connections(parts.setup)) > 1:
        parts.findings.append(
            finding(
                "unsupported-construct",
                f"its queries go to several connections: {', '.join(sorted(connections(parts.setup)))}",
                cell=parts.setup[-1].cell,
                line=parts.setup[-1].line,
                hint="Land the tables in the lakehouse, and query them there.",
            )
        )
    fixed = {name for one in parts.imports for name in one.names_written} | set(dir(builtins))
    steps = _hoist(rest, fixed, parts)
    outside = fixed | {name for one in parts.definitions for name in one.names_written}
    groups = _groups(steps)
    parts.steps = _handed_on([_step(graph, cut, group, outside, is_last=group is groups[-1]) for group in groups])
    return parts


def _writes_python(statement: Statement) -> bool:
    """Whether a statement writes a file of Python."""
    return any(one.kind == "file" and one.name.endswith(".py") for one in statement.writes)


_WRITES_MODULE = re.compile(r"\s*%%(?:writefile|file)[ \t]+([a-z_]\w*)\.py[ \t]*\n(.*)", re.DOTALL)


def written_module(statement: Statement) -> Artefact | None:
    """The module that a cell ``%%writefile name.py`` writes, as one of the project; None for any other statement."""
    match = _WRITES_MODULE.fullmatch(statement.source) if statement.kind == "magic" else None
    if match is None:
        return None
    name, text = match.groups()
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if name in sys.stdlib_module_names:
        return None
    return Artefact(f"src/{name}.py", text.strip("\n") + "\n", "module")


def _handed_on(steps: list[Step]) -> list[Step]:
    """Each step gives what it binds and a later one takes."""
    found: list[Step] = []
    taken: set[str] = set()
    for step in reversed(steps):
        bound = {name for one in step.statements for name in one.names_written}
        more = [name for name in sorted(bound & taken) if name not in step.gives]
        found.append(replace(step, gives=(*step.gives, *more)))
        taken |= set(step.takes)
    return found[::-1]


def _bound_once(statements: Iterable[Statement]) -> set[str]:
    seen: dict[str, int] = {}
    for statement in statements:
        for name in statement.names_written:
            seen[name] = seen.get(name, 0) + 1
    return {name for name, times in seen.items() if times == 1}


def _query(statement: Statement, parts: Parts) -> None:
    assert statement.sql is not None
    if select_in(statement.sql) is not None:
        parts.made.append(statement)
        return
    if needs_script(statement):
        parts.scripted.append(statement)
        return
    if not statement.sql.result:
        parts.findings.append(
            finding(
                "unsupported-construct",
                "the target needs a SQL cell that has no name for its result",
                cell=statement.cell,
                line=1,
                hint="Name it: %%olo sql NAME <<.",
            )
        )
        return
    parts.queries.append(statement)


def _parameter(statement: Statement, bound_once: set[str]) -> Parameter | None:
    node = statement.node
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target: ast.expr = node.targets[0]
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        target = node.target
    else:
        return None
    if not isinstance(target, ast.Name) or target.id not in bound_once or node.value is None:
        return None
    try:
        value = ast.literal_eval(node.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    if isinstance(value, bool | int | float | str):
        return Parameter(target.id, value, statement.cell)
    return None


def _check(statement: Statement, parts: Parts) -> None:
    """What means something else inside a function is refused."""
    node = statement.node
    assert node is not None
    problem = ""
    for child in [node, *ast.walk(node)]:
        if isinstance(child, ast.Name) and child.id == PLACEHOLDER:
            problem = "a line magic stands in Python code"
        elif isinstance(child, ast.Global):
            problem = f"global {', '.join(child.names)} changes the notebook's names"
    if any(isinstance(child, ast.Await | ast.AsyncFor | ast.AsyncWith) for child in own_nodes(ast.Module([node], []))):
        problem = "await stands outside of a function"
    if problem:
        parts.findings.append(
            finding(
                "unsupported-construct",
                f"{problem}, which a function can't keep",
                cell=statement.cell,
                line=statement.line,
                hint="Return the value instead.",
            )
        )


def _hoist(rest: list[Statement], fixed: set[str], parts: Parts) -> list[Statement]:
    """Definitions that use only imports, builtins and each other go to the module; what is left are steps."""
    definitions = {
        one.index: one
        for one in rest
        if isinstance(one.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and all(made.kind == "name" for made in one.reads | one.writes)  # their defaults run where they stand
    }
    bound: dict[str, int] = {}
    for statement in rest:
        for name in statement.names_written:
            bound[name] = bound.get(name, 0) + 1
    free = {index: free_names(one.node) for index, one in definitions.items() if one.node is not None}
    while True:
        known = fixed | {name for one in definitions.values() for name in one.names_written}
        dropped = [
            index
            for index, one in definitions.items()
            if not free[index] <= known or any(bound[name] > 1 for name in one.names_written)
        ]
        if not dropped:
            break
        for index in dropped:
            del definitions[index]
    parts.definitions = [one for one in rest if one.index in definitions]
    return [one for one in rest if one.index not in definitions]


def _groups(statements: list[Statement]) -> list[list[Statement]]:
    """One group a cell; cells stay together where one uses another's inner functions, which see its names."""
    cells = list(dict.fromkeys(statement.cell for statement in statements))
    place = {cell: number for number, cell in enumerate(cells)}
    at = {statement.index: place[statement.cell] for statement in statements}
    joined = list(range(len(cells)))

    def join(low: int, high: int) -> None:
        for number in range(low, high + 1):
            joined[number] = min(joined[number], joined[low])

    spans: list[tuple[int, int]] = []
    inner: dict[str, int] = {}
    for one in statements:
        if one.node is None or not _makes_function(one.node):
            continue
        inner.update(dict.fromkeys(one.names_written, at[one.index]))
        free = free_names(one.node) - one.names_written
        if any(later.index >= one.index and later.names_written & free for later in statements):
            spans.append((at[one.index], len(cells) - 1))  # it sees what its names will be, wherever it is called
    for statement in statements:
        for name in statement.names_read & set(inner):
            spans.append((min(inner[name], at[statement.index]), max(inner[name], at[statement.index])))
    for low, high in sorted(spans):
        join(low, high)
    groups: dict[int, list[Statement]] = {}
    for statement in statements:
        groups.setdefault(joined[at[statement.index]], []).append(statement)
    return [groups[key] for key in sorted(groups)]


def _makes_function(node: ast.stmt) -> bool:
    """Whether a statement makes something that reads names of the notebook later."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return True
    kept = isinstance(
        node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.For | ast.While | ast.If | ast.With | ast.Try
    )
    return kept and any(isinstance(child, _LATER) for child in ast.walk(node))


def _step(graph: Graph, cut: Slice, group: list[Statement], outside: set[str], *, is_last: bool) -> Step:
    inside = {statement.index for statement in group}
    sliced = {statement.index for statement in cut.statements}
    takes: dict[str, None] = {}
    for statement in group:
        names = set(statement.names_read)
        seen = set(statement.depends_on)
        if statement.node is not None and _makes_function(statement.node):
            names |= free_names(statement.node)
            seen = sliced
        for name in _in_order(statement, names):
            if name not in outside and (graph.bindings_of(name, statement.index) & seen) - inside:
                takes[name] = None
    end = max(inside) + 1
    later = [one for one in cut.statements if one.index not in inside and one.index > min(inside)]
    needed = {
        name
        for one in later
        for name in _names_of(one)
        if graph.bindings_of(name, one.index) & inside and (one.depends_on & inside)
    }
    changed = {name for name in takes if (graph.givers_of(name, end) or frozenset()) & inside}
    needed |= {name for name in changed if any(name in _names_of(one) for one in later)}
    if is_last or _gives_target(cut, inside):
        needed.add(cut.target)
    given = [name for statement in group for name in _in_order(statement, statement.names_written) if name in needed]
    gives = [*given, *(name for name in takes if name in needed)]
    if is_last and cut.target not in gives:
        gives.append(cut.target)
    for name in gives:
        if graph.bindings_of(name, end) & sliced - inside and name not in outside:
            takes[name] = None
    return Step(tuple(group), tuple(takes), tuple(dict.fromkeys(gives)))


def _names_of(statement: Statement) -> frozenset[str]:
    """Names that a statement reads, now or in a function that it makes."""
    if statement.node is not None and _makes_function(statement.node):
        return statement.names_read | free_names(statement.node)
    return statement.names_read


def _gives_target(cut: Slice, inside: set[int]) -> bool:
    last = max((one.index for one in cut.statements if cut.target in one.names_written), default=-1)
    return last in inside


def _in_order(statement: Statement, names: Iterable[str]) -> list[str]:
    """Names in the order in which the source mentions them."""
    wanted = set(names)
    node = statement.node
    if node is None:
        return sorted(wanted)
    found: dict[str, None] = {}
    places = sorted(
        ((child.lineno, child.col_offset, child.id) for child in ast.walk(node) if isinstance(child, ast.Name)),
    )
    for _, _, name in places:
        if name in wanted:
            found[name] = None
    return [*found, *sorted(wanted - set(found))]
