"""Columns of a result whose values mustn't be stored in a notebook, by the tags of the tables that it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName, parse_table_name
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.sensitivity import SENSITIVE, inherited, sensitivities
from olo_jupyter.lakehouse.sql.analyze.pins import metadata_of
from olo_jupyter.lakehouse.sql.grammar.syntax import trees
from olo_jupyter.lakehouse.sql.lexer import Source
from olo_jupyter.lakehouse.sql.parameters import fill_identifiers
from olo_jupyter.lakehouse.sql.parse import parse
from olo_jupyter.lakehouse.views import find_view

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.session import Session


def masked_columns(session: Session, result: Result, earlier: Mapping[str, Result]) -> tuple[str, ...]:
    """The columns of ``result`` that may carry values of columns tagged ``pii`` or ``restricted``.

    On the safe side: whatever is made of such a column is one, but for counts; so is every column where the text can't
    be read. Views are looked through, and earlier results remember theirs.

    Args:
        earlier: Results that the statement could name.
    """
    names = [column.name for column in result.columns]
    provenance = result.provenance
    tables = [parse_table_name(name.removesuffix(f"@{id_}"), "") for name, id_ in provenance.snapshots.items()]
    tagged = {column for table in tables for column in _tagged(session, table)}
    try:
        text = fill_identifiers(provenance.sql, provenance.parameters).text
    except QueryError:  # another dialect
        text = provenance.sql
    used = set(_relations(text))
    known = {name.lower(): one for name, one in earlier.items()}
    tagged |= {column.lower() for name in used & set(known) for column in known[name].masked}
    if not tagged:
        return ()
    tagged |= {column for name in used for column in _of_view(session, name, tagged, frozenset())}
    return tuple(name for name in names if name in inherited(text, names, tagged))


def _tagged(session: Session, name: TableName) -> set[str]:
    """The columns of a table that are tagged, in lower case; none where nobody here may read its properties."""
    try:
        table = session.catalogs.find(name)
    except QueryError:
        return set()
    tags = sensitivities(table.metadata.properties) if table is not None else {}
    return {column for column, tag in tags.items() if tag in SENSITIVE}


def _relations(text: str) -> Iterator[str]:
    """Names in FROM as they are written, in lower case; none where the text isn't Trino's."""
    try:
        roots = trees(parse(Source(text)))
    except QueryError:
        return
    for root in roots:
        for node in root.find_all(exp.Table):
            parts = [part.name for part in node.parts]
            yield ".".join([*parts[:-1], metadata_of(parts[-1])[0]]).lower()


def _of_view(session: Session, name: str, tagged: set[str], above: frozenset[str]) -> set[str]:
    """The columns of a view that carry tagged values; nothing for a name that is no view."""
    if name in above:
        return set()
    try:
        view = find_view(session.catalogs, session.name(name))
    except QueryError:
        return set()
    if view is None:
        return set()
    inner = set(tagged)
    for relation in _relations(view.sql):
        inner |= _of_view(session, relation, inner, above | {name})
    return {column.lower() for column in inherited(view.sql, [field.name for field in view.fields], inner)}
