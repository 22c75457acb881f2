"""Where a statement names tables: each name's stretch of the text, and what it is named for. No catalog is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from olo_jupyter.lakehouse.sql.grammar.queries import Reader
from olo_jupyter.lakehouse.sql.grammar.statements import read_statement
from olo_jupyter.lakehouse.sql.grammar.syntax import (
    CreateSchemaText,
    CreateTableText,
    CreateViewText,
    DropText,
    LikeClause,
    RenameText,
    ShowText,
    Text,
    trees,
)
from olo_jupyter.lakehouse.sql.grammar.tokens import Token
from olo_jupyter.lakehouse.sql.lexer import Source

Role = Literal["read", "view", "named", "schema", "catalog"]
"""``read``: its rows are read; ``view``: read by the view that is made; ``named``: written, made, shown or dropped."""


@dataclass(frozen=True)
class TablePlace:
    """A name in the text.

    Args:
        node: The name, with its place; ``version`` has FOR … AS OF.
        parts: (start, end) of each part of the name in the text.
        role: What it is named for; names of schemas and catalogs are shorter by one and two parts.
        period: (start, end) of its FOR … AS OF, None where it has none.
    """

    node: exp.Table
    parts: tuple[tuple[int, int], ...]
    role: Role
    period: tuple[int, int] | None = None

    @property
    def bare(self) -> bool:
        """One part only, and no WITH of the statement gives it: an earlier result may be meant."""
        return len(self.parts) == 1

    @property
    def start(self) -> int:
        return self.parts[0][0]

    @property
    def end(self) -> int:
        return self.parts[-1][1]


@dataclass(frozen=True)
class Read:
    """A statement that the grammar reads, and the places of its names, in the order of the text."""

    statement: exp.Expr | Text
    places: tuple[TablePlace, ...]
    tokens: tuple[Token, ...]


def read_places(source: Source) -> Read:
    """Read a statement. Names that its own WITH gives are no tables, and left out.

    Raises:
        QueryError: syntax-error; ``Unsupported`` for grammar that isn't read here.

    Example:
        >>> read = read_places(Source("WITH a AS (SELECT * FROM s.t) SELECT * FROM a, s.u FOR VERSION AS OF 7 AS x"))
        >>> [(place.node.name, place.role, place.period) for place in read.places]
        [('t', 'read', None), ('u', 'read', (51, 70))]
    """
    reader = Reader(source)
    statement = read_statement(reader)
    by_start = {token.start: index for index, token in enumerate(reader.tokens)}
    found = [
        _place(node, role, reader.tokens, by_start)
        for node, role in _named(statement)
        if role != "read" or not _by_with(node)
    ]
    return Read(statement, tuple(sorted(found, key=lambda place: place.start)), tuple(reader.tokens))


def _named(statement: exp.Expr | Text) -> Iterator[tuple[exp.Table, Role]]:
    for tree in trees(statement):
        for node in tree.find_all(exp.Table):
            yield node, "view" if isinstance(statement, CreateViewText) and not _by_with(node) else "read"
    if isinstance(statement, exp.Expr):
        return
    name = getattr(statement, "name", None)
    if isinstance(name, exp.Table):
        yield name, _role(statement)
    match statement:
        case RenameText(to=to):
            yield to, "named"
        case CreateTableText(columns=columns):
            yield from ((each.name, "named") for each in columns if isinstance(each, LikeClause))


def _role(statement: Text) -> Role:
    match statement:
        case CreateSchemaText() | DropText(kind="schema") | ShowText(kind="tables" | "functions" | "create schema"):
            return "schema"
        case ShowText(kind="schemas"):
            return "catalog"
    return "named"


def _by_with(node: exp.Table) -> bool:
    """Whether a bare name is that of a WITH around it: a later one of the same WITH isn't seen yet."""
    if len(node.parts) != 1:
        return False
    name = node.name.lower()
    inner: exp.Expr = node
    around = node.parent
    while around is not None:
        with_ = around.args.get("with_")
        if with_ is not None:
            known = list(with_.expressions)
            if inner is with_:
                known = known[: _index(with_, node) + bool(with_.args.get("recursive"))]
            if any(each.alias.lower() == name for each in known):
                return True
        inner, around = around, around.parent
    return False


def _index(with_: exp.Expr, node: exp.Expr) -> int:
    """Which query of a WITH ``node`` is in."""
    inner = node
    while inner.parent is not None and inner.parent is not with_:
        inner = inner.parent
    return next(at for at, each in enumerate(with_.expressions) if each is inner)


def _place(node: exp.Table, role: Role, tokens: list[Token], by_start: dict[int, int]) -> TablePlace:
    at = by_start[node.meta["start"]]
    parts = []
    for index in range(len(node.parts)):
        token = tokens[at + 2 * index]
        parts.append((token.start, token.end))
    version = node.args.get("version")
    period = None
    if version is not None:
        first = by_start[version.meta["start"]]
        period = (tokens[first].start, tokens[_last_of_period(tokens, first)].end)
    return TablePlace(node, tuple(parts), role, period)


def _last_of_period(tokens: list[Token], first: int) -> int:
    """The last token of ``FOR VERSION AS OF value``, where the value is a literal, a parameter, or a call of one."""
    at = first + 4  # FOR, VERSION, AS, OF
    if tokens[at].kind == "word" and tokens[at + 1].kind in ("string", "unicode"):  # TIMESTAMP '…'
        return at + 1
    if tokens[at].kind == "word" and tokens[at + 1].mark == "(":  # CAST('…' AS timestamp)
        at += 1
    if tokens[at].mark == "(":
        depth = 0
        while True:
            depth += {"(": 1, ")": -1}.get(tokens[at].mark, 0)
            if depth == 0 or tokens[at].kind == "end":
                return at
            at += 1
    return at
