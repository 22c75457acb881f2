"""The SELECT of a cell as a dbt model, with its properties, sources and tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

from olo_converters.artefact import Artefact
from olo_converters.capture import CapturedResult, ColumnFact, TableFact
from olo_converters.conversion import Conversion, Example, Input, Request, example_name
from olo_converters.dbt.format import formatted
from olo_converters.dbt.relations import Relations
from olo_converters.dbt.schema import properties, unit_test, with_sources
from olo_converters.dbt.synthetic import Synthetic
from olo_converters.dbt.text import Rewrite, output_names, rewritten
from olo_converters.dbt.values import jinja_literal
from olo_converters.dbt.with_queries import with_inlined
from olo_converters.errors import ConvertError
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph, SqlSource, Statement
from olo_converters.markdown import description_of
from olo_converters.slice import Slice


@dataclass
class _Building:
    """What comes together while the SQL of a target and of the results that it reads is rewritten."""

    request: Request
    graph: Graph
    relations: Relations
    findings: list[Finding] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    secret: set[str] = field(default_factory=set)
    inlined: dict[str, str] = field(default_factory=dict)
    plain_inlined: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, Input] = field(default_factory=dict)
    cells: list[str] = field(default_factory=list)
    tables: dict[str, TableFact] = field(default_factory=dict)
    used_columns: set[str] | None = field(default_factory=set)
    depends_on: list[str] = field(default_factory=list)


def build_model(request: Request, graph: Graph, cut: Slice) -> Conversion:
    """The target of a slice, the result of a SQL cell, as a dbt model.

    Args:
        cut: The slice; its target's cell holds the SELECT.
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
    result = request.capture.result_of(statement.cell)
    relations = Relations(
        request.project,
        request.name,
        result.catalog if result else graph.catalog,
        result.namespace if result else graph.namespace,
    )
    building = _Building(request, graph, relations, findings=list(cut.findings))
    body, plain_body, query = _select(building, statement, statement.sql)
    building.cells.append(statement.cell)
    columns = _columns(building, statement, result, query)
    if query is None or any(one.severity == "error" for one in building.findings):
        return _refused(request, cut, building.findings)
    body = with_inlined(body, building.inlined)
    if request.options.materialized == "incremental":
        body = _incremental(building, body, columns, statement)
    text, problem_ = formatted(f"{_config(request)}\n\n{body}\n")
    if problem_ is not None:
        building.findings.append(finding("format-failed", problem_, cell=statement.cell))
    return _conversion(building, cut, text, with_inlined(plain_body, building.plain_inlined), columns, result)


def _refused(request: Request, cut: Slice, findings: list[Finding]) -> Conversion:
    relation = f"{request.options.layer}.{request.name}"
    return Conversion("dbt", request.name, relation, cut.cells, cut.source, (), tuple(dict.fromkeys(findings)))


def _select(building: _Building, statement: Statement, sql: SqlSource) -> tuple[str, str, exp.Expression | None]:
    """One cell's SELECT: the model's text, the same with example inputs for tables, and the parsed query."""
    request = building.request
    result = request.capture.result_of(statement.cell)
    values = _values(building, statement, sql, result)
    _note_secret(building, sql, result)
    if result is not None and result.as_of:
        note = f"the notebook's pin {result.as_of} is not in the model: production reads the present"
        building.findings.append(finding("pin-dropped", note, cell=statement.cell))
    if sql.options.as_of or sql.options.snapshot is not None or sql.options.ref:
        note = "the pin on the line of the magic is not in the model: production reads the present"
        building.findings.append(finding("pin-dropped", note, cell=statement.cell, line=1))
    if sql.options.limit is not None:
        note = f"--limit {sql.options.limit} is not in the model"
        building.findings.append(finding("limit-dropped", note, cell=statement.cell, line=1))
    dbt = Rewrite(
        statement.cell,
        sql.line,
        values,
        lambda parts, line: _relation(building, statement, sql, parts, line),
        request.options.pins,
        frozenset(building.secret),
    )
    text, query = rewritten(sql.text, dbt)
    building.findings += dbt.findings
    plain = Rewrite(
        statement.cell,
        sql.line,
        values,
        lambda parts, _: _example_relation(building, sql, parts),
        "drop",
        for_dbt=False,
    )
    plain_text, _ = rewritten(sql.text, plain)
    if query is not None:
        _note_columns(building, query)
    return text, plain_text, query


def _values(building: _Building, statement: Statement, sql: SqlSource, result: CapturedResult | None) -> dict[str, Any]:
    capture = building.request.capture
    values: dict[str, Any] = {}
    for name in (*sql.parameters, *sql.identifiers):
        if result is not None and name in result.parameters:
            values[name] = result.parameters[name]
        elif name in capture.values and capture.values[name].is_scalar:
            values[name] = capture.values[name].value
        else:
            known = building.graph.literal_of(name, statement.index)
            if known is not None:
                values[name] = known[0]
    for name in sql.parameters:
        if name not in values:
            continue
        if name in building.values and building.values[name] != values[name]:
            building.findings.append(
                finding(
                    "unknown-parameter",
                    f":{name} had different values in the cells that the model is made of",
                    cell=statement.cell,
                    line=sql.line,
                    hint="Use two names, or run the cells again.",
                )
            )
        building.values[name] = values[name]
    return values


def _note_secret(building: _Building, sql: SqlSource, result: CapturedResult | None) -> None:
    """Parameters that stand in one comparison with a sensitive column: their value is a value of that column."""
    sensitive = {
        column.name.lower()
        for table in building.request.capture.tables
        for column in table.columns
        if column.is_sensitive
    }
    if not sensitive or not sql.parameters:
        return
    from olo_converters.graph.sql_effects import read_sql

    for tree in read_sql(sql.text).statements:
        for placeholder in tree.find_all(exp.Placeholder):
            around: exp.Expr | None = placeholder.find_ancestor(exp.Predicate, exp.Select)
            if around is None or isinstance(around, exp.Select):
                continue
            if any(column.name.lower() in sensitive for column in around.find_all(exp.Column)):
                name = str(placeholder.this)
                if name not in building.secret:
                    building.secret.add(name)
                    building.findings.append(
                        finding(
                            "sensitive-default",
                            f":{name} is compared with a restricted column, so its value is not in the model",
                            cell=result.cell if result else None,
                            hint=f"Give it on each run: --vars '{{{name}: …}}'.",
                        )
                    )


def _note_columns(building: _Building, query: exp.Expression) -> None:
    if building.used_columns is None or (
        query.find(exp.Star) is not None
        and any(select.is_star for each in query.find_all(exp.Select) for select in each.selects)
    ):
        building.used_columns = None
        return
    building.used_columns |= {column.name.lower() for column in query.find_all(exp.Column)}


def _relation(
    building: _Building, statement: Statement, sql: SqlSource, parts: tuple[str, ...], line: int
) -> str | None:
    """What stands in the model for a table of the notebook; None leaves the name (an inlined result) as it is."""
    place = sql.line + line - 1
    written = ".".join(parts)
    result_name = next((name for name in sql.results if len(parts) == 1 and name.lower() == parts[0]), None)
    if result_name is not None:
        return _earlier(building, statement, result_name, line, sql)
    full = building.relations.full(parts)
    if full is None:
        building.findings.append(
            finding(
                "unknown-table",
                f"{written} is no earlier result, and no namespace is set",
                cell=statement.cell,
                line=place,
                hint="Write namespace.table.",
            )
        )
        return None
    try:
        relation = building.relations.relation(*full)
    except RecursionError:
        building.findings.append(
            finding(
                "self-reference",
                f"the model would read its own table {written}",
                cell=statement.cell,
                line=place,
                hint="Promote under another name.",
            )
        )
        return None
    except LookupError as error:
        building.findings.append(
            finding(
                "ambiguous-table",
                f"{written} is made by several models: {error}",
                cell=statement.cell,
                line=place,
                hint="Give one of them another table.",
            )
        )
        return None
    _note_input(building, ".".join(full), relation)
    return relation


def _note_input(building: _Building, key: str, relation: str) -> None:
    building.given[key] = relation.strip("{} ").replace('"', "'")
    fact = next((table for table in building.request.capture.tables if table.full_name == key), None)
    if fact is not None:
        building.tables[key] = fact
    building.inputs.setdefault(key, Input(key, table=key))


def _example_relation(building: _Building, sql: SqlSource, parts: tuple[str, ...]) -> str | None:
    result_name = next((name for name in sql.results if len(parts) == 1 and name.lower() == parts[0]), None)
    if result_name is not None:
        return example_name(result_name) if result_name in building.inputs else None
    full = building.relations.full(parts)
    return example_name(".".join(full)) if full is not None else None


def _earlier(building: _Building, statement: Statement, name: str, line: int, sql: SqlSource) -> str | None:
    """An earlier result that is read as a table: the model it was promoted to, else its SELECT as a WITH query."""
    givers = building.graph.givers_of(name, statement.index) or frozenset()
    makers = [building.graph.statements[index] for index in givers]
    place = sql.line + line - 1
    if len(makers) != 1 or makers[0].sql is None:
        building.findings.append(
            finding(
                "result-from-python",
                f"{name} is made by Python, not by one SQL cell",
                cell=statement.cell,
                line=place,
                hint=f"Promote {name} first.",
            )
        )
        return None
    maker = makers[0]
    assert maker.sql is not None
    promoted = next(
        (
            one
            for one in building.request.project.promoted
            if one.cell == maker.cell and one.kind == "dbt" and one.name != building.request.name
        ),
        None,
    )
    if promoted is not None:
        captured = building.request.capture.result_of(maker.cell)
        rows = Synthetic().rows(captured.sample, captured.columns) if captured else ()
        building.inputs[name] = Input(name, table=f"{promoted.layer}.{promoted.name}", rows=rows)
        building.given[name] = f"ref('{promoted.name}')"
        building.depends_on.append(promoted.name)
        return building.relations.ref(promoted.name)
    key = name.lower()
    if key not in building.inlined:
        building.inlined[key] = ""
        captured = building.request.capture.result_of(maker.cell)
        if captured is not None and captured.truncated:
            note = f"{name} was cut by --limit when it was read; the model has all its rows"
            building.findings.append(finding("limit-dropped", note, cell=maker.cell, line=1))
        text, plain, query = _select(building, maker, maker.sql)
        if query is not None:
            _check_names(building, maker, captured, query)
        # what it needs itself stands before it
        building.inlined.pop(key)
        building.inlined[key], building.plain_inlined[key] = text, plain
        building.cells.append(maker.cell)
    return None


def _columns(
    building: _Building, statement: Statement, result: CapturedResult | None, query: exp.Expression | None
) -> tuple[ColumnFact, ...]:
    if query is None:
        return ()
    names = _check_names(building, statement, result, query)
    if result is not None:
        return result.columns
    return tuple(ColumnFact(name) for name in names)


def _check_names(
    building: _Building, statement: Statement, result: CapturedResult | None, query: exp.Expression
) -> list[str]:
    names = (
        [column.name.lower() for column in result.columns]
        if result is not None and result.columns
        else output_names(query)
    )
    unnamed = [name for name in names if not name or re.fullmatch(r"_col\d+", name)]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if unnamed or twice:
        text = f"two columns are called {', '.join(twice)}" if twice else f"{len(unnamed)} column(s) have no name"
        building.findings.append(
            finding(
                "duplicate-columns",
                text,
                cell=statement.cell,
                line=statement.sql.line if statement.sql else None,
                hint="Name them with AS.",
            )
        )
    return names


def _config(request: Request) -> str:
    options = request.options
    parts = [f"materialized={jinja_literal(options.materialized or 'table')}"]
    if options.materialized == "incremental":
        strategy = "merge" if options.unique_key else "append"
        parts.append(f"incremental_strategy={jinja_literal(strategy)}")
        if options.unique_key:
            keys = ", ".join(jinja_literal(key) for key in options.unique_key)
            parts.append(f"unique_key=[{keys}]")
    if options.tags:
        parts.append(f"tags=[{', '.join(jinja_literal(tag) for tag in options.tags)}]")
    return "{{ config(" + ", ".join(parts) + ") }}"


def _incremental(building: _Building, body: str, columns: tuple[ColumnFact, ...], statement: Statement) -> str:
    """Only what is at or after the newest time that the table has; with a unique key those rows are replaced."""
    options = building.request.options
    names = {column.name.lower() for column in columns}
    time = (options.time_column or "").lower()
    missing = [key for key in options.unique_key if key.lower() not in names] if names else []
    if (not time and not options.unique_key) or (time and names and time not in names) or missing:
        what = (
            f"the result has no column {', '.join(missing) or time}"
            if missing or time
            else "neither unique_key nor time_column is given"
        )
        building.findings.append(
            finding("incremental-not-possible", what, cell=statement.cell, hint="Name columns of the result.")
        )
        return body
    if not time:
        return body
    compare = ">=" if options.unique_key else ">"
    return (
        f"select *\nfrom (\n{body}\n) as notebook_query\n"
        f"{{% if is_incremental() %}}\nwhere {time} {compare} (select max({time}) from {{{{ this }}}})\n{{% endif %}}"
    )


def _conversion(
    building: _Building,
    cut: Slice,
    text: str,
    query: str,
    columns: tuple[ColumnFact, ...],
    result: CapturedResult | None,
) -> Conversion:
    request = building.request
    layer, name = request.options.layer, request.name
    synthetic = Synthetic()
    keep = frozenset(building.used_columns) if building.used_columns is not None else None
    inputs = tuple(
        replace(one, rows=synthetic.rows(building.tables[key].sample, building.tables[key].columns, keep))
        if key in building.tables and not one.rows
        else one
        for key, one in building.inputs.items()
    )
    example = request.example or Example({})
    shown = {key: value for key, value in building.values.items() if key not in building.secret}
    test = unit_test(request, building.given, example, shown) if not building.secret else None
    description = request.options.description or description_of(request.notebook, cut.cell)
    artefacts = [
        Artefact(f"models/{layer}/{name}.sql", text, "model"),
        Artefact(
            f"models/{layer}/{name}.yml",
            properties(request, description, result, columns, tuple(building.tables.values()), test),
            "schema",
        ),
    ]
    findings = list(building.findings)
    if result is not None and not result.profile and request.options.tests is None:
        findings.append(finding("test-not-proposed", "the result has no profile", cell=cut.cell))
    if len(request.options.unique_key) > 1:
        artefacts.append(Artefact(f"tests/{name}_unique_key.sql", _key_test(request), "test"))
    try:
        edited = with_sources(request.project.files, tuple(building.relations.new_sources))
        artefacts += [Artefact(path, content, "schema") for path, content in edited.items()]
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
        inputs=inputs,
        query=query,
        depends_on=tuple(dict.fromkeys(building.depends_on)),
        uses_random=any(one.code == "volatile-function" for one in findings),
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
