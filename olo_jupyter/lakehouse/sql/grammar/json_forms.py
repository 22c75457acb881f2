"""SQL/JSON: JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_OBJECT, JSON_ARRAY.

Each becomes a call of the name in :data:`CALLS` whose arguments are the parts of it; choices are words of an
``exp.Var``, so that two calls are equal only where all of it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from olo_jupyter.lakehouse.sql.grammar.types import data_type, read_type

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.sql.grammar.queries import Reader

CALLS = {
    name: f"sql {name.lower()}" for name in ("JSON_VALUE", "JSON_QUERY", "JSON_EXISTS", "JSON_OBJECT", "JSON_ARRAY")
}
"""The name of the call that stands for each form: no function can have it."""

NOTHING = ""
"""The word of a part that isn't there."""


def json_form(cursor: Reader, word: str) -> exp.Expr:
    """One of :data:`CALLS`, at its word."""
    start = cursor.at
    cursor.next()
    cursor.expect("(")
    arguments = _READERS[word](cursor)
    cursor.expect(")")
    return cursor.put(exp.Anonymous(this=CALLS[word], expressions=arguments), start)


def _word(text: str) -> exp.Var:
    return exp.Var(this=text)


def _input(cursor: Reader) -> list[exp.Expr]:
    """``input [FORMAT JSON], 'path'``."""
    value = cursor.expression()
    _format(cursor)
    cursor.expect(",")
    at = cursor.at
    path = cursor.put(exp.Literal.string(cursor.string()), at)
    if cursor.sees("PASSING"):
        raise cursor.refuse("PASSING of values to a JSON path")
    return [value, path]


def _format(cursor: Reader) -> bool:
    if not cursor.take("FORMAT", "JSON"):
        return False
    if cursor.sees("ENCODING"):
        raise cursor.refuse("FORMAT JSON ENCODING")
    return True


def _returning(cursor: Reader) -> exp.Expr:
    if not cursor.take("RETURNING"):
        return _word(NOTHING)
    at = cursor.at
    type_ = cursor.put(data_type(read_type(cursor, unknown_code="type-mismatch")), at)
    _format(cursor)
    return type_


def _behaviours(cursor: Reader, choices: dict[tuple[str, ...], str]) -> tuple[str, str, list[exp.Expr]]:
    """``… ON EMPTY`` and ``… ON ERROR``: the words for both, and the DEFAULT of each."""
    words = {"EMPTY": "null", "ERROR": "null"}
    defaults: dict[str, exp.Expr] = {"EMPTY": _word(NOTHING), "ERROR": _word(NOTHING)}
    for event in ("EMPTY", "ERROR"):
        before = cursor.at
        chosen, default = "", None
        if ("DEFAULT",) in choices and cursor.take("DEFAULT"):
            chosen, default = "default", cursor.expression()
        else:
            for sign, name in choices.items():
                if name != "default" and cursor.take(*sign):
                    chosen = name
                    break
        if not chosen:
            break
        if event == "EMPTY" and cursor.sees("ON", "ERROR"):
            cursor.at = before
            continue
        cursor.expect("ON", event)
        words[event] = chosen
        defaults[event] = default if default is not None else defaults[event]
    return words["EMPTY"], words["ERROR"], [defaults["EMPTY"], defaults["ERROR"]]


_VALUE: dict[tuple[str, ...], str] = {("DEFAULT",): "default", ("ERROR",): "error", ("NULL",): "null"}
_QUERY: dict[tuple[str, ...], str] = {
    ("ERROR",): "error",
    ("NULL",): "null",
    ("EMPTY", "ARRAY"): "array",
    ("EMPTY", "OBJECT"): "object",
}


def _value(cursor: Reader) -> list[exp.Expr]:
    source = _input(cursor)
    returning = _returning(cursor)
    empty, error, defaults = _behaviours(cursor, _VALUE)
    return [*source, _word(f"{empty} {error}"), returning, *defaults]


def _query(cursor: Reader) -> list[exp.Expr]:
    source = _input(cursor)
    returning = _returning(cursor)
    wrapper = "without"
    if cursor.take("WITHOUT"):
        cursor.take("ARRAY")
        cursor.expect("WRAPPER")
    elif cursor.take("WITH"):
        wrapper = "conditional" if cursor.take("CONDITIONAL") else "with"
        if wrapper == "with":
            cursor.take("UNCONDITIONAL")
        cursor.take("ARRAY")
        cursor.expect("WRAPPER")
    quotes = "omit" if cursor.take("OMIT", "QUOTES") else "keep"
    if quotes == "omit" or cursor.take("KEEP", "QUOTES"):
        cursor.take("ON", "SCALAR", "STRING")
    empty, error, _ = _behaviours(cursor, _QUERY)
    return [*source, _word(f"{empty} {error} {wrapper} {quotes}"), returning]


def _exists(cursor: Reader) -> list[exp.Expr]:
    source = _input(cursor)
    error = "false"
    if cursor.sees_any("TRUE", "FALSE", "UNKNOWN", "ERROR"):
        error = cursor.next().upper.lower()
        cursor.expect("ON", "ERROR")
    return [*source, _word(error)]


def _member_value(cursor: Reader) -> list[exp.Expr]:
    value = cursor.expression()
    return [value, _word("json" if _format(cursor) else NOTHING)]


def _nulls(cursor: Reader, default: str) -> str:
    if cursor.take("NULL", "ON", "NULL"):
        return "null"
    return "absent" if cursor.take("ABSENT", "ON", "NULL") else default


def _object(cursor: Reader) -> list[exp.Expr]:
    members: list[exp.Expr] = []
    if not cursor.sees_any(")", "NULL", "ABSENT", "WITH", "WITHOUT", "RETURNING"):
        for member in cursor.listed(lambda: _member(cursor)):
            members += member
    nulls, unique = _nulls(cursor, "null"), "with" if cursor.take("WITH") else ""
    if unique or cursor.take("WITHOUT"):
        cursor.expect("UNIQUE")
        cursor.take("KEYS")
    return [_word(f"{nulls} {unique}".strip()), _returning(cursor), *members]


def _member(cursor: Reader) -> list[exp.Expr]:
    keyed = cursor.take("KEY")
    key = cursor.value()
    if cursor.token.kind == "parameter":
        raise cursor.refuse(
            f"a colon right before a name, which reads as the parameter {cursor.token.text}: add a space"
        )
    if not cursor.take("VALUE"):
        if keyed:
            raise cursor.mismatch("'VALUE'")
        cursor.expect(":")
    return [key, *_member_value(cursor)]


def _array(cursor: Reader) -> list[exp.Expr]:
    items: list[exp.Expr] = []
    if not cursor.sees_any(")", "ABSENT", "RETURNING") and not cursor.sees("NULL", "ON"):
        for item in cursor.listed(lambda: _member_value(cursor)):
            items += item
    return [_word(_nulls(cursor, "absent")), _returning(cursor), *items]


_READERS: dict[str, Callable[[Reader], list[exp.Expr]]] = {
    "JSON_VALUE": _value,
    "JSON_QUERY": _query,
    "JSON_EXISTS": _exists,
    "JSON_OBJECT": _object,
    "JSON_ARRAY": _array,
}
