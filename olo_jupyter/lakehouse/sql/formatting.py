"""A statement laid out by sqlfmt, and proved to be the same one: word for word, comment for comment."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from olo_converters.dbt.format import formatted
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.grammar.syntax import trees
from olo_jupyter.lakehouse.sql.grammar.tokens import RESERVED, Token, tokenize
from olo_jupyter.lakehouse.sql.lexer import Source, segments
from olo_jupyter.lakehouse.sql.parse import parse

_TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_STOOD_FOR = re.compile(r"\{\{\s*olo_(?:parameter|template)_(\d+)\s*\}\}")


def format_sql(text: str) -> str:
    """``text`` with sqlfmt's line breaks, indents and lower-case keywords; names, values and comments as they were.

    ``:name`` and ``{{ name | ident }}`` stay. Formatting what is formatted changes nothing.

    Raises:
        QueryError: syntax-error, with its place: what can't be read isn't touched. format-refused: sqlfmt can't lay
            it out, or would have changed more than blanks.

    Example:
        >>> print(format_sql("SELECT Count(*) AS Late FROM silver.flights WHERE dep_delay>:most"), end="")
        select count(*) as Late from silver.flights where dep_delay > :most
    """
    named = _names(text)
    laid_out, reason = formatted(_with_stand_ins(text))
    if reason is not None:
        why = reason.replace("format the model", "lay this statement out")
        raise QueryError(f"{why}.", code="format-refused", hint="Nothing was changed.")
    back = _STOOD_FOR.sub(lambda match: _stood_for(text)[int(match.group(1))], laid_out)
    before, after = _tokens(text), _tokens(back)
    if _meaning(before) != _meaning(after) or _comments(text) != _comments(back):
        raise QueryError(
            "Formatting would change more than blanks and line breaks.",
            code="format-refused",
            hint="Nothing was changed. A comment or literal in an unusual place is the likely cause: move it.",
        )
    return _respelled(back, before, after, named)


def _names(text: str) -> frozenset[str] | None:
    """Names as the statement spells them; None where only Trino's own grammar can tell.

    Raises:
        QueryError: syntax-error.
    """
    try:
        statement = parse(Source(neutral(text)))
    except Unsupported:
        return None
    return frozenset(
        node.name for tree in trees(statement) for node in tree.find_all(exp.Identifier) if not node.args.get("quoted")
    )


def _with_stand_ins(text: str) -> str:
    """Parameters and templates as Jinja's names, which sqlfmt leaves alone and puts blanks around."""
    kinds = {False: "parameter", True: "template"}
    pieces, at = [], 0
    for number, (start, end) in enumerate(_special(text)):
        apart = "" if start == 0 or text[start - 1] in " \t\r\n([." else " "  # sqlfmt keeps what stands around Jinja
        pieces += [text[at:start], f"{apart}{{{{ olo_{kinds[text[start] == '{']}_{number} }}}}"]
        at = end
    return "".join([*pieces, text[at:]])


def _stood_for(text: str) -> list[str]:
    return [text[start:end] for start, end in _special(text)]


def _special(text: str) -> list[tuple[int, int]]:
    """Where parameters and templates stand, in order."""
    templates = _templates(text)
    parameters = [(token.start, token.end) for token in tokenize(Source(neutral(text))) if token.kind == "parameter"]
    return sorted([*templates, *parameters])


def _templates(text: str) -> list[tuple[int, int]]:
    code = [part for part in segments(text) if part.kind == "code"]
    return [match.span() for part in code for match in _TEMPLATE.finditer(text, part.start, part.end)]


def neutral(text: str) -> str:
    """``text`` of the same length with a plain name in place of each template, so that the grammar reads it."""
    for start, end in _templates(text):
        name = "t" * (end - start)
        text = (
            text[:start]
            + "".join(n if c not in "\r\n" else c for n, c in zip(name, text[start:end], strict=True))
            + text[end:]
        )
    return text


def _tokens(text: str) -> list[Token]:
    return tokenize(Source(neutral(text)))


def _meaning(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    return [(token.kind, token.upper) for token in tokens]


def _comments(text: str) -> list[str]:
    parts = [text[part.start : part.end] for part in segments(text) if part.kind == "comment"]
    return [
        re.sub(r"\s+", " ", part.removeprefix("--").removeprefix("/*").removesuffix("*/")).strip() for part in parts
    ]


def _respelled(text: str, before: Sequence[Token], after: Sequence[Token], names: frozenset[str] | None) -> str:
    """Names again as they were written: a column's label keeps its capitals in the result."""
    pieces, at = [], 0
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        called = before[index + 1].text == "(" if index + 1 < len(before) else False
        is_name = old.upper not in RESERVED and not called if names is None else old.text in names and not called
        if old.kind == "word" and old.text != new.text and is_name:
            pieces += [text[at : new.start], old.text]
            at = new.end
    return "".join([*pieces, text[at:]])
