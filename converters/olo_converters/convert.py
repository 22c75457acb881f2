"""One promotion, from request to artefacts: graph, slice, model or module, job."""

from __future__ import annotations

from dataclasses import replace

from olo_converters.conversion import Conversion, Request
from olo_converters.dbt import build_model
from olo_converters.dbt.staged import select_in
from olo_converters.errors import ConvertError
from olo_converters.findings import Finding, finding
from olo_converters.graph import Graph, build_graph
from olo_converters.job import with_job
from olo_converters.names import check_artefact_name
from olo_converters.python import build_module
from olo_converters.slice import Slice, slice_for


def convert(request: Request, graph: Graph | None = None) -> Conversion:
    """Convert what a promotion names: ``auto`` makes a dbt model of a SQL result, a Python module of anything else.

    Args:
        graph: The notebook's graph where it was built already.
    """
    try:
        check_artefact_name(request.name)
    except ConvertError as error:
        problem = finding("bad-name", error.message, cell=request.at, hint=error.hint)
        return Conversion("dbt", request.name, "", (), "", (), (problem,))
    if graph is None:
        catalog, namespace = _session(request)
        graph = build_graph(request.notebook, catalog=catalog, namespace=namespace)
    target = target_of(request, graph)
    if isinstance(target, Finding):
        return Conversion("dbt", request.name, "", (), "", (), (target,))
    cut = slice_for(graph, target, at=request.at, capture=request.capture)
    kind = request.options.kind
    if kind == "auto":
        kind = "dbt" if is_sql_result(cut) else "python"
    conversion = build_model(request, graph, cut, build_module) if kind == "dbt" else build_module(request, graph, cut)
    notes = [one for one in graph.findings if one.severity == "error" or one.cell in conversion.cells]
    told = [one for one in conversion.findings if not _is_staged(one, graph, conversion)]
    conversion = replace(conversion, findings=tuple(dict.fromkeys([*notes, *told])))
    if conversion.is_refused:
        return conversion
    clashes = _clashes(request, conversion)
    if clashes:
        return replace(conversion, findings=(*conversion.findings, *clashes))
    try:
        job, told = with_job(request, conversion)
    except ConvertError as error:
        problem = finding("yaml", error.message, hint=error.hint)
        return replace(conversion, findings=(*conversion.findings, problem))
    return replace(conversion, artefacts=(*conversion.artefacts, job), findings=(*conversion.findings, *told))


def _is_staged(problem: Finding, graph: Graph, conversion: Conversion) -> bool:
    """Whether a finding tells of a table that is a model of its own now."""
    if problem.code != "writes-outside" or not conversion.staged or problem.cell is None:
        return False
    return any(select_in(one.sql) is not None for one in graph.of_cell(problem.cell))


def is_sql_result(cut: Slice) -> bool:
    """Whether a slice's target is the result of a SQL cell itself."""
    last = [one for one in cut.statements if one.cell == cut.cell and one.sql is not None]
    return bool(last) and (not cut.target or any(one.sql is not None and one.sql.result == cut.target for one in last))


def target_of(request: Request, graph: Graph) -> str | Finding:
    """What is promoted: as named, else the variable of the promotion's name, else the nearest result above the cell."""
    named = request.source or request.options.source
    if named:
        return named
    before = graph.position(request.at)
    if graph.givers_of(request.name, before) is not None:
        return request.name
    for statement in reversed(graph.statements[:before]):
        if statement.sql is not None and not statement.sql.written:
            return statement.sql.result or statement.cell
    return finding(
        "target-missing",
        f"nothing above is called {request.name}, and there is no result of a SQL cell",
        cell=request.at,
        hint="Say what to promote: --from VARIABLE.",
    )


def _session(request: Request) -> tuple[str, str]:
    for result in request.capture.results:
        return result.catalog, result.namespace
    return (request.project.catalogs or ("dev",))[0], ""


def _clashes(request: Request, conversion: Conversion) -> list[Finding]:
    """Files and models of that name that no earlier promotion of this notebook made."""
    mine = {one.name for one in request.project.promoted}
    if request.name in mine:
        return []
    made = [
        one for one in conversion.artefacts if one.kind in ("model", "module") and not one.path.endswith("__init__.py")
    ]
    found = [
        finding("name-clash", f"{one.path} exists already", hint="Promote under another name.")
        for one in made
        if request.project.files.get(one.path, one.text) != one.text
    ]
    if conversion.kind == "dbt":
        own = f"models/{request.options.layer}/{request.name}.sql"
        found += [
            finding("name-clash", f"the project has a model {request.name} already", hint="Promote under another name.")
            for model in request.project.models
            if model.name == request.name and own not in request.project.files
        ]
    return found
