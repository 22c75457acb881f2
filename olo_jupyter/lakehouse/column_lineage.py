"""Which columns a written column is made of, for lineage: told where a statement shows it, left out where it doesn't.

sqlglot's scopes decide. A table that several read tables could be, a ``*`` over something unknown or a form that it
can't resolve: then nothing is told of the statement, rather than something wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Columns = Sequence[tuple[str, str]]
"""Name and type of each column."""
Sources = dict[str, list[tuple[str, str]]]
"""For each written column the columns (table, column) that it is made of."""


def column_sources(sql: str, written: Columns, read: Mapping[str, Columns]) -> Sources | None:
    """The sources of each column that a CREATE TABLE AS or an INSERT … SELECT writes.

    Args:
        sql: The statement, in Trino's SQL.
        written: The written table's columns, in order.
        read: The columns of each table read, by full name.

    Returns:
        None where it can't be told.

    Example:
        >>> read = {"dev.silver.items": [("id", "integer"), ("name", "varchar")]}
        >>> sql = "CREATE TABLE gold.big AS SELECT id + 1 AS n, upper(name) AS label FROM silver.items WHERE id > 1"
        >>> column_sources(sql, [("n", "integer"), ("label", "varchar")], read)
        {'n': [('dev.silver.items', 'id')], 'label': [('dev.silver.items', 'name')]}
    """
    # Imported here: only a task of a job reports, and sqlglot's optimizer takes a while to load.
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage
    from sqlglot.optimizer.qualify import qualify

    try:
        query = _query(parse_one(sql, dialect="trino"))
        if query is None or not _named(query, read):
            return None
        schema: dict[str, Any] = {_plain(name): dict(columns) for name, columns in read.items()}
        qualified = qualify(query, schema=schema, dialect="trino", identify=False)
        outputs = list(qualified.named_selects)
        if len(outputs) != len(written) or len(set(outputs)) != len(outputs):
            return None
        nodes = lineage(None, qualified, schema, dialect="trino")
        names = {_plain(name): name for name in read}
        found: Sources = {}
        for (column, _), output in zip(written, outputs, strict=True):
            leaves: dict[tuple[str, str], None] = {}
            for node in nodes[output].walk():
                if isinstance(node.expression, exp.Table):
                    table = names.get(node.expression.name)
                    if table is None:
                        return None
                    leaves[(table, node.name.rpartition(".")[2].strip('"'))] = None
            found[column] = list(leaves)
    except (SqlglotError, ValueError, KeyError, RecursionError):
        return None
    return found


def _query(statement: Any) -> Any:
    from sqlglot import exp

    if isinstance(statement, exp.Create | exp.Insert) and isinstance(statement.expression, exp.Query):
        return statement.expression
    return None


def _named(query: Any, read: Mapping[str, Columns]) -> bool:
    """Give each table the one plain name of the table read that it must be; False where that can't be told."""
    from sqlglot import exp

    ctes = {cte.alias_or_name for cte in query.find_all(exp.CTE)}
    for table in list(query.find_all(exp.Table)):
        if not table.db and table.name in ctes:
            continue
        parts = [part for part in (table.catalog, table.db, table.name) if part]
        told = ".".join(parts).lower()
        found = [name for name in read if name.replace('"', "") == told or name.replace('"', "").endswith(f".{told}")]
        if len(found) != 1:
            return False
        plain = exp.table_(_plain(found[0]), alias=table.alias or table.name)
        plain.set("joins", table.args.get("joins"))
        table.replace(plain)
    return True


def _plain(name: str) -> str:
    """A full name as one identifier.

    Example:
        >>> _plain("dev.silver.items")
        'dev__silver__items'
    """
    return name.replace('"', "").replace(".", "__")
