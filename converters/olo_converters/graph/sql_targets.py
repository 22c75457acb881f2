"""What a parsed statement of SQL writes and which tables it reads; commands that touch neither, by their words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sqlglot import exp

from olo_converters.graph.sql import ANY, TrinoText, is_cte, table_parts

_CHANGES_ROWS = exp.Insert | exp.Update | exp.Delete | exp.Merge
_KEEPS_DATA = exp.Query | exp.Values | exp.Describe | exp.Comment | exp.Grant | exp.Revoke | exp.Analyze
_PURE_TABLE_FUNCTIONS = frozenset({"sequence"})
_SILENT_COMMANDS = ("show", "describe", "desc", "reset session", "deallocate")
_UPKEEP = re.compile(
    r"(?is)alter\s+table\s+\S+\s+(execute\s+(optimize|optimize_manifests|expire_snapshots|remove_orphan_files"
    r"|drop_extended_stats)\b|set\s+(properties|authorization)\b).*"
)
"""Commands that leave the rows of the present as they are."""
_OTHERS_UPKEEP = re.compile(
    r"(?is)\s*(show|describe|desc|list|ls|grant|revoke|comment|explain|use\s+(secondary\s+)?(role|roles|warehouse)\b"
    r"|alter\s+(session|account)\b"
    r"|(create|alter)\s+(or\s+replace\s+)?((api|storage|security|notification|external\s+access|catalog)\s+integration"
    r"|warehouse|role|user|network\s+(rule|policy)|secret|resource\s+monitor|task|alert|tag|compute\s+pool"
    r"|image\s+repository|streamlit|notebook)\b|call\s+system\$send_(email|snowflake_notification)\b).*"
)
"""Commands of other databases that touch neither tables nor what a query calls."""
_ALTERS_TABLE = re.compile(r'(?is)\s*alter\s+(?:table|view)\s+(?:if\s+exists\s+)?([\w."]+)\s.*')
_BEGINS_AS_QUERY = re.compile(
    r"(?is)(\s|--[^\n]*(\n|$)|/\*.*?\*/|\()*(select|with|values|table|explain|show|describe)\b"
)
_MAY_WRITE = re.compile(
    r"(?i)\b(insert|update|delete|merge|create|drop|alter|truncate|call|execute|prepare|refresh|into|use|set|copy|load"
    r"|attach|commit|rollback)\b"
)
ROUTINES = ("FUNCTION", "PROCEDURE")


def only_reads(text: str) -> bool:
    """Whether text that can't be parsed is a query for sure."""
    return _BEGINS_AS_QUERY.match(text) is not None and _MAY_WRITE.search(text) is None


def targets_of(statement: exp.Expression, is_foreign: bool) -> tuple[list[exp.Table], str]:
    """The tables that a statement writes, and why it can't be followed ('' where it can)."""
    if is_foreign and _is_others_upkeep(statement):
        return [], ""
    if is_foreign and isinstance(statement, exp.Command) and (altered := _ALTERS_TABLE.fullmatch(_command(statement))):
        return [exp.to_table(altered.group(1))], ""
    if isinstance(statement, exp.Command):
        name = str(statement.this).upper()
        return [], "" if _UPKEEP.fullmatch(_command(statement)) else f"{name} can't be followed"
    if isinstance(statement, exp.Select) and statement.args.get("into") is not None:
        return [], "SELECT INTO can't be followed"
    if isinstance(statement, _KEEPS_DATA):
        return [], ""
    if isinstance(statement, exp.Set):
        is_session = statement.sql(dialect=TrinoText).lower().startswith("set session ")
        return [], "" if is_session else "SET can't be followed"
    if isinstance(statement, exp.Create) and statement.kind == "SCHEMA":
        return [], ""
    found: Iterable[exp.Expr] = ()
    if isinstance(statement, _CHANGES_ROWS | exp.Refresh):
        found = [statement.this]
    elif isinstance(statement, exp.Create | exp.Alter) and statement.kind in ("TABLE", "VIEW"):
        found = [statement.this, *(rename.this for rename in statement.find_all(exp.AlterRename))]
    elif isinstance(statement, exp.Drop) and statement.kind in ("TABLE", "VIEW"):
        found = statement.args.get("tables") or [statement.this]
    elif isinstance(statement, exp.TruncateTable):
        found = statement.expressions
    elif is_foreign and isinstance(statement, exp.Create) and statement.kind in ROUTINES:
        found = [statement.this.this]
    elif is_foreign and isinstance(statement, exp.Create | exp.Drop | exp.Alter | exp.Copy):
        found = [statement.this]  # stages, sequences and the like have names as tables have
    tables = [one.this if isinstance(one, exp.Schema) else one for one in found]
    named = [one for one in tables if isinstance(one, exp.Table) and table_parts(one)]
    if not named or len(named) != len(tables):
        return named, f"{statement.key.upper()} can't be followed"
    return named, ""


def is_upkeep_text(text: str) -> bool:
    """Whether text is such a statement of another database.

    Example:
        >>> is_upkeep_text("alter session set query_tag = 'a'"), is_upkeep_text("alter table t add column a int")
        (True, False)
    """
    return _OTHERS_UPKEEP.fullmatch(text) is not None


def _is_others_upkeep(statement: exp.Expression) -> bool:
    """Whether a statement of another database touches neither tables nor what a query calls."""
    if isinstance(statement, exp.Command):
        return is_upkeep_text(_command(statement))
    if isinstance(statement, exp.Use):
        kind = statement.args.get("kind")
        return kind is not None and kind.name.upper() in ("ROLE", "WAREHOUSE", "SECONDARY ROLES")
    return isinstance(statement, exp.Show | exp.Grant | exp.Revoke)


def _command(statement: exp.Command) -> str:
    rest = statement.expression
    return f"{statement.this} {rest.name if isinstance(rest, exp.Expr) else rest or ''}".strip()


def is_silent(statement: exp.Expression) -> bool:
    """Whether a command that can't be followed changes nothing for sure."""
    if not isinstance(statement, exp.Command):
        return False
    text = _command(statement).lower()
    if text.startswith("explain"):
        return _MAY_WRITE.search(text) is None
    return text.startswith(_SILENT_COMMANDS)


def tables_read(statement: exp.Expression, targets: list[exp.Table]) -> Iterator[tuple[str, ...]]:
    """The tables that a statement with such targets reads, by their parts; ``(ANY,)`` for what has no name."""
    changes_rows = isinstance(statement, _CHANGES_ROWS)
    for table in statement.find_all(exp.Table):
        parts = table_parts(table)
        if any(table is target for target in targets):
            if changes_rows or isinstance(statement, exp.Alter | exp.Refresh):
                yield parts
        elif not parts:
            if not _is_pure_function(table):
                yield (ANY,)
        elif not is_cte(table):
            yield parts


def _is_pure_function(table: exp.Table) -> bool:
    """Whether a table function reads only what stands in its arguments, where tables are found by themselves."""
    call = table.this
    if isinstance(call, exp.Anonymous) and call.name.lower() == "table" and len(call.expressions) == 1:
        call = call.expressions[0]
    return not isinstance(call, exp.Anonymous | exp.Dot) or call.name.lower() in _PURE_TABLE_FUNCTIONS
