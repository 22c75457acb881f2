"""Literals: numbers, strings, ``DATE '…'``, intervals, parameters."""

from __future__ import annotations

import re

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.grammar.cursor import Cursor
from olo_jupyter.lakehouse.sql.grammar.tokens import RESERVED, error
from olo_jupyter.lakehouse.sql.grammar.types import data_type
from olo_jupyter.lakehouse.sql.types import TrinoType, parse_type

_INTERVAL_FIELDS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")


def literal(cursor: Cursor) -> exp.Expr | None:
    """The literal that comes next, None where none does."""
    start = cursor.at
    node = _literal(cursor)
    return None if node is None else cursor.put(node, start)


def _literal(cursor: Cursor) -> exp.Expr | None:
    token = cursor.token
    if token.kind in ("string", "unicode"):
        return exp.Literal.string(cursor.string())
    if token.kind == "binary":
        cursor.next()
        digits = re.sub(r"\s", "", token.text[2:-1])
        if len(digits) % 2 or re.search(r"[^0-9a-fA-F]", digits):
            raise error(cursor.source, token.start, f"Invalid binary literal: {token.text}")
        return exp.HexString(this=digits)
    if token.kind == "integer":
        cursor.next()
        return exp.Literal.number(str(_whole(cursor, token.text, token.start)))
    if token.kind in ("decimal", "double"):
        cursor.next()
        return exp.Literal.number(token.text.replace("_", ""))
    if token.kind == "parameter":
        cursor.next()
        return exp.Placeholder(this=token.text[1:])
    if cursor.take("?"):
        return exp.Placeholder()
    if token.kind != "word":
        return None
    if token.upper in ("TRUE", "FALSE", "NULL"):
        cursor.next()
        return exp.Null() if token.upper == "NULL" else exp.Boolean(this=token.upper == "TRUE")
    if token.upper == "INTERVAL" and (cursor.ahead().kind == "string" or cursor.ahead().text in "+-"):
        return _interval(cursor)
    return _typed(cursor)


def _whole(cursor: Cursor, text: str, start: int) -> int:
    if text.endswith("_") or "__" in text or (text.startswith("0") and text[1:2] in "_" and len(text) > 1):
        raise error(cursor.source, start, f"Invalid numeric literal: {text}")
    plain = text.replace("_", "")
    value = int(plain, 0) if plain[:2].lower() in ("0x", "0o", "0b") else int(plain)
    if value > 2**63:
        raise error(cursor.source, start, f"Invalid numeric literal: {text}")
    return value


def _interval(cursor: Cursor) -> exp.Interval:
    cursor.expect("INTERVAL")
    negative = False
    if cursor.sees_any("+", "-"):
        negative = cursor.next().text == "-"
    at = cursor.at
    value: exp.Expr = cursor.put(exp.Literal.string(cursor.string()), at)
    if negative:
        value = exp.Neg(this=value)
    first = _interval_field(cursor)
    unit: exp.Expr = exp.Var(this=first)
    if cursor.take("TO"):
        unit = exp.IntervalSpan(this=exp.Var(this=first), expression=exp.Var(this=_interval_field(cursor)))
    return exp.Interval(this=value, unit=unit)


def _interval_field(cursor: Cursor) -> str:
    if cursor.token.upper not in _INTERVAL_FIELDS:
        raise cursor.mismatch(", ".join(f"'{field}'" for field in _INTERVAL_FIELDS))
    return cursor.next().upper


def _typed(cursor: Cursor) -> exp.Expr | None:
    """``DATE '2026-01-31'``: a type's name and a string."""
    words = 2 if cursor.sees("DOUBLE", "PRECISION") else 1
    if cursor.token.upper in RESERVED or cursor.ahead(words).kind not in ("string", "unicode"):
        return None
    start = cursor.at
    name = "double" if words == 2 else cursor.token.text.lower()
    cursor.at += words
    at = cursor.at
    text = cursor.string()
    node = exp.Cast(this=cursor.put(exp.Literal.string(text), at), to=data_type(_type_of(cursor, name, text, start)))
    node.meta["literal"] = True
    return node


def _type_of(cursor: Cursor, name: str, text: str, start: int) -> TrinoType:
    if name in ("timestamp", "time"):
        fraction = re.search(r":\d+\.(\d+)", text)
        zone = " with time zone" if _zoned(text) else ""
        return parse_type(f"{name}({len(fraction.group(1)) if fraction else 0}){zone}")
    if name == "decimal":
        match = re.fullmatch(r"\s*[+-]?(\d*)\.?(\d*)\s*", text)
        if match is None or not match.group(1) + match.group(2):
            line, column = cursor.source.place(cursor.tokens[start].start)
            message = f"'{text}' is not a valid DECIMAL literal"
            raise QueryError(message, code="invalid-literal", line=line, column=column)
        integral = match.group(1).lstrip("0")
        return TrinoType("decimal", (max(len(integral) + len(match.group(2)), 1), len(match.group(2))))
    if name == "char":
        return TrinoType("char", (len(text),))
    return parse_type(name)


def _zoned(text: str) -> bool:
    """Whether a time or timestamp has a zone: a name, or an offset behind a time of day."""
    return re.search(
        r"[A-Za-z]", text.replace("T", " ", 1) if re.match(r"\d+-\d+-\d+T\d", text) else text
    ) is not None or (re.search(r"\d\s*[+-]\d\d?(?::\d\d)?\s*$", text) is not None and ":" in text.rstrip()[:-3])
