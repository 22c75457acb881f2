"""The namespace that a notebook sets with USE, where all of its cells agree on one."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from olo_converters.cells import Parsed
from olo_converters.graph.sql import table_parts
from olo_converters.graph.sql_effects import SqlFacts, read_any_sql


def only_uses(facts: SqlFacts) -> bool:
    """Whether SQL text only says which catalog and namespace names count from."""
    return bool(facts.statements) and all(_used(one) for one in facts.statements)


def session_namespace(cells: Iterable[Parsed]) -> tuple[str, str]:
    """Catalog and namespace that ``USE`` sets before any name depends on them; '' where there is none, or several."""
    catalogs: list[str] = []
    namespaces: list[str] = []
    for parsed in cells:
        texts = [parsed.sql.text] if parsed.sql is not None else [one.sql for one in parsed.magics if one.sql]
        for facts in map(read_any_sql, texts):
            if not only_uses(facts):
                if any(len(parts) == 1 for parts in (*facts.tables, *facts.written)) and not namespaces:
                    return "", ""
                continue
            for statement in facts.statements:
                kind, parts = _used(statement) or ("", ())
                if kind in ("DATABASE", "CATALOG"):
                    catalogs.append(parts[-1])
                else:
                    namespaces.append(parts[-1])
                    catalogs += parts[:-1]
    if len(set(namespaces)) != 1 or len(set(catalogs)) > 1:
        return "", ""
    return (catalogs or [""])[0], namespaces[0]


def _used(statement: exp.Expression) -> tuple[str, tuple[str, ...]] | None:
    if not isinstance(statement, exp.Use) or not isinstance(statement.this, exp.Table):
        return None
    kind = statement.args.get("kind")
    name = kind.name.upper() if kind is not None else "SCHEMA"
    parts = table_parts(statement.this)
    return (name, parts) if name in ("SCHEMA", "DATABASE", "CATALOG") and parts else None
