"""An analyzed query as the statement that the engine runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzed, Analyzer
from olo_jupyter.lakehouse.sql.statement import Query


def as_query(analyzer: Analyzer, analyzed: Analyzed, names: Sequence[str]) -> Query:
    """``analyzed`` as a statement, all its columns, under ``names``."""
    sql = analyzed.render(None)
    fields = tuple(replace(each, name=name) for each, name in zip(analyzed.fields, names, strict=True))
    return Query(sql, fields, analyzer.used_scans(sql), tuple(analyzer.results), dict(analyzer.parameters.used))


def shown_names(analyzed: Analyzed) -> list[str]:
    """The names of its columns as Trino shows them: one without a name is ``_col0``, ``_col1`` … by its place."""
    return [each.name or f"_col{at}" for at, each in enumerate(analyzed.fields)]
