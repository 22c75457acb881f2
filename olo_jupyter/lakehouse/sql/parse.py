"""Trino SQL to a tree of sqlglot's nodes, each with its place in the user's text.

Shapes that differ from what sqlglot's own parser gives: every call is ``exp.Anonymous`` with the name as written (but
IF is ``exp.If``, LISTAGG ``exp.GroupConcat``, CAST, EXTRACT, TRIM, POSITION, SUBSTRING … FROM nodes of their own);
``x[1]`` keeps its 1; ``nulls_first`` is true only where NULLS FIRST is written; a ``Subquery`` has no clauses of its
own; VALUES is always ``exp.Values`` of ``exp.Tuple``; a name that a lambda binds is a bare ``exp.Identifier``;
CURRENT_SCHEMA and the like are ``exp.Parameter``; ``DataType.meta["trino"]`` has Trino's type, ``Cast.meta["literal"]``
marks ``DATE '…'``.
"""

from __future__ import annotations

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.grammar.queries import Reader
from olo_jupyter.lakehouse.sql.grammar.statements import read_statement
from olo_jupyter.lakehouse.sql.grammar.syntax import Text
from olo_jupyter.lakehouse.sql.lexer import Source


def parse(source: Source) -> exp.Expr | Text:
    """The one statement in ``source``: a query as a tree, else its parts. Nodes have a place (``place_of``).

    Raises:
        QueryError: syntax-error, with line and column; ``Unsupported`` for grammar that only Trino has.
    """
    return read_statement(Reader(source))


def parse_query(text: str) -> exp.Expr:
    """The tree of a query, such as a view's.

    Raises:
        QueryError: syntax-error: not a query.
    """
    reader = Reader(Source(text))
    query = reader.query()
    if reader.token.kind != "end":
        raise reader.mismatch("<EOF>")
    return query


def parse_expression(text: str) -> exp.Expr:
    """The tree of one expression.

    Raises:
        QueryError: syntax-error, with line and column.

    Example:
        >>> type(parse_expression("a + 1")).__name__
        'Add'
    """
    reader = Reader(Source(text))
    node = reader.expression()
    if reader.token.kind != "end":
        raise reader.mismatch("<EOF>")
    return node


def place_of(node: exp.Expr | None) -> tuple[int, int] | None:
    """1-based line and column in the user's text where ``node`` begins, or the nearest node around it with a place."""
    while node is not None:
        place: tuple[int, int] | None = node.meta.get("place")
        if place is not None:
            return place
        node = node.parent
    return None


def placed(error: QueryError, node: exp.Expr | None) -> QueryError:
    """``error`` with the place of ``node``, where it has none yet."""
    place = place_of(node)
    if error.line is None and place is not None:
        error.line, error.column = place
    return error


def fail(message: str, code: str, node: exp.Expr | None, *, hint: str = "") -> QueryError:
    """A QueryError at the place of ``node``."""
    return placed(QueryError(message, code=code, hint=hint), node)


def refuse(what: str, node: exp.Expr | None, *, hint: str = "Run it with --engine trino.") -> QueryError:
    """The refusal of ``what`` (valid Trino) at the place of ``node``."""
    return placed(Unsupported(f"The embedded engine doesn't have {what}.", hint=hint), node)
