"""The namespace that a notebook sets with USE, where all of its cells agree on one."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from olo_converters.cells import Parsed
from olo_converters.graph.sql import is_cte, table_parts
from olo_converters.graph.sql_effects import SqlFacts, moved_to, read_any_sql


def only_uses(facts: SqlFacts) -> bool:
    """Whether SQL text only says which catalog and namespace names count from."""
    return bool(facts.statements) and all(moved_to(one) for one in facts.statements)


def session_namespace(cells: Iterable[Parsed]) -> tuple[str, str]:
    """Catalog and namespace that ``USE`` sets before any name depends on them; '' where there is none, or several."""
    catalogs: list[str] = []
    namespaces: list[str] = []
    for parsed in cells:
        texts = [parsed.sql.text] if parsed.sql is not None else [one.sql for one in parsed.magics if one.sql]
        for facts in map(read_any_sql, texts):
            if not facts.statements and any(len(parts) == 1 for parts in (*facts.tables, *facts.written)):
                if not namespaces:
                    return "", ""
                continue
            for statement in facts.statements:
                moved = moved_to(statement)
                if moved is None:
                    if not namespaces and _has_bare_name(statement):
                        return "", ""
                    continue
                kind, parts = moved
                if kind in ("DATABASE", "CATALOG"):
                    catalogs.append(parts[-1])
                else:
                    namespaces.append(parts[-1])
                    catalogs += parts[:-1]
    if len(set(namespaces)) != 1 or len(set(catalogs)) > 1:
        return "", ""
    return (catalogs or [""])[0], namespaces[0]


def _has_bare_name(statement: exp.Expression) -> bool:
    """Whether a statement names something that depends on the namespace; databases and schemas don't."""
    if isinstance(statement, exp.Create | exp.Drop) and statement.kind in ("SCHEMA", "DATABASE", "WAREHOUSE"):
        return False
    return any(len(table_parts(table)) <= 1 and not is_cte(table) for table in statement.find_all(exp.Table))
