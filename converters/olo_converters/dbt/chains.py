"""Long chains of WITH queries and earlier results: the first ones, which read tables, become staging models."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from olo_converters.dbt.text import output_names, volatile_in
from olo_converters.graph.model import Graph, SqlSource, Statement
from olo_converters.graph.sql import TrinoText, is_cte, table_parts
from olo_converters.graph.sql_effects import read_sql

LONG = 4
"""Queries that read one another, the target's own included, from which on a chain is taken apart."""


@dataclass(frozen=True)
class WithQuery:
    """A WITH query of a text.

    Args:
        text: The query between its parentheses, after the comments above it.
        line: 1-based line in the text where ``text`` starts.
        reads: Names of the other WITH queries that it reads.
        is_first: Whether it reads tables only, and means the same as a view.
    """

    name: str
    text: str
    line: int
    reads: frozenset[str]
    is_first: bool


def depth(graph: Graph, statement: Statement) -> int:
    """How many queries read one another up to a SQL statement, it included: its WITH queries and earlier results."""
    assert statement.sql is not None
    own = _depth({one.name: one.reads for one in with_queries(statement.sql)})
    before = 0
    for name in statement.sql.results:
        for index in graph.givers_of(name, statement.index) or ():
            maker = graph.statements[index]
            if maker.sql is not None and maker.index < statement.index:
                before = max(before, depth(graph, maker))
    return own + before + 1


def _depth(reads: dict[str, frozenset[str]]) -> int:
    found: dict[str, int] = {}
    for name, needed in reads.items():  # each reads earlier ones only
        found[name] = 1 + max((found.get(one, 0) for one in needed), default=0)
    return max(found.values(), default=0)


def first_result(sql: SqlSource) -> bool:
    """Whether an earlier result reads tables only, and can be a view."""
    statements = read_sql(sql.text).statements
    return (
        len(statements) == 1
        and not sql.results
        and not sql.identifiers
        and isinstance(statements[0], exp.Query)
        and _means_the_same(statements[0])
    )


def without(sql: SqlSource, names: frozenset[str]) -> SqlSource:
    """The SQL without some of its WITH queries; all else keeps its line."""
    places = _places(sql.text)
    assert places is not None
    begin, parts = places
    text, kept = sql.text[:begin], 0
    for part in parts:
        piece, rest = sql.text[part.start : part.end], sql.text[part.end : part.after]
        if part.name in names:
            text += "\n" * piece.count("\n")
        else:
            text += ("," if kept else "") + piece
            kept += 1
        text += "\n" * rest.count("\n")
    if not kept:  # the word WITH itself goes, too
        head = TrinoText().tokenize(sql.text)[0]
        text = text[: head.start] + " " * 4 + text[head.end + 1 :]
    return replace(sql, text=text + " " + sql.text[parts[-1].after :])


def with_queries(sql: SqlSource) -> tuple[WithQuery, ...]:
    """The WITH queries at the beginning of a text; none where they can't be taken apart (RECURSIVE, named columns)."""
    statements = read_sql(sql.text).statements
    places = _places(sql.text) if len(statements) == 1 and not sql.identifiers else None
    query = statements[0] if places is not None else None
    with_ = query.args.get("with_") if isinstance(query, exp.Query) else None
    if places is None or with_ is None or len(with_.expressions) != len(places[1]) or with_.args.get("recursive"):
        return ()
    trees = {one.alias.lower(): one for one in with_.expressions}
    if list(trees) != [one.name for one in places[1]] or any(one.args["alias"].columns for one in trees.values()):
        return ()
    found = []
    for place in places[1]:
        inner = trees[place.name].this
        tables = [(one, table_parts(one)) for one in inner.find_all(exp.Table)]
        reads = frozenset(parts[0] for one, parts in tables if parts and is_cte(one) and parts[0] in trees)
        from_results = {parts[-1] for _, parts in tables if parts} & {one.lower() for one in sql.results}
        comment = sql.text[place.start : place.named].strip()
        body = sql.text[place.opening + 1 : place.end - 1]
        text = f"{comment}\n{body}" if comment else body
        line = sql.text.count("\n", 0, place.opening) + 1 - (comment.count("\n") + 1 if comment else 0)
        can = bool(tables) and not reads and not from_results and _means_the_same(inner)
        found.append(WithQuery(place.name, text, max(line, 1), reads, can))
    return tuple(found)


def _means_the_same(query: exp.Expression) -> bool:
    """Whether a view of a query gives what the query gives in its place: no draws, columns with names of their own."""
    if not isinstance(query, exp.Query) or volatile_in(query):
        return False
    if any(query.args.get(part) for part in ("limit", "offset", "fetch")):
        return False
    names = output_names(query)
    return "" not in names and len(set(names)) == len(names)


@dataclass(frozen=True)
class _Place:
    """Where a WITH query stands: from the comments above it to its parenthesis, its name, and the end of its comma."""

    name: str
    start: int
    named: int
    opening: int
    end: int
    after: int


def _places(text: str) -> tuple[int, list[_Place]] | None:
    """Where the first WITH query begins, and each one."""
    tokens = TrinoText().tokenize(text)
    if not tokens or tokens[0].token_type != TokenType.WITH:
        return None
    begin = at = tokens[0].end + 1
    found: list[_Place] = []
    depth_, opening = 0, 0
    name: Token | None = None
    for token, following in zip(tokens[1:], [*tokens[2:], None], strict=True):
        if token.token_type == TokenType.L_PAREN:
            depth_ += 1
            opening = token.start if depth_ == 1 else opening
        elif token.token_type == TokenType.R_PAREN:
            depth_ -= 1
            if depth_ == 0 and name is not None:
                is_more = following is not None and following.token_type == TokenType.COMMA
                after = following.end + 1 if is_more and following is not None else token.end + 1
                found.append(_Place(name.text.lower(), at, name.start, opening, token.end + 1, after))
                at, name = after, None
                if not is_more:
                    return begin, found
        elif depth_ == 0 and name is None and _is_name(token):
            name = token
    return None


def _is_name(token: Token) -> bool:
    return token.token_type not in (TokenType.COMMA, TokenType.RECURSIVE)
