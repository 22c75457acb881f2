"""What sets up ``%sql`` of JupySQL: in a module the lakehouse is the connection, so these lines mean nothing there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from olo_converters.graph.model import Statement

_EXTENSION = re.compile(r"%(re)?load_ext\s+\w*sql\w*")
_CONNECTS = re.compile(r"%sql\s+(?!--)([\w+]+://\S*|[{$]*\w+}*)(\s+--alias\s+\S+)?")
_SHOWS = re.compile(r"%sql(\s+(--connections|-l|--close\s+\S+))?")
_SETTING = re.compile(r"%config\s+SqlMagic(\.(\w+)(\s*=\s*(.*))?)?")
_QUIET = frozenset(
    {"feedback", "displaycon", "displaylimit", "dsn_filename", "lazy_execution", "autocommit", "style", "short_errors"}
)
"""Settings that leave the rows of a query as they are."""
_FRAMES = {"autopandas": "to_pandas", "autopolars": "to_polars"}
_NO_LIMIT = ("0", "None")
_FOREIGN = re.compile(r"\s*%%olo\b")


def is_setup(statement: Statement) -> bool:
    """Whether a statement only sets up ``%sql``, in a way that a module needs nothing of."""
    text = statement.source.strip()
    if any(one.fullmatch(text) for one in (_EXTENSION, _CONNECTS, _SHOWS)):
        return True
    setting = _SETTING.fullmatch(text)
    if setting is None:
        return False
    name, value = setting.group(2), (setting.group(4) or "").strip()
    return setting.group(3) is None or name in _QUIET or name in _FRAMES or (name == "autolimit" and value in _NO_LIMIT)


def loads_extension(statement: Statement) -> bool:
    """Whether a statement only loads the extension of ``%sql``."""
    return _EXTENSION.fullmatch(statement.source.strip()) is not None


def connections(statements: Iterable[Statement]) -> set[str]:
    """What is connected to, as written."""
    found = (_CONNECTS.fullmatch(one.source.strip()) for one in statements)
    return {match.group(1) for match in found if match is not None}


def frames_at(statements: Iterable[Statement], before: int) -> str:
    """The method by which every result is a frame at a statement (``autopandas``), '' where results are results."""
    method = ""
    for one in statements:
        setting = _SETTING.fullmatch(one.source.strip()) if one.index < before else None
        if setting is None or setting.group(2) not in _FRAMES or setting.group(4) is None:
            continue
        own = _FRAMES[setting.group(2)]
        is_on = setting.group(4).strip() in ("True", "1")
        method = own if is_on else "" if method == own else method
    return method


def is_foreign(statement: Statement) -> bool:
    """Whether a query is JupySQL's, whose results have methods of their own."""
    return _FOREIGN.match(statement.source) is None
