"""Secrets in texts that are kept: what looks like one, and those that the settings hold, replaced by ``***``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from olo_jupyter.config import Settings

MASK = "***"
_SENSITIVE = (
    r"(?:[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|credentials?|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|account[_-]?key|authorization)[\w.-]*|pwd)"
)
_NAMED = re.compile(
    rf"""((?:"|')?\b{_SENSITIVE}(?:"|')?\s*(?:=>|==?|:|<>|!=|,|\s+(?:is|like|in)\b)\s*\(?\s*)('(?:[^']|'')*')""",
    re.IGNORECASE,
)
_SHAPES = (
    re.compile(r"(?<=://)([^\s/@:']*:)[^\s/@']+(?=@)"),  # user:password@ in an address
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[baprs]-|sk-|dapi|hf_|npm_|pypi-)[A-Za-z0-9_-]{16,}"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?<=[Bb]earer )[\w.~+/-]{8,}=*"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL),
)
_NAME = re.compile(_SENSITIVE, re.IGNORECASE)
_SHORTEST = 6
"""Values of the settings that are shorter would mask half the text."""


def masked(text: str, known: Iterable[str] = ()) -> str:
    """``text`` with ``***`` in place of what looks like a secret, and of the ``known`` ones.

    Example:
        >>> masked("SELECT * FROM u WHERE password = 'hunter2' AND url = 'https://ana:pw1@host/x'")
        "SELECT * FROM u WHERE password = '***' AND url = 'https://ana:***@host/x'"
    """
    for value in known:
        text = text.replace(value, MASK)
    text = _NAMED.sub(rf"\1'{MASK}'", text)
    for shape in _SHAPES:
        text = shape.sub(lambda match: f"{match.group(1) if match.re.groups else ''}{MASK}", text)
    return text


def masked_values(values: Mapping[str, Any], known: Iterable[str] = ()) -> dict[str, Any]:
    """Bound values as they are kept: those with a secret's name hidden, texts :func:`masked`, others as they are.

    Example:
        >>> masked_values({"api_token": "abc", "carrier": "UA", "limit": 3})
        {'api_token': '***', 'carrier': 'UA', 'limit': 3}
    """
    known = tuple(known)
    return {
        name: MASK if _NAME.fullmatch(name) else masked(value, known) if isinstance(value, str) else value
        for name, value in values.items()
    }


def known_secrets(settings: Settings) -> tuple[str, ...]:
    """The secret values in a project's catalogs and engines, longest first."""
    found: set[str] = set()
    for catalog in settings.catalogs.values():
        for key, value in catalog.properties.items():
            if _NAME.fullmatch(key):
                found.add(value)
            found.update(re.findall(r"://[^\s/@:]*:([^\s/@]+)@", value))
    found.update(_in_model(settings.engines.model_dump(mode="python")))
    return tuple(sorted((value for value in found if len(value) >= _SHORTEST), key=len, reverse=True))


def _in_model(value: Any, name: str = "") -> Iterable[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _in_model(item, str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _in_model(item, name)
    elif hasattr(value, "get_secret_value"):
        yield str(value.get_secret_value())
    elif isinstance(value, str) and _NAME.fullmatch(name):
        yield value
