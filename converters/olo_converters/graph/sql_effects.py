"""What SQL reads and writes. What can't be followed may read and write any table, so that no edge is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from olo_converters.graph.sql import (
    ANY,
    Parameter,
    TrinoText,
    find_parameters,
    parse,
    table_parts,
    with_identifiers,
)
from olo_converters.graph.sql_targets import ROUTINES, is_silent, is_upkeep_text, only_reads, tables_read, targets_of

DIALECTS = ("snowflake", "spark", "duckdb", "postgres", "bigquery", "mysql", "tsql", "sqlite", "oracle", "clickhouse")
SQL_HINT = "Correct the SQL, or do it in a cell that the target doesn't need."
_HAVE_BLOCKS = frozenset({"ALERT", "TASK", "PROCEDURE", "FUNCTION"})
_PARTS_OF_BLOCKS = frozenset({"IF", "LOOP", "FOR", "WHILE", "REPEAT"})
"""What ``END`` ends inside of a block, where ``BEGIN`` didn't begin it."""
_TABLE_FOLLOWS = frozenset({TokenType.FROM, TokenType.JOIN, TokenType.INTO})
_FROM_IN_CALLS = frozenset({"extract", "trim", "substring", "overlay"})


@dataclass(frozen=True)
class SqlFacts:
    """What SQL text reads and writes.

    Args:
        tables: Names as written, parts in lower case (as Trino sees them), CTEs left out; ``("*",)`` is any table.
        written: Tables that are created, inserted into, changed or dropped; ``("*",)`` is any table.
        views: Those of ``written`` that are views: reading one reads ``tables`` again.
        parameters: ``:name``, in order.
        identifiers: Names used as ``{{ name | ident }}``.
        error: Why the text can't be followed, '' where it can.
        line: Of the error in the text, 1-based, where it is known.
        moves: Whether it says (``USE``) what names without catalog or namespace count from.
    """

    tables: tuple[tuple[str, ...], ...] = ()
    written: tuple[tuple[str, ...], ...] = ()
    views: tuple[tuple[str, ...], ...] = ()
    parameters: tuple[Parameter, ...] = ()
    identifiers: tuple[str, ...] = ()
    statements: tuple[exp.Expression, ...] = ()
    error: str = ""
    line: int | None = None
    moves: bool = False


def read_any_sql(text: str) -> SqlFacts:
    """As read_sql, for SQL of a database that nobody names: the first dialect that reads all of it counts.

    Example:
        >>> read_any_sql("create table s.t using iceberg as select * from s.u").written
        (('s', 't'),)
    """
    first = read_sql(text)
    if not first.error:
        return first
    return next((facts for name in DIALECTS if not (facts := read_sql(text, name)).error), first)


@lru_cache(maxsize=1024)
def read_sql(text: str, dialect: str = "") -> SqlFacts:
    """What the text reads and writes; a text that can't be read says so in ``error``. ``dialect`` '' is Trino's.

    Example:
        >>> facts = read_sql("insert into s.t select * from s.u")
        >>> facts.written, facts.tables
        ((('s', 't'),), (('s', 't'), ('s', 'u')))
    """
    plain, identifiers = with_identifiers(text)
    parameters: tuple[Parameter, ...] = ()
    try:
        tokens = sqlglot.tokenize(plain, dialect or TrinoText)
        parameters = find_parameters(plain) if not dialect else ()
        statements = _parsed(plain, tokens, dialect)
    except (SqlglotError, RecursionError) as error:
        message, line = _told(error)
        anything = ((ANY,),)
        written = () if only_reads(plain) else anything
        return SqlFacts(anything, written, (), parameters, identifiers, (), message, line)
    tables: list[tuple[str, ...]] = []
    written_parts: list[tuple[str, ...]] = []
    views: list[tuple[str, ...]] = []
    problem, line = "", None
    moves = False
    for number, statement in enumerate(statements):
        if moved_to(statement) is not None:
            moves = True
            if not dialect and not problem:
                problem, line = "USE can't be followed", _line_of(tokens, number)
            continue
        targets, told = targets_of(statement, bool(dialect))
        own = [table_parts(table) for table in targets]
        written_parts += own
        if isinstance(statement, exp.Create | exp.Alter) and statement.kind in ("VIEW", *ROUTINES):
            views += own
        if isinstance(statement, exp.Create) and statement.kind in ROUTINES:
            tables.append((ANY,))  # whatever it reads when it is called
        tables += tables_read(statement, targets)
        if told and not problem:
            problem, line = told, _line_of(tokens, number)
        if told and not is_silent(statement):
            tables.append((ANY,))
            written_parts.append((ANY,))
    if not problem and (lost := _unseen(tokens, statements)) is not None:
        problem, line = f"what follows {lost.text!r} isn't understood", lost.line
        tables.append((ANY,))
    return SqlFacts(
        tuple(dict.fromkeys(tables)),
        tuple(dict.fromkeys(written_parts)),
        tuple(dict.fromkeys(views)),
        parameters,
        identifiers,
        statements,
        problem,
        line,
        moves,
    )


def _parsed(text: str, tokens: list[Token], dialect: str) -> tuple[exp.Expression, ...]:
    """The statements of a text; another database's own commands are left out where they touch nothing.

    Raises:
        SqlglotError: A statement can't be read, and isn't such a command.
    """
    parts = [(start, text[start:end]) for start, end in _statements_at(tokens)] if dialect else []
    has_block = any(";" in one and is_upkeep_text(one) for _, one in parts)
    try:
        if not has_block:
            return parse(text, dialect)
    except SqlglotError:
        if not dialect:
            raise
    found: list[exp.Expression] = []
    for start, one in parts:
        upkeep = [exp.Command(this=one.split()[0].upper(), expression=one.split(None, 1)[-1])]
        is_upkeep = is_upkeep_text(one)
        try:
            is_block = is_upkeep and ";" in one
            found += upkeep if is_block else parse(re.sub(r"[^\n]", " ", text[:start]) + one, dialect)
        except SqlglotError:
            if not is_upkeep:
                raise
            found += upkeep
    return tuple(found)


def _statements_at(tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """Where each statement of a text begins and ends; the block of an alert or a routine is part of it."""
    own: list[Token] = []
    depth, is_declaring = 0, False
    for at, token in enumerate(tokens):
        word = token.text.upper()
        if depth or is_declaring or _has_block(own):
            is_declaring = word == "DECLARE" or (is_declaring and word != "BEGIN")
            if word == "BEGIN" or (depth and word == "CASE"):
                depth += 1
            elif word == "END" and not (at + 1 < len(tokens) and tokens[at + 1].text.upper() in _PARTS_OF_BLOCKS):
                depth = max(0, depth - 1)
        if token.token_type != TokenType.SEMICOLON or depth or is_declaring:
            own.append(token)
        elif own:
            yield own[0].start, own[-1].end + 1
            own = []
    if own:
        yield own[0].start, own[-1].end + 1


def _has_block(begun: list[Token]) -> bool:
    """Whether a statement that begins so may have a block of statements."""
    first = [token.text.upper() for token in begun[:5]]
    return first[:1] == ["CREATE"] and not _HAVE_BLOCKS.isdisjoint(first)


def moved_to(statement: exp.Expression) -> tuple[str, tuple[str, ...]] | None:
    """What ``USE`` makes names count from: SCHEMA, DATABASE or CATALOG and its name; None for any other statement."""
    if not isinstance(statement, exp.Use) or not isinstance(statement.this, exp.Table):
        return None
    kind = statement.args.get("kind")
    name = kind.name.upper() if kind is not None else "SCHEMA"
    parts = table_parts(statement.this)
    return (name, parts) if name in ("SCHEMA", "DATABASE", "CATALOG") and parts else None


def _told(error: SqlglotError | RecursionError) -> tuple[str, int | None]:
    if isinstance(error, RecursionError):
        return "it is nested too deep", None
    if isinstance(error, ParseError) and error.errors:
        return str(error.errors[0].get("description") or error), error.errors[0].get("line")
    return str(error).split("\n")[0], None


def _line_of(tokens: list[Token], number: int) -> int | None:
    """The line on which a statement begins."""
    starts = [
        token
        for before, token in zip([None, *tokens], tokens, strict=False)
        if token.token_type != TokenType.SEMICOLON and (before is None or before.token_type == TokenType.SEMICOLON)
    ]
    return starts[number].line if number < len(starts) else None


def _unseen(tokens: list[Token], statements: Iterable[exp.Expression]) -> Token | None:
    """A FROM, JOIN or INTO whose name is no table of the tree: the parser took the text for something else."""
    if any(isinstance(statement, exp.Command) for statement in statements):
        return None
    seen = {
        part.meta.get("start")
        for statement in statements
        for table in statement.find_all(exp.Table)
        for part in table.find_all(exp.Identifier)
    }
    calls: list[str] = []
    for number, token in enumerate(tokens[:-1]):
        if token.token_type == TokenType.L_PAREN:
            calls.append(tokens[number - 1].text.lower() if number else "")
        elif token.token_type == TokenType.R_PAREN and calls:
            calls.pop()
        if token.token_type not in _TABLE_FOLLOWS:
            continue
        before = tokens[number - 1] if number else token
        name = tokens[number + 1]
        if before.token_type == TokenType.DISTINCT and number > 1 and _is_comparison(tokens[number - 2]):
            continue
        if token.token_type == TokenType.FROM and calls and calls[-1] in _FROM_IN_CALLS:
            continue
        if name.token_type not in (TokenType.VAR, TokenType.IDENTIFIER) or name.start in seen:
            continue
        following = _after_name(tokens, number + 1)
        if following is None or following.token_type != TokenType.L_PAREN:
            return token
    return None


def _is_comparison(token: Token) -> bool:
    return token.text.lower() in ("is", "not")


def _after_name(tokens: list[Token], number: int) -> Token | None:
    while number + 2 < len(tokens) and tokens[number + 1].token_type == TokenType.DOT:
        number += 2
    return tokens[number + 1] if number + 1 < len(tokens) else None


def query_of(text: str) -> str:
    """The query of another front end as Trino writes it, at its own lines.

    What stands before it and touches nothing is left out, and so is a comma after the last column.

    Example:
        >>> query_of("alter session set query_tag = 'a';\\nselect 1 as a, from t")
        '\\nselect 1 as a  from t'
    """
    facts = read_any_sql(text)
    *before, last = facts.statements or (exp.Null(),)
    if not isinstance(last, exp.Query) or any(isinstance(one, exp.Query) for one in before):
        return text
    tokens = sqlglot.tokenize(text, "snowflake")
    for comma, following in pairwise(tokens):
        if comma.token_type == TokenType.COMMA and following.token_type == TokenType.FROM:
            text = f"{text[: comma.start]} {text[comma.end + 1 :]}"
    if not before:
        return text
    *_, (start, end) = _statements_at(tokens)
    return "\n" * text[:start].count("\n") + text[start:end]
