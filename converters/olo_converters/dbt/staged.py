"""Tables that SQL cells of the notebook make: each becomes a model of its own, upstream of what reads it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from olo_converters.capture import CapturedResult, KnownModel
from olo_converters.conversion import Conversion, Request
from olo_converters.dbt.frames import frame_written, is_view, slice_of_frame
from olo_converters.errors import ConvertError
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph, Resource, SqlSource, Statement
from olo_converters.graph.sql import ANY, TrinoText, full_name, with_identifiers
from olo_converters.graph.sql_effects import read_sql
from olo_converters.names import check_artefact_name
from olo_converters.options import PromoteOptions
from olo_converters.script import Script
from olo_converters.slice import Slice

LAYERS = ("bronze", "silver", "gold")
STAGING: Literal["silver"] = "silver"
"""The layer of tables whose namespace is none."""
BuildModel = Callable[[Request, Graph, Slice], Conversion]


@dataclass
class Stages:
    """The models that stand before a target, each made once.

    Args:
        build: Makes a model of a slice (handed in: models are made of stages, and stages of models).
        frames: Makes a Python module of a slice, for frames that SQL reads; None: such ones are refused.
        script: What makes the tables in place of models, where not all of them can be models.
        models: Name by the table's full name.
    """

    request: Request
    graph: Graph
    build: BuildModel
    script: Script | None = None
    frames: BuildModel | None = None
    models: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    """What each staging model was made of, by its name."""
    conversions: dict[str, Conversion] = field(default_factory=dict)
    is_short: bool = False
    """Whether a table that the notebook makes couldn't be a model."""

    def model_of(self, parts: tuple[str, ...], before: int) -> Conversion | str | None:
        """The model of a table that the notebook makes above a statement.

        Returns:
            None where no cell writes the table; why it can't be a model where that is so.
        """
        if self.script is not None:
            return None
        full = full_name(parts, self.graph.catalog, self.graph.namespace)
        writers = [one for one in self.graph.statements[:before] if _writes(one, full)]
        if not writers:
            return None
        found = self._model(parts, full, writers)
        self.is_short = self.is_short or isinstance(found, str)
        return found

    def is_prepared(self, parts: tuple[str, ...]) -> bool:
        """Whether the script makes a table."""
        full = full_name(parts, self.graph.catalog, self.graph.namespace)
        return self.script is not None and self.script.makes(full)

    def _model(self, parts: tuple[str, ...], full: str, writers: list[Statement]) -> Conversion | str:
        if self.frames is not None and (frame := frame_written(writers[-1], full)) is not None:
            return self._written(parts, full, writers[-1], frame)
        maker = next((one for one in reversed(writers) if select_in(one.sql) is not None), None)
        if maker is None:
            return f"the table {'.'.join(parts)} is written by the cell {writers[-1].cell}, and not as one SELECT"
        after = [one for one in writers if one.index > maker.index]
        if after:
            return f"the cell {after[0].cell} changes the table {'.'.join(parts)} after {maker.cell} made it"
        if full not in self.models:
            made = self._made(parts, maker)
            return made if isinstance(made, str) else self._kept(full, made)
        return self.conversions[self.models[full]]

    def _written(self, parts: tuple[str, ...], full: str, writer: Statement, frame: ast.expr) -> Conversion | str:
        """The module that writes a frame of Python as the table."""
        written = {one.name for one in writer.writes if one.kind == "table"}
        later = [
            one
            for one in self.graph.statements[writer.index + 1 :]
            if any(made.kind == "table" and made.name not in written for made in one.writes)
        ]
        if is_view(writer) and later:
            return f"the view {'.'.join(parts)} of a frame is read after the cell {later[0].cell} writes tables"
        return self._module(writer, frame, parts[-1], full)

    def module_of(self, name: str, statement: Statement) -> Conversion | str | None:
        """The module that writes a frame which a SQL statement reads by its name; None where none may be made."""
        if self.frames is None or self.script is not None:
            return None
        frame = ast.Name(name, ast.Load())
        reader = replace(statement, reads=frozenset(), writes=frozenset(), depends_on=frozenset())
        return self._module(reader, frame, f"{name.lower()}_frame", f"python.{name}.{statement.cell}")

    def _module(self, statement: Statement, frame: ast.expr, wanted: str, key: str) -> Conversion | str:
        """The module of a frame, under a name that nothing else has."""
        if key in self.models:
            return self.conversions[self.models[key]]
        taken = {self.request.name, *self.conversions, *self.graph.history}
        for number in range(1, len(taken) + len(self.request.project.files) + 2):
            name = wanted if number == 1 else f"{wanted}_{number}"
            if name in taken:
                continue
            made = self._module_called(name, statement, frame)
            if isinstance(made, str):
                return made
            files = self.request.project.files
            if all(files.get(one.path, one.text) == one.text for one in made.artefacts if one.kind == "module"):
                return self._kept(key, made)
        return f"no free name is left for {wanted}"

    def _module_called(self, name: str, statement: Statement, frame: ast.expr) -> Conversion | str:
        assert self.frames is not None
        try:
            check_artefact_name(name)
        except ConvertError as error:
            return error.message
        cut = slice_of_frame(self.graph, statement, frame, name, self.request.capture)
        # The target's own layer: the sandbox takes tables of gold alone, and nobody else reads this one.
        options = PromoteOptions(kind="python", layer=self.request.options.layer, pins=self.request.options.pins)
        request = replace(self.request, name=name, options=options, source=name, at=None, example=None)
        made = self.frames(request, self.graph, cut)
        if made.is_refused:
            problems = "; ".join(one.message for one in made.findings if one.severity == "error")
            return f"the frame that Python makes of it can't be promoted: {problems}"
        return made

    def staging(self, name: str, maker: Statement, sql: SqlSource) -> Conversion | None:
        """A view of a query that a long chain begins with, in the staging layer; None where there can't be one.

        Args:
            name: Of the WITH query or earlier result.
            maker: The statement that holds it.
        """
        key = f"query.{name}.{maker.cell}"
        if key in self.models:
            return self.conversions[self.models[key]]
        wanted = f"stg_{self.request.promotion}_{name}"
        path = f"models/{STAGING}/{wanted}.sql"
        try:
            check_artefact_name(wanted)
        except ConvertError:
            return None
        if wanted in self.conversions or path in self.request.project.files:
            return None
        said = f"Step {name} of {self.request.name}."
        options = PromoteOptions(
            kind="dbt", layer=STAGING, materialized="view", pins=self.request.options.pins, tests=(), description=said
        )
        results = [_bare(one) if one.cell == maker.cell else one for one in self.request.capture.results]
        request = replace(
            self.request, name=wanted, options=options, source=maker.cell, at=None, example=None,
            capture=replace(self.request.capture, results=tuple(results)),
        )  # fmt: skip
        cut = Slice("", maker.cell, (replace(maker, sql=sql),), (maker.cell,), ())
        made = self.build(request, self.graph, cut)
        if made.is_refused or made.script:
            return None
        self.texts[wanted] = sql.text
        return self._kept(key, made)

    def _kept(self, key: str, made: Conversion) -> Conversion:
        """What comes later knows it: its files, and a model as one of the project."""
        self.models[key] = made.name
        self.conversions[made.name] = made
        project = self.request.project
        layer = made.relation.partition(".")[0]
        models = (KnownModel(made.name, layer, made.name),) if made.kind == "dbt" else ()
        files = {**project.files, **{one.path: one.text for one in made.artefacts}}
        self.request = replace(self.request, project=replace(project, files=files, models=(*project.models, *models)))
        return made

    def _made(self, parts: tuple[str, ...], maker: Statement) -> Conversion | str:
        name = parts[-1]
        try:
            check_artefact_name(name)
        except ConvertError as error:
            return error.message
        if name == self.request.name or name in self.conversions:
            return f"{name} would be the name of two models"
        layer = parts[-2] if len(parts) > 1 and parts[-2] in LAYERS else STAGING
        options = PromoteOptions(kind="dbt", layer=layer, pins=self.request.options.pins)  # type: ignore[arg-type]
        request = replace(self.request, name=name, options=options, source=maker.cell, at=None, example=None)
        cut = Slice("", maker.cell, (replace(maker, sql=select_in(maker.sql)),), (maker.cell,), ())
        made = self.build(request, self.graph, cut)
        self.is_short = self.is_short or made.is_refused
        return made


def _bare(result: CapturedResult) -> CapturedResult:
    """A run of the cell that a query stands in: its parameters and names count for it, its columns don't."""
    return replace(result, columns=(), profile=(), sample=(), truncated=False)


def _writes(statement: Statement, table: str) -> bool:
    return any(one.kind == "table" and one.name in (table, ANY) for one in statement.writes) and not _only_drops(
        statement, table
    )


def _only_drops(statement: Statement, table: str) -> bool:
    """``DROP TABLE`` alone leaves nothing to read: what is made after it counts."""
    if statement.sql is None:
        return False
    kinds = {one.key for one in read_sql(statement.sql.text).statements}
    return kinds == {"drop"} and Resource("table", table) in statement.writes


def select_in(sql: SqlSource | None) -> SqlSource | None:
    """The SELECT of ``CREATE TABLE … AS``, at its own lines; None for anything else.

    Example:
        >>> select_in(SqlSource("create table s.t as\\nselect 1 as a", "", 1)).text
        '\\nselect 1 as a'
    """
    if sql is None:
        return None
    statements = read_sql(sql.text).statements
    if len(statements) != 1 or not isinstance(statements[0], exp.Create):
        return None
    made = statements[0]
    if made.kind not in ("TABLE", "VIEW") or not isinstance(made.expression, exp.Query):
        return None
    text, _ = with_identifiers(sql.text)
    tokens = TrinoText().tokenize(text)
    if tokens[-1].text.lower() == "data" or isinstance(made.this, exp.Schema):
        return None
    depth = 0
    for token, following in pairwise(tokens):
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth == 0 and token.token_type == TokenType.ALIAS:
            before = sql.text[: following.start]
            return replace(sql, text="\n" * before.count("\n") + sql.text[following.start :], written=())
    return None


def told(reason: str, statement: Statement, line: int) -> Finding:
    """The finding of a table that can't be a model of its own."""
    return finding(
        "unsupported-construct",
        reason,
        cell=statement.cell,
        line=line,
        hint="Write it as one CREATE TABLE … AS SELECT, or promote that table first.",
    )
