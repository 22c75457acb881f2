"""The smallest part of a notebook that gives a target the same value, or findings why none is sure."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from olo_converters.capture import Capture
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph, Resource, Statement, library_of
from olo_converters.hidden_state import check_runs


@dataclass(frozen=True)
class Slice:
    """The part of a notebook that gives a target.

    Args:
        target: The variable ('' for the unnamed result of a SQL cell) and ``cell``, where it gets its value.
        statements: What is needed, in the notebook's order.
        cells: Ids of their cells, in order.
        findings: An ``error`` among them means that the slice must not be used.
    """

    target: str
    cell: str
    statements: tuple[Statement, ...]
    cells: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def source(self) -> str:
        """The notebook's own text of the slice, a comment per cell."""
        parts: list[str] = []
        for cell in self.cells:
            text = "\n".join(statement.source for statement in self.statements if statement.cell == cell)
            parts.append(f"# %% {cell}\n{text.rstrip()}\n")
        return "\n".join(parts)

    @property
    def is_refused(self) -> bool:
        """Whether a finding forbids its use."""
        return any(one.severity == "error" for one in self.findings)


def slice_for(graph: Graph, target: str, *, at: str | None = None, capture: Capture | None = None) -> Slice:
    """The statements that give ``target`` its value.

    Args:
        target: A variable or the id of a cell (then: what the cell's last statement binds, or its result).
        at: The value that counts is the one just before this cell; None: at the end of the notebook.
        capture: What was seen in the live kernel, to find hidden state.
    """
    before = graph.position(at)
    name, cell, roots, problems = _roots(graph, target, before)
    needed = _closure(graph, roots, before)
    statements = tuple(graph.statements[index] for index in sorted(needed))
    return _slice(graph, name, cell, statements, before, capture or Capture(), problems)


def slice_of(graph: Graph, target: str, last: Statement, capture: Capture) -> Slice:
    """As slice_for, for a value that a statement of our own binds: it stands in place of the one at its index."""
    needed = _closure(graph, last.depends_on, last.index) - {last.index}
    statements = (*(graph.statements[index] for index in sorted(needed)), last)
    return _slice(graph, target, last.cell, statements, last.index, capture)


def _slice(
    graph: Graph,
    name: str,
    cell: str,
    statements: tuple[Statement, ...],
    before: int,
    capture: Capture,
    problems: Sequence[Finding] = (),
) -> Slice:
    """The slice of these statements with what can be said of it; nothing but ``problems`` where there are some."""
    findings = [*problems]
    if not problems:
        findings += _undecidable(graph, statements, before)
        findings += _dependences(statements)
        findings += check_runs(graph, statements, name, capture)
    cells = tuple(dict.fromkeys(statement.cell for statement in statements))
    return Slice(name, cell, statements, cells, tuple(dict.fromkeys(findings)))


def _roots(graph: Graph, target: str, before: int) -> tuple[str, str, frozenset[int], list[Finding]]:
    if any(cell.id == target for cell in graph.notebook.cells):
        statements = [one for one in graph.of_cell(target) if not one.is_display or one.sql]
        if not statements:
            problem = finding(
                "target-missing",
                f"the cell {target} gives no value",
                cell=target,
                hint="Name a variable, or a cell that binds one.",
            )
            return "", target, frozenset(), [problem]
        last = statements[-1]
        if last.sql is not None and not last.sql.result:
            return "", target, frozenset({last.index}), []
        names = sorted(last.names_written)
        if len(names) != 1:
            problem = finding(
                "target-ambiguous",
                f"the last statement of the cell binds {', '.join(names) or 'no name'}",
                cell=target,
                line=last.line,
                hint="Name the variable with --from.",
            )
            return "", target, frozenset(), [problem]
        after = statements[-1].index + 1
        return names[0], target, graph.givers_of(names[0], after) or frozenset(), []
    givers = graph.givers_of(target, before)
    if givers is None:
        known = [name for name in graph.history if not name.startswith("_")]
        near = get_close_matches(target, known, n=1)
        later = target in graph.history
        text = (
            f"{target} has no value there: it is bound below"
            if later
            else f"nothing in the notebook gives {target} a value"
        )
        problem = finding(
            "target-missing",
            text,
            hint=f"Did you mean {near[0]}?" if near and not later else "Name a variable that the notebook binds.",
        )
        return target, "", frozenset(), [problem]
    bound = [entry[0] for entry in graph.history[target] if entry[0] < before]
    cell = graph.statements[bound[-1]].cell
    return target, cell, givers, []


def _closure(graph: Graph, roots: Iterable[int], before: int) -> set[int]:
    """The statements that the roots need, with those above ``before`` that set how Python and their libraries work."""
    needed = _reached(graph, roots)
    more = True
    while more:
        used = {name for index in needed for name in _imported(graph.statements[index])}
        is_outside = bool(used - sys.stdlib_module_names)
        settings = {
            index
            for module, indexes in graph.settings.items()
            if module in used or module == "sys" or (is_outside and module not in sys.stdlib_module_names)
            for index in indexes
            if index < before
        }
        more = not settings <= needed
        needed = _reached(graph, needed | settings) if more else needed
    return needed


def _imported(statement: Statement) -> set[str]:
    """The packages that a statement imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(statement.node) if statement.node is not None else ():
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def _reached(graph: Graph, roots: Iterable[int]) -> set[int]:
    needed: set[int] = set()
    queue = list(roots)
    while queue:
        index = queue.pop()
        if index in needed:
            continue
        needed.add(index)
        queue.extend(graph.statements[index].depends_on)
    return needed


def _undecidable(graph: Graph, statements: tuple[Statement, ...], before: int) -> list[Finding]:
    found = [problem for statement in statements for problem in statement.blockers]
    used = {name for statement in statements for name in statement.names_read | statement.names_written}
    indexes = {statement.index for statement in statements}
    for patch in graph.patches:
        patched = graph.statements[patch.index]
        everywhere = patch.module == "builtins" and patch.index < max((one.index for one in statements), default=0)
        if patch.index < before and (everywhere or _uses_module(statements, patch.module)):
            found.append(
                finding(
                    "monkeypatch",
                    f"{patch.module} is changed while the notebook runs",
                    cell=patched.cell,
                    line=patch.line,
                    hint="Move the change into a function of your own.",
                )
            )
    for at, cell in graph.broken:
        if at >= before:
            continue
        words = set(re.findall(r"[A-Za-z_]\w*", graph.notebook.cell(cell).source))
        shared = sorted(words & used)
        if shared and at < max(indexes, default=0) + 1:
            found.append(
                finding(
                    "broken-cell",
                    f"the cell can't be read and mentions {', '.join(shared[:3])}, which the target uses",
                    cell=cell,
                    line=1,
                    hint="Correct or delete the cell.",
                )
            )
    return found


def _uses_module(statements: tuple[Statement, ...], module: str) -> bool:
    pattern = re.compile(rf"^\s*(import|from)\s+.*\b{re.escape(module)}\b", re.MULTILINE)
    return any(statement.kind == "python" and pattern.search(statement.source) for statement in statements)


_DEPENDENCES: Mapping[str, tuple[str, str, str]] = {
    "clock": ("clock-dependence", "it reads the clock", "Make the time a parameter."),
    "environment": ("environment-dependence", "it reads the session's environment", "Make the value a parameter."),
    "network": ("network-access", "it reads from the network", "Land the data in a table and read that."),
    "shell": ("shell-command", "it needs a shell command", "Do it in Python."),
}


def _dependences(statements: tuple[Statement, ...]) -> list[Finding]:
    found: list[Finding] = []
    seeded = {
        resource.name
        for statement in statements
        for resource in statement.writes
        if resource.kind == "random" and resource not in statement.reads
    }
    written: set[Resource] = set()
    for statement in statements:
        for resource in sorted(statement.reads):
            if resource.kind in _DEPENDENCES:
                code, text, hint = _DEPENDENCES[resource.kind]
                found.append(finding(code, text, cell=statement.cell, line=statement.line, hint=hint))
            elif resource.kind == "random" and resource.name not in seeded:
                found.append(
                    finding(
                        "unseeded-random",
                        "it draws random numbers without a seed",
                        cell=statement.cell,
                        line=statement.line,
                        hint="Order by a key, or sample REPEATABLE."
                        if statement.kind == "sql"
                        else "Seed the generator in the notebook, e.g. numpy.random.default_rng(0).",
                    )
                )
            elif resource.kind == "file" and resource not in written | statement.writes and not _is_url(resource.name):
                what = "a file whose path is computed" if resource.name == "*" else f"the file {resource.name}"
                code = (
                    "absolute-path"
                    if resource.name.startswith(("/", "~")) or resource.name[1:2] == ":"
                    else "reads-file"
                )
                found.append(
                    finding(
                        code,
                        f"it reads {what}",
                        cell=statement.cell,
                        line=statement.line,
                        hint="Land the data in a table and read that.",
                    )
                )
        written |= statement.writes
        for resource in sorted(statement.writes):
            if library := library_of(resource):
                found.append(
                    finding(
                        "library-setting",
                        f"it sets how {library} works",
                        cell=statement.cell,
                        line=statement.line,
                        hint="It is carried along; it holds for the whole process.",
                    )
                )
            if resource.kind in ("file", "table") and resource.name != "*":
                found.append(
                    finding(
                        "writes-outside",
                        f"it writes {resource}",
                        cell=statement.cell,
                        line=statement.line,
                        hint="Leave it out if it isn't needed.",
                    )
                )
    return found


def _is_url(path: str) -> bool:
    return "://" in path
