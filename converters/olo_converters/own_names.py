"""Names in SQL that runs in every target: without the project's own catalogs, which each target has its own of."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlglot import exp

from olo_converters.edits import Edit, apply_edits
from olo_converters.graph.sql_effects import read_any_sql


def without_own_catalogs(text: str, catalogs: Collection[str]) -> str | None:
    """SQL with no catalog before the names of tables that are the project's own, everything else as it is written.

    Args:
        catalogs: The project's own, lower case.

    Returns:
        None where one of these catalogs is named at a place that can't be told.

    Example:
        >>> without_own_catalogs("insert into ana.gold.t select * from dev.silver.u, lake.s.v", {"ana", "dev"})
        'insert into gold.t select * from silver.u, lake.s.v'
        >>> without_own_catalogs("use dev.silver", {"dev"})
        'use silver'
        >>> without_own_catalogs("alter table dev.s.t execute optimize", {"dev"}) is None
        True
    """
    edits: list[Edit] = []
    for statement in read_any_sql(text).statements:
        if isinstance(statement, exp.Command):
            said = f"{statement.this} {statement.expression}"
            if any(re.search(rf'(?i)(?<![\w."])"?{re.escape(name)}"?\s*\.', said) for name in catalogs):
                return None
            continue
        named = {(one.catalog.lower(), one.db.lower(), one.name.lower()) for one in statement.find_all(exp.Table)}
        for node in statement.find_all(exp.Table, exp.Column):
            if isinstance(node, exp.Column) and _table_of(node) not in named:
                continue  # a field of a row
            first, second = node.args.get("catalog"), node.args.get("db")
            if first is None and isinstance(node.parent, exp.Use):
                first, second = second, node.this
            if not isinstance(first, exp.Identifier) or first.name.lower() not in catalogs:
                continue
            if not isinstance(second, exp.Identifier) or not isinstance(node.this, exp.Identifier | None):
                return None
            begin, end = first.meta.get("start"), second.meta.get("start")
            if begin is None or end is None:
                return None
            edits.append(Edit(begin, end, ""))
    return apply_edits(text, edits)


def _table_of(column: exp.Column) -> tuple[str, str, str]:
    return column.catalog.lower(), column.db.lower(), column.table.lower()
