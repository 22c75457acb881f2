"""schema.yml of a model: columns, types, descriptions, and tests proposed from the data, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from olo_converters.capture import CapturedResult, ColumnFact, TableFact
from olo_converters.conversion import Example, Request
from olo_converters.dbt.freshness import freshness
from olo_converters.dbt.incremental import Incremental
from olo_converters.dbt.proposed import proposed_tests
from olo_converters.dbt.relations import NewSource
from olo_converters.dbt.synthetic import plain
from olo_converters.dbt.values import default_of, escape_jinja
from olo_converters.yaml_text import dump, edited, load


def properties(
    request: Request,
    description: str,
    result: CapturedResult | None,
    columns: tuple[ColumnFact, ...],
    tables: tuple[TableFact, ...],
    unit_tests: Sequence[Mapping[str, Any]],
    going_on: Incremental | None = None,
    given: Mapping[str, str] | None = None,
) -> str:
    """The text of ``models/<layer>/<name>.yml``.

    Args:
        given: dbt's text of each input (``source('a', 'b')``) by its full name.
    """
    options = request.options
    meta: dict[str, Any] = {}
    if options.owner:
        meta["owner"] = options.owner
    if going_on is not None:
        meta["incremental"] = escape_jinja(going_on.reason)
    model: dict[str, Any] = {"name": request.name}
    if description:
        model["description"] = escape_jinja(description)
    if meta:
        model["config"] = {"meta": meta}
    model_tests, column_tests = _asked(request)
    if model_tests:
        model["data_tests"] = model_tests
    described = [
        _column(column, request, result, tables, column_tests.get(column.name.lower(), []), given or {})
        for column in columns
    ]
    if described:
        model["columns"] = described
    document: dict[str, Any] = {"version": 2, "models": [model]}
    if unit_tests:
        document["unit_tests"] = [dict(one) for one in unit_tests]
    return dump(document)


def _asked(request: Request) -> tuple[list[Any], dict[str, list[Any]]]:
    """The tests that the analyst wrote: on the model, and by column (``{unique: flight_id}``)."""
    on_model: list[Any] = []
    on_columns: dict[str, list[Any]] = {}
    for test in request.options.tests or ():
        if isinstance(test, dict) and len(test) == 1 and isinstance(next(iter(test.values())), str):
            name, column = next(iter(test.items()))
            on_columns.setdefault(column.lower(), []).append(name)
        else:
            on_model.append(test)
    return on_model, on_columns


def _column(
    column: ColumnFact,
    request: Request,
    result: CapturedResult | None,
    tables: tuple[TableFact, ...],
    asked: list[Any],
    given: Mapping[str, str],
) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name.lower()}
    comment = column.comment or _comment_of(column.name, tables)
    if comment:
        entry["description"] = escape_jinja(comment)
    if column.type:
        entry["data_type"] = column.type
    if column.sensitivity:
        entry["config"] = {"meta": {"sensitivity": list(column.sensitivity)}}
    tests = list(asked)
    profile = next((one for one in (result.profile if result else ()) if one.name == column.name), None)
    if request.options.tests is None and result is not None and profile is not None:
        tests += proposed_tests(column, profile, result, request.options.unique_key, given)
    if tests:
        entry["data_tests"] = tests
    return entry


def _comment_of(name: str, tables: tuple[TableFact, ...]) -> str:
    comments = {one.comment for table in tables for one in table.columns if one.name == name and one.comment}
    return comments.pop() if len(comments) == 1 else ""


def unit_test(
    request: Request,
    given: Mapping[str, str],
    example: Example,
    variables: Mapping[str, Any],
    going_on: Incremental | None,
) -> dict[str, Any] | None:
    """A dbt unit test on small rows; None without expected rows.

    Args:
        given: dbt's text of each input (``source('a', 'b')``) by its key in the example.
    """
    if example.expected is None:
        return None
    said = "Rows of the notebook's own tables at its pins; values of sensitive columns are synthetic."
    if example.covered:
        listed = "\n".join(f"- {escape_jinja(branch)}" for branch in example.covered)
        said = f"Each of these changes what comes out of the rows, which are made for it:\n{listed}"
    test: dict[str, Any] = {
        "name": f"{request.name}_{'branches' if example.covered else 'on_example_rows'}",
        "model": request.name,
        "description": said,
    }
    overrides: dict[str, Any] = {}
    if going_on is not None:
        overrides["macros"] = {"is_incremental": False}
    if variables:
        overrides["vars"] = {name: default_of(value) for name, value in variables.items()}
    if overrides:
        test["overrides"] = overrides
    test["given"] = [
        {"input": text, "rows": [_row(row) for row in example.inputs.get(key, ())]} for key, text in given.items()
    ]
    test["expect"] = {"rows": [_row(row) for row in example.expected]}
    return test


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: plain(value) for name, value in row.items()}
    return {name: escape_jinja(value) if isinstance(value, str) else value for name, value in values.items()}


def with_sources(
    files: Mapping[str, str], new: tuple[NewSource, ...], tables_read: Iterable[TableFact] = ()
) -> dict[str, str]:
    """The project's source files with new tables in them, by path; comments and order stay.

    Args:
        tables_read: What is known of the tables: how old one may get is proposed from its commits.

    Raises:
        YamlError: A file isn't YAML.
    """
    commits = {(one.namespace, one.table): one.commits for one in tables_read}
    written: dict[str, str] = {}
    for source in new:
        known = {**files, **written}
        path, tree = _file_of(source, known)
        sources = tree.setdefault("sources", [])
        if sources is None or not sources:
            tree["sources"] = sources = []
        entry = next((one for one in sources if one.get("name") == source.source), None)
        if entry is None:
            entry = {"name": source.source}
            if source.database:
                entry["database"] = source.database
            entry["schema"] = source.namespace
            entry["tables"] = []
            sources.append(entry)
        tables = entry.setdefault("tables", [])
        if not any(one.get("name") == source.table for one in tables):
            config = freshness(commits.get((source.namespace, source.table), ()))
            tables.append({"name": source.table, **({"config": config} if config is not None else {})})
        written[path] = edited(known[path], tree, path) if path in known else dump(tree)
    return written


def _file_of(source: NewSource, files: Mapping[str, str]) -> tuple[str, Any]:
    """The file that has the source already, else ``models/sources.yml``."""
    for path in sorted(files):
        if path.startswith("models/") and path.endswith((".yml", ".yaml")) and "sources:" in files[path]:
            tree = load(files[path], path)
            if any(one.get("name") == source.source for one in tree.get("sources") or ()):
                return path, tree
    path = "models/sources.yml"
    return path, load(files[path], path) if path in files else {"version": 2}
