"""A SELECT of a cell as the text of a model: edits at places, so that the analyst's own SQL stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from olo_converters.dbt.values import UnsupportedValueError, escape_jinja, variable
from olo_converters.edits import Edit, apply_edits
from olo_converters.findings import Finding, finding
from olo_converters.graph.sql import (
    IDENTIFIER,
    TrinoText,
    find_parameters,
    is_cte,
    table_parts,
)
from olo_converters.graph.sql_effects import SQL_HINT, read_sql

_JINJA = re.compile(r"\{(?=[{%#])")
_VOLATILE = frozenset(
    {
        "now",
        "random",
        "rand",
        "uuid",
        "current_date",
        "current_time",
        "current_timestamp",
        "localtime",
        "localtimestamp",
        "shuffle",
    }
)
_AFTER_COLUMNS = frozenset(
    {
        *(TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.ORDER_BY, TokenType.LIMIT),
        *(TokenType.UNION, TokenType.INTERSECT, TokenType.EXCEPT, TokenType.WINDOW, TokenType.SEMICOLON),
        *(TokenType.OFFSET, TokenType.FETCH),
    }
)
Relation = Callable[[tuple[str, ...], int], str | None]
"""Given a table's name parts and its line in the text: what stands for it in the artefact, None to leave it."""


@dataclass
class Rewrite:
    """How names and values of one SQL text become the artefact's.

    Args:
        cell: For findings; ``line`` is where the text starts in the cell.
        values: Seen values by parameter name.
        secret: Parameters whose value must not stand in the artefact.
        relation: What a table becomes.
        pins: The analyst's decision on written pins.
        for_dbt: Parameters become dbt variables and Jinja is escaped; else ``:name`` stays.
    """

    cell: str
    line: int
    values: Mapping[str, Any]
    relation: Relation
    pins: Literal["keep", "drop"] | None = None
    secret: frozenset[str] = frozenset()
    for_dbt: bool = True
    findings: list[Finding] = field(default_factory=list)

    def tell(self, code: str, message: str, line: int = 1, hint: str = "") -> None:
        """Note a finding at a line of the text."""
        self.findings.append(finding(code, message, cell=self.cell, line=self.line + line - 1, hint=hint))


def resolve_identifiers(text: str, rewrite: Rewrite) -> str:
    """``{{ name | ident }}`` replaced by the quoted name that was seen."""

    def replace(match: re.Match[str]) -> str:
        value = rewrite.values.get(match.group(1))
        parts = value.split(".") if isinstance(value, str) else value
        if (
            not isinstance(parts, list | tuple)
            or not parts
            or not all(isinstance(part, str) and part.strip() for part in parts)
        ):
            rewrite.tell(
                "unknown-parameter",
                f"the name that {match.group(0)} stands for isn't known",
                text.count("\n", 0, match.start()) + 1,
                "Run the cell, then promote.",
            )
            return match.group(0)
        return ".".join('"' + part.replace('"', '""') + '"' for part in parts)

    return IDENTIFIER.sub(replace, text)


def rewritten(text: str, rewrite: Rewrite) -> tuple[str, exp.Expression | None]:
    """The text of a model's body, without its WITH of inlined results, and the parsed query.

    Findings go to ``rewrite.findings``; after an error the text may be unfinished.
    """
    text = resolve_identifiers(text, rewrite)
    if any(one.severity == "error" for one in rewrite.findings):
        return text, None
    facts = read_sql(text)
    statements = facts.statements
    if facts.error and (not statements or isinstance(statements[0], exp.Query)):
        rewrite.tell("sql-syntax", f"the SQL can't be read: {facts.error}", facts.line or 1, SQL_HINT)
        return text, None
    tokens = TrinoText().tokenize(text)
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        first = statements[0] if statements else None
        kind = str(first.this).upper() if isinstance(first, exp.Command) else first.key.upper() if first else ""
        what = f"{len(statements)} statements" if len(statements) != 1 else f"a {kind} statement"
        rewrite.tell(
            "not-a-select", f"the cell holds {what}; a model is one SELECT", hint="Promote a cell with one SELECT."
        )
        return text, None
    query = statements[0]
    edits = [Edit(token.start, token.end + 1, "") for token in tokens if token.token_type == TokenType.SEMICOLON]
    edits += _tables(text, query, tokens, rewrite)
    edits += [Edit(at, at, f" as {name}") for at, name in unnamed_columns(query, tokens) or ()]
    covered = [(edit.start, edit.end) for edit in edits if edit.end > edit.start]
    if rewrite.for_dbt:
        edits += [edit for edit in _parameters(text, rewrite) if not _inside(edit, covered)]
        edits += [edit for edit in _jinja(text, tokens) if not _inside(edit, covered)]
    _warn(query, rewrite)
    return apply_edits(text, edits).strip(), query


def _inside(edit: Edit, covered: list[tuple[int, int]]) -> bool:
    return any(start <= edit.start < end for start, end in covered)


def _place(identifier: exp.Expr) -> tuple[int, int]:
    return int(identifier.meta["start"]), int(identifier.meta["end"]) + 1


def _tables(text: str, query: exp.Expression, tokens: list[Token], rewrite: Rewrite) -> list[Edit]:
    edits: list[Edit] = []
    qualified = {column.table.lower() for column in query.find_all(exp.Column) if column.table} | {
        star.this.name.lower() for star in query.find_all(exp.Column) if isinstance(star.this, exp.Star)
    }
    for table in query.find_all(exp.Table):
        parts = table_parts(table)
        if not parts or is_cte(table):
            continue
        start, end = _place(table.parts[0])[0], _place(table.parts[-1])[1]
        line = text.count("\n", 0, start) + 1
        if "$" in parts[-1]:
            rewrite.tell(
                "table-function",
                f"{'.'.join(parts)} is a metadata table, different in every environment",
                line,
                "Read the table itself.",
            )
        relation = rewrite.relation(parts, line)
        if relation is None:
            continue
        pin = _pin(tokens, end, rewrite, text, line)
        needs_alias = not table.alias and parts[-1] in qualified
        alias = f" as {_quoted(parts[-1])}" if needs_alias else ""
        if pin is None:
            edits.append(Edit(start, end, relation + alias))
            continue
        edits.append(Edit(start, end, relation))
        pin_end, dropped = pin
        if dropped:
            edits.append(Edit(end, pin_end, alias))
        elif alias:
            edits.append(Edit(pin_end, pin_end, alias))
    for column in query.find_all(exp.Column):
        places = [column.args.get(key) for key in ("catalog", "db")]
        outer = [part for part in places if isinstance(part, exp.Identifier)]
        if outer and isinstance(column.args.get("table"), exp.Identifier):
            edits.append(Edit(_place(outer[0])[0], _place(column.args["table"])[0], ""))
    return edits


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


_SIMPLE = (TokenType.STRING, TokenType.NUMBER)


def _pin(tokens: list[Token], after: int, rewrite: Rewrite, text: str, line: int) -> tuple[int, bool] | None:
    """Where a written pin behind a table ends, and whether it is dropped; None where there is none."""
    rest = [token for token in tokens if token.start >= after][:8]
    words = [token.text.upper() for token in rest]
    if words[:1] != ["FOR"] or words[1:2] not in (["VERSION"], ["TIMESTAMP"]) or words[2:4] != ["AS", "OF"]:
        return None
    value = rest[4:]
    end = 0
    if value and value[0].token_type in _SIMPLE:
        end = value[0].end + 1
    elif (
        len(value) > 1 and value[0].text.upper() in ("TIMESTAMP", "DATE") and value[1].token_type == TokenType.STRING
    ) or (len(value) > 1 and value[0].token_type == TokenType.COLON):
        end = value[1].end + 1
    written = text[rest[0].start : end or rest[3].end + 1]
    if rewrite.pins is None:
        rewrite.tell(
            "written-pin",
            f"the SQL says {written}: production reads the present unless you decide otherwise",
            line,
            "Decide in the promotion: pins: keep, or pins: drop.",
        )
        return (end or rest[3].end + 1), False
    if rewrite.pins == "keep":
        rewrite.tell("pin-kept", f"{written} was kept", line)
        return (end or rest[3].end + 1), False
    if not end:
        rewrite.tell(
            "written-pin",
            f"the pin {written} … is computed, so it can't be dropped",
            line,
            "Take it out of the SQL yourself.",
        )
        return rest[3].end + 1, False
    rewrite.tell("pin-dropped", f"{written} was dropped: production reads the present", line)
    return end, True


def _parameters(text: str, rewrite: Rewrite) -> list[Edit]:
    edits: list[Edit] = []
    for parameter in find_parameters(text):
        line = text.count("\n", 0, parameter.start) + 1
        if parameter.name not in rewrite.values:
            rewrite.tell(
                "unknown-parameter",
                f"the value of :{parameter.name} isn't known",
                line,
                f"Run the cell, or give {parameter.name} a value.",
            )
            continue
        try:
            hidden = parameter.name in rewrite.secret
            edits.append(
                Edit(
                    parameter.start,
                    parameter.end,
                    variable(parameter.name, rewrite.values[parameter.name], has_default=not hidden),
                )
            )
        except UnsupportedValueError as error:
            rewrite.tell("unknown-parameter", f":{parameter.name}: {error.message}", line, error.hint)
    return edits


def _jinja(text: str, tokens: list[Token]) -> list[Edit]:
    """Braces that Jinja would read, wherever they stand: literals, quoted names, comments."""
    edits: list[Edit] = []
    for match in _JINJA.finditer(text):
        around = next((token for token in tokens if token.start <= match.start() <= token.end), None)
        quote = "'" if around is not None and around.token_type == TokenType.IDENTIFIER else '"'
        edits.append(Edit(match.start(), match.end(), escape_jinja("{{", quote)[:-1]))
    return edits


def _warn(query: exp.Expression, rewrite: Rewrite) -> None:
    name = volatile_in(query)
    if name:
        rewrite.tell("volatile-function", f"{name} gives another value on each run", hint="Make it a parameter.")
    if query.args.get("order") and not query.args.get("limit"):
        rewrite.tell("order-without-limit", "ORDER BY at the end of a model is not kept by a table")


def volatile_in(query: exp.Expr) -> str:
    """The first function of a query that gives another value on each run, or TABLESAMPLE; '' for none."""
    if query.find(exp.TableSample):
        return "TABLESAMPLE"
    for call in query.find_all(exp.Anonymous, exp.Func):
        name = (call.name if isinstance(call, exp.Anonymous) else call.sql_name()).lower()
        if name in _VOLATILE:
            return name
    return ""


def unnamed_columns(query: exp.Expression, tokens: list[Token]) -> list[tuple[int, str]] | None:
    """Where a name is missing in the SELECT list, and the one that Trino gives; None where the list isn't found."""
    names = output_names(query)
    ends = _ends_of_columns(tokens)
    if len(ends) != len(names):
        return None if "" in names else []
    return [(end, f"_col{number}") for number, (end, name) in enumerate(zip(ends, names, strict=True)) if not name]


def _ends_of_columns(tokens: list[Token]) -> list[int]:
    """The offsets at which the columns of the outermost SELECT end."""
    depth = 0
    ends: list[int] = []
    inside = False
    before: Token | None = None
    for token in tokens:
        if token.token_type in (TokenType.L_PAREN, TokenType.L_BRACKET):
            depth += 1
        elif token.token_type in (TokenType.R_PAREN, TokenType.R_BRACKET):
            depth -= 1
        elif depth == 0 and not inside:
            inside = token.token_type == TokenType.SELECT
        elif depth == 0 and before is not None and (token.token_type in _AFTER_COLUMNS or token.text == ","):
            ends.append(before.end + 1)
            if token.text != ",":
                return ends
        before = token
    return [*ends, before.end + 1] if inside and before is not None else []


def output_names(query: exp.Expression) -> list[str]:
    """Names of a query's columns, '' for one without; [] where a * hides them."""
    assert isinstance(query, exp.Query)
    selects = query.selects
    if any(select.is_star for select in selects):
        return []
    return [select.alias_or_name.lower() if isinstance(select, exp.Alias | exp.Column) else "" for select in selects]
