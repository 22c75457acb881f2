"""Plain scalars by YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema)."""

from __future__ import annotations

import re
from typing import Any

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL, _HEX = re.compile(r"0o[0-7]+"), re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def core_scalar(text: str) -> Any:
    """The value of a plain scalar: None, a truth, a number, else the text itself.

    Example:
        >>> [core_scalar(text) for text in ("no", "true", "0x10", "12:30", "~")]
        ['no', True, 16, '12:30', None]
    """
    first = text[:1]
    if first.isalpha() and first not in "nNtTfF":
        return text
    if _NULL.fullmatch(text):
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if first.isalpha():
        return text
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 20 else text
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if _HEX.fullmatch(text):
        return int(text, 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    if text.lstrip("+-").lower() == ".inf":
        return float("-inf" if text[0] == "-" else "inf")
    return float("nan") if text.lower() == ".nan" else text
