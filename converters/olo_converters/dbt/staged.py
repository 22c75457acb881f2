"""Tables that SQL cells of the notebook make: each becomes a model of its own, upstream of what reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from olo_converters.capture import KnownModel
from olo_converters.conversion import Conversion, Request
from olo_converters.errors import ConvertError
from olo_converters.findings import Finding, finding
from olo_converters.graph.model import Graph, Resource, SqlSource, Statement
from olo_converters.graph.sql import ANY, TrinoText, full_name, with_identifiers
from olo_converters.graph.sql_effects import read_sql
from olo_converters.names import check_artefact_name
from olo_converters.options import PromoteOptions
from olo_converters.slice import Slice

LAYERS = ("bronze", "silver", "gold")
STAGING = "silver"
"""The layer of tables whose namespace is none."""
BuildModel = Callable[[Request, Graph, Slice], Conversion]


@dataclass
class Stages:
    """The models that stand before a target, each made once.

    Args:
        build: Makes a model of a slice (handed in: models are made of stages, and stages of models).
        models: Name by the table's full name.
    """

    request: Request
    graph: Graph
    build: BuildModel
    models: dict[str, str] = field(default_factory=dict)
    conversions: dict[str, Conversion] = field(default_factory=dict)

    def model_of(self, parts: tuple[str, ...], before: int) -> Conversion | str | None:
        """The model of a table that the notebook makes above a statement.

        Returns:
            None where no cell writes the table; why it can't be a model where that is so.
        """
        full = full_name(parts, self.graph.catalog, self.graph.namespace)
        writers = [one for one in self.graph.statements[:before] if _writes(one, full)]
        if not writers:
            return None
        maker = next((one for one in reversed(writers) if select_in(one.sql) is not None), None)
        if maker is None:
            return f"the table {'.'.join(parts)} is written by the cell {writers[-1].cell}, and not as one SELECT"
        after = [one for one in writers if one.index > maker.index]
        if after:
            return f"the cell {after[0].cell} changes the table {'.'.join(parts)} after {maker.cell} made it"
        if full not in self.models:
            made = self._made(parts, maker)
            if isinstance(made, str):
                return made
            self.models[full] = made.name
            self.conversions[made.name] = made
        return self.conversions[self.models[full]]

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
        files = {**self.request.project.files, **{one.path: one.text for one in made.artefacts}}
        models = (*self.request.project.models, KnownModel(name, layer, name))
        self.request = replace(self.request, project=replace(self.request.project, files=files, models=models))
        return made


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
