"""The text of a module: one function a step, the pure function of the whole, ``main`` with its reads and the write."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import PurePath

from olo_converters.graph.model import Statement
from olo_converters.markdown import description_of
from olo_converters.python.annotations import with_annotations
from olo_converters.python.building import (
    Argument,
    Building,
    argument_of,
    entry_arguments,
    is_used,
    step_arguments,
)
from olo_converters.python.literals import docstring, text_literal
from olo_converters.python.queries import Edge
from olo_converters.python.source import moved
from olo_converters.python.steps import Step
from olo_converters.python.types import annotation

_SESSION = "Session"


def module_text(building: Building) -> str:
    """The module as it is before ruff's tidying."""
    _name_steps(building)
    request = building.request
    functions = [_function(building, number, step) for number, step in enumerate(building.parts.steps)]
    entry, main = _entry(building), _main(building)
    definitions = [moved(building.graph, one, {}, "") for one in building.parts.definitions]
    if not any("Any" in one.names_written for one in building.cut.statements):
        functions = [with_annotations(one, building.needs) for one in functions]
        definitions = [with_annotations(one, building.needs) for one in definitions]
    title = (
        request.options.description
        or description_of(request.notebook, building.cut.cell)
        or f"The table {request.options.layer}.{request.name}."
    )
    where = request.recorded or PurePath(request.notebook.path).name
    heading = docstring(f"{title}\n\nPromoted from {where}, cells {', '.join(building.cut.cells)}.")
    future = "from __future__ import annotations\n\nimport logging\n"
    own = [_import(building, one) for one in building.parts.imports if "__future__" not in one.source]
    needs = [line for line in sorted(building.needs) if not _is_bound(building, line)]
    queries = [f"{_constant(edge.name)} = {text_literal(edge.sql)}" for edge in building.edges.edges if edge.sql]
    imports = "\n".join([*own, *needs, f"from olo_jupyter.lakehouse.session import {_SESSION}{_alias(building)}"])
    blocks = [
        heading,
        future,
        imports,
        "logger = logging.getLogger(__name__)",
        *queries,
        *definitions,
        *functions,
        entry,
        main,
    ]
    return "\n\n".join(block for block in blocks if block) + '\n\n\nif __name__ == "__main__":\n    main()\n'


def _name_steps(building: Building) -> None:
    taken = {building.request.name, "main", _SESSION, f"Lakehouse{_SESSION}", "logger", "logging"}
    for statement in building.cut.statements:
        taken |= statement.names_written | statement.names_read
    last = len(building.parts.steps) - 1
    for number, step in enumerate(building.parts.steps):
        if last == 0:
            building.names[number] = building.request.name
            continue
        does = "update" if step.gives and step.gives[0] in step.takes else "compute"
        wanted = f"{does}_{step.gives[0].lower().strip('_')}" if step.gives else f"step_{number + 1}"
        name, again = wanted, 2
        while name in taken:
            name, again = f"{wanted}_{again}", again + 1
        taken.add(name)
        building.names[number] = name


def _function(building: Building, number: int, step: Step) -> str:
    name = building.names[number]
    is_part = len(building.parts.steps) > 1
    takes = step_arguments(building, step) if is_part else entry_arguments(building)
    gives = step.gives if number < len(building.parts.steps) - 1 else (building.cut.target,)
    cells = ", ".join(dict.fromkeys(statement.cell for statement in step.statements))
    text = _told(building, number) or _computes(gives, [argument for argument, _, _ in takes])
    lines = [f"def {name}({_signature(takes)}) -> {_returns(building, gives)}:"]
    lines.append(docstring(f"{text} (Notebook cell {cells}.)", "    ").rstrip())
    previous = ""
    for statement in step.statements:
        if previous and statement.cell != previous:
            lines.append("")
        previous = statement.cell
        text = moved(building.graph, statement, building.frames, "    ")
        unused = _unused(statement, step, gives)
        lines.append(re.sub(rf"^    {unused} = ", "    ", text) if unused else text)
    if gives:
        lines.append(f"    return {', '.join(gives)}")
    return "\n".join(lines)


def _unused(statement: Statement, step: Step, gives: tuple[str, ...]) -> str:
    """The name that a call's result gets, where only what the call does counts; '' for any other statement."""
    node = statement.node
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call) or len(node.targets) != 1:
        return ""
    target = node.targets[0]
    if not isinstance(target, ast.Name) or target.id in gives:
        return ""
    used = re.compile(rf"\b{re.escape(target.id)}\b")
    others = (one.source for one in step.statements if one is not statement)
    return "" if any(map(used.search, others)) else target.id


def _told(building: Building, number: int) -> str:
    """What the markdown above a step says; '' where that was said of the step before it already."""
    at = [
        description_of(building.request.notebook, one.statements[-1].cell) for one in building.parts.steps[: number + 1]
    ]
    return "" if number and at[-1] == at[-2] else at[-1]


def _computes(gives: tuple[str, ...], takes: list[str]) -> str:
    """A step in words, where the notebook has none.

    Example:
        >>> _computes(("big",), ["orders", "least"]), _computes(("orders",), ["orders"])
        ('Compute big from orders, least.', 'Update orders.')
    """
    does = "Update" if gives and gives[0] in takes else "Compute"
    made = f"{does} {', '.join(gives)}" if gives else "A step of the notebook"
    others = [name for name in takes if name not in gives]
    return f"{made} from {', '.join(others)}." if others else f"{made}."


def _entry(building: Building) -> str:
    """The pure function of the whole: the steps one after the other."""
    steps = building.parts.steps
    if len(steps) == 1:
        return ""
    target = building.cut.target
    lines = [
        f"def {building.request.name}({_signature(entry_arguments(building))}) -> {_returns(building, (target,))}:"
    ]
    text = building.request.options.description or description_of(building.request.notebook, building.cut.cell)
    lines.append(docstring(text or f"The notebook's {target}.", "    ").rstrip())
    for number, step in enumerate(steps):
        arguments = ", ".join(one for one, _, _ in step_arguments(building, step))
        call = f"{building.names[number]}({arguments})"
        if number == len(steps) - 1:
            lines.append(f"    return {call}")
        elif step.gives:
            lines.append(f"    {', '.join(step.gives)} = {call}")
        else:
            lines.append(f"    {call}")
    return "\n".join(lines)


def _main(building: Building) -> str:
    request = building.request
    parameters = [argument_of(building, one) for one in building.parameters if is_used(building, one.name)]
    signature = f"*, {_signature(parameters)}" if parameters else ""
    relation = f"{request.options.layer}.{request.name}"
    lines = [f"def main({signature}) -> None:", f'    """Read the inputs, compute, write the table {relation}."""']
    opened = _alias(building).removeprefix(" as ") or _SESSION
    lines.append(f"    session = {opened}.from_environment()")
    for edge in building.edges.edges:
        read = f"session.table({edge.table!r})" if edge.table else f"session.sql({_constant(edge.name)}{_bound(edge)})"
        method = building.frames.get(edge.name)
        lines.append(f"    {edge.name} = {read}{f'.{method}()' if method else ''}")
    call = ", ".join(f"{name}={name}" for name, _, _ in entry_arguments(building))
    lines += [
        f"    table = {request.name}({call})",
        f"    session.write({relation!r}, table)",
        f'    logger.info("%s rows written to {relation}", len(table))',
    ]
    return "\n".join(lines)


def _alias(building: Building) -> str:
    """Another name for the lakehouse's session where the notebook has one of that name itself (SQLAlchemy's)."""
    is_taken = any(_SESSION in one.names_written for one in building.cut.statements)
    return f" as Lakehouse{_SESSION}" if is_taken else ""


def _signature(arguments: Iterable[Argument]) -> str:
    return ", ".join(f"{name}: {type_}{f' = {default}' if default else ''}" for name, type_, default in arguments)


def _returns(building: Building, names: tuple[str, ...]) -> str:
    types = [annotation(name, building.request.capture, building.needs) for name in names]
    return "None" if not types else types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"


def _bound(edge: Edge) -> str:
    if not edge.parameters:
        return ""
    return ", parameters={" + ", ".join(f"{name!r}: {name}" for name in edge.parameters) + "}"


def _constant(name: str) -> str:
    return re.sub(r"\W", "_", name).upper().strip("_") + "_SQL"


def _import(building: Building, statement: Statement) -> str:
    """An import as it stands in the module: ruff doesn't see that a text which is evaluated names what it binds."""
    others = [one for one in building.cut.statements if one not in building.parts.imports]
    read = {name for one in others for name in one.names_read} & statement.names_written
    if not read:
        return statement.source
    nodes = [node for one in others if one.node is not None for node in ast.walk(one.node)]
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    if statement.node is None or read <= named:
        return statement.source
    return f"{ast.unparse(statement.node)}  # noqa: F401"


def _is_bound(building: Building, line: str) -> bool:
    name = line.split()[-1]
    return any(name in one.names_written for one in building.parts.imports)
