"""What a module reads at its edge: tables of promoted models, and the notebook's own queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from olo_converters.capture import ProjectFacts
from olo_converters.conversion import Request
from olo_converters.dbt.model import build_model
from olo_converters.dbt.staged import Stages, told
from olo_converters.dbt.text import Rewrite, rewritten
from olo_converters.dbt.with_queries import with_inlined
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph, Statement
from olo_converters.script import Script


@dataclass(frozen=True)
class Edge:
    """One read: of a whole table, or of a query with parameters.

    Args:
        name: The notebook's variable.
        table: ``gold.daily_delays`` where the cell was promoted as a model, else ''.
        sql: The query's text, else ''.
        parameters: Names bound to ``:name``.
    """

    name: str
    statement: Statement
    table: str = ""
    sql: str = ""
    parameters: tuple[str, ...] = ()


@dataclass
class Edges:
    """The reads of a slice, and what was found on the way."""

    edges: list[Edge] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    depends_on: list[str] = field(default_factory=list)
    staged: Stages | None = None
    made: set[int] = field(default_factory=set)


def promoted_model(project: ProjectFacts, statement: Statement) -> tuple[str, str] | None:
    """Model and table that a SQL cell was promoted to."""
    for one in project.promoted:
        if one.cell == statement.cell and one.kind == "dbt":
            return one.name, f"{one.layer}.{one.name}"
    return None


def edges_of(
    request: Request, graph: Graph, queries: list[Statement], used: set[str], script: Script | None = None
) -> Edges:
    """The reads that a module needs.

    Args:
        queries: SQL cells of the slice.
        script: What makes tables before the module runs.
        used: Names that its Python statements read; results that only other queries read are inlined there.
    """
    found = Edges(staged=Stages(request, graph, build_model, script))
    for statement in queries:
        assert statement.sql is not None
        if statement.sql.result not in used:
            continue
        model = promoted_model(request.project, statement)
        if model is not None:
            found.depends_on.append(model[0])
            found.edges.append(Edge(statement.sql.result, statement, table=model[1]))
            continue
        inlined: dict[str, str] = {}
        parameters: list[str] = []
        text = _text(request, graph, statement, inlined, parameters, found)
        found.edges.append(
            Edge(
                statement.sql.result,
                statement,
                sql=with_inlined(text, inlined),
                parameters=tuple(dict.fromkeys(parameters)),
            )
        )
    return found


def _text(
    request: Request, graph: Graph, statement: Statement, inlined: dict[str, str], parameters: list[str], found: Edges
) -> str:
    sql = statement.sql
    assert sql is not None
    result = request.capture.result_of(statement.cell)
    values = _values(request, graph, statement)
    for name in sql.parameters:
        if name in values:
            found.values.setdefault(name, values[name])
        else:
            found.findings.append(
                finding(
                    "unknown-parameter",
                    f"the value of :{name} isn't known",
                    cell=statement.cell,
                    line=sql.line,
                    hint=f"Run the cell, or give {name} a value.",
                )
            )
    parameters += sql.parameters

    def relation(parts: tuple[str, ...], line: int) -> str | None:
        name = next((one for one in sql.results if len(parts) == 1 and one.lower() == parts[0]), None)
        if name is None:
            staged = found.staged.model_of(parts, statement.index) if found.staged is not None else None
            if isinstance(staged, str):
                found.findings.append(told(staged, statement, sql.line + line - 1))
                return None
            if staged is not None:
                found.findings += staged.findings
                found.depends_on.append(staged.name)
                found.values.update({key: value for key, value in staged.vars.items() if key not in found.values})
                return staged.relation
            return ".".join(_quoted(part) for part in parts)
        makers = [graph.statements[index] for index in graph.givers_of(name, statement.index) or ()]
        if len(makers) != 1 or makers[0].sql is None:
            found.findings.append(
                finding(
                    "result-from-python",
                    f"{name} is made by Python and read by SQL",
                    cell=statement.cell,
                    line=sql.line + line - 1,
                    hint=f"Promote {name} first, and read its table.",
                )
            )
            return None
        model = promoted_model(request.project, makers[0])
        if model is not None:
            found.depends_on.append(model[0])
            return model[1]
        if name.lower() not in inlined:
            text = _text(request, graph, makers[0], inlined, parameters, found)
            inlined[name.lower()] = text
        return None

    if (result is not None and result.truncated) or sql.options.limit is not None:
        found.findings.append(finding("limit-dropped", "--limit is not in the module", cell=statement.cell, line=1))
    if (
        (result is not None and result.as_of)
        or sql.options.as_of
        or sql.options.ref
        or sql.options.snapshot is not None
    ):
        found.findings.append(
            finding(
                "pin-dropped",
                "the pin beside the SQL is not in the module: production reads the present",
                cell=statement.cell,
                line=1,
            )
        )
    rewrite = Rewrite(statement.cell, sql.line, values, relation, request.options.pins, for_dbt=False)
    text, _ = rewritten(sql.text, rewrite)
    found.findings += rewrite.findings
    return text


def _values(request: Request, graph: Graph, statement: Statement) -> Mapping[str, Any]:
    sql = statement.sql
    assert sql is not None
    result = request.capture.result_of(statement.cell)
    values: dict[str, Any] = {}
    for name in (*sql.parameters, *sql.identifiers):
        observed = request.capture.values.get(name)
        literal = graph.literal_of(name, statement.index)
        if result is not None and name in result.parameters:
            values[name] = result.parameters[name]
        elif literal is not None:
            values[name] = literal[0]
        elif observed is not None and observed.is_scalar:
            values[name] = observed.value
    return values


def _quoted(name: str) -> str:
    plain = name.isidentifier() and name.isascii() and name == name.lower()
    return name if plain else '"' + name.replace('"', '""') + '"'
