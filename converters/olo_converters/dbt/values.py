"""Values in dbt's text: Jinja and SQL quoted so that no value can break out of its place."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from olo_converters.errors import ConvertError

_JINJA = re.compile(r"\{(?=[{%#])")


class UnsupportedValueError(ConvertError):
    """A value that can't become a dbt variable."""

    default_code = "unknown-parameter"


def trino_type(value: Any) -> str:
    """The Trino type of a variable whose seen value is ``value``.

    Raises:
        UnsupportedValueError: NULL, a list, or a type without a literal.

    Example:
        >>> trino_type(15), trino_type(Decimal("1.50")), trino_type("x")
        ('integer', 'decimal(3,2)', 'varchar')
    """
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise UnsupportedValueError(f"{value} is beyond bigint", hint="Give it as a Decimal.")
        return "integer" if -(2**31) <= value < 2**31 else "bigint"
    if isinstance(value, float):
        return "double"
    if isinstance(value, Decimal) and value.is_finite():
        _, digits, exponent = value.as_tuple()
        assert isinstance(exponent, int)
        scale = max(-exponent, 0)
        return f"decimal({max(len(digits) + max(exponent, 0), scale, 1)},{scale})"
    if isinstance(value, str):
        return "varchar"
    if isinstance(value, datetime):
        return "timestamp(6)" if value.tzinfo is None else "timestamp(6) with time zone"
    if isinstance(value, date):
        return "date"
    if isinstance(value, time) and value.tzinfo is None:
        return "time(6)"
    what = "NULL has no type" if value is None else f"a {type(value).__name__} can't be a dbt variable"
    raise UnsupportedValueError(what, hint="Use a number, text, boolean, date or timestamp.")


def default_of(value: Any) -> str | int | float | bool:
    """The value as a variable's default: what YAML and Jinja keep exactly."""
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime) and value.tzinfo is not None:
        from datetime import UTC

        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, float):
        return repr(value)
    return str(value)


def variable(name: str, value: Any, *, has_default: bool = True) -> str:
    """The SQL that stands for ``:name``: a dbt variable as a quoted literal, cast to the type of the seen value.

    Example:
        >>> variable("threshold", 15)
        'cast({{ dbt.string_literal(dbt.escape_single_quotes(var("threshold", 15))) }} as integer)'
    """
    type_ = trino_type(value)
    default = f", {jinja_literal(default_of(value))}" if has_default else ""
    quoted = f"dbt.string_literal(dbt.escape_single_quotes(var({jinja_literal(name)}{default})))"
    return f"cast({{{{ {quoted} }}}} as {type_})"


def jinja_literal(value: str | int | float | bool) -> str:
    """A literal inside a Jinja expression.

    Example:
        >>> jinja_literal('say "}}"')
        '"say \\\\"}\\\\x7d\\\\""'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = json.dumps(value, ensure_ascii=False)
    # Neither the end of an expression nor the begin of a block may stand inside, whatever reads the file.
    return re.sub(r"(?<=[{}%#])[{}%#]", lambda match: f"\\x{ord(match.group(0)):02x}", text)


def escape_jinja(text: str, quote: str = '"') -> str:
    """Plain text as Jinja gives it back.

    Example:
        >>> escape_jinja("a {{ b }}")
        'a {{ "{" }}{ b }}'
    """
    return _JINJA.sub("{{ " + quote + "{" + quote + " }}", text)
