"""The SELECTs that a model is made of: the target's and those of earlier results that it reads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

from olo_converters.capture import CapturedResult, TableFact
from olo_converters.conversion import Conversion, Input, Request, example_name
from olo_converters.dbt.chains import first_result, with_queries, without
from olo_converters.dbt.relations import Relations
from olo_converters.dbt.staged import Stages, told
from olo_converters.dbt.synthetic import Synthetic
from olo_converters.dbt.text import Rewrite, output_names, rewritten, unnamed_columns
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph, SqlSource, Statement
from olo_converters.graph.sql import TrinoText, find_parameters, with_identifiers
from olo_converters.graph.sql_effects import read_sql


@dataclass
class Building:
    """What comes together while the SQL of a target and of the results that it reads is rewritten."""

    request: Request
    graph: Graph
    relations: Relations
    stages: Stages
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
    is_long: bool = False
    """Whether the chain of queries up to the target is taken apart."""
    staging: dict[str, Conversion] = field(default_factory=dict)
    """The staging models of the WITH queries that were taken out of the text at hand, by their names."""
    staged_results: dict[str, Conversion] = field(default_factory=dict)
    """The staging models of earlier results, by their names."""


def select_of(building: Building, statement: Statement, sql: SqlSource) -> tuple[str, str, exp.Expression | None]:
    """One cell's SELECT: the model's text, the same with example inputs for tables, and the parsed query."""
    request = building.request
    result = request.capture.result_of(statement.cell)
    if building.is_long:
        sql = _taken_apart(building, statement, sql)
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


def _taken_apart(building: Building, statement: Statement, sql: SqlSource) -> SqlSource:
    """The SQL without those of its WITH queries that can be staging models, which are built."""
    building.staging = {}
    for one in with_queries(sql):
        if one.is_first:
            names = tuple(parameter.name for parameter in find_parameters(one.text))
            text = replace(sql, text=one.text, line=sql.line + one.line - 1, parameters=names, results=())
            made = building.stages.staging(one.name, statement, text)
            if made is not None:
                building.staging[one.name] = made
    return without(sql, frozenset(building.staging)) if building.staging else sql


def _staged_query(building: Building, made: Conversion, sql: str) -> str:
    """A staging model in place of a WITH query or an earlier result.

    Args:
        sql: What it was made of: gives its rows.
    """
    key = f"{building.graph.catalog}.{made.relation}"
    relation = _stage(building, made, tuple(made.relation.split(".")))
    building.inputs[key] = replace(building.inputs[key], table="", sql=sql, parameters=made.vars)
    return relation


def _values(building: Building, statement: Statement, sql: SqlSource, result: CapturedResult | None) -> dict[str, Any]:
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


def _note_secret(building: Building, sql: SqlSource, result: CapturedResult | None) -> None:
    """Parameters that stand in one comparison with a sensitive column: their value is a value of that column."""
    sensitive = {
        column.name.lower()
        for table in building.request.capture.tables
        for column in table.columns
        if column.is_sensitive
    }
    if not sensitive or not sql.parameters:
        return
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


def _note_columns(building: Building, query: exp.Expression) -> None:
    if building.used_columns is None or (
        query.find(exp.Star) is not None
        and any(select.is_star for each in query.find_all(exp.Select) for select in each.selects)
    ):
        building.used_columns = None
        return
    building.used_columns |= {column.name.lower() for column in query.find_all(exp.Column)}


def _relation(
    building: Building, statement: Statement, sql: SqlSource, parts: tuple[str, ...], line: int
) -> str | None:
    """What stands in the model for a table of the notebook; None leaves the name (an inlined result) as it is."""
    place = sql.line + line - 1
    written = ".".join(parts)
    if len(parts) == 1 and parts[0] in building.staging:
        made = building.staging[parts[0]]
        return _staged_query(building, made, building.stages.texts[made.name])
    result_name = next((name for name in sql.results if len(parts) == 1 and name.lower() == parts[0]), None)
    if result_name is not None:
        return _earlier(building, statement, result_name, line, sql)
    staged = building.stages.model_of(parts, statement.index)
    if isinstance(staged, str):
        building.findings.append(told(staged, statement, place))
        return None
    if staged is not None:
        return _stage(building, staged, parts)
    full = building.relations.full(parts)
    if not full[1]:
        building.findings.append(
            finding(
                "unknown-namespace",
                f"{written} is no earlier result, and no namespace is set: it counts from the target's own schema",
                cell=statement.cell,
                line=place,
                hint="Write namespace.table, or correct the schema of the source in models/sources.yml.",
            )
        )
    try:
        relation = building.relations.relation(*full, is_prepared=building.stages.is_prepared(parts))
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


def _stage(building: Building, staged: Conversion, parts: tuple[str, ...]) -> str:
    """A table that a cell of the notebook makes: the model before this one."""
    building.findings += staged.findings
    building.cells += staged.cells
    if staged.kind == "python":
        return _written(building, staged)
    building.values.update({name: value for name, value in staged.vars.items() if name not in building.values})
    building.secret |= staged.required.keys()
    relation = building.relations.ref(staged.name)
    full = building.relations.full(parts)
    _note_input(building, ".".join(full), relation)
    return relation


def _written(building: Building, step: Conversion) -> str:
    """The table that a step of Python writes before the model runs."""
    namespace, table = step.relation.split(".")
    relation = building.relations.relation(building.graph.catalog, namespace, table, is_prepared=True)
    _note_input(building, f"{building.graph.catalog}.{step.relation}", relation)
    return relation


def _note_input(building: Building, key: str, relation: str) -> None:
    building.given[key] = relation.strip("{} ").replace('"', "'")
    fact = next((table for table in building.request.capture.tables if table.full_name == key), None)
    if fact is not None:
        building.tables[key] = fact
    building.inputs.setdefault(key, Input(key, table=key))


def _example_relation(building: Building, sql: SqlSource, parts: tuple[str, ...]) -> str | None:
    result_name = next((name for name in sql.results if len(parts) == 1 and name.lower() == parts[0]), None)
    if len(parts) == 1 and parts[0] in building.staging:
        return example_name(f"{building.graph.catalog}.{building.staging[parts[0]].relation}")
    if result_name is not None:
        staged = building.staged_results.get(result_name.lower())
        if staged is not None:
            return example_name(f"{building.graph.catalog}.{staged.relation}")
        return example_name(result_name) if result_name in building.inputs else None
    full = building.relations.full(parts)
    return example_name(".".join(full))


def _earlier(building: Building, statement: Statement, name: str, line: int, sql: SqlSource) -> str | None:
    """An earlier result that is read as a table: the model it was promoted to, else its SELECT as a WITH query."""
    givers = building.graph.givers_of(name, statement.index) or frozenset()
    makers = [building.graph.statements[index] for index in givers]
    place = sql.line + line - 1
    if len(makers) != 1 or makers[0].sql is None:
        step = building.stages.module_of(name, statement) if givers else None
        if isinstance(step, Conversion):
            return _stage(building, step, (name,))
        building.findings.append(
            finding(
                "result-from-python",
                step or f"{name} is made by Python, not by one SQL cell",
                cell=statement.cell,
                line=place,
                hint=f"Promote {name} as a Python module, then read its table by name.",
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
    if building.is_long and key not in building.inlined and first_result(maker.sql):
        made = building.staged_results.get(key) or building.stages.staging(key, maker, maker.sql)
        if made is not None:
            building.staged_results[key] = made
            return _staged_query(building, made, maker.sql.text)
    if key not in building.inlined:
        building.inlined[key] = ""
        captured = building.request.capture.result_of(maker.cell)
        if captured is not None and captured.truncated:
            note = f"{name} was cut by --limit when it was read; the model has all its rows"
            building.findings.append(finding("limit-dropped", note, cell=maker.cell, line=1))
        outer = building.staging
        text, plain, query = select_of(building, maker, maker.sql)
        building.staging = outer
        if query is not None:
            check_names(building, maker, captured, query)
        # what it needs itself stands before it
        building.inlined.pop(key)
        building.inlined[key], building.plain_inlined[key] = text, plain
        building.cells.append(maker.cell)
    return None


def check_names(
    building: Building, statement: Statement, result: CapturedResult | None, query: exp.Expression
) -> list[str]:
    """The names of a SELECT's columns; two alike or one without are findings."""
    names = (
        [column.name.lower() for column in result.columns]
        if result is not None and result.columns
        else output_names(query)
    )
    line = statement.sql.line if statement.sql else None
    text = statement.sql.text if statement.sql else ""
    places = unnamed_columns(query, TrinoText().tokenize(with_identifiers(text)[0]))
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice or places is None:
        what = f"two columns are called {', '.join(twice)}" if twice else "a column has no name"
        building.findings.append(
            finding("duplicate-columns", what, cell=statement.cell, line=line, hint="Name them with AS.")
        )
    elif places:
        given = ", ".join(name for _, name in places)
        building.findings.append(
            finding(
                "unnamed-column",
                f"what has no name in the SELECT is called {given}, as Trino calls it",
                cell=statement.cell,
                line=line,
                hint="Name it with AS.",
            )
        )
        names = [name or f"_col{number}" for number, name in enumerate(names)]
    return names
