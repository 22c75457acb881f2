"""A slice as a Python module: typed functions, and ``main()`` with what it reads and writes at the edge."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from olo_converters.artefact import Artefact
from olo_converters.capture import ColumnFact
from olo_converters.connections import frames_at, is_foreign
from olo_converters.conversion import Conversion, Example, Input, Request
from olo_converters.dbt.synthetic import Synthetic
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph, Statement
from olo_converters.markdown import description_of
from olo_converters.python.annotations import with_annotations
from olo_converters.python.checks import checks_of, not_tested
from olo_converters.python.literals import docstring, literal, text_literal
from olo_converters.python.queries import Edge, Edges, edges_of
from olo_converters.python.requirements import with_requirements
from olo_converters.python.ruff import tidied, told
from olo_converters.python.source import FRAMES, conversions, moved
from olo_converters.python.steps import Parameter, Parts, Step, take_apart
from olo_converters.python.tested import module_of_tests
from olo_converters.python.types import FRAME_TYPES, annotation, annotation_of
from olo_converters.script import Script, script_for
from olo_converters.slice import Slice

MOST_STATEMENTS = 1000


@dataclass
class _Building:
    request: Request
    graph: Graph
    cut: Slice
    parts: Parts
    edges: Edges
    needs: set[str] = field(default_factory=set)
    frames: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)

    @property
    def parameters(self) -> list[Parameter]:
        """Scalars of the notebook, then ``:name`` values that no statement of the slice sets."""
        known = {one.name for one in self.parts.parameters}
        extra = [
            Parameter(name, value, self.cut.cell) for name, value in self.edges.values.items() if name not in known
        ]
        return [*self.parts.parameters, *extra]


def build_module(request: Request, graph: Graph, cut: Slice) -> Conversion:
    """The target of a slice as ``src/<package>/<name>.py`` with a test.

    Args:
        cut: The slice of the promoted variable.
    """
    if len(cut.statements) > MOST_STATEMENTS:
        return _too_long(request, cut)
    problem = _frame_problem(request, cut)
    parts = take_apart(graph, cut)
    findings = [*cut.findings, *parts.findings]
    if problem is not None:
        findings.append(problem)
    used = {name for step in parts.steps for name in step.takes}
    edges = _edges(request, graph, cut, parts, used, findings)
    building = _Building(request, graph, cut, parts, edges, findings=findings)
    _check_computed(building)
    if any(one.severity == "error" for one in findings):
        return _refused(building)
    if not parts.steps:
        building.findings.append(
            finding(
                "target-not-promotable",
                f"{cut.target} is the result of SQL alone",
                cell=cut.cell or None,
                hint="Say kind: dbt, or leave the kind out.",
            )
        )
        return _refused(building)
    return _conversion(building)


def _edges(request: Request, graph: Graph, cut: Slice, parts: Parts, used: set[str], findings: list[Finding]) -> Edges:
    """What the module reads; where models can't stand for all SQL cells of the slice, a script runs them before."""
    edges = edges_of(request, graph, parts.queries, used)
    unread = _unread(parts, edges)
    is_short = edges.staged is not None and edges.staged.is_short
    script: Script | Finding | None = None
    if parts.scripted or unread or is_short:
        script = script_for(graph, request.name, cut.statements, None, request.project.catalogs)
    if script is None:
        findings += [*edges.findings, *unread]
    elif isinstance(script, Finding):
        findings += [*edges.findings, *unread, script]
    else:
        edges = edges_of(request, graph, parts.queries, used, script)
        findings[:] = script.told([*findings, *edges.findings])
    return edges


def _unread(parts: Parts, edges: Edges) -> list[Finding]:
    """Tables that SQL cells make and Python reads by itself: no model stands for them."""
    made = {cell for one in (edges.staged.conversions.values() if edges.staged else ()) for cell in one.cells}
    return [
        finding(
            "unsupported-construct",
            "the target needs a SQL cell that writes tables, and reads them from Python",
            cell=one.cell,
            line=1,
            hint="Read the table with a SQL cell (%%olo sql NAME <<).",
        )
        for one in parts.made
        if one.cell not in made
    ]


def _too_long(request: Request, cut: Slice) -> Conversion:
    many = (
        f"the target needs {len(cut.statements)} statements; a module of more than {MOST_STATEMENTS} is none to review"
    )
    problem = finding(
        "target-not-promotable", many, cell=cut.cell or None, hint="Promote values on the way to it first."
    )
    relation = f"{request.options.layer}.{request.name}"
    return Conversion("python", request.name, relation, cut.cells, cut.source, (), (*cut.findings, problem))


def _refused(building: _Building) -> Conversion:
    request, cut = building.request, building.cut
    relation = f"{request.options.layer}.{request.name}"
    return Conversion(
        "python", request.name, relation, cut.cells, cut.source, (), tuple(dict.fromkeys(building.findings))
    )


def _frame_problem(request: Request, cut: Slice) -> Finding | None:
    if not cut.target:
        return finding(
            "target-missing",
            "the target has no name",
            cell=cut.cell or None,
            hint="Give the result a name and promote that.",
        )
    seen = request.capture.values.get(cut.target)
    if seen is None or seen.type in FRAME_TYPES:
        return None
    hint = (
        "Promote a data frame: write e.g. result = series.to_frame()."
        if "Series" in seen.type
        else "Promote a data frame."
    )
    return finding(
        "no-frame",
        f"{cut.target} is a {seen.type}, which can't be written as a table",
        cell=cut.cell or None,
        hint=hint,
    )


def _check_computed(building: _Building) -> None:
    """A query whose ``:name`` Python computes would need I/O in the middle of the steps."""
    made = {name for step in building.parts.steps for name in step.gives} | {
        name for step in building.parts.steps for one in step.statements for name in one.names_written
    }
    for edge in building.edges.edges:
        for name in edge.parameters:
            if name in made:
                building.findings.append(
                    finding(
                        "unsupported-construct",
                        f"the query's :{name} is computed by Python",
                        cell=edge.statement.cell,
                        line=1,
                        hint=f"Give {name} a literal value: it becomes an argument of main(). Or filter in Python.",
                    )
                )


def _conversion(building: _Building) -> Conversion:
    request, parts = building.request, building.parts
    rest = [statement for step in parts.steps for statement in step.statements]
    for edge in building.edges.edges:
        methods = conversions(rest, edge.name)
        every = frames_at(parts.setup, edge.statement.index)
        if every:
            building.frames[edge.name] = every
        elif methods is not None and len(methods) == 1:
            building.frames[edge.name] = methods.pop()
        elif is_foreign(edge.statement) and methods != set():
            building.findings.append(_no_frame(edge))
    if any(one.severity == "error" for one in building.findings):
        return _refused(building)
    _name_steps(building)
    text, lints = tidied(_source(building), f"{request.name}.py") if request.tidy else (_source(building), [])
    building.findings += [told(lint) for lint in lints]
    package, name = request.project.package, request.name
    inputs = _inputs(building)
    example = request.example or Example({one.key: one.rows for one in inputs})
    staged = tuple(building.edges.staged.conversions.values()) if building.edges.staged is not None else ()
    before = {made.path: made for one in staged for made in one.artefacts}
    script = building.edges.staged.script if building.edges.staged is not None else None
    if script is not None:
        before[script.path] = Artefact(script.path, script.text, "script")
    before.update({one.path: one for one in parts.files})
    artefacts = [*before.values(), Artefact(f"src/{package}/{name}.py", text, "module")]
    checks, untested = checks_of(request, building.graph, building.cut)
    if example.expected is None:
        why = "no rows are known that the module gives on small inputs"
        untested += [not_tested(check.cell, why) for check in checks]
        checks = []
    building.findings += untested
    if all(example.inputs.get(edge.name) and edge.name in building.frames for edge in building.edges.edges):
        seen = _columns(building)
        arguments = _arguments(building)
        returns = annotation(building.cut.target, request.capture, set())
        tests = module_of_tests(
            request, arguments, building.frames, example, seen, building.cut.target, checks, returns
        )
        tests = tidied(tests, f"test_{name}.py")[0] if request.tidy else tests
        artefacts.append(Artefact(f"tests/unit/test_{name}.py", tests, "test"))
    else:
        building.findings.append(
            finding(
                "no-test", "no test was written: rows of an input aren't known", hint="Run the cells, then promote."
            )
        )
    init = f"src/{package}/__init__.py"
    if init not in request.project.files:
        artefacts.append(Artefact(init, f'"""{package}."""\n', "module"))
    requirements, problems = with_requirements(
        request, "\n".join([text, *(line for check in checks for line in check.imports)])
    )
    building.findings += problems
    if requirements is not None:
        artefacts.append(requirements)
    if example.expected is None:
        building.findings.append(finding("not-verified-example", "the generated test checks the columns only"))
    reads = {resource.kind: resource for statement in building.cut.statements for resource in statement.reads}
    return Conversion(
        kind="python",
        name=name,
        relation=f"{request.options.layer}.{name}",
        cells=building.cut.cells,
        slice=building.cut.source,
        artefacts=tuple(artefacts),
        findings=tuple(dict.fromkeys(building.findings)),
        vars={one.name: one.value for one in building.parameters if _is_used(building, one.name)},
        required={name: value for one in staged for name, value in one.required.items()},
        inputs=inputs,
        entry=f"{package}.{name}:{name}",
        main=f"{package}.{name}:main",
        depends_on=tuple(dict.fromkeys(building.edges.depends_on)),
        staged=tuple(dict.fromkeys(made for one in staged for made in (*one.staged, one.name))),
        script=script.path if script is not None else "",
        prepared=script.tables if script is not None else (),
        uses_random=any(one.code == "unseeded-random" for one in building.findings),
        uses_clock="clock" in reads,
    )


def _no_frame(edge: Edge) -> Finding:
    """A result of JupySQL that is used as one: the lakehouse's results have other methods."""
    return finding(
        "unsupported-construct",
        f"{edge.name} is used as a result of %sql, not as one data frame",
        cell=edge.statement.cell,
        line=edge.statement.line,
        hint=f"Make a frame of it first: {edge.name} = {edge.name}.DataFrame()",
    )


def _columns(building: _Building) -> tuple[ColumnFact, ...]:
    seen = building.request.capture.values.get(building.cut.target)
    return seen.columns if seen is not None else ()


def _inputs(building: _Building) -> tuple[Input, ...]:
    synthetic = Synthetic()
    inputs: list[Input] = []
    for edge in building.edges.edges:
        captured = building.request.capture.result_of(edge.statement.cell)
        rows = synthetic.rows(captured.sample, captured.columns) if captured is not None else ()
        values = {name: building.edges.values[name] for name in edge.parameters if name in building.edges.values}
        inputs.append(Input(edge.name, edge.table, edge.sql, values, rows))
    return tuple(inputs)


def _name_steps(building: _Building) -> None:
    taken = {building.request.name, "main", "Session", "logger", "logging"}
    for statement in building.cut.statements:
        taken |= statement.names_written | statement.names_read
    last = len(building.parts.steps) - 1
    for number, step in enumerate(building.parts.steps):
        if last == 0:
            building.names[number] = building.request.name
            continue
        wanted = f"compute_{step.gives[0].lower().strip('_')}" if step.gives else f"step_{number + 1}"
        name, again = wanted, 2
        while name in taken:
            name, again = f"{wanted}_{again}", again + 1
        taken.add(name)
        building.names[number] = name


def _arguments(building: _Building) -> list[tuple[str, str, str]]:
    """What the entry function takes: (name, annotation, default or '')."""
    wanted = {name for step in building.parts.steps for name in step.takes}
    found = [(edge.name, _edge_annotation(building, edge), "") for edge in building.edges.edges]
    for parameter in building.parameters:
        if parameter.name in wanted:
            found.append(_parameter(building, parameter))
    return found


def _parameter(building: _Building, parameter: Parameter) -> tuple[str, str, str]:
    return (parameter.name, annotation_of(parameter.value, building.needs), literal(parameter.value, building.needs))


def _edge_annotation(building: _Building, edge: Edge) -> str:
    method = building.frames.get(edge.name)
    if method is None:
        building.needs.add("from olo_jupyter.lakehouse.result import Result")
        return "Result"
    library = FRAMES[method]
    text, line = FRAME_TYPES[f"{library}.DataFrame"]
    building.needs.add(line)
    return text


def _step_arguments(building: _Building, step: Step) -> list[tuple[str, str, str]]:
    edges = {edge.name: edge for edge in building.edges.edges}
    parameters = {one.name: one for one in building.parameters}
    first: list[tuple[str, str, str]] = []
    later: list[tuple[str, str, str]] = []
    for name in step.takes:
        if name in edges:
            first.append((name, _edge_annotation(building, edges[name]), ""))
        elif name in parameters:
            later.append(_parameter(building, parameters[name]))
        else:
            first.append((name, annotation(name, building.request.capture, building.needs), ""))
    return [*first, *later]


def _signature(arguments: Iterable[tuple[str, str, str]]) -> str:
    return ", ".join(f"{name}: {type_}{f' = {default}' if default else ''}" for name, type_, default in arguments)


def _returns(building: _Building, names: tuple[str, ...]) -> str:
    types = [annotation(name, building.request.capture, building.needs) for name in names]
    return "None" if not types else types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"


def _function(building: _Building, number: int, step: Step) -> str:
    name = building.names[number]
    arguments = _step_arguments(building, step) if len(building.parts.steps) > 1 else _arguments(building)
    gives = step.gives if number < len(building.parts.steps) - 1 else (building.cut.target,)
    cells = ", ".join(dict.fromkeys(statement.cell for statement in step.statements))
    text = description_of(building.request.notebook, step.statements[-1].cell)
    lines = [f"def {name}({_signature(arguments)}) -> {_returns(building, gives)}:"]
    lines.append(docstring(f"{text or 'A step of the notebook.'} (Notebook cell {cells}.)", "    ").rstrip())
    previous = ""
    for statement in step.statements:
        if previous and statement.cell != previous:
            lines.append("")
        previous = statement.cell
        lines.append(moved(building.graph, statement, building.frames, "    "))
    lines.append(f"    return {', '.join(gives)}" if gives else "    return None")
    return "\n".join(lines)


def _entry(building: _Building) -> str:
    """The pure function of the whole: the steps one after the other."""
    steps = building.parts.steps
    if len(steps) == 1:
        return ""
    target = building.cut.target
    lines = [f"def {building.request.name}({_signature(_arguments(building))}) -> {_returns(building, (target,))}:"]
    text = building.request.options.description or description_of(building.request.notebook, building.cut.cell)
    lines.append(docstring(text or f"The notebook's {target}.", "    ").rstrip())
    for number, step in enumerate(steps):
        arguments = ", ".join(one for one, _, _ in _step_arguments(building, step))
        call = f"{building.names[number]}({arguments})"
        if number == len(steps) - 1:
            lines.append(f"    return {call}")
        elif step.gives:
            lines.append(f"    {', '.join(step.gives)} = {call}")
        else:
            lines.append(f"    {call}")
    return "\n".join(lines)


def _main(building: _Building) -> str:
    request = building.request
    parameters = [_parameter(building, one) for one in building.parameters if _is_used(building, one.name)]
    signature = f"*, {_signature(parameters)}" if parameters else ""
    relation = f"{request.options.layer}.{request.name}"
    lines = [f"def main({signature}) -> None:", f'    """Read the inputs, compute, write the table {relation}."""']
    lines.append("    session = Session.from_environment()")
    for edge in building.edges.edges:
        read = f"session.table({edge.table!r})" if edge.table else f"session.sql({_constant(edge.name)}{_bound(edge)})"
        method = building.frames.get(edge.name)
        lines.append(f"    {edge.name} = {read}{f'.{method}()' if method else ''}")
    call = ", ".join(f"{name}={name}" for name, _, _ in _arguments(building))
    lines += [
        f"    table = {request.name}({call})",
        f"    session.write({relation!r}, table)",
        f'    logger.info("%s rows written to {relation}", len(table))',
    ]
    return "\n".join(lines)


def _is_used(building: _Building, name: str) -> bool:
    return any(name in step.takes for step in building.parts.steps) or any(
        name in edge.parameters for edge in building.edges.edges
    )


def _bound(edge: Edge) -> str:
    if not edge.parameters:
        return ""
    return ", parameters={" + ", ".join(f"{name!r}: {name}" for name in edge.parameters) + "}"


def _constant(name: str) -> str:
    return re.sub(r"\W", "_", name).upper().strip("_") + "_SQL"


def _source(building: _Building) -> str:
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
    imports = "\n".join([*own, *needs, "from olo_jupyter.lakehouse.session import Session"])
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


def _import(building: _Building, statement: Statement) -> str:
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


def _is_bound(building: _Building, line: str) -> bool:
    name = line.split()[-1]
    return any(name in one.names_written for one in building.parts.imports)
