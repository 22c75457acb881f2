"""A slice as a Python module: typed functions, and ``main()`` with what it reads and writes at the edge."""

from __future__ import annotations

from olo_converters.artefact import Artefact
from olo_converters.capture import ColumnFact
from olo_converters.connections import frames_at, is_foreign
from olo_converters.conversion import Conversion, Example, Input, Request
from olo_converters.dbt.synthetic import Synthetic
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph
from olo_converters.python.building import Building, entry_arguments, is_used
from olo_converters.python.checks import checks_of, not_tested
from olo_converters.python.queries import Edge, Edges, edges_of
from olo_converters.python.requirements import with_requirements
from olo_converters.python.ruff import tidied, told
from olo_converters.python.source import conversions
from olo_converters.python.steps import Parts, take_apart
from olo_converters.python.tested import module_of_tests
from olo_converters.python.text import module_text
from olo_converters.python.types import FRAME_TYPES, annotation
from olo_converters.script import Script, script_for
from olo_converters.slice import Slice

MOST_STATEMENTS = 1000
_NO_TABLES = frozenset({"scalar", "scalars", "list", "dict", "defaultdict", "set"})
"""Types of the graph that are no data frames."""


def build_module(request: Request, graph: Graph, cut: Slice) -> Conversion:
    """The target of a slice as ``src/<package>/<name>.py`` with a test.

    Args:
        cut: The slice of the promoted variable.
    """
    if len(cut.statements) > MOST_STATEMENTS:
        return _too_long(request, cut)
    problem = _frame_problem(request, graph, cut)
    parts = take_apart(graph, cut)
    findings = [*cut.findings, *parts.findings]
    if problem is not None:
        findings.append(problem)
    used = {name for step in parts.steps for name in step.takes}
    edges = _edges(request, graph, cut, parts, used, findings)
    building = Building(request, graph, cut, parts, edges, findings=findings)
    _check_computed(building)
    if any(one.severity == "error" for one in findings):
        return _refused(building)
    if not parts.steps:
        why = "the result of SQL alone" if edges.edges else "a value that the notebook writes down"
        building.findings.append(
            finding(
                "target-not-promotable",
                f"{cut.target} is {why}",
                cell=cut.cell or None,
                hint="Say kind: dbt, or leave the kind out." if edges.edges else "Promote what is computed with it.",
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


def _refused(building: Building) -> Conversion:
    request, cut = building.request, building.cut
    relation = f"{request.options.layer}.{request.name}"
    return Conversion(
        "python", request.name, relation, cut.cells, cut.source, (), tuple(dict.fromkeys(building.findings))
    )


def _frame_problem(request: Request, graph: Graph, cut: Slice) -> Finding | None:
    if not cut.target:
        return finding(
            "target-missing",
            "the target has no name",
            cell=cut.cell or None,
            hint="Give the result a name and promote that.",
        )
    seen = request.capture.values.get(cut.target)
    if seen is None and graph.types.get(cut.target) in _NO_TABLES:
        return finding(
            "not-a-table",
            f"{cut.target} is no data frame: main() can't write it as a table",
            cell=cut.cell or None,
            hint="Promote a data frame made of it.",
        )
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


def _check_computed(building: Building) -> None:
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


def _conversion(building: Building) -> Conversion:
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
    source = module_text(building)
    text, lints = tidied(source, f"{request.name}.py") if request.tidy else (source, [])
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
        arguments = entry_arguments(building)
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
        vars={one.name: one.value for one in building.parameters if is_used(building, one.name)},
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


def _columns(building: Building) -> tuple[ColumnFact, ...]:
    seen = building.request.capture.values.get(building.cut.target)
    return seen.columns if seen is not None else ()


def _inputs(building: Building) -> tuple[Input, ...]:
    synthetic = Synthetic()
    inputs: list[Input] = []
    for edge in building.edges.edges:
        captured = building.request.capture.result_of(edge.statement.cell)
        rows = synthetic.rows(captured.sample, captured.columns) if captured is not None else ()
        values = {name: building.edges.values[name] for name in edge.parameters if name in building.edges.values}
        inputs.append(Input(edge.name, edge.table, edge.sql, values, rows))
    return tuple(inputs)
