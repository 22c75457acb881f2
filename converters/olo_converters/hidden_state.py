"""Hidden state: where what ran in the kernel isn't what the notebook says now."""

from __future__ import annotations

import ast

from olo_converters.capture import Capture, CellRun
from olo_converters.connections import loads_extension
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph, Statement
from olo_converters.graph.scopes import bound_names

_RERUN = "Restart the kernel, run all cells, promote again."


def check_runs(graph: Graph, statements: tuple[Statement, ...], target: str, capture: Capture) -> list[Finding]:
    """Compare a slice with the runs of the live kernel; without runs, with the execution counts of the file.

    Args:
        statements: The slice.
        target: The promoted variable, '' for an unnamed result.
    """
    if not capture.runs:
        return _check_counts(graph, statements)
    found: list[Finding] = []
    runs: dict[str, list[tuple[int, CellRun]]] = {}
    for order, run in enumerate(capture.runs):
        runs.setdefault(run.cell, []).append((order, run))
    cells = list(dict.fromkeys(statement.cell for statement in statements))
    last_order = -1
    previous = ""
    for cell in cells:
        mine = runs.get(cell)
        if not mine:
            found.append(finding("never-ran", "the cell didn't run in this session", cell=cell, line=1, hint=_RERUN))
            continue
        order, run = mine[-1]
        source = graph.notebook.cell(cell).source
        if run.source.strip() != source.strip():
            found.append(
                finding(
                    "edited-after-run",
                    "the cell was edited after it ran",
                    cell=cell,
                    line=_first_difference(source, run.source),
                    hint=_RERUN,
                )
            )
        if run.failed:
            found.append(
                finding(
                    "failed-cell",
                    "the cell failed when it last ran",
                    cell=cell,
                    line=1,
                    hint="Correct it and run it again.",
                )
            )
        if order < last_order and _depends(statements, cell, previous):
            found.append(
                finding(
                    "out-of-order",
                    f"the cell ran before the cell {previous}, which stands above it",
                    cell=cell,
                    line=1,
                    hint=_RERUN,
                )
            )
        if len(mine) > 1 and _changes_in_place(statements, cell):
            again = "it changes something in place and ran more than once"
            if not _renewed(statements, cell, runs):
                found.append(finding("ran-twice", again, cell=cell, line=1, hint=_RERUN))
        if order > last_order:
            last_order, previous = order, cell
    found += _deleted(graph, statements, target, capture)
    return found


def _first_difference(now: str, then: str) -> int:
    for number, (left, right) in enumerate(zip(now.split("\n"), then.split("\n"), strict=False), start=1):
        if left != right:
            return number
    return min(now.count("\n"), then.count("\n")) + 1


def _depends(statements: tuple[Statement, ...], cell: str, earlier: str) -> bool:
    mine = {index for statement in statements if statement.cell == cell for index in statement.depends_on}
    return any(statement.index in mine for statement in statements if statement.cell == earlier)


def _changes_in_place(statements: tuple[Statement, ...], cell: str) -> bool:
    """Whether running the cell twice may give something else: it reads what it writes, and didn't make it itself."""
    made: set[str] = set()
    indexes = {statement.index for statement in statements if statement.cell == cell}
    for statement in statements:
        if statement.cell != cell:
            continue
        outside = any(index not in indexes for index in statement.depends_on)
        changed = {resource for resource in statement.reads & statement.writes if resource.kind != "figure"}
        if any(resource.kind != "name" or resource.name not in made for resource in changed):
            return True
        if statement.kind == "python" and not statement.names_written and not statement.is_display and outside:
            return True
        made |= statement.names_written - {resource.name for resource in changed}
    return False


def _renewed(statements: tuple[Statement, ...], cell: str, runs: dict[str, list[tuple[int, CellRun]]]) -> bool:
    """Whether everything that the cell depends on ran again after the cell's last but one run."""
    last_but_one = runs[cell][-2][0]
    last = runs[cell][-1][0]
    needed = {index for statement in statements if statement.cell == cell for index in statement.depends_on}
    above = {statement.cell for statement in statements if statement.index in needed and statement.cell != cell}
    return bool(above) and all(
        any(last_but_one < order < last for order, _ in runs.get(other, ()))
        for other in above
        if _binds(statements, other)
    )


def _binds(statements: tuple[Statement, ...], cell: str) -> bool:
    """Cells of imports and definitions needn't run again."""
    return any(
        statement.kind == "sql"
        or type(statement.node).__name__ not in ("Import", "ImportFrom", "FunctionDef", "ClassDef")
        for statement in statements
        if statement.cell == cell
    )


def _deleted(graph: Graph, statements: tuple[Statement, ...], target: str, capture: Capture) -> list[Finding]:
    """Names of the slice that were last bound by a cell that is gone."""
    from olo_converters.cells import parse_cell
    from olo_converters.notebook import Cell

    present = {cell.id for cell in graph.notebook.cells}
    used = {name for statement in statements for name in statement.names_read} | {target}
    found: list[Finding] = []
    last_run = {run.cell: order for order, run in enumerate(capture.runs)}
    for order, run in enumerate(capture.runs):
        if run.cell in present or run.failed:
            continue
        parsed = parse_cell(Cell(run.cell or "deleted", 0, "code", run.source))
        bound = {name for node in parsed.body for name in bound_names(ast.Module([node], []))}
        if parsed.sql is not None and parsed.sql.line.result:
            bound.add(parsed.sql.line.result)
        for name in sorted(bound & used):
            givers = [one for one in statements if name in one.names_written]
            if not any(last_run.get(one.cell, -1) > order for one in givers):
                found.append(
                    finding(
                        "deleted-cell",
                        f"{name} was last bound by a cell that is gone",
                        hint="Restore the cell, or run all cells again.",
                    )
                )
    return found


def _runs_again_alike(statement: Statement) -> bool:
    """Imports, definitions and ``%load_ext`` may run as often as one likes."""
    return loads_extension(statement) or isinstance(
        statement.node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    )


def _check_counts(graph: Graph, statements: tuple[Statement, ...]) -> list[Finding]:
    """Execution counts of the file: cells of the slice that ran later than one that depends on them."""
    counts = {cell.id: cell.execution_count for cell in graph.notebook.cells}
    found: list[Finding] = []
    for statement in statements:
        mine = counts.get(statement.cell)
        if mine is None:
            continue
        for index in statement.depends_on:
            other = graph.statements[index]
            theirs = counts.get(other.cell)
            if _runs_again_alike(other) or other.cell == statement.cell:
                continue
            if theirs is not None and theirs > mine:
                found.append(
                    finding(
                        "out-of-order",
                        f"the cell ran ([{mine}]) before the cell {other.cell} ([{theirs}]), which it depends on",
                        cell=statement.cell,
                        line=statement.line,
                        hint=_RERUN,
                    )
                )
                break
    return list({(one.cell, one.code): one for one in found}.values())
