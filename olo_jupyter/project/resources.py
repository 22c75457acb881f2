"""resources/: dashboards that belong to the project, and pipelines whose expectations become dbt tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zipfile import BadZipFile, ZipFile

from pydantic import Field, model_validator

from olo_jobs.document import Document, read_document
from olo_jobs.fields import Name, SpecModel
from olo_jobs.load import nearest, read_model
from olo_jobs.problem import Problem, SpecError

if TYPE_CHECKING:
    from olo_jupyter.project.project import Project

FOLDER = "resources"
DASHBOARDS = f"{FOLDER}/dashboards.yml"
PIPELINES = f"{FOLDER}/pipelines.yml"
TESTS = "expectations"
"""Folder of the dbt tests that expectations become, below the project's tests/."""
_COLUMN = r"^[A-Za-z_]\w*$"
Column = Annotated[str, Field(pattern=_COLUMN)]


class Dashboard(SpecModel):
    """A Superset dashboard, kept as its export."""

    name: Name = Field(description="Name of the dashboard in the project.")
    export: str = Field(
        description="Superset's export: a zip, or the folder that it unpacks to (with metadata.yaml).",
        examples=["resources/superset/delays"],
    )
    title: str = Field(default="", description="Title for people.")
    tables: list[str] = Field(default_factory=list, description="Models that it shows.", examples=[["daily_delays"]])


class Dashboards(SpecModel):
    """``resources/dashboards.yml``."""

    version: Literal[1] = Field(description="Version of the file's form.")
    dashboards: list[Dashboard] = Field(default_factory=list, description="The dashboards.")


class Expectation(SpecModel):
    """What must hold of a model's rows: exactly one rule. ``warn`` reports only, ``fail`` fails the build."""

    name: Name = Field(description="Name of the expectation; the dbt test is called <model>_<name>.")
    not_null: Column | None = Field(default=None, description="A column without NULL.")
    unique: list[Column] | None = Field(default=None, min_length=1, description="Columns that are a key together.")
    accepted_values: dict[Column, list[str | int | float | bool]] | None = Field(
        default=None,
        min_length=1,
        max_length=1,
        description="A column and its only values.",
        examples=[{"carrier": ["UA", "DL"]}],
    )
    expression: str | None = Field(
        default=None,
        min_length=1,
        description="A condition in Trino SQL that holds for every row.",
        examples=["dep_delay < 1500"],
    )
    action: Literal["fail", "warn"] = Field(default="fail", description="What a row that breaks the rule does.")

    @model_validator(mode="after")
    def _one(self) -> Expectation:
        given = [
            one for one in ("not_null", "unique", "accepted_values", "expression") if getattr(self, one) is not None
        ]
        if len(given) != 1:
            raise ValueError(
                "an expectation has exactly one of not_null, unique, accepted_values, expression; "
                f"this one has {' and '.join(given) or 'none'}"
            )
        if self.expression is not None and re.search(r";|--|/\*|\{\{|\{%|\$\{", self.expression):
            raise ValueError("the expression is one condition: no ;, no comment, no template")
        return self


class Pipeline(SpecModel):
    """A model and what must hold of it."""

    model: Name = Field(description="The dbt model.", examples=["daily_delays"])
    expectations: list[Expectation] = Field(min_length=1, description="What must hold.")


class Pipelines(SpecModel):
    """``resources/pipelines.yml``."""

    version: Literal[1] = Field(description="Version of the file's form.")
    pipelines: list[Pipeline] = Field(default_factory=list, description="The models.")


def check_resources(project: Project) -> Iterator[Problem]:
    """What is wrong with both files: also exports and models that aren't there, and generated tests that are old."""
    dashboards = _read(project.root, DASHBOARDS, Dashboards, "version: 1 and dashboards")
    pipelines = _read(project.root, PIPELINES, Pipelines, "version: 1 and pipelines")
    for found in (dashboards, pipelines):
        if isinstance(found, list):
            yield from found
    if isinstance(dashboards, tuple):
        yield from _check_dashboards(project, *dashboards)
    if isinstance(pipelines, tuple):
        yield from _check_pipelines(project, *pipelines)


def _read(root: Path, file: str, model: Any, holds: str) -> tuple[Document, Any] | list[Problem] | None:
    if not (root / file).exists():
        return None
    try:
        document = read_document(root / file, file)
        return document, read_model(document, model, empty=f"The file holds {holds}.")
    except SpecError as error:
        return error.problems


def _check_dashboards(project: Project, document: Document, file: Dashboards) -> Iterator[Problem]:
    for index, dashboard in enumerate(file.dashboards):
        at = ("dashboards", index, "export")
        if dashboard.name in [one.name for one in file.dashboards[:index]]:
            yield document.problem((*at[:2], "name"), "duplicate-name", f"dashboard {dashboard.name!r} is there twice")
        wrong = _wrong_export(project.root, dashboard.export)
        if wrong:
            hint = "Export the dashboard in Superset (… → Export), and put it there."
            yield document.problem(at, "missing-export", f"{dashboard.export} {wrong}", hint)
        for place, table in enumerate(dashboard.tables):
            if table not in project.models:
                hint = nearest(table, project.models)
                yield document.problem(
                    (*at[:2], "tables", place), "unknown-model", f"there is no model {table!r}", hint
                )


def _wrong_export(root: Path, name: str) -> str:
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        return "is not in the project"
    if path.is_dir():
        return "" if any(path.rglob("metadata.yaml")) else "has no metadata.yaml: it is no export of Superset's"
    if not path.is_file():
        return "does not exist"
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError):
        return "is no zip: Superset exports zips"
    return (
        ""
        if any(Path(one).name == "metadata.yaml" for one in names)
        else "has no metadata.yaml: it is no export of Superset's"
    )


def _check_pipelines(project: Project, document: Document, file: Pipelines) -> Iterator[Problem]:
    for index, pipeline in enumerate(file.pipelines):
        at = ("pipelines", index)
        if pipeline.model not in project.models:
            hint = nearest(pipeline.model, project.models)
            yield document.problem((*at, "model"), "unknown-model", f"there is no model {pipeline.model!r}", hint)
        if pipeline.model in [one.model for one in file.pipelines[:index]]:
            yield document.problem((*at, "model"), "duplicate-name", f"model {pipeline.model!r} is there twice")
    yield from _tests_twice(document, file)
    wanted = expectation_tests(file)
    folder = project.root / "tests" / TESTS
    there = {path.name: path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("*.sql")}
    if there != wanted:
        message = "the dbt tests of these expectations are missing or old"
        yield document.problem((), "tests-not-generated", message, f"olo expectations writes them to tests/{TESTS}/.")


def _tests_twice(document: Document, file: Pipelines) -> Iterator[Problem]:
    """Expectations that would be one dbt test: of one model by the same name, or of ``a`` ``b_c`` and ``a_b`` ``c``."""
    first: dict[str, str] = {}
    for index, pipeline in enumerate(file.pipelines):
        for place, rule in enumerate(pipeline.expectations):
            test, here = f"{pipeline.model}_{rule.name}", f"{pipeline.model}.{rule.name}"
            if test in first:
                at = ("pipelines", index, "expectations", place, "name")
                message = f"expectation {here} is the dbt test {test}, as {first[test]} is"
                yield document.problem(at, "duplicate-name", message, "Give it another name.")
            first.setdefault(test, here)


def write_expectations(project: Project) -> list[Path]:
    """Write the dbt tests of ``resources/pipelines.yml``; tests of expectations that are gone are removed.

    Returns:
        The files that were written or removed, relative to the project.

    Raises:
        SpecError: The file isn't valid.
    """
    document = read_document(project.root / PIPELINES, PIPELINES)
    file = read_model(document, Pipelines)
    twice = list(_tests_twice(document, file))
    if twice:
        raise SpecError(twice)
    folder = project.root / "tests" / TESTS
    wanted = expectation_tests(file)
    changed: list[Path] = []
    for old in folder.glob("*.sql"):
        if old.name not in wanted:
            old.unlink()
            changed.append(old.relative_to(project.root))
    for name, text in wanted.items():
        place = folder / name
        if not place.is_file() or place.read_text(encoding="utf-8") != text:
            folder.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="\n")
            changed.append(place.relative_to(project.root))
    return sorted(changed)


def expectation_tests(file: Pipelines) -> dict[str, str]:
    """dbt's singular tests, by file name: each gives the rows that break a rule.

    Example:
        >>> rule = Expectation(name="has_day", not_null="day", action="warn")
        >>> file = Pipelines(version=1, pipelines=[Pipeline(model="m", expectations=[rule])])
        >>> print(expectation_tests(file)["m_has_day.sql"])
        -- Generated by olo expectations from resources/pipelines.yml: edit that file.
        {{ config(severity='warn') }}
        select * from {{ ref('m') }} where "day" is null
        <BLANKLINE>
    """
    tests: dict[str, str] = {}
    for pipeline in file.pipelines:
        for rule in pipeline.expectations:
            severity = "error" if rule.action == "fail" else "warn"
            tests[f"{pipeline.model}_{rule.name}.sql"] = (
                f"-- Generated by olo expectations from {PIPELINES}: edit that file.\n"
                f"{{{{ config(severity='{severity}') }}}}\n{_broken(rule, pipeline.model)}\n"
            )
    return tests


def _broken(rule: Expectation, model: str) -> str:
    rows = f"{{{{ ref('{model}') }}}}"
    if rule.not_null is not None:
        return f'select * from {rows} where "{rule.not_null}" is null'
    if rule.unique is not None:
        columns = ", ".join(f'"{column}"' for column in rule.unique)
        return f"select {columns}, count(*) as n from {rows} group by {columns} having count(*) > 1"
    if rule.accepted_values is not None:
        column, values = next(iter(rule.accepted_values.items()))
        return f'select * from {rows} where "{column}" not in ({", ".join(_literal(value) for value in values)})'
    return f"select * from {rows} where not coalesce({rule.expression}, false)"


def _literal(value: str | int | float | bool) -> str:
    if isinstance(value, str):
        quoted = value.replace("'", "''")
        return f"'{quoted}'" if "{" not in value else f"{{% raw %}}'{quoted}'{{% endraw %}}"
    return str(value).lower() if isinstance(value, bool) else repr(value)
