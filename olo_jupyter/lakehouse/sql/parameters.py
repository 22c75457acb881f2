"""Values for ``:name`` and ``?``, bound and never text; ``{{ name | ident }}`` for identifiers, quoted.

A bound value has the Trino type of the literal that it stands for: True is boolean, 7 is integer, 2**40 bigint,
Decimal("1.50") decimal(3,2), "ab" varchar(2), a naive datetime timestamp(6), an aware one timestamp(6) with time zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.dialect import Dialect
from olo_jupyter.lakehouse.sql.expressions.coercion import common_type
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Typed
from olo_jupyter.lakehouse.sql.lexer import Source, line_and_column, segments
from olo_jupyter.lakehouse.sql.parse import fail
from olo_jupyter.lakehouse.sql.types import TrinoType, parse_type

_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_LISTED = 10
_IDENTIFIER = re.compile(r"\s*([A-Za-z_]\w*)\s*\|\s*ident\s*")


def fill_identifiers(text: str, values: Mapping[str, Any]) -> Source:
    """``{{ name | ident }}`` in code replaced by the quoted identifier(s) that ``values[name]`` holds.

    A value ``a.b`` names two parts; a list of strings names its parts as they are, dots included.

    Raises:
        QueryError: unknown-parameter, invalid-parameter, or syntax-error for another use of ``{{ }}``.

    Example:
        >>> fill_identifiers("select * from {{ t | ident }}", {"t": "silver.flights"}).text
        'select * from "silver"."flights"'
    """
    pieces: list[str] = []
    shifts: list[tuple[int, int]] = []
    length = at = 0
    for segment in segments(text):
        if segment.kind != "code":
            continue
        for match in _TEMPLATE.finditer(text, segment.start, segment.end):
            replacement = _identifier(match, text, values)
            pieces += [text[at : match.start()], replacement]
            length += match.start() - at + len(replacement)
            at = match.end()
            shifts.append((length, at))
    return Source("".join([*pieces, text[at:]]), text, shifts)


def _identifier(match: re.Match[str], text: str, values: Mapping[str, Any]) -> str:
    line, column = line_and_column(text, match.start())
    use = _IDENTIFIER.fullmatch(match.group(1))
    if use is None:
        raise QueryError(
            f"{match.group()} isn't understood.",
            code="syntax-error",
            hint="Write {{ name | ident }} for an identifier, :name for a value.",
            line=line,
            column=column,
        )
    name = use.group(1)
    if name not in values:
        raise QueryError(unbound(name, values), code="unknown-parameter", line=line, column=column)
    value = values[name]
    parts = value.split(".") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not 1 <= len(parts) <= 3 or not all(map(_is_name, parts)):
        raise QueryError(
            f"{{{{ {name} | ident }}}} needs the name of a column or table, not {value!r}.",
            code="invalid-parameter",
            line=line,
            column=column,
        )
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def _is_name(part: Any) -> bool:
    return isinstance(part, str) and bool(part.strip()) and "\0" not in part


def unbound(name: str, values: Mapping[str, Any]) -> str:
    names = sorted(values)
    # A notebook has many variables: those that are near come first, the others stay uncounted names.
    near = get_close_matches(name, names, n=_LISTED)
    shown = [*near, *(other for other in names if other not in near)][:_LISTED]
    bound = ", ".join(shown) or "none"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"Parameter {name} has no value. Bound: {bound}{more}."


def type_of(value: Any) -> TrinoType:
    """The Trino type of the literal that a Python value stands for.

    Raises:
        QueryError: invalid-parameter: there is no such literal.

    Example:
        >>> [str(type_of(value)) for value in (True, 7, 2**40, 0.5, "ab", Decimal("1.50"), [1, None])]
        ['boolean', 'integer', 'bigint', 'double', 'varchar(2)', 'decimal(3,2)', 'array(integer)']
    """
    if value is None:
        return TrinoType("unknown")
    if isinstance(value, bool):
        return TrinoType("boolean")
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, str):
        return TrinoType("varchar", (len(value),))
    if isinstance(value, datetime):
        return parse_type("timestamp(6)" if value.tzinfo is None else "timestamp(6) with time zone")
    for python, trino in ((float, "double"), (bytes, "varbinary"), (date, "date")):
        if isinstance(value, python):
            return parse_type(trino)
    if isinstance(value, time) and value.tzinfo is None:
        return parse_type("time(6)")
    if isinstance(value, list | tuple):
        element = common_type([type_of(item) for item in value])
        if element is None:
            raise QueryError(f"The elements of {value!r} have no common type.", code="invalid-parameter")
        return TrinoType("array", (), (element,))
    raise QueryError(
        f"A {type(value).__name__} can't be a parameter.",
        code="invalid-parameter",
        hint="Give a bool, int, float, Decimal, str, bytes, date, datetime, time, None, or a list of these.",
    )


def _integer(value: int) -> TrinoType:
    if -(2**31) <= value < 2**31:
        return TrinoType("integer")
    if -(2**63) <= value < 2**63:
        return TrinoType("bigint")
    raise QueryError(f"{value} is beyond bigint.", code="invalid-parameter", hint="Give it as a Decimal.")


def _decimal(value: Decimal) -> TrinoType:
    if not value.is_finite():
        raise QueryError(f"{value} isn't a Trino decimal.", code="invalid-parameter")
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    scale = max(-exponent, 0)
    precision = max(len(digits) + max(exponent, 0), scale, 1)
    if precision > 38:
        raise QueryError(f"{value} has more than the 38 digits of a Trino decimal.", code="invalid-parameter")
    return TrinoType("decimal", (precision, scale))


def python_value(value: Any) -> Any:
    """``value`` as it is bound: aware datetimes in UTC, tuples as lists, scalars of numpy as Python's."""
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        return python_value(value.item() if getattr(value, "ndim", 0) == 0 else value.tolist())
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if isinstance(value, list | tuple):
        return [python_value(item) for item in value]
    return value


@dataclass
class Parameters:
    """The values that a statement may use, and those it does use.

    Args:
        named: For ``:name``.
        positional: For ``?``, in order.
        used: Values to bind to DuckDB's ``$name``; filled while the statement is analyzed.
    """

    named: Mapping[str, Any] = field(default_factory=dict)
    positional: Sequence[Any] = ()
    used: dict[str, Any] = field(default_factory=dict)

    def number(self, trees: Sequence[exp.Expr]) -> None:
        """Number the ``?`` of a statement by their order in the text.

        Raises:
            QueryError: invalid-parameter-usage: more or fewer than there are values.
        """
        marks = [node for tree in trees for node in tree.find_all(exp.Placeholder) if not node.this]
        marks.sort(key=lambda node: node.meta.get("start", 0))
        if len(marks) != len(self.positional):
            raise QueryError(
                f"Incorrect number of parameters: expected {len(marks)} but found {len(self.positional)}",
                code="invalid-parameter-usage",
            )
        for index, node in enumerate(marks):
            node.meta["index"] = index

    def value(self, node: exp.Placeholder) -> tuple[str, Any]:
        """Name (in DuckDB) and Python value of a parameter.

        Raises:
            QueryError: unknown-parameter: nothing is bound to it; what is bound is listed.
        """
        if not node.this:
            index = node.meta["index"]
            return f"p{index}", python_value(self.positional[index])
        name = str(node.this)
        if name not in self.named:
            hint = "Bind it, or quote the text if it is none."
            raise fail(unbound(name, self.named), "unknown-parameter", node, hint=hint)
        return f"v_{name}", python_value(self.named[name])

    def typed(self, node: exp.Placeholder, dialect: Dialect) -> Typed:
        """A parameter as an expression, ``CAST($v_name AS …)`` for DuckDB, of the type of the literal it stands for."""
        name, value = self.value(node)
        try:
            type_ = type_of(value)
        except QueryError as error:
            raise fail(f"Parameter {node.this or '?'}: {error.message}", error.code, node, hint=error.hint) from error
        if value is None:
            return Typed("NULL", type_, None)
        self.used[name] = value
        constant = NOT_CONSTANT if isinstance(value, list | float | bytes) else value
        return Typed(dialect.parameter(name, type_), type_, constant)
