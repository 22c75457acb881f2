"""The SELECT of a cell as a dbt model, with its properties, sources and tests."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sqlglot import exp

from olo_converters.artefact import Artefact
from olo_converters.capture import CapturedResult, ColumnFact
from olo_converters.conversion import Conversion, Request
from olo_converters.dbt.chains import LONG, depth
from olo_converters.dbt.format import formatted
from olo_converters.dbt.incremental import Incremental, incremental
from olo_converters.dbt.proposed import generic_tests
from olo_converters.dbt.relations import Relations
from olo_converters.dbt.schema import properties, unit_test, with_sources
from olo_converters.dbt.selects import Building, check_names, select_of
from olo_converters.dbt.staged import BuildModel, Stages
from olo_converters.dbt.synthetic import Synthetic
from olo_converters.dbt.values import jinja_literal
from olo_converters.dbt.with_queries import with_inlined
from olo_converters.errors import ConvertError
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph, Statement
from olo_converters.markdown import description_of
from olo_converters.script import script_for
from olo_converters.slice import Slice


def build_model(request: Request, graph: Graph, cut: Slice, frames: BuildModel | None = None) -> Conversion:
    """The target of a slice, the result of a SQL cell, as a dbt model.

    Args:
        cut: The slice; its target's cell holds the SELECT.
        frames: Makes a Python module of a slice, for frames that the SELECT reads.
    """
    statement = next((one for one in cut.statements if one.cell == cut.cell and one.sql is not None), None)
    if statement is None or statement.sql is None:
        problem = finding(
            "target-not-promotable",
            f"{cut.target or cut.cell} is no result of a SQL cell, so it can't become a dbt model",
            cell=cut.cell or None,
            hint="Say kind: python, or leave the kind out.",
        )
        return _refused(request, cut, [*cut.findings, problem])
    build = partial(build_model, frames=frames)
    stages = Stages(request, graph, build, frames=frames)
    made = _built(request, graph, cut, statement, stages)
    if not made.is_refused or not stages.is_short:
        return made
    script = script_for(graph, request.name, cut.statements, statement, request.project.catalogs)
    if script is None:
        return made
    if isinstance(script, Finding):
        return replace(made, findings=(*made.findings, script))
    return _built(request, graph, cut, statement, Stages(request, graph, build, script))


def _built(request: Request, graph: Graph, cut: Slice, statement: Statement, stages: Stages) -> Conversion:
    assert statement.sql is not None
    result = request.capture.result_of(statement.cell)
    relations = Relations(
        request.project,
        request.name,
        result.catalog if result else graph.catalog,
        result.namespace if result else graph.namespace,
    )
    building = Building(request, graph, relations, stages, findings=list(cut.findings))
    building.is_long = request.options.split and depth(graph, statement) >= LONG
    body, plain_body, query = select_of(building, statement, statement.sql)
    building.cells.append(statement.cell)
    columns = _columns(building, statement, result, query)
    if query is None or any(one.severity == "error" for one in building.findings):
        return _refused(request, cut, building.findings)
    body = with_inlined(body, building.inlined)
    going_on = _going_on(building, query, columns, result, statement.cell)
    if any(one.severity == "error" for one in building.findings):
        return _refused(request, cut, building.findings)
    if going_on is not None:
        body = going_on.body(body)
    text, problem_ = formatted(f"{_config(request, going_on)}\n\n{body}\n")
    if problem_ is not None:
        building.findings.append(finding("format-failed", problem_, cell=statement.cell))
    plain = with_inlined(plain_body, building.plain_inlined)
    return _conversion(building, cut, text, plain, columns, result, going_on)


def _refused(request: Request, cut: Slice, findings: list[Finding]) -> Conversion:
    relation = f"{request.options.layer}.{request.name}"
    return Conversion("dbt", request.name, relation, cut.cells, cut.source, (), tuple(dict.fromkeys(findings)))


def _columns(
    building: Building, statement: Statement, result: CapturedResult | None, query: exp.Expression | None
) -> tuple[ColumnFact, ...]:
    if query is None:
        return ()
    names = check_names(building, statement, result, query)
    if result is not None and result.columns:
        return result.columns
    return tuple(ColumnFact(name) for name in names)


def _config(request: Request, going_on: Incremental | None) -> str:
    options = request.options
    kind = options.materialized or "table" if going_on is None else "incremental"
    parts = [f"materialized={jinja_literal(kind)}", *(going_on.config if going_on is not None else ())]
    if options.tags:
        parts.append(f"tags=[{', '.join(jinja_literal(tag) for tag in options.tags)}]")
    return "{{ config(" + ", ".join(parts) + ") }}"


def _going_on(
    building: Building, query: exp.Expression, columns: tuple[ColumnFact, ...], result: CapturedResult | None, cell: str
) -> Incremental | None:
    """How an incremental model goes on: where that is asked for, or where a key and a time column are named."""
    options = building.request.options
    is_asked = options.materialized == "incremental"
    if not is_asked and not (options.materialized is None and options.unique_key and options.time_column):
        return None
    found = incremental(options, query, columns, result)
    if isinstance(found, str):
        if is_asked:
            hint = "Name columns of the result, or say materialized: table."
            building.findings.append(finding("incremental-not-possible", found, cell=cell, hint=hint))
        else:
            building.findings.append(finding("not-incremental", f"the model is a table: {found}", cell=cell))
        return None
    building.findings.append(finding("incremental-reason", found.reason, cell=cell))
    return found


def _conversion(
    building: Building,
    cut: Slice,
    text: str,
    query: str,
    columns: tuple[ColumnFact, ...],
    result: CapturedResult | None,
    going_on: Incremental | None,
) -> Conversion:
    request = replace(building.request, project=building.stages.request.project)
    layer, name = request.options.layer, request.name
    before_it = tuple(building.stages.conversions.values())
    staged = tuple(one for one in before_it if one.kind == "dbt")
    steps = tuple(one for one in before_it if one.kind == "python")
    synthetic = Synthetic()
    keep = frozenset(building.used_columns) if building.used_columns is not None else None
    inputs = tuple(
        replace(one, rows=synthetic.rows(building.tables[key].sample, building.tables[key].columns, keep))
        if key in building.tables and not one.rows
        else one
        for key, one in building.inputs.items()
    )
    given = request.examples.get(name) or ((request.example,) if request.example is not None else ())
    shown = {key: value for key, value in building.values.items() if key not in building.secret}
    found = [unit_test(request, building.given, one, shown, going_on) for one in given if not building.secret]
    tests = [one for one in found if one is not None]
    description = request.options.description or description_of(request.notebook, cut.cell)
    tables = tuple(building.tables.values())
    schema = properties(request, description, result, columns, tables, tests, going_on, building.given)
    artefacts = [
        Artefact(f"models/{layer}/{name}.sql", text, "model"),
        Artefact(f"models/{layer}/{name}.yml", schema, "schema"),
        *generic_tests(schema),
    ]
    findings = list(building.findings)
    script = building.stages.script
    if script is not None:
        artefacts.insert(0, Artefact(script.path, script.text, "script"))
        findings = script.told(findings)
        building.cells += script.cells
    if result is not None and not result.profile and request.options.tests is None:
        findings.append(finding("test-not-proposed", "the result has no profile", cell=cut.cell))
    for missed in dict.fromkeys(branch for one in given for branch in one.missed):
        said = f"no rows were found for the unit test on which this counts: {missed}"
        findings.append(finding("branch-not-tested", said, cell=cut.cell))
    if len(request.options.unique_key) > 1:
        artefacts.append(Artefact(f"tests/{name}_unique_key.sql", _key_test(request), "test"))
    try:
        edited = with_sources(request.project.files, tuple(building.relations.new_sources), building.tables.values())
        artefacts += [Artefact(path, content, "schema") for path, content in edited.items()]
        before = [one for conversion in before_it for one in conversion.artefacts if one.path not in edited]
        artefacts = [*{one.path: one for one in before}.values(), *artefacts]
    except ConvertError as error:
        findings.append(finding("name-clash", error.message, hint=error.hint))
    return Conversion(
        kind="dbt",
        name=name,
        relation=f"{layer}.{name}",
        cells=tuple(_in_order(request, building.cells)),
        slice=cut.source,
        artefacts=tuple(artefacts),
        findings=tuple(dict.fromkeys(findings)),
        vars=building.values,
        required={name: building.values[name] for name in sorted(building.secret & building.values.keys())},
        inputs=inputs,
        query=query,
        depends_on=tuple(dict.fromkeys(building.depends_on)),
        staged=tuple(dict.fromkeys(made for one in staged for made in (*one.staged, one.name))),
        models=tuple({one.name: one for made in staged for one in (*made.models, made)}.values()),
        steps=tuple(
            dict.fromkeys([*(step for one in staged for step in one.steps), *((one.name, one.main) for one in steps)])
        ),
        script=script.path if script is not None else "",
        prepared=script.tables if script is not None else (),
        uses_random=any(one.code == "volatile-function" for one in findings),
        is_incremental=going_on is not None,
    )


def _in_order(request: Request, cells: list[str]) -> list[str]:
    order = {cell.id: cell.index for cell in request.notebook.cells}
    return sorted(set(cells), key=lambda cell: order[cell])


def _key_test(request: Request) -> str:
    keys = ", ".join(key.lower() for key in request.options.unique_key)
    return (
        f"-- {request.name} has one row for each {keys}\n"
        f"select {keys}, count(*) as rows_found\nfrom {{{{ ref({jinja_literal(request.name)}) }}}}\n"
        f"group by {keys}\nhaving count(*) > 1\n"
    )
