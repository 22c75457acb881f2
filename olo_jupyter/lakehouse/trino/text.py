"""The text that is sent to Trino: the user's own, with snapshots, names, values and earlier results put in place.

Everything else stays as it is written, letter by letter, so that Trino runs what the user wrote and its errors can be
shown where they belong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.engines.base import Request
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.edits import Edited
from olo_jupyter.lakehouse.sql.grammar.syntax import Text
from olo_jupyter.lakehouse.sql.grammar.tokens import Token, error, tokenize
from olo_jupyter.lakehouse.sql.lexer import Source
from olo_jupyter.lakehouse.sql.literal_text import literal, text_literal
from olo_jupyter.lakehouse.sql.parameters import fill_identifiers, unbound
from olo_jupyter.lakehouse.sql.table_places import TablePlace, read_places
from olo_jupyter.lakehouse.trino.earlier import as_subquery
from olo_jupyter.lakehouse.trino.errors import Place
from olo_jupyter.lakehouse.trino.tables import Tables

_IMMEDIATE = "EXECUTE IMMEDIATE "
_ONE_STATEMENT = {
    "USE": "The notebook's own catalog and namespace hold; write names in full for another one.",
    "START": "Each statement is committed by itself.",
    "COMMIT": "Each statement is committed by itself.",
    "ROLLBACK": "Each statement is committed by itself; FOR VERSION AS OF reads what a table was before.",
    "PREPARE": "Write :name for a value: it is bound.",
    "EXECUTE": "Write the statement itself, with :name for its values.",
    "DEALLOCATE": "",
}
"""Statements that change what later ones mean, in a connection that isn't kept from one to the next."""


@dataclass
class Prepared:
    """What is sent, and how to read the answer.

    Args:
        text: The statement for Trino.
        place: Puts a place in it into the user's text.
        statement: The statement as the grammar reads it, None where it doesn't.
        parameters: Values that were bound, by name.
        places: Where it names tables.
    """

    text: str
    place: Place
    statement: exp.Expr | Text | None
    parameters: dict[str, Any] = field(default_factory=dict)
    places: tuple[TablePlace, ...] = ()


def prepare(request: Request, tables: Tables, *, bound: bool = True) -> Prepared:
    """Make the text of a statement.

    Args:
        request: The statement, its values, pins and earlier results.
        tables: What the names in it stand for.
        bound: Values go in as ``?``; else they stand in the text (EXPLAIN of a statement takes no values).

    Raises:
        QueryError: No such snapshot, a value that can't be bound …; ``Unsupported``: it can't be pinned.
    """
    source = fill_identifiers(request.sql, request.parameters)
    tokens = _tokens(source)
    _check_kind(source, tokens)
    values = _Values(request.parameters, request.positional)
    edits = _without_semicolon(tokens)
    places: tuple[TablePlace, ...] = ()
    statement = None
    try:
        read = read_places(source)
    except QueryError as reason:  # grammar that only Trino has, or a mistake: Trino's own word on it is the better one
        edits += tables.edits_by_words(tokens, reason)
    else:
        statement = read.statement
        places = read.places
        for place in places:
            earlier = _earlier(place, request)
            if earlier is not None:
                edits.append((place.start, place.end, as_subquery(earlier, place, request, tables)))
            else:
                edits += tables.edits(place, read.tokens, values.of_node)
    taken = [(start, end) for start, end, _ in edits if end > start]
    edits += values.edits(source, tokens, taken, bound=bound)
    edited = Edited(source, edits)
    if not (bound and values.using):
        return Prepared(edited.text, edited.place, statement, values.used, places)
    text = f"{_IMMEDIATE}{text_literal(edited.text)} USING {', '.join(values.using)}"
    return Prepared(text, _immediate(edited.place), statement, values.used, places)


def _tokens(source: Source) -> list[Token]:
    """The tokens of a statement; a second statement behind a semicolon is refused."""
    tokens = tokenize(source)
    for at, token in enumerate(tokens):
        if token.text == ";" and token.kind == "sign" and tokens[at + 1].kind != "end":
            hint = "One statement at a time: put the next one into a cell of its own."
            raise error(source, tokens[at + 1].start, f"mismatched input '{tokens[at + 1].text}'", hint=hint)
    return tokens


def _without_semicolon(tokens: Sequence[Token]) -> list[tuple[int, int, str]]:
    """Trino's protocol takes a statement without the semicolon that ends it."""
    return [(token.start, token.end, "") for token in tokens[-2:-1] if token.text == ";"]


def _check_kind(source: Source, tokens: Sequence[Token]) -> None:
    first = tokens[0].upper
    if tokens[0].kind == "end":
        raise error(source, 0, "mismatched input '<EOF>'. Expecting: 'SELECT', 'WITH', 'CREATE', 'INSERT' …")
    if first in _ONE_STATEMENT:
        line, column = source.place(tokens[0].start)
        raise Unsupported(
            f"{first} can't be run from here: it counts for a connection, and each statement has one of its own.",
            hint=_ONE_STATEMENT[first],
            line=line,
            column=column,
        )


def _earlier(place: TablePlace, request: Request) -> str | None:
    """The name of the earlier result that a bare name means."""
    if not place.bare or place.role != "read":
        return None
    name = place.node.name.lower()
    found = [each for each in request.results if each.lower() == name]
    if len(found) > 1:
        line, column = place.node.meta["place"]
        raise QueryError(
            f"'{name}' is ambiguous: earlier results {', '.join(found)}",
            code="ambiguous-name",
            line=line,
            column=column,
        )
    return found[0] if found else None


class _Values:
    """The values of a statement: ``:name`` and ``?`` in its code, in the order of the text."""

    def __init__(self, named: Mapping[str, Any], positional: Sequence[Any]) -> None:
        self._named = named
        self._positional = positional
        self.used: dict[str, Any] = {}
        self.using: list[str] = []

    def edits(
        self, source: Source, tokens: Sequence[Token], taken: Sequence[tuple[int, int]], *, bound: bool
    ) -> list[tuple[int, int, str]]:
        """``?`` in place of each ``:name``, or the values themselves; none in the stretches ``taken``."""
        edits = []
        marks = 0
        for at, token in enumerate(tokens):
            if any(start <= token.start and token.end <= end for start, end in taken):
                continue
            if token.kind == "parameter" and not (
                at and tokens[at - 1].end == token.start and tokens[at - 1].text == ":"
            ):
                value = self._value(token.text[1:], source, token)
            elif token.kind == "sign" and token.text == "?":
                marks += 1
                if marks > len(self._positional):
                    continue
                value = self._positional[marks - 1]
            else:
                continue
            text = self._literal(value, source, token)
            self.using.append(text)
            edits.append((token.start, token.end, "?" if bound else text))
        if marks != len(self._positional):
            raise QueryError(
                f"Incorrect number of parameters: expected {marks} but found {len(self._positional)}",
                code="invalid-parameter-usage",
            )
        return edits

    def of_node(self, node: exp.Placeholder) -> Any:
        """The value of a parameter in FOR … AS OF, which becomes part of the text."""
        name = str(node.this or "")
        if name not in self._named:
            line, column = node.meta["place"]
            raise QueryError(unbound(name, self._named), code="unknown-parameter", line=line, column=column)
        self.used[name] = self._named[name]
        return self._named[name]

    def _value(self, name: str, source: Source, token: Token) -> Any:
        if name not in self._named:
            hint = "Bind it, or quote the text if it is none."
            raise error(source, token.start, unbound(name, self._named), code="unknown-parameter", hint=hint)
        self.used[name] = self._named[name]
        return self._named[name]

    def _literal(self, value: Any, source: Source, token: Token) -> str:
        try:
            return literal(value)
        except QueryError as fault:
            message = f"Parameter {token.text.removeprefix(':')}: {fault.message}"
            raise error(source, token.start, message, code=fault.code, hint=fault.hint) from fault


def _immediate(place: Callable[[int, int], tuple[int, int]]) -> Place:
    """Places in the statement inside EXECUTE IMMEDIATE: its first line begins behind the opening quotation mark."""

    def inner(line: int, column: int) -> tuple[int, int]:
        return place(line, max(column - len(_IMMEDIATE) - 1, 1) if line == 1 else column)

    return inner
