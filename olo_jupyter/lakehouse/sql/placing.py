"""Where in the user's text an error belongs that was found after the text was left behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.analyze.analyzer import Surroundings
from olo_jupyter.lakehouse.sql.analyze.relations import resolve
from olo_jupyter.lakehouse.sql.grammar.syntax import trees
from olo_jupyter.lakehouse.sql.parameters import fill_identifiers
from olo_jupyter.lakehouse.sql.parse import parse, placed


def place_by_table(
    error: QueryError, text: str, parameters: Mapping[str, Any], catalog: str, namespace: str
) -> QueryError:
    """``error`` with the place of the table that its message names; of the statement's only table where it names none.

    Writing, planning and reading files tell which table is at fault, but know nothing of the text.
    """
    if error.line is not None:
        return error
    try:
        tables = _tables(text, parameters)
        named = [(str(resolve(node, Surroundings(catalog, namespace))[0]), node) for node in tables]
    except QueryError:
        return error
    for name, node in named:
        if re.search(rf"(?<![\w.\"]){re.escape(name)}(?![\w\"]|\.\w)", error.message):
            return placed(error, node)
    return placed(error, tables[0]) if len(tables) == 1 else error


def _tables(text: str, parameters: Mapping[str, Any]) -> list[exp.Table]:
    statement = parse(fill_identifiers(text, parameters))
    target = None if isinstance(statement, exp.Expr) else getattr(statement, "name", None)
    found = [target] if isinstance(target, exp.Table) else []
    return found + [table for tree in trees(statement) for table in tree.find_all(exp.Table)]
