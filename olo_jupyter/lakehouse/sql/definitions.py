"""Statements that aren't queries, each by its kind."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.branches import translate_branch
from olo_jupyter.lakehouse.sql.ddl import translate_ddl
from olo_jupyter.lakehouse.sql.dml import translate_change
from olo_jupyter.lakehouse.sql.grammar import syntax
from olo_jupyter.lakehouse.sql.query import as_query, shown_names
from olo_jupyter.lakehouse.sql.show import show
from olo_jupyter.lakehouse.sql.statement import Explain, Statement


def translate_definition(analyzer: Analyzer, text: syntax.Text, around: Surroundings) -> Statement:
    """The statement for ``text``.

    Raises:
        QueryError: What Trino would say of it.
    """
    match text:
        case (
            syntax.InsertText() | syntax.DeleteText() | syntax.UpdateText() | syntax.MergeText() | syntax.TruncateText()
        ):
            return translate_change(analyzer, text, around)
        case syntax.BranchText():
            return translate_branch(analyzer, text, around)
        case syntax.ExplainText():
            analyzed = analyzer.query(text.query, around)
            return Explain(as_query(analyzer, analyzed, shown_names(analyzed)))
        case syntax.ShowText():
            analyzed = show(analyzer, text, around)
            return as_query(analyzer, analyzed, shown_names(analyzed))
    return translate_ddl(analyzer, text, around)
